"""Write a batch in one transaction. A newer answer is never overwritten by an older one."""

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, TypeVar

import sqlalchemy as sa

from dashboard.data.database import Database
from dashboard.data.database.accounts import format_time
from dashboard.data.database.tables import (
    ACCOUNTS,
    ANSWERS,
    COPIES,
    CURRENT_OPTIONS,
    CURRENT_STEPS,
    CURRENT_WINDOWS,
    ENGAGEMENT_COUNTS,
    EVENT_COUNTS,
    OBSERVATIONS,
    SERIES,
    STEP_COUNTS,
)
from dashboard.data.freshness import CLOCK_TOLERANCE
from dashboard.data.history.account_days import apply_changes, counted_days
from dashboard.data.history.listing import check_names
from dashboard.data.history.rows import Copy, Rows, SeriesKey

_MOST_COPIES = 50_000
_MOST_IN_A_LIST = 500  # places for values in one statement are limited
T = TypeVar("T")
WindowKey = tuple[int, int, int]
KEY = ("series_id", "days", "first_day")
_WINDOW_NAMES = (*KEY, "bucket", "cadence_id", "owner")
_ENGAGEMENT_NAMES = (*_WINDOW_NAMES, "engagement_at", *ENGAGEMENT_COUNTS, "emails_sent_source", "contacted_source")
_STEPS_AT_NAMES = (*_WINDOW_NAMES, "steps_at", "complete_at")
_STEP_NAMES = (*KEY, "place", "step", "step_type", *STEP_COUNTS)
_OPTION_NAMES = (*KEY, "place", "option_place", "step", "option", "step_type", *EVENT_COUNTS, "copy_id")


