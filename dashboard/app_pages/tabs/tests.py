"""All A/B tests of the account as a list: which option to keep, how sure that is, and what to do."""

import streamlit as st

from dashboard.analysis.ab_tests import status
from dashboard.app_pages.components import ab_test, ab_test_list, daily_check, display, header, messages
from dashboard.app_pages.session import loaders, verdict_rules
from dashboard.app_pages.session.filters import View


def draw(view: View) -> None:
    """Draw the tab."""
    summary = st.empty()
    lives = loaders.load_all_lifetimes(view)
    with st.container(horizontal=True, vertical_alignment="center"):
        events = ab_test_list.pick_events(lives.options)
        only_chosen = ab_test_list.only_chosen()
        ab_test.method()
    verdict_rules.changed()
    messages.unjudged(lives.reports, view.names)
    judged = loaders.evaluated_for_page(lives)[events]
    daily_check.draw(view, judged)
    tests = ab_test_list.chosen(judged, view.names if only_chosen else None)
    if not tests:
        messages.no_options(lives.reports, view.names)
        return
    fresh = header.freshness(lives.reports)
    summary.markdown(f"**{status.summary(tests)}** :gray[{display.plain(fresh)}]")
    ab_test_list.show(tests, fresh)
    display.download(ab_test_list.table(tuple(tests)), key="tests_csv", name="ab-tests")
