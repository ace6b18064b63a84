"""What A/B steps are judged by: daily counts where the history has them, else one answer for a cadence's whole life.

All cadences of the account are asked, whatever a page shows: a verdict leans on the account's usual rate and must not
change with a filter.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Protocol
from zoneinfo import ZoneInfo

import pandas as pd

from dashboard.data import frames
from dashboard.data.cadence_report import CadenceReport
from dashboard.data.database import DatabaseError
from dashboard.data.fetch.report_cache import Progress, ReportCache
from dashboard.data.history import HistoryArchive
from dashboard.data.windows import Window
from klenty_api import Cadence, KlentyClient

FRESH_FOR = timedelta(hours=1)  # the answers end yesterday, so they change little within a day
_LONGEST_LIFE = timedelta(days=730)
_MOST_BEHIND = 7
_FEWEST_OF_ALL_DAYS = 0.9


class DailyHistory(Protocol):
    """The part of the history that is asked here."""

    def option_days(
        self, names: Iterable[str], *, timezone: str, start: date | None = None, end: date | None = None
    ) -> pd.DataFrame:
        """Return every option's counts day by day.

        Args:
            names: of the cadences.
            timezone: in which days end.
            start: first day, None for all.
            end: last day, None for all.
        """
        ...


@dataclass(frozen=True, eq=False)
class DailyCounts:
    """Daily counts of cadences of which hardly a day is missing up to now (`frame`, as in the history).

    `covered` names those whose days reach back to the cadence's beginning; `version` is another one when the counts
    are others.
    """

    frame: pd.DataFrame
    covered: frozenset[str]
    version: int


NO_DAYS = DailyCounts(pd.DataFrame(), frozenset(), 0)


@dataclass(frozen=True, eq=False)
class LifetimeCounts:
    """The counts that A/B steps are judged by (as `analysis.experiments.evaluate_steps` takes them).

    `days` are the history's daily counts, `covered` names the cadences whose days reach back to their beginning (those
    are not asked for their life), `finished` those that send no more, `reports` are the whole-life answers, failed ones
    too. `version` changes whenever the counts may have: by it two are equal.
    """

    days: pd.DataFrame
    covered: frozenset[str]
    finished: frozenset[str]
    reports: tuple[CadenceReport, ...]
    version: tuple[object, ...]

    @cached_property
    def options(self) -> pd.DataFrame:
        """The tidy frame of whole-life answers, made when it is needed."""
        return frames.options_frame(self.reports)

    def __eq__(self, other: object) -> bool:
        """Return whether both hold the same counts."""
        return isinstance(other, LifetimeCounts) and other.version == self.version

    def __hash__(self) -> int:
        """As `__eq__`."""
        return hash(self.version)


def lifetime_cache(client: KlentyClient, archive: HistoryArchive | None = None) -> ReportCache:
    """Return the store for whole-life answers: step-wise reports only, one call a cadence."""
    return ReportCache(client, fresh_for=FRESH_FOR, only_steps=True, archive=archive)


def load_lifetime(
    store: ReportCache,
    cadences: Sequence[Cadence],
    *,
    timezone: str,
    today: date | None = None,
    days: DailyCounts = NO_DAYS,
    progress: Progress | None = None,
) -> LifetimeCounts:
    """Return the counts for all these cadences (all of the account); only what is missing is asked of Klenty.

    Days end at midnight in `timezone`. Raises nothing: a failed answer is in `reports`.

    Args:
        store: keeps the lifetime answers.
        cadences: all of the account.
        timezone: IANA name of the zone in which days end.
        today: by default of this moment.
        days: what the history has.
        progress: called with what is done and what there is; may raise.
    """
    windows = life_windows(cadences, today or _today(timezone), timezone)
    asked = {cadence.name: cadence for cadence in cadences if cadence.name and cadence.name not in days.covered}
    reports = tuple(store.load_each([(cadence, windows[name]) for name, cadence in asked.items()], progress=progress))
    active = {cadence.name for cadence in cadences if cadence.is_active is not False}
    finished = frozenset(windows) - {name for name in active if name}
    answers = tuple((report.cadence.name, report.window, report.fetched_at, report.failed) for report in reports)
    version = (answers, finished, days.version)
    return LifetimeCounts(days.frame, days.covered, finished, reports, version)


def read_days(
    history: DailyHistory | None, cadences: Sequence[Cadence], *, timezone: str, today: date | None = None
) -> DailyCounts:
    """Return the history's daily counts of these cadences, as far as they can decide. A history that fails is done
    without.

    Args:
        history: None: there is none.
        cadences: all of the account.
        timezone: IANA name of the zone in which days end.
        today: by default of this moment.
    """
    today = today or _today(timezone)
    windows = life_windows(cadences, today, timezone)
    if history is None:
        return NO_DAYS
    usable: dict[str, date] = {}
    parts = []
    try:
        # One at a time: all days of a large account are a million rows, and most of what cannot decide is let go here.
        for name, window in windows.items():
            found = history.option_days([name], timezone=timezone, start=window.start, end=window.end)
            first = first_days(found, today).get(name)
            if first:
                usable[name] = first
                parts.append(found)
    except DatabaseError:
        return NO_DAYS
    if not parts:
        return NO_DAYS
    covered = frozenset(name for name, first in usable.items() if first <= windows[name].start)
    frame = pd.concat(parts, ignore_index=True)
    return DailyCounts(frame, covered, int(pd.util.hash_pandas_object(frame, index=False).sum()))


def _today(timezone: str) -> date:
    return datetime.now(ZoneInfo(timezone)).date()


def life_windows(cadences: Sequence[Cadence], today: date, timezone: str) -> dict[str, Window]:
    """Return per name the days from the (first) cadence's creation, or from two years back, to yesterday.

    Args:
        cadences: of one account.
        today: in the zone.
        timezone: IANA name of the zone in which days end.
    """
    yesterday = today - timedelta(days=1)
    starts: dict[str, date] = {}
    for cadence in cadences:
        if cadence.name:
            start = _created(cadence, timezone) or yesterday - _LONGEST_LIFE
            starts[cadence.name] = min(start, yesterday, starts.get(cadence.name, start))
    return {name: Window(start, yesterday, timezone) for name, start in starts.items()}


def _created(cadence: Cadence, timezone: str) -> date | None:
    created = cadence.created
    if created is None:
        return None
    return (created.astimezone(ZoneInfo(timezone)) if created.tzinfo else created).date()


def first_days(days: pd.DataFrame, today: date) -> dict[str, date]:
    """Return the first day of the cadences whose daily counts can be relied on: up to now, and hardly a day missing."""
    if days.empty:
        return {}
    per_name = days.assign(day=pd.to_datetime(days["day"])).groupby("cadence")["day"].agg(["min", "max", "nunique"])
    found = {}
    for name, (first, last, count) in zip(per_name.index, per_name.itertuples(index=False, name=None), strict=True):
        fresh = (today - last.date()).days <= _MOST_BEHIND
        if fresh and count >= _FEWEST_OF_ALL_DAYS * ((last - first).days + 1):
            found[str(name)] = first.date()
    return found
