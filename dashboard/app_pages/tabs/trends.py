"""Replies per week of all chosen cadences, and one metric over time for each of the largest."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard.analysis.metrics import METRICS
from dashboard.analysis.performance import sentiment, trends
from dashboard.app_pages.components import display, messages, trend_panels, weekly_replies
from dashboard.app_pages.session import calculations, goals, sign_in, trend_windows
from dashboard.app_pages.session.filters import View
from dashboard.data.windows import Window

SIZES: dict[str, trend_windows.Size] = {"Weeks": "week", "Days": "day"}
LEADING = {"replies": "reply_rate", "positive_replies": "positive_reply_rate"}


@dataclass(frozen=True)
class Shown:
    """The windows of the tab: weeks of the team, the weeks before them, and the points of the panels."""

    view: View
    size: trend_windows.Size
    weeks: Sequence[Window]
    before: Sequence[Window]
    points: Sequence[Window]

    def windows(self) -> list[Window]:
        """Return all windows that are needed, each once."""
        return sorted({*self.before, *self.weeks, *self.points})

    def missing(self) -> int:
        """Return how many windows of a cadence are not here yet."""
        parts: dict[trend_windows.Size, Sequence[Window]] = {
            self.size: self.points,
            "week": [*self.before, *self.weeks],
        }
        return sum(trend_windows.known(self.view.cadences, part, size).missing for size, part in parts.items())


def draw(view: View) -> None:
    """Draw the tab."""
    if not view.cadences:
        messages.no_cadences()
        st.stop()

    head, team = st.container(), st.container()
    with st.container(horizontal=True, vertical_alignment="center"):
        size = _pick_size()
        weeks = trend_windows.windows_of(view, "week")
        lead = LEADING[sentiment.lead_metric(trend_windows.known(view.cadences, weeks, "week").engagements)]
        metric = _pick_metric(lead)
        as_table = trend_panels.pick_table()
    points = weeks if size == "week" else trend_windows.windows_of(view, size)
    shown = Shown(view, size, weeks, trend_windows.weeks_before(view, weeks), points)
    fill = trend_windows.filling(view, shown.windows(), size)
    with head:
        trend_panels.fetch(view, shown.windows(), shown.missing(), fill)
    is_coming = fill.job.progress.running
    again = "3s" if is_coming else None
    with team:
        st.fragment(draw_team, run_every=again)(shown, is_coming=is_coming)
    st.fragment(draw_panels, run_every=again)(shown, metric, as_table=as_table)


def _pick_size() -> trend_windows.Size:
    picked = st.segmented_control(
        "Points", list(SIZES), default="Weeks", required=True, key="points", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    return SIZES[picked or "Weeks"]


def _pick_metric(lead: str) -> str:
    picked = st.selectbox(
        "Metric",
        list(trends.METRICS_OVER_TIME),
        index=None,
        placeholder=METRICS[lead].label,
        format_func=lambda key: METRICS[key].label,
        key="metric",
        bind="query-params",
        label_visibility="collapsed",
        width=220,
    )
    return picked or lead


def draw_team(shown: Shown, *, is_coming: bool) -> None:
    """Draw the replies of all chosen cadences week by week, over those of the period before."""
    sign_in.recheck_role()
    weeks = weekly_replies.Weeks(shown.view, shown.weeks, shown.before)
    fresh = trend_panels.freshness(shown.weeks, weeks.known().engagements)
    goal = goals.weekly_replies(shown.view.names)
    weekly_replies.draw(weeks, "trend_team", is_coming=is_coming, goal=goal, fresh=fresh)


def draw_panels(shown: Shown, metric: str, *, as_table: bool) -> None:
    """Draw `metric` of the largest cadences, each in a panel with the same axes, or the table of all.

    Args:
        shown: what the tab is drawn from.
        metric: key of a metric.
        as_table: whether all are shown as a table.
    """
    sign_in.recheck_role()
    engagements = trend_windows.known(shown.view.cadences, shown.points, shown.size).engagements
    rate = trends.over(metric, shown.view.per, engagements)
    names = calculations.largest_first(engagements, tuple(shown.view.names))
    frame = calculations.trend(engagements, names, weekly_replies.spans(shown.points), rate, shown.view.facts)
    st.caption(display.plain(f"{METRICS[rate].formula} {trend_panels.freshness(shown.points, engagements)}."))
    if as_table:
        trend_panels.table(frame, rate)
    else:
        trend_panels.panels(frame, rate, points=len(shown.points), view=shown.view, windows=shown.points)
