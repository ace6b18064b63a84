"""The look over all cadences behind the watch list and its badge: levels at once, single days in the background."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboard.analysis.watch_list import watch_list
from dashboard.analysis.watch_list.alarms import DAYS_NEEDED
from dashboard.app_pages.session.account_notes import notes
from dashboard.app_pages.session.connection import account_in_force, connect, listing
from dashboard.app_pages.session.filters import current
from dashboard.app_pages.session.memo import ByIdentity, cached, cached_history_read
from dashboard.app_pages.session.trend_windows import engagements
from dashboard.data import frames
from dashboard.data.cadence_report import CadenceReport
from dashboard.data.fetch.report_cache import ReportCache
from dashboard.data.job_runner import JobRunner, Report
from dashboard.data.windows import Window, preset_window
from klenty_api import Cadence

_ASK_AGAIN: Final = timedelta(hours=6)
_GLANCE_AGAIN: Final = timedelta(minutes=1)
_NO_DAYS: Final = frames.engagements_frame([])

Kept = dict[tuple[str, Window], CadenceReport]


@dataclass(frozen=True)
class WatchedDays:
    """What is known of single days: the engagements of cadence and day, and the pairs that are missing."""

    daily: pd.DataFrame
    wanted: int
    missing: int


class Watcher:
    """What all sessions of this process know of one account's watch list. Safe to use from many threads."""

    def __init__(self) -> None:
        self.job: JobRunner[None] = JobRunner("watch list")
        self._lock = threading.Lock()
        self._asked: tuple[date, datetime] | None = None
        self._open: int | None = None
        self._looked = datetime.min.replace(tzinfo=UTC)
        self._reports: Kept = {}  # another one each time, never changed

    @property
    def open_alerts(self) -> int:
        """Return how many cadences have an open finding, as far as is known; at first what was noted before."""
        if self._open is None:
            self._open = len(watch_list.Memory.from_json(notes().get(watch_list.MEMORY_NOTE)).open_cadences)
        return self._open

    def glance(self, cadences: Sequence[Cadence]) -> None:
        """Bring the number in the title up to date from what is known already; asks Klenty nothing.

        Other pages ask for the same window; where its answers are there, levels are counted again. Days are as at the
        last look.
        """
        now = datetime.now(UTC)
        if now - self._looked < _GLANCE_AGAIN:
            return
        memory = watch_list.Memory.from_json(notes().get(watch_list.MEMORY_NOTE))
        window = watched_window()
        reports = [connect().reports.peek(cadence, window) for cadence in cadences if cadence.name]
        came = [report for report in reports if report is not None]
        if not came or len(came) < len(reports):
            self._open = len(memory.open_cadences)
            return
        self._looked = now
        found = watch_list.level_findings(frames.engagements_frame(came), self.levels())
        levels = watch_list.watch_list(found, memory, checked=(), today=window.end).open
        self._open = len({finding.cadence for finding in levels} | memory.cadences_with_open_days)

    def known_findings(self) -> tuple[watch_list.Finding, ...]:
        """Return the open findings on levels, from answers that are here already; asks nothing."""
        window, memory = watched_window(), watch_list.Memory.from_json(notes().get(watch_list.MEMORY_NOTE))
        reports = [connect().reports.peek(cadence, window) for cadence in everything()[0]]
        came = [report for report in reports if report is not None]
        found = watch_list.level_findings(frames.engagements_frame(came), self.levels())
        return watch_list.watch_list(found, memory, checked=(), today=window.end).open

    def knows(self, cadences: Sequence[Cadence]) -> bool:
        """Return whether the answers that findings on these cadences rest on are here."""
        window = watched_window()
        return all(connect().reports.peek(cadence, window) is not None for cadence in cadences)

    def levels(self) -> watch_list.Levels:
        """Return the levels in force."""
        return watch_list.Levels.from_json(notes().get(watch_list.LEVELS_NOTE))

    def set_levels(self, levels: watch_list.Levels) -> None:
        """Keep other levels for this account."""
        notes().put(watch_list.LEVELS_NOTE, levels.as_json())

    def look(self, findings: Sequence[watch_list.Finding], checked: set[str], today: date) -> watch_list.WatchList:
        """Hold the findings against what was acknowledged, and remember what is new.

        Args:
            findings: of this look.
            checked: names of cadences whose answers arrived.
            today: in the zone of the settings.
        """
        with self._lock:
            before = watch_list.Memory.from_json(notes().get(watch_list.MEMORY_NOTE))
            found = watch_list.watch_list(findings, before, checked=checked, today=today)
            if found.memory != before:
                notes().put(watch_list.MEMORY_NOTE, found.memory.as_json())
            self._open, self._looked = len({finding.cadence for finding in found.open}), datetime.now(UTC)
            return found

    def acknowledge(self, findings: Sequence[watch_list.Finding], *, who: str, note: str) -> None:
        """Keep that someone has seen these findings.

        Args:
            findings: that were seen.
            who: the name of the person.
            note: what they wrote.
        """
        at = datetime.now(UTC)
        self._remember(findings, lambda memory, finding: memory.with_acknowledged(
            finding, watch_list.Acknowledgement.of(finding, who=who, at=at, note=note)
        ))  # fmt: skip

    def reopen(self, finding: watch_list.Finding) -> None:
        """Take an acknowledgement back."""
        self._remember([finding], lambda memory, known: memory.without(known))

    def _remember(
        self,
        findings: Sequence[watch_list.Finding],
        change: Callable[[watch_list.Memory, watch_list.Finding], watch_list.Memory],
    ) -> None:
        with self._lock:
            memory = watch_list.Memory.from_json(notes().get(watch_list.MEMORY_NOTE))
            for finding in findings:
                memory = change(memory, finding)
            notes().put(watch_list.MEMORY_NOTE, memory.as_json())
            self._open = len(memory.open_cadences)

    def days(self, cadences: Sequence[Cadence], newest: date, timezone: str) -> WatchedDays:
        """Return the single days of these cadences that are known; the rest is asked in the background, at most once in
        a few hours.

        Args:
            cadences: of the account.
            newest: last day that is wanted.
            timezone: in which days end.
        """
        windows = [
            Window(day, day, timezone)
            for day in (newest - timedelta(days=back) for back in range(DAYS_NEEDED - 1, -1, -1))
        ]
        daily = self._known([cadence.name or "" for cadence in cadences], windows)
        wanted = len(cadences) * len(windows)
        missing = wanted - len(daily)
        now = datetime.now(UTC)
        due = self._asked is None or self._asked[0] != newest or now - self._asked[1] > _ASK_AGAIN
        store = connect().reports  # here: a thread has no session, so it does not know whose account it is
        if cadences and due and self.job.start(lambda tell, stop: self._ask(store, cadences, windows, tell, stop)):
            self._asked = newest, now
        return WatchedDays(daily, wanted, missing)

    def ask_again(self, cadences: Sequence[Cadence]) -> None:
        """Ask once more for the days that did not come."""
        for cadence in cadences:
            connect().reports.forget_failures(cadence)
        self._asked = None

    def _known(self, names: list[str], windows: Sequence[Window]) -> pd.DataFrame:
        """Return the days that the history holds, and those that arrived just now or while there is none."""
        with self._lock:
            kept = self._reports
        return _together(_written(names, windows), ByIdentity(kept), tuple(names), tuple(windows))

    def _ask(
        self,
        store: ReportCache,
        cadences: Sequence[Cadence],
        windows: Sequence[Window],
        tell: Report,
        stop: threading.Event,
    ) -> None:
        def progress(done: int, total: int, last: CadenceReport | None) -> None:
            tell(done, total, (last.cadence.name or "") if last else "")

        # The newest days first: they are what is judged.
        came = store.load(cadences, windows[::-1], progress=progress, cancel=stop)
        with self._lock:
            self._reports = {
                (report.cadence.name or "", report.window): report for report in came if report.engagement is not None
            }