class HistoryWriter:
    """Write reports of one account. For one thread at a time; numbers of series and copies are remembered.

    Rows are written in the order of their keys, table by table: two processes that write the same then wait for each
    other and never in a ring.
    """

    def __init__(self, database: Database, account: int) -> None:
        self._database = database
        self._account = account
        self._series: dict[SeriesKey, int] = {}
        self._copies: dict[Copy, int] = {}
        # Made once: to build such a statement takes longer than to run it.
        self._insert = {
            table: database.insert(table).on_conflict_do_nothing() for table in (SERIES, COPIES, ANSWERS, OBSERVATIONS)
        }
        self._upserts = {
            "engagement_at": self._upsert(_ENGAGEMENT_NAMES, "engagement_at"),
            "steps_at": self._upsert(_STEPS_AT_NAMES, "steps_at"),
        }

    def write(self, several: Sequence[Rows]) -> None:
        """Store all of them, or none. There is at least one.

        An answer by a name that its cadence no longer has is kept, marked as doubtful, and does not become current.
        """
        with self._database.writing() as connection:
            lock_account(connection, self._account)
            doubtful = check_names(connection, self._account, several)
            names = {rows.series: rows.cadence for rows in several}
            series = self._series_numbers(connection, names)
            copies = self._copy_numbers(connection, {copy for rows in several for _, copy in rows.option_rows})
            self._answers(connection, several)
            keyed = [((series[rows.series], rows.days, rows.first_day), rows) for rows in several]
            keyed.sort(key=lambda pair: (pair[0], pair[1].fetched_at))
            self._observations(connection, keyed, doubtful)
            self._make_current(connection, [rows for rows in several if id(rows) not in doubtful], series, copies)
        # Only what is committed may be remembered.
        self._series |= series
        self._copies = copies if len(self._copies) > _MOST_COPIES else self._copies | copies

    def rewrite(self, several: Sequence[Rows]) -> None:
        """Make answers that are stored already current again, unless newer ones are."""
        with self._database.writing() as connection:
            lock_account(connection, self._account)
            series = self._series_numbers(connection, {rows.series: rows.cadence for rows in several})
            copies = self._copy_numbers(connection, {copy for rows in several for _, copy in rows.option_rows})
            self._make_current(connection, several, series, copies)

    def _make_current(
        self,
        connection: sa.Connection,
        several: Sequence[Rows],
        series: Mapping[SeriesKey, int],
        copies: Mapping[Copy, int],
    ) -> None:
        keyed = [((series[rows.series], rows.days, rows.first_day), rows) for rows in several]
        keyed.sort(key=lambda pair: (pair[0], pair[1].fetched_at))
        # The latest of each window, of either answer: the other one may have failed at that time.
        before = counted_days(connection, {key for key, _ in keyed})
        self._engagements(connection, {key: rows for key, rows in keyed if rows.counts is not None})
        self._steps(connection, {key: rows for key, rows in keyed if rows.steps is not None}, copies)
        after = counted_days(connection, {key for key, _ in keyed})
        apply_changes(self._database, connection, self._account, before, after)

    def _series_numbers(self, connection: sa.Connection, wanted: Mapping[SeriesKey, str]) -> dict[SeriesKey, int]:
        known = {key: self._series[key] for key in wanted if key in self._series}
        new = sorted(wanted.keys() - known.keys(), key=str)
        for part in _parts(new):
            values: list[dict[str, Any]] = [
                {"cadence_id": key.cadence_id, "cadence": wanted[key], "timezone": key.timezone} for key in part
            ]
            connection.execute(self._insert[SERIES], [{"account_id": self._account} | value for value in values])
            ids = [key.cadence_id for key in part if key.cadence_id is not None]
            names = [key.name for key in part if key.name is not None]
            nameless = sa.and_(SERIES.c.cadence_id.is_(None), SERIES.c.cadence.in_(names))
            same = sa.or_(SERIES.c.cadence_id.in_(ids), nameless)
            for row in connection.execute(sa.select(SERIES).filter_by(account_id=self._account).where(same)):
                key = SeriesKey(row.cadence_id, row.cadence if row.cadence_id is None else None, row.timezone)
                if key in wanted:
                    known[key] = row.id
        return known

    def _copy_numbers(self, connection: sa.Connection, wanted: set[Copy]) -> dict[Copy, int]:
        known = {copy: self._copies[copy] for copy in wanted if copy in self._copies}
        stored = {copy: copy.stored() for copy in wanted - known.keys()}
        numbers: dict[bytes, int] = {}
        for part in _parts(sorted(stored.values(), key=itemgetter("digest"))):
            connection.execute(self._insert[COPIES], part)
            found = sa.select(COPIES.c.digest, COPIES.c.id).where(COPIES.c.digest.in_([row["digest"] for row in part]))
            numbers |= {bytes(row.digest): row.id for row in connection.execute(found)}
        return known | {copy: numbers[row["digest"]] for copy, row in stored.items()}

    def _answers(self, connection: sa.Connection, several: Sequence[Rows]) -> None:
        packed = {p.digest: p.body for rows in several for p in (rows.engagement, rows.steps) if p is not None}
        values = [{"digest": digest, "body": body} for digest, body in sorted(packed.items())]
        connection.execute(self._insert[ANSWERS], values)

    def _observations(
        self, connection: sa.Connection, keyed: Sequence[tuple[WindowKey, Rows]], doubtful: Container[int]
    ) -> None:
        values = [
            {
                **_window(key, rows),
                "fetched_at": rows.fetched_at,
                "seconds": rows.seconds,
                "cadence": rows.cadence,
                "doubtful": id(rows) in doubtful,
                "engagement": rows.engagement and rows.engagement.digest,
                "steps": rows.steps and rows.steps.digest,
                **_counts(rows),
            }
            for key, rows in keyed
        ]
        connection.execute(self._insert[OBSERVATIONS], values)

    def _engagements(self, connection: sa.Connection, newest: Mapping[WindowKey, Rows]) -> None:
        believed = format_time(datetime.now(UTC) + CLOCK_TOLERANCE)
        values = [
            {
                **_window(key, rows),
                "believed": believed,
                "engagement_at": rows.fetched_at,
                **_counts(rows),
                "emails_sent_source": rows.sources[0],
                "contacted_source": rows.sources[1],
            }
            for key, rows in newest.items()
        ]
        if values:
            connection.execute(self._upserts["engagement_at"], values)

    def _steps(self, connection: sa.Connection, newest: Mapping[WindowKey, Rows], copies: Mapping[Copy, int]) -> None:
        believed = format_time(datetime.now(UTC) + CLOCK_TOLERANCE)
        values = [
            {
                **_window(key, rows),
                "believed": believed,
                "steps_at": rows.fetched_at,
                "complete_at": None if rows.counts is None else rows.fetched_at,
            }
            for key, rows in newest.items()
        ]
        if not values:
            return
        # A newer answer may be there already: its steps stay.
        taken = sorted((row[0], row[1], row[2]) for row in connection.execute(self._upserts["steps_at"], values))
        for part in _parts(taken):
            for table in (CURRENT_STEPS, CURRENT_OPTIONS):
                key = sa.tuple_(table.c.series_id, table.c.days, table.c.first_day)
                connection.execute(sa.delete(table).where(key.in_(part)))
        steps = ((*key, *row) for key in taken for row in newest[key].step_rows)
        self._database.insert_many(connection, CURRENT_STEPS, _STEP_NAMES, steps)
        options = ((*key, *row, copies[copy]) for key in taken for row, copy in newest[key].option_rows)
        self._database.insert_many(connection, CURRENT_OPTIONS, _OPTION_NAMES, options)

    def _upsert(self, names: Sequence[str], at: str) -> Any:  # see `Database.insert`
        """Make these the current ones unless newer ones are; gives the keys of those that became it."""
        columns = [CURRENT_WINDOWS.c[name] for name in names]
        insert = self._database.insert(CURRENT_WINDOWS).values({column: sa.bindparam(column.key) for column in columns})
        excluded = insert.excluded
        changed = {name: excluded[name] for name in names if name not in KEY}
        if "complete_at" in changed:
            changed["complete_at"] = sa.func.coalesce(excluded.complete_at, CURRENT_WINDOWS.c.complete_at)
        # What arrived later than now is from a clock that was wrong, and gives way.
        later = CURRENT_WINDOWS.c[at] > sa.bindparam("believed")
        newer = sa.or_(CURRENT_WINDOWS.c[at].is_(None), CURRENT_WINDOWS.c[at] <= excluded[at], later)
        upsert = insert.on_conflict_do_update(index_elements=KEY, set_=changed, where=newer)
        return upsert.returning(*(CURRENT_WINDOWS.c[name] for name in KEY))


def lock_account(connection: sa.Connection, account: int) -> None:
    """Let writers of one account take turns: what they add up must not be added up by two at once."""
    if connection.dialect.name != "sqlite":  # where only one writes anyway
        connection.execute(sa.select(ACCOUNTS.c.id).filter_by(id=account).with_for_update())


def _window(key: WindowKey, rows: Rows) -> dict[str, Any]:
    facts = {"bucket": rows.bucket, "cadence_id": rows.cadence_id, "owner": rows.owner}
    return dict(zip(KEY, key, strict=True)) | facts


def _counts(rows: Rows) -> dict[str, int | None]:
    counts = rows.counts or (None,) * len(ENGAGEMENT_COUNTS)
    return dict(zip(ENGAGEMENT_COUNTS, counts, strict=True))


def _parts(items: Sequence[T]) -> Iterable[Sequence[T]]:
    return (items[start : start + _MOST_IN_A_LIST] for start in range(0, len(items), _MOST_IN_A_LIST))
