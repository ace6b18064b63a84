"""All chosen cadences at a glance."""

import streamlit as st

from dashboard.analysis.data_quality import checks
from dashboard.analysis.performance import funnel, sentiment, totals
from dashboard.app_pages.components import display, downloads, header, messages, metric_cards, ranking
from dashboard.app_pages.session import filters, loaders
from dashboard.app_pages.session.account_notes import facts
from dashboard.app_pages.session.memo import made
from dashboard.charts import funnel_chart, sentiment_chart

view = filters.current()
st.title("Overview")
if not view.cadences:
    messages.no_cadences()
    st.stop()

reports, earlier = loaders.load(view.cadences, view.window, view.earlier)
fresh = header.freshness(reports)
st.caption(f"{view.window.label()} · {fresh}")
messages.failures(reports, earlier)
now, before = loaders.tables(reports), loaders.tables(earlier)
if now.engagements.empty:
    messages.nothing_loaded()
    st.stop()

metric_cards.render(view, view.names, now, before, fresh, header.freshness(earlier))
st.caption(totals.NOTE)

st.subheader("Cadences")
picked = ranking.render(now.engagements, before.engagements, view, fresh)
if picked is not None:
    st.switch_page("app_pages/cadence.py", query_params={"focus": picked})

left, right = st.columns(2)
with left:
    stages = made(funnel.funnel_total, now.engagements, view.per, facts())
    display.chart(made(funnel_chart, stages, facts()), "overview_funnel", fresh=fresh)
with right:
    display.chart(made(sentiment_chart, made(sentiment.sentiment, now.engagements)), "overview_sentiment", fresh=fresh)

display.warnings(made(checks.data_warnings, now.engagements, now.steps, now.options, facts()), with_names=True)

st.subheader("For the meeting")
downloads.offer(view, "overview")
