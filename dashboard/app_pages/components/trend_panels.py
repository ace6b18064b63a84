"""How trends show their panels, and the windows that are still being fetched."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import pandas as pd
import streamlit as st

from dashboard.app_pages.components import background_job, display
from dashboard.app_pages.session import trend_windows
from dashboard.app_pages.session.filters import View
from dashboard.app_pages.session.memo import made
from dashboard.charts import Chart, EmptyChart
from dashboard.charts.trends import trend_chart, trend_table
from dashboard.data.windows import Window

_MOST_PANELS: Final = 6
_MOST_POINTS: Final = 360


def fetch(view: View, windows: Sequence[Window], missing: int, fill: trend_windows.TrendBackfill) -> None:
    """Begin to fetch what is missing, asking first when it is much; show how far it is and what did not come."""
    calls = trend_windows.CALLS_A_WINDOW * missing
    if missing and not fill.job.progress.running and (fill.rested or fill.job.cancelled):
        if calls > trend_windows.MOST_CALLS_UNASKED or fill.job.cancelled:
            _offer(view, windows, missing, fill)
        else:
            fill.begin(view.cadences, windows)
    background_job.follow(fill.job, "Asking Klenty for missing windows", "trend_windows")
    if fill.failed and not fill.job.progress.running:
        _did_not_come(fill)


def panel(frame: pd.DataFrame, name: str, top: float) -> Chart | EmptyChart:
    """The chart of one cadence among several."""
    return trend_chart(frame[frame["cadence"] == name], title=name, top=top)


def panels_of_a_page(windows: Sequence[Window], metrics: Sequence[str]) -> int:
    """How many cadences of each metric stand on a page: every point brings its counts, and each rerun all of them."""
    return max(1, min(_MOST_PANELS, max(2, _MOST_POINTS // len(windows))) // len(metrics))


def page_of(names: Sequence[str], size: int, key: str) -> Sequence[str]:
    """The names of one page, with a control to turn to the others when there are more."""
    pages = -(-len(names) // size)
    page = st.pagination(pages, key=key) if pages > 1 else 1
    return names[(page - 1) * size : page * size]


def numbers(frame: pd.DataFrame, metric: str) -> None:
    """The numbers of all panels in one table, one click away."""
    fold = st.expander("Numbers", icon=":material/table_rows:", key=f"trend_{metric}_numbers", on_change="rerun")
    if fold.open:
        with fold:
            display.table(made(trend_table, frame), key=f"trend_{metric}_table", name=f"trend-{metric}")


def freshness(windows: Sequence[Window], engagements: pd.DataFrame) -> str:
    """What the windows span (whole weeks reach beyond the range), how many are there, and when the oldest and the
    newest of them came."""
    span = Window(windows[0].start, windows[-1].end, windows[0].timezone).label()
    if engagements.empty:
        return f"{span} · nothing fetched yet"
    came = engagements["fetched_at"]
    first, last = came.min(), came.max()
    times = (
        f"{first:%-d %b, %H:%M}" if last - first < timedelta(minutes=1) else f"{first:%-d %b} to {last:%-d %b, %H:%M}"
    )
    return f"{span} · {len(engagements):,} windows, fetched {times}"


def _offer(view: View, windows: Sequence[Window], missing: int, fill: trend_windows.TrendBackfill) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/cloud_download: **{missing:,} windows are not here yet, or may have changed since.** Fetching "
            f"them takes about {trend_windows.CALLS_A_WINDOW * missing:,} calls; weeks take fewer.",
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
