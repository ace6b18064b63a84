"""Two to six cadences, or two periods of one, as one table and step by step."""

from typing import Final

import pandas as pd
import streamlit as st

from dashboard.analysis.metrics import METRICS, rate_per
from dashboard.analysis.performance import compare, totals
from dashboard.analysis.performance.compare import By, Difference
from dashboard.app_pages.components import compare_table, display, header, messages
from dashboard.app_pages.session import calculations, filters, loaders
from dashboard.app_pages.session.filters import View
from dashboard.app_pages.session.loaders import Tables
from dashboard.data.cadence_report import CadenceReport

MOST: Final = 6
RATES: Final = ("reply_rate", "positive_reply_rate", "negative_of_replies", "bounce_rate", "unsubscribe_rate",
                "opens_per_email")  # fmt: skip
COUNTS: Final = ("emails_sent", "prospects_added", "replies", "positive_replies")


def draw(view: View) -> None:
    """Draw the tab."""
    if not view.cadences:
        messages.no_cadences()
        st.stop()

    with st.container(horizontal=True, vertical_alignment="center"):
        what = st.segmented_control(
            "Compare", ["Cadences", "Two periods of one"], default="Cadences", required=True, key="compare",
            bind="query-params", label_visibility="collapsed",
        )  # fmt: skip
        by: By = "period" if what == "Two periods of one" else "cadence"
        names = [filters.pick_one(view)] if by == "period" else _pick_several(view)
    before, now = _reports(view, names, by)
    fresh = header.freshness([*before, *now])
    messages.failures(before, now)
    shown = loaders.tables([*before, *now])
    if shown.engagements.empty:
        messages.nothing_loaded()
        st.stop()

    keys = (*(rate_per(key, view.per) for key in RATES), *COUNTS)
    frame = calculations.comparison(calculations.with_rates(shown.engagements, "engagements"), keys, by=by)
    if by == "period":
        differences = _of_periods(view, frame, loaders.tables(before), loaders.tables(now))
    else:
        differences = calculations.differences(frame)
    compare_table.show(frame, differences, view.facts)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(display.plain(fresh), width="stretch")
        display.download(compare_table.for_file(frame, differences), key="compare_csv", name="compare")
    steps = calculations.with_rates(shown.steps, "steps")
    drawn = calculations.steps_comparison_chart(steps, "reply_rate", by=by, facts=view.facts)
    display.chart(drawn, "compare_steps", fresh=fresh)


def _pick_several(view: View) -> list[str]:
    names = st.multiselect(
        "Two to six cadences", view.names, default=view.names[:3], max_selections=MOST, key="compared",
        bind="query-params", label_visibility="collapsed", placeholder="Two to six cadences", wrap=True,
    )  # fmt: skip
    if len(names) < 2:
        st.info("Choose at least two cadences.", icon=":material/compare_arrows:")
        st.stop()
    return names


def _reports(view: View, names: list[str], by: By) -> tuple[list[CadenceReport], list[CadenceReport]]:
    """Return the reports of the period before (none for cadences) and of the range."""
    chosen = tuple(cadence for cadence in view.cadences if cadence.name in names)
    if by == "cadence":
        (now,) = loaders.load(chosen, view.window)
        return [], now
    if view.earlier is None:
        st.info("Choose in the sidebar what the range is compared with.", icon=":material/compare_arrows:")
        st.stop()
    now, before = loaders.load(chosen[:1], view.window, view.earlier)
    return before, now


def _of_periods(view: View, frame: pd.DataFrame, before: Tables, now: Tables) -> dict[tuple[str, str], Difference]:
    weeks, earlier, later = loaders.weeks(view), before.engagements, now.engagements
    weekly = {
        key: totals.compared_weeks(weeks, later, earlier, key).total(later["cadence"].tolist())
        for key in frame["metric"].unique()
        if METRICS[key].kind == "rate"
    }
    return compare.differences(frame, weeks=weekly, maturing=header.maturing(view))
