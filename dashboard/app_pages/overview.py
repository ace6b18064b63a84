"""All chosen cadences at a glance."""

import streamlit as st

from dashboard.analysis import checks, funnel, sentiment, totals
from dashboard.app_pages.parts import downloads, figures, filters, header, loading, ranking, show, troubles
from dashboard.app_pages.parts.kept import made
from dashboard.app_pages.parts.remembered import facts
from dashboard.charts import funnel_chart, sentiment_chart

view = filters.current()
st.title("Overview")
if not view.cadences:
    troubles.no_cadences()
    st.stop()

reports, later, earlier = loading.load(view.cadences, view.window, view.compared.later, view.compared.earlier)
fresh = header.freshness(reports)
st.caption(f"{view.window.label()} · {fresh}")
troubles.failures(reports, [*later, *earlier])
now, then, before = loading.tables(reports), loading.tables(later), loading.tables(earlier)
if now.engagements.empty:
    troubles.nothing_loaded()
    st.stop()

figures.render(view, view.names, now, then, before, fresh, header.freshness([*later, *earlier]))
st.caption(totals.NOTE)

st.subheader("Cadences")
picked = ranking.render(now.engagements, then.engagements, before.engagements, view, fresh)
if picked is not None:
    st.switch_page("app_pages/cadence.py", query_params={"focus": picked})

left, right = st.columns(2)
with left:
    stages = made(funnel.funnel_total, now.engagements, view.per, facts())
    show.chart(made(funnel_chart, stages, facts()), "overview_funnel", fresh=fresh)
with right:
    show.chart(made(sentiment_chart, made(sentiment.sentiment, now.engagements)), "overview_sentiment", fresh=fresh)

show.warnings(made(checks.data_warnings, now.engagements, now.steps, now.options, facts()), with_names=True)

st.subheader("For the meeting")
downloads.offer(view, "overview")
