"""Panels of a trend, and the windows that are still being fetched."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pandas as pd
import streamlit as st

from dashboard.analysis.what_changed import Mark
from dashboard.app_pages.components import background_job, display
from dashboard.app_pages.session import calculations, changes, trend_windows
from dashboard.app_pages.session.filters import View
from dashboard.app_pages.session.memo import cached
from dashboard.app_pages.session.text import plain
from dashboard.charts import Chart, EmptyChart
from dashboard.charts.trends import trend_chart
from dashboard.data.windows import Window
from klenty_api import Cadence

_MOST_PANELS: Final = 6
_MOST_POINTS: Final = 360
_MOST_NAMES: Final = 5


def fetch(view: View, windows: Sequence[Window], missing: int, fill: trend_windows.TrendBackfill) -> None:
    """Begin to fetch what is missing, asking first when it is much; draw the progress and what failed.

    Args:
        view: Whose cadences.
        windows: All weeks or days that are wanted.
        missing: How many windows of a cadence are not here.
        fill: The job that fetches them.
    """
    calls = trend_windows.CALLS_A_WINDOW * missing
    if missing and not fill.job.progress.running and (fill.rested or fill.job.cancelled):
        if calls > trend_windows.MOST_CALLS_UNASKED or fill.job.cancelled:
            _offer(view, windows, missing, fill)
        else:
            fill.begin(view.cadences, windows)
    background_job.follow(fill.job, "Asking Klenty", "trend_windows")
    if fill.failed and not fill.job.progress.running:
        _did_not_come(fill)


def pick_table() -> bool:
    """Let the visitor change the panels into one table; return whether that is so."""
    picked = st.segmented_control(
        "Show", ["Chart", "Table"], default="Chart", required=True, key="panels_numbers", label_visibility="collapsed"
    )
    return picked == "Table"


def panels(frame: pd.DataFrame, metric: str, *, points: int, view: View, windows: Sequence[Window]) -> None:
    """Draw a panel for each cadence with something to draw, a page at a time; name the others in one line.

    Args:
        frame: Rows of `trends.trend`, the largest cadence first.
        metric: Key of the registry.
        points: How many windows each panel has.
        view: Whose cadences.
        windows: Of the panels.
    """
    drawn = [str(name) for name, part in frame.groupby("cadence", sort=False) if part["value"].notna().any()]
    names = _page(drawn, panels_of_a_page(points))
    top = calculations.common_top(frame)
    grid = st.grid("auto", min_column_width=280)
    for number, name in enumerate(names):
        with grid.cell():
            own = changes.marks(replace(view, cadences=_of_name(view, name)), windows[0].start, windows[-1].end)
            panel = _panel(frame, name, top, own)
            display.chart(panel, f"trend_{metric}_{number}", numbers=False)
    nothing = without_points(frame)
    if nothing:
        st.caption(plain(nothing))


@cached
def without_points(frame: pd.DataFrame) -> str:
    """Return which cadences have nothing to draw, and whether that is for want of answers; empty when all have."""
    empty = [(name, part) for name, part in frame.groupby("cadence", sort=False) if part["value"].isna().all()]
    missing = [str(name) for name, part in empty if (part["state"] == "missing").all()]
    silent = [str(name) for name, part in empty if str(name) not in missing]
    parts = (("Not fetched yet", missing), ("Nothing to draw", silent))
    return " · ".join(f"{why}: {_listed(names)}." for why, names in parts if names)


def panels_of_a_page(points: int) -> int:
    """Return how many panels a page holds: every point brings its counts, and each rerun all of them."""
    return max(1, min(_MOST_PANELS, _MOST_POINTS // points))


def table(frame: pd.DataFrame, metric: str) -> None:
    """Draw the numbers of all panels, those that are not on this page among them."""
    display.table(calculations.trend_table(frame), key=f"trend_{metric}_table", name=f"trend-{metric}")


def _of_name(view: View, name: str) -> tuple[Cadence, ...]:
    return tuple(cadence for cadence in view.cadences if cadence.name == name)


@cached
def _panel(frame: pd.DataFrame, name: str, top: float, marks: tuple[Mark, ...]) -> Chart | EmptyChart:
    return trend_chart(frame[frame["cadence"] == name], top=top, marks=marks)


def _page(names: Sequence[str], size: int) -> Sequence[str]:
    pages = -(-len(names) // size)
    page = st.pagination(pages, key="trend_page") if pages > 1 else 1
    return names[(page - 1) * size : page * size]


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def freshness(windows: Sequence[Window], engagements: pd.DataFrame) -> str:
    """Return what the windows span (whole weeks reach beyond the range), and when the first and the last arrived."""
    span = Window(windows[0].start, windows[-1].end, windows[0].timezone).short()
    if engagements.empty:
        return f"{span}, nothing fetched yet"
    came = engagements["fetched_at"]
    first, last = came.min(), came.max()
    times = (
        f"{first:%-d %b, %H:%M}" if last - first < timedelta(minutes=1) else f"{first:%-d %b} to {last:%-d %b, %H:%M}"
    )
    return f"{span}, fetched {times}"


def _offer(view: View, windows: Sequence[Window], missing: int, fill: trend_windows.TrendBackfill) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/cloud_download: **{missing:,} windows are not here yet, or may have changed since.** "
            f"Fetching takes about {trend_windows.CALLS_A_WINDOW * missing:,} calls; weeks take fewer.",
            width="stretch",
        )
        asked = (view.cadences, windows)
        st.button("Fetch them", key="trend_fetch", type="primary", on_click=fill.begin, args=asked)


def _did_not_come(fill: trend_windows.TrendBackfill) -> None:
    first = fill.failed[0]
    names = {report.cadence.name for report in fill.failed}
    of = "1 cadence" if len(names) == 1 else f"{len(names)} cadences"
    count = "1 window" if len(fill.failed) == 1 else f"{len(fill.failed):,} windows"
    with st.container(border=True, horizontal=True, wrap=False, vertical_alignment="center"):
        came = "did not come" if all(report.failed for report in fill.failed) else "did not come whole"
        st.text(
            f"{count} of {of} {came}. The first, {first.cadence.name}: {first.engagement_error or first.steps_error}",
            width="stretch",
        )
        st.button("Try again", key="trend_again", icon=":material/refresh:", on_click=fill.again)
