"""One cadence: header, figures, funnel, sentiment, steps, warnings."""

import streamlit as st

from dashboard.analysis import metrics
from dashboard.analysis.data_quality import checks
from dashboard.analysis.performance import funnel, sentiment, totals
from dashboard.app_pages.components import display, header, messages, metric_cards, step_copy
from dashboard.app_pages.session import filters, loaders
from dashboard.app_pages.session.account_notes import facts
from dashboard.app_pages.session.memo import made
from dashboard.charts import funnel_chart, sentiment_chart, step_value_chart, step_work_chart, steps_chart

STEP_METRICS = ["reply_rate", "positive_reply_rate", "opens_per_email", "clicks_per_email", "emails_sent"]
STEP_COLUMNS = [
    "step", "step_type", "subject", "emails_sent", "opens", "opens_per_email", "clicks", "replies", "reply_rate",
    "positive_replies", "positive_reply_rate", "negative_replies", "completed", "tasks", "calls", "completed_calls",
]  # fmt: skip

view = filters.current()
st.title("Cadence")
if not view.cadences:
    messages.no_cadences()
    st.stop()

name = filters.pick_one(view)
chosen = tuple(cadence for cadence in view.cadences if cadence.name == name)
reports, earlier = loaders.load(chosen, view.window, view.earlier)
for report in reports:
    header.about(report)
fresh = header.freshness(reports)
messages.failures(reports, earlier)
now, before = loaders.tables(reports), loaders.tables(earlier)
display.warnings(made(checks.data_warnings, now.engagements, now.steps, now.options, facts()))

if not now.engagements.empty:
    metric_cards.render(view, [name], now, before, fresh, header.freshness(earlier))
    # Cadences that share the name share the answer, so it is drawn once.
    answer = made(totals.one_row_per_name, now.engagements)
    left, right = st.columns(2)
    with left:
        stages = made(funnel.funnel, answer, view.per, facts())
        display.chart(made(funnel_chart, stages, facts()), "cadence_funnel", fresh=fresh)
    with right:
        display.chart(made(sentiment_chart, made(sentiment.sentiment, answer)), "cadence_sentiment", fresh=fresh)

st.subheader("Steps")
if now.steps.empty:
    messages.no_steps(reports[0])
    st.stop()
metric = st.segmented_control(
    "Show",
    STEP_METRICS,
    default="reply_rate",
    required=True,
    format_func=lambda key: metrics.METRICS[key].label,
    key="step_metric",
)
steps = made(step_copy.steps_of_one, now.steps, now.options)
left, right = st.columns(2)
with left:
    display.chart(made(steps_chart, steps, metric or "reply_rate", facts()), "cadence_steps", fresh=fresh)
    display.chart(made(step_work_chart, steps), "cadence_work", fresh=fresh)
with right:
    display.chart(made(step_value_chart, steps), "cadence_step_value", fresh=fresh)
display.table(steps, key="cadence_every_step", name="steps", columns=STEP_COLUMNS, fresh=fresh)
step_copy.show_copies(now.options)
