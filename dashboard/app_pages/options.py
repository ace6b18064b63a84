"""The options of every step with two or more used options, side by side."""

import streamlit as st

from dashboard.analysis import metrics, options
from dashboard.app_pages.parts import filters, header, loading, show, troubles
from dashboard.charts import options_chart

STEPS_A_PAGE = 6
OPTION_METRICS = ["reply_rate", "positive_reply_rate", "opens_per_email", "clicks_per_email"]
COLUMNS = [
    "option", "subject", "emails_sent", "replies", "reply_rate", "positive_replies", "positive_reply_rate", "opens",
    "opens_per_email", "clicks", "clicks_per_email", "template", "snippet",
]  # fmt: skip

view = filters.current()
st.title("A/B options")
if not view.cadences:
    troubles.no_cadences()
    st.stop()

(reports,) = loading.load(view.cadences, view.window)
st.caption(f"{view.window.label()} · {header.freshness(reports)}")
troubles.failures(reports)
tested = options.steps_with_choice(loading.tables(reports).options).drop_duplicates(["cadence", "step", "option"])
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
    "Lines show how far a rate may be from its true value (95 % interval). Where they overlap, the higher rate may be "
    "luck: do not switch an option off because of one date range."
)
rated = metrics.with_rates(tested, "options")
steps = sorted(rated.groupby(["cadence", "step"], sort=False), key=lambda item: -item[1]["emails_sent"].sum())
pages = -(-len(steps) // STEPS_A_PAGE)
page = st.pagination(pages, key="options_page") if pages > 1 else 1
for number, ((name, step), of_step) in enumerate(steps[(page - 1) * STEPS_A_PAGE : page * STEPS_A_PAGE]):
    with st.container(border=True):
        st.subheader(f"{show.plain(str(name))}, step {step}")
        drawn = options_chart(options.option_rates(of_step, [metric or "reply_rate"]), metric or "reply_rate")
        show.chart(drawn, f"options_{page}_{number}", numbers=False, border=False)
        show.table(of_step, key=f"options_{page}_{number}_table", name=f"options-step-{step}", columns=COLUMNS)
