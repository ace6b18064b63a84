"""Writing: what came is one transaction, and what is current never goes back to an older answer."""

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, TypeVar

import sqlalchemy as sa

from dashboard.data.database import Database
from dashboard.data.database.tables import (
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
from dashboard.data.history.rows import Copy, Rows, SeriesKey

_MOST_COPIES = 50_000
_MOST_IN_A_LIST = 500  # places for values in one statement are limited
T = TypeVar("T")
WindowKey = tuple[int, int, int]
KEY = ("series_id", "days", "first_day")
_WINDOW_NAMES = (*KEY, "bucket", "cadence_id", "owner")
_ENGAGEMENT_NAMES = (
    *_WINDOW_NAMES, "engagement_at", *ENGAGEMENT_COUNTS, "emails_sent_source", "contacted_source",
)  # fmt: skip
_STEPS_AT_NAMES = (*_WINDOW_NAMES, "steps_at", "complete_at")
_STEP_NAMES = (*KEY, "place", "step", "step_type", *STEP_COUNTS)
_OPTION_NAMES = (*KEY, "place", "option_place", "step", "option", "step_type", *EVENT_COUNTS, "copy_id")


class HistoryWriter:
    """Writes reports of one account. For one thread at a time; numbers of series and copies are remembered.

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
        """Store all of them, or none. There is at least one."""
        with self._database.writing() as connection:
            series = self._series_numbers(connection, {rows.series for rows in several})
            copies = self._copy_numbers(connection, {copy for rows in several for _, copy in rows.option_rows})
            self._answers(connection, several)
            keyed = [((series[rows.series], rows.days, rows.first_day), rows) for rows in several]
            keyed.sort(key=lambda pair: (pair[0], pair[1].fetched_at))
            self._observations(connection, keyed)
            # The latest of each window, of either answer: the other one may have failed at that time.
            self._engagements(connection, {key: rows for key, rows in keyed if rows.counts is not None})
            self._steps(connection, {key: rows for key, rows in keyed if rows.steps is not None}, copies)
        # Only what is committed may be remembered.
        self._series |= series
        self._copies = copies if len(self._copies) > _MOST_COPIES else self._copies | copies

    def _series_numbers(self, connection: sa.Connection, wanted: set[SeriesKey]) -> dict[SeriesKey, int]:
        known = {key: self._series[key] for key in wanted if key in self._series}
        new = sorted(wanted - known.keys())
        for part in _parts(new):
            values = [{"account_id": self._account, **key._asdict()} for key in part]
            connection.execute(self._insert[SERIES], values)
            named = sa.tuple_(SERIES.c.cadence, SERIES.c.timezone)
            found = sa.select(SERIES).filter_by(account_id=self._account).where(named.in_(part))
            known |= {SeriesKey(row.cadence, row.timezone): row.id for row in connection.execute(found)}
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

    def _observations(self, connection: sa.Connection, keyed: Sequence[tuple[WindowKey, Rows]]) -> None:
        values = [
            {
                **_window(key, rows),
                "fetched_at": rows.fetched_at,
                "seconds": rows.seconds,
                "engagement": rows.engagement and rows.engagement.digest,
                "steps": rows.steps and rows.steps.digest,
                **_counts(rows),
            }
            for key, rows in keyed
        ]
        connection.execute(self._insert[OBSERVATIONS], values)

    def _engagements(self, connection: sa.Connection, newest: Mapping[WindowKey, Rows]) -> None:
        values = [
            {
                **_window(key, rows),
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
        values = [
            {
                **_window(key, rows),
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
        newer = sa.or_(CURRENT_WINDOWS.c[at].is_(None), CURRENT_WINDOWS.c[at] <= excluded[at])
        upsert = insert.on_conflict_do_update(index_elements=KEY, set_=changed, where=newer)
        return upsert.returning(*(CURRENT_WINDOWS.c[name] for name in KEY))


def _window(key: WindowKey, rows: Rows) -> dict[str, Any]:
    facts = {"bucket": rows.bucket, "cadence_id": rows.cadence_id, "owner": rows.owner}
    return dict(zip(KEY, key, strict=True)) | facts


def _counts(rows: Rows) -> dict[str, int | None]:
    counts = rows.counts or (None,) * len(ENGAGEMENT_COUNTS)
    return dict(zip(ENGAGEMENT_COUNTS, counts, strict=True))


def _parts(items: Sequence[T]) -> Iterable[Sequence[T]]:
    return (items[start : start + _MOST_IN_A_LIST] for start in range(0, len(items), _MOST_IN_A_LIST))
