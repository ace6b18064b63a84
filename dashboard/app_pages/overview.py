"""All chosen cadences at a glance."""

import streamlit as st

from dashboard.analysis import checks, funnel, metrics, sentiment, totals
from dashboard.app_pages.parts import filters, header, loading, show, troubles
from dashboard.charts import funnel_chart, sentiment_chart

COLUMNS = [
    "cadence", "emails_sent", "replies", "reply_rate", "positive_replies", "positive_reply_rate", "prospects_added",
    "contacted", "bounces", "bounce_rate", "unsubscribes", "unsubscribe_rate", "in_cadence_now", "owner",
]  # fmt: skip

view = filters.current()
st.title("Overview")
if not view.cadences:
    troubles.no_cadences()
    st.stop()

reports, earlier = loading.load(view.cadences, view.window, view.window.previous())
st.caption(f"{view.window.label()}, against {view.window.previous().label()} · {header.freshness(reports)}")
troubles.failures(reports, earlier)
now, before = loading.tables(reports), loading.tables(earlier)
if now.engagements.empty:
    troubles.nothing_loaded()
    st.stop()

show.cards(totals.figures(now.engagements, before.engagements))
st.caption(totals.NOTE)

st.subheader("Cadences")
rated = metrics.with_rates(now.engagements, "engagements").sort_values("emails_sent", ascending=False)
picked = show.pick_row(rated, columns=COLUMNS, key="overview_table", name="engagements")
if picked is not None:
    st.switch_page("app_pages/cadence.py", query_params={"focus": picked})

left, right = st.columns(2)
with left:
    show.chart(funnel_chart(funnel.funnel_total(now.engagements)), "overview_funnel")
with right:
    show.chart(sentiment_chart(sentiment.sentiment(now.engagements)), "overview_sentiment")

show.warnings(checks.data_warnings(now.engagements, now.steps, now.options), with_names=True)
