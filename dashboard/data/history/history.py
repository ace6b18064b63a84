"""The history of one account."""

import threading
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from itertools import product
from typing import Any

import pandas as pd
import sqlalchemy as sa

from dashboard.data.cadence_report import CadenceKey, CadenceReport, Key, PeopleNow
from dashboard.data.database import Database
from dashboard.data.database.accounts import account_id, format_time, parse_time
from dashboard.data.database.migrations.versions.cadence_ids import RESTORE_NOTE
from dashboard.data.database.tables import (
    ACCOUNT_NOTES,
    ANSWERS,
    CURRENT_OPTIONS,
    CURRENT_STEPS,
    CURRENT_WINDOWS,
    ENGAGEMENT_COUNTS,
    OBSERVATIONS,
    SERIES,
)
from dashboard.data.freshness import CLOCK_TOLERANCE, Freshness
from dashboard.data.history import frames, listing
from dashboard.data.history.account_days import apply_changes, counted_days
from dashboard.data.history.blobs import unpack_engagement, unpack_steps
from dashboard.data.history.revisions import read_revisions
from dashboard.data.history.rows import SeriesKey, day_number, rows_of, storable, window_of
from dashboard.data.history.writer import HistoryWriter, lock_account
from dashboard.data.windows import Bucket, Window
from klenty_api import Cadence

_MOST_AT_ONCE = 500
_MOST_IN_A_LIST = 5000  # places for values in one statement are limited


