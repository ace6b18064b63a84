"""Daily counts of the steps of A/B tests: planned, fetched newest day first, and stored in the history.

Whole-life counts prove nothing, so a test that leads by them is checked day by day: back to the last change of its
copy, or to the beginning of its cadence. One call a day and cadence.
"""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import pandas as pd

from dashboard.data.cadence_report import CadenceReport
from dashboard.data.fetch.lifetime import life_windows
from dashboard.data.fetch.report_cache import STOPS_THE_RUN, ask
from dashboard.data.history import History, HistoryArchive
from dashboard.data.windows import Window, buckets
from klenty_api import Cadence, KlentyClient, KlentyError, fan_out

MOST_CALLS_WITHOUT_ASKING: Final = 500
COPY: Final = ("template", "subject", "snippet")
_CHUNK: Final = 28  # days of a cadence asked before looking for a change of copy


@dataclass(frozen=True)
class _CadenceDays:
    """The days of one cadence that are not stored, newest first, and the steps they are asked for."""

    cadence: Cadence
    steps: frozenset[int]
    missing: tuple[Window, ...]


@dataclass(frozen=True)
class DailyStepsPlan:
    """What has to be asked so that tests can be judged by days; made by `plan_daily_steps`."""

    parts: tuple[_CadenceDays, ...] = ()

    @property
    def calls(self) -> int:
        """How many calls it takes at most; fewer where the copy of all tests of a cadence changed in between."""
        return sum(len(part.missing) for part in self.parts)

    @property
    def tests(self) -> int:
        """How many tests it is for."""
        return sum(len(part.steps) for part in self.parts)

    @property
    def needs_consent(self) -> bool:
        """Whether a person has to agree first, because it takes many calls."""
        return self.calls > MOST_CALLS_WITHOUT_ASKING


@dataclass(frozen=True)
class DailyStepsResult:
    """What became of it: answers that arrived and calls that failed.

    `refused` is set when Klenty refuses key or user, `stopped` when it was cancelled: what arrived is stored, and a new
    plan has only the rest.
    """

    asked: int = 0
    failed: int = 0
    refused: KlentyError | None = None
    stopped: bool = False


def plan_daily_steps(
    history: History,
    cadences: Sequence[Cadence],
    tests: Mapping[str, Collection[int]],
    *,
    timezone: str,
    today: date,
) -> DailyStepsPlan:
    """Return which days have to be asked for these tests; asks nothing of Klenty.

    Args:
        history: Where days are stored already.
        cadences: All cadences of the account.
        tests: Steps to be judged by days, by the cadence's name.
        timezone: Days end at midnight there.
        today: The day that is not over yet; days up to yesterday are asked.

    Raises:
        DatabaseError: The history cannot be read.
    """
    lives = life_windows(cadences, today, timezone)
    known = {cadence.name: cadence for cadence in cadences}
    parts = []
    for name, steps in tests.items():
        if name not in lives or not steps:
            continue
        days = buckets(lives[name].start, lives[name].end, "day", timezone)[::-1]
        absent = {window for _, window in history.missing([known[name]], days, only_steps=True)}
        needed = _until_changed(history, name, frozenset(steps), days, absent)
        missing = tuple(window for window in needed if window in absent)
        if missing:
            parts.append(_CadenceDays(known[name], frozenset(steps), missing))
    return DailyStepsPlan(tuple(sorted(parts, key=lambda part: len(part.missing))))


def _until_changed(
    history: History, name: str, steps: Collection[int], days: Sequence[Window], absent: Collection[Window]
) -> Sequence[Window]:
    """Return the days, newest first, up to the day since which the copy of all these steps is known to have changed.

    All of them when that cannot be seen in the newest days that are stored without a gap.
    """
    stored = next((place for place, window in enumerate(days) if window in absent), len(days))
    if not stored or not copy_changed(history, name, steps, days[stored - 1]):
        return days
    return days[:stored]


def fetch_daily_steps(
    client: KlentyClient,
    history: History,
    plan: DailyStepsPlan,
    *,
    progress: Callable[[int, int, str], object] | None = None,
    cancel: threading.Event | None = None,
) -> DailyStepsResult:
    """Ask Klenty for the days of a plan and store the answers; it may be stopped, and planned again, at any point.

    Args:
        client: Its pace holds for these calls as for all others.
        history: Where the answers are stored.
        plan: From `plan_daily_steps`.
        progress: Called in this thread with calls done, calls at most, and the cadence's name. Calls that turn out
            not to be needed count as done.
        cancel: Set it to stop early.

    Raises:
        DatabaseError: The history cannot be written; what arrived until then is stored.
    """
    cancel = cancel or threading.Event()
    asked = failed = done = 0
    for part in plan.parts:
        name = part.cadence.name or ""
        for start in range(0, len(part.missing), _CHUNK):
            chunk = part.missing[start : start + _CHUNK]
            before = done + start

            def tell(count: int, _total: int, before: int = before, name: str = name) -> None:
                if progress is not None:
                    progress(before + count, plan.calls, name)

            came = _fetch(client, history, part.cadence, chunk, tell, cancel)
            asked, failed = asked + came.asked, failed + came.failed
            if came.refused or came.stopped:
                return DailyStepsResult(asked, failed, came.refused, came.stopped)
            if copy_changed(history, name, part.steps, chunk[-1]):
                break
        done += len(part.missing)
        if progress is not None:
            progress(done, plan.calls, name)
    return DailyStepsResult(asked, failed)


def _fetch(
    client: KlentyClient,
    history: History,
    cadence: Cadence,
    windows: Sequence[Window],
    tell: Callable[[int, int], object],
    cancel: threading.Event,
) -> DailyStepsResult:
    archive = HistoryArchive.over(history)

    def one(window: Window) -> CadenceReport:
        report = ask(client, cadence, window, only_steps=True)
        if isinstance(report.steps_error, STOPS_THE_RUN):
            raise report.steps_error
        archive.put(report)
        return report

    try:
        outcomes = fan_out(one, windows, workers=client.workers, progress=tell, cancel=cancel)
    finally:
        archive.flush()
    if archive.error is not None:
        raise archive.error
    refused = next((o.error for o in outcomes if isinstance(o.error, STOPS_THE_RUN)), None)
    came = [outcome.value for outcome in outcomes if outcome.value is not None]
    failed = sum(report.steps_error is not None for report in came)
    return DailyStepsResult(len(came) - failed, failed, refused, cancel.is_set() and refused is None)


def copy_changed(history: History, name: str, steps: Collection[int], since: Window) -> bool:
    """Return whether the copy of every one of these steps is known to have changed on a later day than `since`.

    Args:
        history: of the account.
        name: of the cadence.
        steps: their numbers.
        since: changes within it do not count.

    Raises:
        DatabaseError: The history cannot be read.
    """
    days = history.option_days([name], timezone=since.timezone, start=since.start)
    sent = days[(days["emails_sent"] > 0).fillna(value=False).astype(bool)]
    return all(_changed(sent[(sent["step"] == step).fillna(value=False).astype(bool)]) for step in steps)


def _changed(sent: pd.DataFrame) -> bool:
    """Return whether an option sent two different subjects, snippets or templates."""
    return any(len(texts.dropna().unique()) > 1 for name in COPY for _, texts in sent.groupby("option")[name])
