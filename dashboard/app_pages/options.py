"""Every step with two or more options: which one to keep, how sure that is, and what to do next."""

import streamlit as st

from dashboard.analysis import verdict_words as words
from dashboard.app_pages.parts import filters, header, loading, rules, show, troubles, verdicts

TESTS_A_PAGE = 4

view = filters.current()
st.title("A/B options")
if not view.cadences:
    troubles.no_cadences()
    st.stop()

with st.container(horizontal=True, vertical_alignment="bottom"):
    events = verdicts.pick_events()
    verdicts.method()
    rules.settings()
rules.changed()
lives = loading.load_all_lives(view)
troubles.unjudged(lives.reports, view.names)
tests = [item for item in loading.judged(lives)[events] if item.cadence in view.names]
if not tests:
    troubles.no_options(lives.reports, view.names)
    st.stop()
fresh = header.freshness(lives.reports)
st.caption(
    f"{verdicts.summary(tests)} Judged over each step's life, up to the day that its card names (days in "
    f"{view.window.timezone}); the date range in the sidebar plays no part. {show.sentence(fresh) or ''}"
)

ordered = words.most_telling_first(tests)
pages = -(-len(ordered) // TESTS_A_PAGE)
page = st.pagination(pages, key="options_page") if pages > 1 else 1
for number, item in enumerate(ordered[(page - 1) * TESTS_A_PAGE : page * TESTS_A_PAGE]):
    verdicts.card(item, f"options_{page}_{number}", fresh)
