"""Queries of the action log: entries by what people ask for, and one entry with its rows."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import sqlalchemy as sa

from dashboard.actions.jobs import JobRow
from dashboard.actions.ledger import NO_ANSWER, RunRow, row_state
from dashboard.data.database.accounts import format_time, parse_time
from dashboard.data.database.tables import LEDGER, LEDGER_ENDS, LEDGER_ROWS, LEDGER_TURNS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Mapping, Sequence

    from dashboard.actions.ledger import Ledger
    from dashboard.data.database import Database

MOST_ENTRIES: Final = 5_000
COLUMNS: Final = (
    "entry", "time", "person", "role", "account", "operation", "for", "result", "message", "what_to_check",
    "attempts", "ended", "rows", "sent",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries are asked for; what is empty does not limit. `prospect` finds its address in part.

    `accounts` maps the numbers of the accounts to what they are called: no others are read. `start` and `end` are
    aware moments, the end excluded.
    """

    accounts: Mapping[int, str]
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    people: Sequence[str] = ()
    operations: Sequence[str] = ()
    results: Sequence[str] = ()
    prospect: str = ""
    entries: Collection[int] | None = None
    most: int = MOST_ENTRIES


def entries(database: Database, wanted: Filter) -> pd.DataFrame:
    """Return one row per entry, newest first, with the columns of `COLUMNS`; times in UTC, `result` done, refused or
    unknown.

    Raises `DatabaseError`.
    """
    with database.reading() as connection:
        found = connection.execute(_chosen(wanted)).all()
    rows = [
        (
            row.id, parse_time(row.at), row.person, row.role, wanted.accounts[row.account_id], row.operation,
            row.subject, row.state or "unknown", NO_ANSWER if row.message is None else row.message,
            row.what_to_check or "",
            row.attempts, None if row.ended is None else parse_time(row.ended), row.rows or None,
            json.dumps(row.sent, ensure_ascii=False),
        )
        for row in found
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    for name in ("time", "ended"):
        frame[name] = pd.to_datetime(frame[name], utc=True)
    numbers = dict.fromkeys(("entry", "attempts", "rows"), "Int64")
    texts = dict.fromkeys([name for name in COLUMNS if name not in {"time", "ended", *numbers}], "string")
    return frame.astype({**numbers, **texts})


def known_people(database: Database, accounts: Sequence[int]) -> list[str]:
    """Return everyone who is in the log of these accounts; "" for those without sign-in."""
    chosen = sa.select(LEDGER.c.person).where(LEDGER.c.account_id.in_(accounts)).distinct()
    with database.reading() as connection:
        return sorted(connection.scalars(chosen))


def _chosen(wanted: Filter) -> sa.Select[Any]:
    last = (
        sa.select(LEDGER_ENDS.c.entry_id, sa.func.max(LEDGER_ENDS.c.id).label("id"))
        .group_by(LEDGER_ENDS.c.entry_id)
        .subquery()
    )
    end = LEDGER_ENDS.alias("last_end")
    counted = (
        sa.select(sa.func.count()).where(LEDGER_ROWS.c.entry_id == LEDGER.c.id).correlate(LEDGER).scalar_subquery()
    )
    columns = (end.c.state, end.c.message, end.c.what_to_check, end.c.attempts, end.c.at.label("ended"))
    joined = LEDGER.outerjoin(last, last.c.entry_id == LEDGER.c.id).outerjoin(end, end.c.id == last.c.id)
    chosen = sa.select(LEDGER, *columns, counted.label("rows")).select_from(joined)
    for condition in _conditions(wanted, end):
        chosen = chosen.where(condition)
    return chosen.order_by(LEDGER.c.id.desc()).limit(wanted.most)


def _conditions(wanted: Filter, end: Any) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [LEDGER.c.account_id.in_(list(wanted.accounts))]
    if wanted.start is not None:
        conditions.append(LEDGER.c.at >= format_time(wanted.start))
    if wanted.end is not None:
        conditions.append(LEDGER.c.at < format_time(wanted.end))
    if wanted.people:
        conditions.append(LEDGER.c.person.in_(wanted.people))
    if wanted.operations:
        conditions.append(LEDGER.c.operation.in_(wanted.operations))
    if wanted.results:
        conditions.append(sa.func.coalesce(end.c.state, "unknown").in_(wanted.results))
    if wanted.entries is not None:
        conditions.append(LEDGER.c.id.in_(wanted.entries))
    if text := wanted.prospect.strip().lower():
        of_rows = sa.select(LEDGER_ROWS.c.entry_id).where(LEDGER_ROWS.c.email.contains(text, autoescape=True))
        single = sa.func.lower(LEDGER.c.subject).contains(text, autoescape=True)
        conditions.append(sa.or_(single, LEDGER.c.id.in_(of_rows)))
    return conditions


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run as recorded in the ledger: what was to be sent for each row, and how far each got."""

    operation: str
    about: Mapping[str, Any]
    rows: list[RunRow]
    items: list[JobRow]
    turns: dict[int, int] = field(default_factory=dict)

    def count(self, state: str) -> int:
        """Return how many rows are in one state."""
        return sum(item.state == state for item in self.items)


def load_run(ledger: Ledger, entry: int) -> StoredRun:
    """Return the run of an entry of this ledger's account. Raises `DatabaseError`, and LookupError for another's
    entry."""
    database = ledger.database()
    last = (
        sa.select(LEDGER_TURNS.c.position, sa.func.max(LEDGER_TURNS.c.turn).label("turn"))
        .where(LEDGER_TURNS.c.entry_id == entry)
        .group_by(LEDGER_TURNS.c.position)
        .subquery()
    )
    turn = LEDGER_TURNS.alias("last_turn")
    joined = LEDGER_ROWS.outerjoin(last, last.c.position == LEDGER_ROWS.c.position).outerjoin(
        turn,
        sa.and_(
            turn.c.entry_id == LEDGER_ROWS.c.entry_id,
            turn.c.position == last.c.position,
            turn.c.turn == last.c.turn,
        ),
    )
    chosen = sa.select(LEDGER_ROWS, turn.c.turn, turn.c.state, turn.c.message).select_from(joined)
    own = sa.select(LEDGER.c.operation, LEDGER.c.sent).where(LEDGER.c.account_id == ledger.account_id(database))
    with database.reading() as connection:
        head = connection.execute(own.where(LEDGER.c.id == entry)).one_or_none()
        if head is None:
            raise LookupError("the ledger of this account has no such entry")
        found = connection.execute(chosen.where(LEDGER_ROWS.c.entry_id == entry).order_by(LEDGER_ROWS.c.position)).all()
    return StoredRun(
        head.operation,
        head.sent if isinstance(head.sent, dict) else {},
        [RunRow(row.number, row.email, row.sent) for row in found],
        [JobRow(row.number, row.email, row_state(row.state), row.message or "") for row in found],
        {row.position: row.turn for row in found if row.turn is not None},
    )
