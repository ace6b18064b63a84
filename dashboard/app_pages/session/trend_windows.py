"""The windows of a trend: what is known at once, and the rest from Klenty in the background."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboard.app_pages.session.connection import connect
from dashboard.app_pages.session.filters import View
from dashboard.app_pages.session.memo import cached_history_read
from dashboard.data import frames
from dashboard.data.cadence_report import CadenceReport
from dashboard.data.fetch.report_cache import ReportCache, cadence_from_name
from dashboard.data.history import History
from dashboard.data.job_runner import JobRunner, Report
from dashboard.data.windows import Window, buckets, preset_window
from klenty_api import Cadence, Cancelled

CALLS_A_WINDOW: Final = 2
MOST_CALLS_UNASKED: Final = 2_000
_ASK_AGAIN: Final = timedelta(minutes=15)
_YEAR_OF_WEEKS: Final = 52 * 7

Size = Literal["day", "week"]


@dataclass(frozen=True)
class Known:
    """What is known of a trend's windows (columns of `frames.engagements_frame`), and what is still to be asked."""

    engagements: pd.DataFrame
    missing: int


class TrendBackfill:
    """Fetch the windows of one view for all sessions that look at it. Goes on when the page is left."""

    def __init__(self) -> None:
        self.job: JobRunner[list[CadenceReport]] = JobRunner("trends")
        self._began = datetime.min.replace(tzinfo=UTC)

    @property
    def failed(self) -> list[CadenceReport]:
        """The windows that failed the last time, wholly or in part."""
        return self.job.result or []

    @property
    def rested(self) -> bool:
        """Whether asking again is due: it was not asked yet, or some time ago."""
        return datetime.now(UTC) - self._began > _ASK_AGAIN

    def begin(self, cadences: Sequence[Cadence], windows: Sequence[Window]) -> None:
        """Ask for what is missing of these, the newest windows first, unless it is being done."""
        store, newest_first = connect().reports, sorted(windows, reverse=True)
        if self.job.start(lambda tell, stop: _ask(store, cadences, newest_first, tell, stop)):
            self._began = datetime.now(UTC)

    def again(self) -> None:
        """Ask once more for what did not come."""
        for report in self.failed:
            connect().reports.forget_failures(report.cadence, report.window)
        self._began = datetime.min.replace(tzinfo=UTC)


def windows_of(view: View, size: Size) -> list[Window]:
    """Return the days or weeks of the view's range that have begun."""
    now = today(view)
    whole = buckets(view.window.start, view.window.end, size, view.window.timezone)
    return [window for window in whole if window.start <= now]


def weeks_before(view: View, weeks: Sequence[Window]) -> list[Window]:
    """Return as many weeks of the period that the view is compared with; none where it is compared with nothing.

    Those just before `weeks`, or the same weeks of the year before: never a week of both periods.
    """
    if view.earlier is None:
        return []
    apart = (view.window.start - view.earlier.start).days
    back = _YEAR_OF_WEEKS if apart >= _YEAR_OF_WEEKS > 7 * len(weeks) else 7 * len(weeks)
    return [week.back(back) for week in weeks]


def known(cadences: Sequence[Cadence], windows: Sequence[Window], size: Size) -> Known:
    """Return what is there: from the history, or from this process's memory while the history takes nothing in.

    Asks Klenty nothing.

    Args:
        cadences: of the view.
        windows: of one size.
        size: day or week.
    """
    link, names = connect(), tuple(cadence.name or "" for cadence in cadences)
    first, last = windows[0], windows[-1]
    found = cached_history_read(engagements, names, first.start, last.end, first.timezone, size)
    missing = cached_history_read(_missing, names, tuple(windows))
    if found is None or missing is None or link.archive.error is not None:
        return _remembered(link.reports, cadences, windows)
    return Known(found, missing)


def engagements(
    history: History, names: tuple[str, ...], start: date, end: date, timezone: str, size: Size
) -> pd.DataFrame:
    """Return what the history holds of single days or weeks, for `cached_history_read`.

    Args:
        history: of the account.
        names: of the cadences.
        start: first day.
        end: last day, included.
        timezone: in which days end.
        size: day or week.
    """
    return history.engagements(names, start=start, end=end, timezone=timezone, bucket=size)


def _missing(history: History, names: tuple[str, ...], windows: tuple[Window, ...]) -> int:
    return len(history.missing([cadence_from_name(name) for name in names], windows, now=datetime.now(UTC)))


def _remembered(store: ReportCache, cadences: Sequence[Cadence], windows: Sequence[Window]) -> Known:
    pairs = [(cadence, window) for window in windows for cadence in cadences]
    reports = [report for report in (store.peek(*pair) for pair in pairs) if report is not None]
    return Known(frames.engagements_frame(reports), len(pairs) - len(reports))


def today(view: View) -> date:
    """Return the present day in the view's zone."""
    return datetime.now(ZoneInfo(view.window.timezone)).date()


def last_weeks(view: View) -> list[Window]:
    """Return the last 12 complete weeks, oldest first, whatever the view's range."""
    span = preset_window("12w", today(view), view.window.timezone)
    return buckets(span.start, span.end, "week", span.timezone)


def fill_weeks(view: View, weeks: Sequence[Window], before: Sequence[Window]) -> TrendBackfill:
    """Begin to fetch what is missing of `weeks`, and of those `before`, unless it is much; return the job that does.

    `before` are only drawn behind: where both are much, only `weeks` are fetched.

    Args:
        view: whose cadences.
        weeks: oldest first.
        before: of the period before, drawn behind.
    """
    missing = known(view.cadences, weeks, "week").missing
    more = known(view.cadences, before, "week").missing if before else 0
    windows = [*weeks, *before] if CALLS_A_WINDOW * (missing + more) <= MOST_CALLS_UNASKED else list(weeks)
    wanted = missing + more if len(windows) > len(weeks) else missing
    fill = filling(view, windows, "week")
    if 0 < CALLS_A_WINDOW * wanted <= MOST_CALLS_UNASKED and fill.rested and not fill.job.progress.running:
        fill.begin(view.cadences, windows)
    return fill


def filling(view: View, windows: Sequence[Window], size: Size) -> TrendBackfill:
    """Return the one job of this process that fetches these windows of the view's cadences.

    Args:
        view: of the page.
        windows: to fetch.
        size: day or week.
    """
    return _filling(view.account.label, tuple(view.names), tuple(windows), size)


@st.cache_resource(show_spinner=False, max_entries=64)
def _filling(account: str, names: tuple[str, ...], windows: tuple[Window, ...], size: Size) -> TrendBackfill:  # noqa: ARG001  # the key
    return TrendBackfill()


def _ask(
    store: ReportCache, cadences: Sequence[Cadence], windows: Sequence[Window], tell: Report, stop: threading.Event
) -> list[CadenceReport]:
    """Ask for what is not there and return what failed. The store keeps what arrived, also when the page was left."""

    def progress(done: int, total: int, last: CadenceReport | None) -> None:
        tell(done, total, (last.cadence.name or "") if last else "")

    reports = store.load(cadences, windows, progress=progress, cancel=stop)
    errors = [(report, report.engagement_error or report.steps_error) for report in reports]
    return [report for report, error in errors if error is not None and not isinstance(error, Cancelled)]
