"""Two to six cadences, or two periods of one, on the same scales."""

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.analysis import metrics
from dashboard.analysis.performance import compare
from dashboard.app_pages.components import display, header, messages
from dashboard.app_pages.session import filters, loaders
from dashboard.app_pages.session.account_notes import facts
from dashboard.app_pages.session.memo import made
from dashboard.charts import comparison_chart, steps_comparison_chart

if TYPE_CHECKING:
    from dashboard.analysis.performance.compare import By

MOST = 6
RATES = ["reply_rate", "positive_reply_rate", "bounce_rate", "unsubscribe_rate", "opens_per_email"]
COUNTS = ["emails_sent", "prospects_added", "replies", "positive_replies"]


def draw() -> None:
    """Draw the tab."""
    view = filters.current()
    if not view.cadences:
        messages.no_cadences()
        st.stop()

    what = st.segmented_control(
        "Compare",
        ["Cadences", "Two periods of one"],
        default="Cadences",
        required=True,
        key="compare",
        bind="query-params",
    )
    if what == "Two periods of one":
        name = filters.pick_one(view)
        chosen = tuple(cadence for cadence in view.cadences if cadence.name == name)[:1]
        now, before = loaders.load(chosen, view.window, view.earlier)
        reports = [*before, *now]
        header.about_changes(view)
        by: By = "period"
    else:
        names = st.multiselect(
            "Two to six cadences",
            view.names,
            default=view.names[:3],
            max_selections=MOST,
            key="compared",
            bind="query-params",
            wrap=True,
        )
        if len(names) < 2:
            st.info("Choose at least two cadences.", icon=":material/compare_arrows:")
            st.stop()
        chosen = tuple(cadence for cadence in view.cadences if cadence.name in names)
        (reports,) = loaders.load(chosen, view.window)
        by = "cadence"

    fresh = header.freshness(reports)
    windows = list(dict.fromkeys(report.window.label() for report in reports))
    st.caption(f"{' against '.join(reversed(windows))} · {fresh}")
    messages.failures(reports)
    tables = loaders.tables(reports)
    if tables.engagements.empty:
        messages.nothing_loaded()
        st.stop()

    shown = (*(metrics.rate_per(rate, view.per) for rate in RATES), *COUNTS)
    long = made(compare.comparison, made(metrics.with_rates, tables.engagements, "engagements"), shown, by=by)
    grid = st.grid(2, min_column_width=340)
    for metric in shown:
        with grid.cell():
            display.chart(made(comparison_chart, long, metric, facts()), f"compare_{metric}", fresh=fresh)

    st.subheader("Step by step")
    steps = made(metrics.with_rates, tables.steps, "steps")
    display.chart(made(steps_comparison_chart, steps, "reply_rate", by=by, facts=facts()), "compare_steps", fresh=fresh)
