"""Templates and subjects that several cadences use, against the other options of the same steps."""

import streamlit as st

from dashboard.app_pages.components import ab_test_list, copy_list, header, messages
from dashboard.app_pages.session import calculations, loaders
from dashboard.app_pages.session.filters import View


def offered(view: View) -> bool:
    """Return whether any copy of the account's steps can be compared over several cadences."""
    options = loaders.load_all_lifetimes(view).options
    return any(calculations.has_comparison(options, by=by) for by in copy_list.BY.values())


def draw(view: View) -> None:
    """Draw the tab."""
    if not view.cadences:
        messages.no_cadences()
        st.stop()

    (reports,) = loaders.load(view.cadences, view.window)
    options = loaders.tables(reports).options
    with st.container(horizontal=True, vertical_alignment="center"):
        by = copy_list.pick_by()
        events = ab_test_list.pick_events(options, key="counted")
        copy_list.how_to_read()
    fresh = header.freshness(reports)
    st.caption(f"{view.window.label()} · {fresh}")
    messages.failures(reports)
    found = calculations.copies(options, by=by, events=events)
    if found.empty:
        messages.no_shared_copies(by, reports)
        return
    copy_list.show(found, options, by, events, fresh)
