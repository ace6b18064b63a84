"""Every step with two or more options: which one to keep, how sure that is, and what to do next."""

import streamlit as st

from dashboard.analysis.ab_tests import wording as words
from dashboard.app_pages.components import display, header, messages, verdict_card
from dashboard.app_pages.session import filters, loaders, verdict_rules

TESTS_A_PAGE = 4


def draw() -> None:
    """Draw the tab."""
    view = filters.current()
    if not view.cadences:
        messages.no_cadences()
        st.stop()

    with st.container(horizontal=True, vertical_alignment="bottom"):
        events = verdict_card.pick_events()
        verdict_card.method()
        verdict_rules.settings()
    verdict_rules.changed()
    lives = loaders.load_all_lifetimes(view)
    messages.unjudged(lives.reports, view.names)
    tests = [item for item in loaders.judged(lives)[events] if item.cadence in view.names]
    if not tests:
        messages.no_options(lives.reports, view.names)
        st.stop()
    fresh = header.freshness(lives.reports)
    st.caption(
        f"{verdict_card.summary(tests)} Judged over each step's life, up to the day that its card names (days in "
        f"{view.window.timezone}); the date range in the sidebar plays no part. {display.sentence(fresh) or ''}"
    )

    ordered = words.most_telling_first(tests)
    pages = -(-len(ordered) // TESTS_A_PAGE)
    page = st.pagination(pages, key="options_page") if pages > 1 else 1
    for number, item in enumerate(ordered[(page - 1) * TESTS_A_PAGE : page * TESTS_A_PAGE]):
        verdict_card.card(item, f"options_{page}_{number}", fresh)
