"""The history of one account."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product
from typing import Any

import pandas as pd
import sqlalchemy as sa

from dashboard.data.cadence_report import CadenceReport, Key
from dashboard.data.database import Database
from dashboard.data.database.accounts import account_id, format_time, parse_time
from dashboard.data.database.tables import ANSWERS, CURRENT_WINDOWS, OBSERVATIONS, SERIES
from dashboard.data.freshness import Freshness
from dashboard.data.history import frames
from dashboard.data.history.blobs import unpack_engagement, unpack_steps
from dashboard.data.history.revisions import read_revisions
from dashboard.data.history.rows import day_number, rows_of, storable
from dashboard.data.history.writer import HistoryWriter
from dashboard.data.windows import Bucket, Window
from klenty_api import Cadence

_MOST_AT_ONCE = 500


class History:
    """What Klenty answered for one account, kept. Safe for threads, and for other processes beside this one.

    Nothing is overwritten: a later answer for the same window is one more observation, and the frames show the latest.
    Everything raises `DatabaseError` when the database cannot be used.
    """

    def __init__(self, database: Database, *, base_url: str, user: str, freshness: Freshness | None = None) -> None:
        self.database = database
        self.account = account_id(database, base_url=base_url, user=user)
        self.freshness = freshness or Freshness()
        self.writes = 0  # of this process; what was read before the last one may be outdated
        self._writer = HistoryWriter(database, self.account)
        self._lock = threading.Lock()

    def save(self, reports: Sequence[CadenceReport]) -> None:
        """Store what came, all of it or nothing. Where one of a report's two answers failed, the other is kept."""
        rows = [rows_of(report) for report in reports if not report.failed]
        if rows:
            with self._lock:
                self._writer.write(rows)
                self.writes += 1

    def latest(
        self, cadences: Iterable[Cadence], windows: Iterable[Window], *, now: datetime | None = None
    ) -> dict[Key, CadenceReport]:
        """The answers, by cadence's name and window, that are good enough not to be asked again at `now`."""
        by_name = {cadence.name or "": cadence for cadence in cadences}
        found = self.find(_pairs(by_name.values(), windows), now=now)
        return {key: replace(report, cadence=by_name[key[0]]) for key, report in found.items()}

    def find(
        self,
        wanted: Iterable[Key],
        *,
        now: datetime | None = None,
        freshness: Freshness | None = None,
        only_steps: bool = False,
    ) -> dict[Key, CadenceReport]:
        """As `latest`, for pairs of a cadence's name and a window; with the cadences as they were known then.

        `freshness` is another rule for what is good enough. With `only_steps` the step-wise answer is enough, and the
        other one may be missing in what is returned.
        """
        good = self._good_enough(set(wanted), now, freshness=freshness, only_steps=only_steps)
        places = {place: key for key, place in good.items()}
        listed = list(places)
        found: dict[Key, CadenceReport] = {}
        with self.database.reading() as connection:
            for start in range(0, len(listed), _MOST_AT_ONCE):
                for row in connection.execute(_whole_answers(listed[start : start + _MOST_AT_ONCE])):
                    name, window = places[row.series_id, row.days, row.first_day, row.fetched_at]
                    found[name, window] = _report(name, window, row)
        return found

    def missing(
        self,
        cadences: Iterable[Cadence],
        windows: Iterable[Window],
        *,
        now: datetime | None = None,
        only_steps: bool = False,
    ) -> list[tuple[Cadence, Window]]:
        """Return the pairs that would have to be asked at `now`, each name once, window by window.

        Reads no answers. With `only_steps` the step-wise answer is enough.
        """
        by_name = {cadence.name or "": cadence for cadence in cadences}
        several = list(windows)
        good = self._good_enough(set(_pairs(by_name.values(), several)), now, only_steps=only_steps)
        return [(c, window) for window in several for name, c in by_name.items() if (name, window) not in good]

    def engagements(
        self, names: Iterable[str], *, start: date, end: date, timezone: str, bucket: Bucket
    ) -> pd.DataFrame:
        """The latest counts of every window of that kind between `start` and `end`, both included.

        “day”, “week” and “life” (from the day the cadence was created) give the windows of that kind that lie within;
        “range” the one window from `start` to `end`, of whatever kind. Columns and meaning as
        `frames.engagements_frame`; oldest first for each cadence, in the order of `names`.
        """
        return frames.engagements(self._chosen(names, start, end, timezone, bucket))

    def steps(self, names: Iterable[str], *, start: date, end: date, timezone: str, bucket: Bucket) -> pd.DataFrame:
        """As `engagements`, one row per step: `frames.steps_frame`."""
        return frames.steps(self._chosen(names, start, end, timezone, bucket))

    def options(self, names: Iterable[str], *, start: date, end: date, timezone: str, bucket: Bucket) -> pd.DataFrame:
        """As `engagements`, one row per option: `frames.options_frame`."""
        return frames.options(self._chosen(names, start, end, timezone, bucket))

    def option_days(
        self, names: Iterable[str], *, timezone: str, start: date | None = None, end: date | None = None
    ) -> pd.DataFrame:
        """The latest counts of every option for every day that was asked for as a day of its own, oldest first.

        Columns: cadence, step, option, day (midnight, without a zone), template, subject, snippet, emails_sent,
        replies, positive_replies; the copy is what Klenty named when it was asked for that day. Days do not add up to
        the count of a longer window where people are counted.
        """
        chosen = self._chosen(names, start or date.min, end or date.max, timezone, "day")
        return frames.option_days(chosen)

    def revisions(self, names: Iterable[str], *, since: datetime, timezone: str) -> pd.DataFrame:
        """What Klenty counts differently now than it did at `since`, for windows that had ended by then.

        Columns: cadence, window_start, window_end, bucket, metric, before, now (nullable integers), before_at, now_at.
        One row for every count that differs between the last answer up to `since` (that came after the window's end)
        and the latest one. “In cadence now” is never among them: it is about now, whatever the window.
        """
        return read_revisions(self.database, self.account, list(names), since, timezone)

    def _chosen(self, names: Iterable[str], start: date, end: date, timezone: str, bucket: Bucket) -> frames.Chosen:
        stored = {storable(name) or "": None for name in names}
        first, last = day_number(start), day_number(end)
        return frames.Chosen(self.database, self.account, list(stored), first, last, timezone, bucket)

    def _good_enough(
        self,
        wanted: set[Key],
        now: datetime | None,
        *,
        freshness: Freshness | None = None,
        only_steps: bool = False,
    ) -> dict[Key, tuple[int, int, int, str]]:
        """Where the answers stand that need not be asked again: series, days, first day, fetched at."""
        if not wanted:
            return {}
        now, rule = now or datetime.now(UTC), freshness or self.freshness
        stored = {storable(name) or "": name for name, _ in wanted}
        windows = {window for _, window in wanted}
        current = CURRENT_WINDOWS.c
        came = current.steps_at if only_steps else current.complete_at
        chosen = (
            sa.select(SERIES.c.cadence, SERIES.c.timezone, current.series_id, current.days, current.first_day, came)
            .join_from(SERIES, CURRENT_WINDOWS, SERIES.c.id == current.series_id)
            .where(
                SERIES.c.account_id == self.account,
                SERIES.c.cadence.in_(stored),
                SERIES.c.timezone.in_({window.timezone for window in windows}),
                current.days.in_({window.days for window in windows}),
                current.first_day.between(
                    day_number(min(window.start for window in windows)),
                    day_number(max(window.start for window in windows)),
                ),
                came.is_not(None),
            )
        )  # fmt: skip
        needed = {
            (window.timezone, window.days, day_number(window.start)): (window, format_time(rule.needed(window, now)))
            for window in windows
        }
        good: dict[Key, tuple[int, int, int, str]] = {}
        with self.database.reading() as connection:
            for name, timezone, series, days, first_day, came_at in connection.execute(chosen):
                window, at_least = needed.get((timezone, days, first_day), (None, ""))
                if window is not None and (key := (stored[name], window)) in wanted and came_at >= at_least:
                    good[key] = series, days, first_day, came_at
        return good