class History:
    """What Klenty answered for one account, kept. Safe for threads and for several processes at once.

    It belongs to cadences by their id; where none was known when an answer arrived, it belongs to the name. Where names
    are given, they are those of the latest listing (`record_listing`).
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
        self._restore_after_migration()

    def save(self, reports: Sequence[CadenceReport]) -> None:
        """Store what arrived, all of it or nothing. Where one of a report's two answers failed, the other is kept."""
        rows = [rows_of(report) for report in reports if not report.failed]
        if rows:
            with self._lock:
                self._writer.write(rows)
                self.writes += 1

    def record_listing(self, cadences: Sequence[Cadence], at: datetime) -> None:
        """Note the account's cadences as Klenty listed them; `at` is when it was asked, aware.

        Where a name went to another cadence, what was asked by it since the listing before is no longer shown and will
        be asked again.
        """
        with self._lock:
            with self.database.writing() as connection:
                lock_account(connection, self.account)
                doubted = listing.record_listing(connection, self.account, cadences, at)
                self._clear_current(connection, doubted)
            if doubted:
                self._restore(doubted)
                self.writes += 1

    def listed_cadences(self) -> list[Cadence]:
        """Return the cadences of the latest listing, for times when Klenty gives none."""
        with self.database.reading() as connection:
            return listing.listed_cadences(connection, self.account)

    def unlisted_cadences(self, since: datetime | None = None) -> list[listing.UnlistedCadence]:
        """Return the cadences that Klenty's list had once and no longer has; what is known of them is still kept.

        With `since` (aware) only those that were still listed then.
        """
        with self.database.reading() as connection:
            found = listing.unlisted_cadences(connection, self.account)
        return [gone for gone in found if since is None or gone.last_listed >= since]

    def listing_changes(self, since: datetime | None = None) -> pd.DataFrame:
        """Return what changed from listing to listing: see `listing.listing_changes`."""
        with self.database.reading() as connection:
            return listing.listing_changes(connection, self.account, since)

    def find(
        self,
        wanted: Iterable[Key],
        *,
        now: datetime | None = None,
        freshness: Freshness | None = None,
        only_steps: bool = False,
    ) -> dict[Key, CadenceReport]:
        """Return the answers that are good enough not to be asked again at `now`, with the cadences as they were known
        then.

        `freshness` is another rule for what is good enough. With `only_steps` the step-wise answer is enough, and the
        other one may be missing in what is returned.

        Args:
            wanted: cadence and window.
            now: aware; by default this moment.
            freshness: another rule for what is good enough.
            only_steps: whether the step-wise answer is enough.
        """
        good = self._good_enough(set(wanted), now, freshness=freshness, only_steps=only_steps)
        places = {place: key for key, place in good.items()}
        listed = list(places)
        found: dict[Key, CadenceReport] = {}
        with self.database.reading() as connection:
            for start in range(0, len(listed), _MOST_AT_ONCE):
                for row in connection.execute(_whole_answers(listed[start : start + _MOST_AT_ONCE])):
                    key = places[row.series_id, row.days, row.first_day, row.fetched_at]
                    found[key] = _report(key[0].name, key[1], row)
        return found

    def missing(
        self,
        cadences: Iterable[Cadence],
        windows: Iterable[Window],
        *,
        now: datetime | None = None,
        freshness: Freshness | None = None,
        only_steps: bool = False,
    ) -> list[tuple[Cadence, Window]]:
        """Return the pairs that would have to be asked at `now`, each cadence once, window by window.

        Reads no answers. `freshness` and `only_steps` as in `find`.

        Args:
            cadences: wanted in every window.
            windows: wanted of every cadence.
            now: aware; by default this moment.
            freshness: as in `find`.
            only_steps: as in `find`.
        """
        by_key = {CadenceKey.of(cadence): cadence for cadence in cadences}
        several = list(windows)
        good = self._good_enough(set(product(by_key, several)), now, freshness=freshness, only_steps=only_steps)
        return [(c, window) for window in several for key, c in by_key.items() if (key, window) not in good]

    def are_silent(self, cadences: Iterable[Cadence], window: Window, *, since: datetime) -> dict[CadenceKey, bool]:
        """Return whether Klenty counts nothing for them over the window, for those that were asked so since then
        (aware).

        Args:
            cadences: asked about.
            window: the days.
            since: answers from before it do not count (aware).
        """
        counts = [CURRENT_WINDOWS.c[name] for name in ENGAGEMENT_COUNTS if name != "in_cadence_now"]
        key = {"days": window.days, "first_day": day_number(window.start)}
        asked = sa.select(CURRENT_WINDOWS.c.series_id, *counts).filter_by(**key)
        asked = asked.where(CURRENT_WINDOWS.c.engagement_at >= format_time(since))
        found: dict[CadenceKey, bool] = {}
        with self.database.reading() as connection:
            owners = self._series(connection, map(CadenceKey.of, cadences))
            for series, *values in connection.execute(asked):
                found |= dict.fromkeys(owners.get(series, ()), is_silent(values))
        return found

    def people_now(self, cadences: Iterable[Cadence], *, since: datetime) -> dict[CadenceKey, PeopleNow]:
        """Return how many are in these cadences, by the latest answer for any window, where one arrived since then
        (aware)."""
        window = CURRENT_WINDOWS.c
        asked = (
            sa.select(window.series_id, window.in_cadence_now, window.engagement_at)
            .where(window.engagement_at >= format_time(since))
            .order_by(window.engagement_at)
        )
        with self.database.reading() as connection:
            owners = self._series(connection, map(CadenceKey.of, cadences))
            if not owners:
                return {}
            rows = connection.execute(asked.where(window.series_id.in_(owners)))
            return {
                key: PeopleNow(row.in_cadence_now, parse_time(row.engagement_at))
                for row in rows
                for key in owners.get(row.series_id, ())
            }

    def engagements(
        self, names: Iterable[str], *, start: date, end: date, timezone: str, bucket: Bucket
    ) -> pd.DataFrame:
        """Return the latest counts of every window of that kind between `start` and `end`, both included.

        "day", "week" and "life" (from the day the cadence was created) give the windows of that kind that lie within;
        "range" the one window from `start` to `end`, of whatever kind. Columns and meaning as
        `frames.engagements_frame`; oldest first for each cadence, in the order of `names`.

        Args:
            names: of the cadences.
            start: first day.
            end: last day, included.
            timezone: IANA name of the zone in which days end.
            bucket: kind of window.
        """
        return frames.engagements(self._chosen(names, start, end, timezone, bucket))

    def steps(self, names: Iterable[str], *, start: date, end: date, timezone: str, bucket: Bucket) -> pd.DataFrame:
        """As `engagements`, one row per step: `frames.steps_frame`.

        Args:
            names: of the cadences.
            start: first day.
            end: last day, included.
            timezone: IANA name of the zone in which days end.
            bucket: kind of window.
        """
        return frames.steps(self._chosen(names, start, end, timezone, bucket))

    def options(self, names: Iterable[str], *, start: date, end: date, timezone: str, bucket: Bucket) -> pd.DataFrame:
        """As `engagements`, one row per option: `frames.options_frame`.

        Args:
            names: of the cadences.
            start: first day.
            end: last day, included.
            timezone: IANA name of the zone in which days end.
            bucket: kind of window.
        """
        return frames.options(self._chosen(names, start, end, timezone, bucket))

    def option_days(
        self, names: Iterable[str], *, timezone: str, start: date | None = None, end: date | None = None
    ) -> pd.DataFrame:
        """Return the latest counts of every option for every day that was asked for as a day of its own, oldest first.

        Columns: cadence, step, option, day (midnight, without a zone), template, subject, snippet, emails_sent,
        replies, positive_replies; the copy is what Klenty named when it was asked for that day. Days do not add up to
        the count of a longer window where people are counted.

        Args:
            names: of the cadences.
            timezone: IANA name of the zone in which days end.
            start: first day, None for all.
            end: last day, None for all.
        """
        chosen = self._chosen(names, start or date.min, end or date.max, timezone, "day")
        return frames.option_days(chosen)

    def revisions(self, names: Iterable[str], *, since: datetime, timezone: str) -> pd.DataFrame:
        """Return what Klenty counts differently now than it did at `since`, for windows that had ended by then.

        Columns: cadence, window_start, window_end, bucket, metric, before, now (nullable integers), before_at, now_at.
        One row for every count that differs between the last answer up to `since` (that arrived after the window's end)
        and the latest one. "In cadence now" is never among them: it is about now, whatever the window.

        Args:
            names: of the cadences.
            since: aware.
            timezone: IANA name of the zone in which days end.
        """
        return read_revisions(self.database, self.account, list(names), since, timezone)

    def _chosen(
        self, names: Iterable[str], start: date, end: date, timezone: str, bucket: Bucket
    ) -> frames.WindowSelection:
        stored = {storable(name) or "": None for name in names}
        first, last = day_number(start), day_number(end)
        return frames.WindowSelection(self.database, self.account, list(stored), first, last, timezone, bucket)

    def _good_enough(
        self,
        wanted: set[Key],
        now: datetime | None,
        *,
        freshness: Freshness | None = None,
        only_steps: bool = False,
    ) -> dict[Key, tuple[int, int, int, str]]:
        """Return where the answers stand that need not be asked again: series, days, first day, fetched at."""
        if not wanted:
            return {}
        now, rule = now or datetime.now(UTC), freshness or self.freshness
        windows = {window for _, window in wanted}
        current = CURRENT_WINDOWS.c
        came = current.steps_at if only_steps else current.complete_at
        chosen = (
            sa.select(SERIES.c.timezone, current.series_id, current.days, current.first_day, came)
            .join_from(SERIES, CURRENT_WINDOWS, SERIES.c.id == current.series_id)
            .where(
                SERIES.c.account_id == self.account,
                SERIES.c.timezone.in_({window.timezone for window in windows}),
                current.days.in_({window.days for window in windows}),
                current.first_day.between(
                    day_number(min(window.start for window in windows)),
                    day_number(max(window.start for window in windows)),
                ),
                came.is_not(None),
            )
        )
        needed = {
            (window.timezone, window.days, day_number(window.start)): (window, format_time(rule.needed(window, now)))
            for window in windows
        }
        newest = format_time(now + CLOCK_TOLERANCE)  # later ones are from a clock that was wrong
        good: dict[Key, tuple[int, int, int, str]] = {}
        with self.database.reading() as connection:
            owners = self._series(connection, {key for key, _ in wanted})
            for timezone, series, days, first_day, came_at in connection.execute(
                chosen.where(SERIES.c.id.in_(owners)) if len(owners) <= _MOST_IN_A_LIST else chosen
            ):
                window, at_least = needed.get((timezone, days, first_day), (None, ""))
                if window is None or not at_least <= came_at <= newest:
                    continue
                for key in owners.get(series, ()):
                    if (key, window) in wanted and good.get((key, window), (0, 0, 0, ""))[3] < came_at:
                        good[key, window] = series, days, first_day, came_at
        return good

    def _series(self, connection: sa.Connection, keys: Iterable[CadenceKey]) -> dict[int, list[CadenceKey]]:
        """Return the numbers of the series that hold what is known of these cadences, and of which they hold it.

        What was asked while no id was known, by the name alone, counts for nobody else; a key without an id takes also
        what is known of the cadence that is listed by that name.
        """
        wanted: dict[tuple[str | None, str | None], list[CadenceKey]] = {}
        keys = set(keys)
        nameless = {storable(key.name) or "": key for key in keys if key.id is None}
        for key in keys:
            number, name, _ = SeriesKey.of(key, "")
            wanted.setdefault((number, name), []).append(key)
        for name, number in listing.ids_of_names(connection, self.account, list(nameless)).items():
            wanted.setdefault((number, None), []).append(nameless[name])
        mine = sa.select(SERIES.c.id, SERIES.c.cadence_id, SERIES.c.cadence).where(SERIES.c.account_id == self.account)
        found: dict[int, list[CadenceKey]] = {}
        for row in connection.execute(mine):
            owners = wanted.get((row.cadence_id, None if row.cadence_id is not None else row.cadence))
            if owners:
                found[row.id] = owners
        return found

    def _clear_current(self, connection: sa.Connection, series: Sequence[int]) -> None:
        window = CURRENT_WINDOWS.c
        places = sa.select(window.series_id, window.days, window.first_day).where(window.series_id.in_(series))
        gone = counted_days(connection, [(row[0], row[1], row[2]) for row in connection.execute(places)])
        for table in (CURRENT_OPTIONS, CURRENT_STEPS, CURRENT_WINDOWS):
            for number in series:
                connection.execute(sa.delete(table).where(table.c.series_id == number))
        apply_changes(self.database, connection, self.account, gone, {})

    def _restore(self, series: Sequence[int]) -> None:
        """Make the latest answers without doubt the current ones again. Reads every answer that it needs once."""
        seen = OBSERVATIONS.c
        keys = (seen.series_id, seen.days, seen.first_day)
        for number in series:
            places: set[tuple[int, int, int, str]] = set()
            with self.database.reading() as connection:
                for answer in (seen.engagement, seen.steps):
                    latest = sa.select(*keys, sa.func.max(seen.fetched_at)).group_by(*keys)
                    mine = latest.where(seen.series_id == number, answer.is_not(None), seen.doubtful.is_(False))
                    places |= {(row[0], row[1], row[2], row[3]) for row in connection.execute(mine)}
                timezone = connection.scalar(sa.select(SERIES.c.timezone).filter_by(id=number)) or "UTC"
            listed = sorted(places)
            for start in range(0, len(listed), _MOST_AT_ONCE):
                with self.database.reading() as connection:
                    rows = connection.execute(_whole_answers(listed[start : start + _MOST_AT_ONCE], halves=True)).all()
                reports = [
                    _report(row.cadence or "", window_of(row.first_day, row.days, timezone), row) for row in rows
                ]
                self._writer.rewrite([rows_of(report) for report in reports])

    def _restore_after_migration(self) -> None:
        """Put together what is current for the names that a migration divided between cadences."""
        note = ACCOUNT_NOTES.c
        mine = sa.select(note.value).where(note.account_id == self.account, note.name == RESTORE_NOTE)
        with self.database.reading() as connection:
            waiting = connection.scalar(mine)
        if waiting:
            self._restore(waiting)
            done = sa.delete(ACCOUNT_NOTES).where(note.account_id == self.account, note.name == RESTORE_NOTE)
            with self.database.writing() as connection:
                connection.execute(done)