@cached
def _together(
    written: pd.DataFrame, kept: ByIdentity[Kept], names: tuple[str, ...], windows: tuple[Window, ...]
) -> pd.DataFrame:
    came = [kept.value[name, window] for name in names for window in windows if (name, window) in kept.value]
    known = [written, frames.engagements_frame(came)]
    filled = [frame for frame in known if len(frame)] or known[1:]
    return pd.concat(filled, ignore_index=True).drop_duplicates(["cadence", "window_start"], keep="last")


def _written(names: list[str], windows: Sequence[Window]) -> pd.DataFrame:
    """Return the days that the history holds; none while it cannot be read."""
    first, last = windows[0], windows[-1]
    found = cached_history_read(engagements, tuple(names), first.start, last.end, first.timezone, "day")
    return _NO_DAYS if found is None else found


def watcher() -> Watcher:
    """Return the one watcher of this process for the account that this session sees."""
    return _watcher(account_in_force())


@st.cache_resource(show_spinner=False)
def _watcher(account: str) -> Watcher:  # noqa: ARG001  # the key
    return Watcher()


def watched_window() -> Window:
    """Return the 28 complete days that end yesterday, in the zone of the settings: one list for all, whatever the
    filters."""
    return preset_window("28d", datetime.now(_zone()).date(), _zone().key)


def _zone() -> ZoneInfo:
    return ZoneInfo(connect().settings.timezone)


def everything() -> tuple[tuple[Cadence, ...], bool]:
    """Return all cadences of the account, finished ones too, and that it is all; the chosen ones where the list is
    missing."""
    known = tuple(cadence for cadence in listing().cadences if cadence.name)
    return (known, True) if known else (current().cadences, False)
