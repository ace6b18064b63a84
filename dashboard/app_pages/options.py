"""The options of every step with two or more used options, side by side."""

import streamlit as st

from dashboard.analysis import metrics, options
from dashboard.app_pages.parts import filters, header, loading, show, troubles
from dashboard.charts import options_chart

OPTION_METRICS = ["reply_rate", "positive_reply_rate", "opens_per_email", "clicks_per_email"]
COLUMNS = [
    "option", "subject", "snippet", "template", "emails_sent", "replies", "reply_rate", "positive_replies",
    "positive_reply_rate", "opens", "opens_per_email", "clicks", "clicks_per_email",
]  # fmt: skip

view = filters.current()
st.title("A/B options")
if not view.cadences:
    troubles.no_cadences()
    st.stop()

(reports,) = loading.load(view.cadences, view.window)
st.caption(f"{view.window.label()} · {header.freshness(reports)}")
troubles.failures(reports)
tested = options.steps_with_choice(loading.tables(reports).options)
if tested.empty:
    troubles.no_options()
    st.stop()

metric = st.segmented_control(
    "Show",
    OPTION_METRICS,
    default="reply_rate",
    required=True,
    format_func=lambda key: metrics.METRICS[key].label,
    key="option_metric",
)
st.caption(
    "Bars show how far a rate may be from its true value (95 % interval). Where they overlap much, the higher rate may "
    "be luck: do not switch an option off because of one date range."
)
rated = metrics.with_rates(tested.drop_duplicates(["cadence", "step", "option"]), "options")
for number, (name, of_cadence) in enumerate(rated.groupby("cadence", sort=False)):
    st.subheader(show.plain(str(name)))
    for step, of_step in of_cadence.groupby("step", sort=True):
        key = f"options_{number}_{step}"
        show.chart(options_chart(options.option_rates(of_step, [metric or "reply_rate"]), metric or "reply_rate"), key)
        show.table(of_step, key=f"{key}_table", name=f"options step {step}", columns=COLUMNS)
