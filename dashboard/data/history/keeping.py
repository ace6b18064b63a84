"""Writing: what came is one transaction, and what is current never goes back to an older answer."""

from collections.abc import Iterable, Mapping, Sequence
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

_MOST_IN_A_LIST = 500  # places for values in one statement are limited
T = TypeVar("T")
WindowKey = tuple[int, int, int]
KEY = ("series_id", "days", "first_day")
_STEP_NAMES = (*KEY, "place", "step", "step_type", *STEP_COUNTS)
_OPTION_NAMES = (*KEY, "place", "option_place", "step", "option", "step_type", *EVENT_COUNTS, "copy_id")


class Keeper:
    """Writes reports of one account. For one thread at a time; numbers of series and copies are remembered.

    Rows are written in the order of their keys, table by table: two processes that write the same then wait for each
    other and never in a ring.
    """

    def __init__(self, database: Database, account: int) -> None:
        self._database = database
        self._account = account
        self._series: dict[SeriesKey, int] = {}
        self._copies: dict[bytes, int] = {}

    def keep(self, several: Sequence[Rows]) -> None:
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
        self._copies |= copies

    def _series_numbers(self, connection: sa.Connection, wanted: set[SeriesKey]) -> dict[SeriesKey, int]:
        known = {key: self._series[key] for key in wanted if key in self._series}
        new = sorted(wanted - known.keys())
        for part in _parts(new):
            values = [{"account_id": self._account, **key._asdict()} for key in part]
            connection.execute(self._database.insert(SERIES).on_conflict_do_nothing(), values)
            named = sa.tuple_(SERIES.c.cadence, SERIES.c.timezone)
            found = sa.select(SERIES).filter_by(account_id=self._account).where(named.in_(part))
            known |= {SeriesKey(row.cadence, row.timezone): row.id for row in connection.execute(found)}
        return known

    def _copy_numbers(self, connection: sa.Connection, wanted: set[Copy]) -> dict[bytes, int]:
        known = {copy.digest: self._copies[copy.digest] for copy in wanted if copy.digest in self._copies}
        new = sorted({copy.digest: copy for copy in wanted if copy.digest not in known}.items())
        for part in _parts(new):
            values = [copy._asdict() for _, copy in part]
            connection.execute(self._database.insert(COPIES).on_conflict_do_nothing(), values)
            found = sa.select(COPIES.c.digest, COPIES.c.id).where(COPIES.c.digest.in_([digest for digest, _ in part]))
            known |= {bytes(row.digest): row.id for row in connection.execute(found)}
        return known

    def _answers(self, connection: sa.Connection, several: Sequence[Rows]) -> None:
        packed = {p.digest: p.body for rows in several for p in (rows.engagement, rows.steps) if p is not None}
        values = [{"digest": digest, "body": body} for digest, body in sorted(packed.items())]
        connection.execute(self._database.insert(ANSWERS).on_conflict_do_nothing(), values)

    def _observations(self, connection: sa.Connection, keyed: Sequence[tuple[WindowKey, Rows]]) -> None:
        values = [
            {
                **_window(key),
                "bucket": rows.bucket,
                "fetched_at": rows.fetched_at,
                "seconds": rows.seconds,
                "cadence_id": rows.cadence_id,
                "owner": rows.owner,
                "engagement": rows.engagement and rows.engagement.digest,
                "steps": rows.steps and rows.steps.digest,
                **_counts(rows),
            }
            for key, rows in keyed
        ]
        connection.execute(self._database.insert(OBSERVATIONS).on_conflict_do_nothing(), values)

    def _engagements(self, connection: sa.Connection, newest: Mapping[WindowKey, Rows]) -> None:
        values = [
            {
                **_window(key),
                "bucket": rows.bucket,
                "cadence_id": rows.cadence_id,
                "owner": rows.owner,
                "engagement_at": rows.fetched_at,
                **_counts(rows),
                "emails_sent_source": rows.sources[0],
                "contacted_source": rows.sources[1],
            }
            for key, rows in newest.items()
        ]
        self._upsert(connection, values, "engagement_at")

    def _steps(self, connection: sa.Connection, newest: Mapping[WindowKey, Rows], copies: Mapping[bytes, int]) -> None:
        values = [
            {
                **_window(key),
                "bucket": rows.bucket,
                "cadence_id": rows.cadence_id,
                "owner": rows.owner,
                "steps_at": rows.fetched_at,
                "complete_at": None if rows.counts is None else rows.fetched_at,
            }
            for key, rows in newest.items()
        ]
        taken = sorted(self._upsert(connection, values, "steps_at"))
        for part in _parts(taken):
            for table in (CURRENT_STEPS, CURRENT_OPTIONS):
                key = sa.tuple_(table.c.series_id, table.c.days, table.c.first_day)
                connection.execute(sa.delete(table).where(key.in_(part)))
        steps = ((*key, *row) for key in taken for row in newest[key].step_rows)
        self._database.insert_many(connection, CURRENT_STEPS, _STEP_NAMES, steps)
        options = ((*key, *row, copies[copy.digest]) for key in taken for row, copy in newest[key].option_rows)
        self._database.insert_many(connection, CURRENT_OPTIONS, _OPTION_NAMES, options)

    def _upsert(self, connection: sa.Connection, values: list[dict[str, Any]], at: str) -> set[WindowKey]:
        """Make these the current ones unless newer ones are; the keys of those that became it."""
        if not values:
            return set()
        insert = self._database.insert(CURRENT_WINDOWS)
        changed = {name: insert.excluded[name] for name in values[0] if name not in KEY}
        if "complete_at" in changed:
            changed["complete_at"] = sa.func.coalesce(insert.excluded.complete_at, CURRENT_WINDOWS.c.complete_at)
        newer = sa.or_(CURRENT_WINDOWS.c[at].is_(None), CURRENT_WINDOWS.c[at] <= insert.excluded[at])
        upsert = insert.on_conflict_do_update(index_elements=KEY, set_=changed, where=newer)
        returned = connection.execute(upsert.returning(*(CURRENT_WINDOWS.c[name] for name in KEY)), values)
        return {(row[0], row[1], row[2]) for row in returned}


def _window(key: WindowKey) -> dict[str, int]:
    return dict(zip(KEY, key, strict=True))


def _counts(rows: Rows) -> dict[str, int | None]:
    counts = rows.counts or (None,) * len(ENGAGEMENT_COUNTS)
    return dict(zip(ENGAGEMENT_COUNTS, counts, strict=True))


def _parts(items: Sequence[T]) -> Iterable[Sequence[T]]:
    return (items[start : start + _MOST_IN_A_LIST] for start in range(0, len(items), _MOST_IN_A_LIST))