def is_silent(counts: Sequence[int | None]) -> bool:
    """Return whether something was reported and all of it is 0."""
    reported = [count for count in counts if count is not None]
    return bool(reported) and not any(reported)


def _whole_answers(places: list[tuple[int, int, int, str]], *, halves: bool = False) -> sa.Select[Any]:
    engagement, steps, seen = ANSWERS.alias(), ANSWERS.alias(), OBSERVATIONS.c
    key = sa.tuple_(seen.series_id, seen.days, seen.first_day, seen.fetched_at)
    return (
        sa.select(seen.series_id, seen.days, seen.first_day, seen.fetched_at, seen.seconds,
                  seen.cadence_id, seen.owner, seen.cadence,
                  engagement.c.body.label("engagement"), steps.c.body.label("steps"))
        .join_from(OBSERVATIONS, engagement, engagement.c.digest == seen.engagement, isouter=True)
        .join(steps, steps.c.digest == seen.steps, isouter=halves)
        .where(key.in_(places))
    )  # fmt: skip


def _report(name: str, window: Window, row: Any) -> CadenceReport:  # a row of `_whole_answers`
    return CadenceReport(
        Cadence(id=row.cadence_id, name=name, owner=row.owner, is_active=None, created=None),
        window,
        None if row.engagement is None else unpack_engagement(row.engagement),
        None if row.steps is None else unpack_steps(row.steps),
        None,
        None,
        parse_time(row.fetched_at).astimezone(UTC),
        row.seconds,
    )