def _pairs(cadences: Iterable[Cadence], windows: Iterable[Window]) -> Iterator[Key]:
    return ((cadence.name or "", window) for cadence, window in product(cadences, windows))


def _whole_answers(places: list[tuple[int, int, int, str]]) -> sa.Select[Any]:
    engagement, steps, seen = ANSWERS.alias(), ANSWERS.alias(), OBSERVATIONS.c
    key = sa.tuple_(seen.series_id, seen.days, seen.first_day, seen.fetched_at)
    return (
        sa.select(seen.series_id, seen.days, seen.first_day, seen.fetched_at, seen.seconds,
                  seen.cadence_id, seen.owner,
                  engagement.c.body.label("engagement"), steps.c.body.label("steps"))
        .join_from(OBSERVATIONS, engagement, engagement.c.digest == seen.engagement, isouter=True)
        .join(steps, steps.c.digest == seen.steps)
        .where(key.in_(places))
    )  # fmt: skip


def _report(name: str, window: Window, row: Any) -> CadenceReport:  # a row of `_whole_answers`
    return CadenceReport(
        Cadence(id=row.cadence_id, name=name, owner=row.owner, is_active=None, created=None),
        window,
        None if row.engagement is None else unpack_engagement(row.engagement),
        unpack_steps(row.steps),
        None,
        None,
        parse_time(row.fetched_at).astimezone(UTC),
        row.seconds,
    )
