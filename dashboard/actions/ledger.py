"""The action log: every write to Klenty, recorded before it is sent and completed afterwards. Rows are only added.

An entry without an end has outcome *unknown*: the process was killed, or the answer never arrived. A run of many calls
is one entry with a row for each prospect, and every row has turns: "sending" before its call, its result afterwards.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from dashboard.actions.jobs import NotWrittenError, RowResult
from dashboard.data.database import Database, DatabaseError
from dashboard.data.database.accounts import account_id, format_time
from dashboard.data.database.tables import LEDGER, LEDGER_ENDS, LEDGER_ROWS, LEDGER_TURNS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dashboard.actions.jobs import RowState
    from dashboard.data.roles import Person

log = logging.getLogger(__name__)

PURGE: Final = "purge_ledger"
NO_ANSWER: Final = "No answer was recorded."
# How an action ended; a run of many may also have ended in part.
STATE_WORDS: Final[Mapping[str, str]] = {
    "done": "Done",
    "partly": "Done in part",
    "refused": "Refused",
    "unknown": "Outcome unknown",
}


class LedgerProblemError(Exception):
    """Nothing can be written down now, so nothing is sent. The message is for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"It cannot be recorded in the action log now, so it was not sent. {reason}")


@dataclass(frozen=True, slots=True)
class RunRow:
    """One row of a run: its number as people count it, whom it is about, and what is sent for it."""

    number: int
    email: str
    sent: Any


class Ledger:
    """The ledger of one account. Safe for threads; other processes may write to the same one.

    `database` gives the database, or raises `DatabaseError` while there is none. Every way of writing raises
    `LedgerProblemError` when it cannot be done.
    """

    def __init__(self, database: Callable[[], Database], *, base_url: str, user: str) -> None:
        self.database = database
        self._account = {"base_url": base_url, "user": user}
        self._account_id: int | None = None

    def begin(self, person: Person, operation: str, subject: str, sent: Any, rows: Sequence[RunRow] = ()) -> int:
        """Note that `operation` is about to be sent for `subject`; returns the number of the entry.

        `sent` is any JSON: the fields, never the key. `rows` are those of a run of many calls.

        Args:
            person: who sends it.
            operation: key of the action.
            subject: whom or what it is about.
            sent: any JSON: the fields, never the key.
            rows: those of a run of many calls.
        """
        entry = {
            "at": format_time(dt.datetime.now(dt.UTC)),
            "person": person.email,
            "role": person.role.word if person.role else "",
            "operation": operation,
            "subject": subject,
            "sent": sent,
        }
        lines = [
            {"position": position, "number": row.number, "email": row.email.lower(), "sent": row.sent}
            for position, row in enumerate(rows)
        ]
        try:
            database = self.database()
            account = self.account_id(database)
            with database.writing() as connection:
                inserted = LEDGER.insert().values(account_id=account, **entry).returning(LEDGER.c.id)
                number = int(connection.scalars(inserted).one())
                if lines:
                    connection.execute(LEDGER_ROWS.insert(), [{"entry_id": number, **line} for line in lines])
        except DatabaseError as problem:
            raise LedgerProblemError(str(problem)) from None
        return number

    def end(self, entry: int, state: str, message: str, *, what_to_check: str = "", attempts: int = 1) -> None:
        """Note how an entry ended; a later end replaces it for readers, and both stay.

        Args:
            entry: its number.
            state: done, refused or unknown.
            message: in words.
            what_to_check: where the outcome is unknown.
            attempts: calls that were sent.
        """
        row = {"entry_id": entry, "at": format_time(dt.datetime.now(dt.UTC)), "state": state, "message": message}
        try:
            with self.database().writing() as connection:
                connection.execute(LEDGER_ENDS.insert().values(what_to_check=what_to_check, attempts=attempts, **row))
        except DatabaseError as problem:
            raise LedgerProblemError(str(problem)) from None

    def run(self, entry: int, person: Person, turns: Mapping[int, int] | None = None) -> LedgerRun:
        """Return the run behind an entry with rows; `turns` are the last ones of rows that had some.

        Args:
            entry: its number.
            person: who goes on with it.
            turns: the last ones of rows that had some.
        """
        return LedgerRun(self, entry, person, turns or {})

    def add_turns(self, entry: int, person: Person, turns: Mapping[int, tuple[int, RowResult]]) -> None:
        """Note what is done with rows, or became of them: position → (turn, what). All of them, or none.

        Raises `NotWrittenError`; also when another process has used one of the turns.

        Args:
            entry: its number.
            person: who did it.
            turns: position: turn and what became of it.
        """
        common = {"entry_id": entry, "at": format_time(dt.datetime.now(dt.UTC)), "person": person.email}
        rows = [
            {"position": position, "turn": turn, "state": result.state, "message": result.message, **common}
            for position, (turn, result) in turns.items()
        ]
        try:
            database = self.database()
            with database.writing() as connection:
                statement = database.insert(LEDGER_TURNS).values(rows).on_conflict_do_nothing()
                added = connection.execute(statement.returning(LEDGER_TURNS.c.position)).all()
                if len(added) != len(rows):
                    raise NotWrittenError("Another run is sending these rows. Nothing was sent twice.")
        except DatabaseError as problem:
            raise NotWrittenError(str(LedgerProblemError(str(problem)))) from None

    def purge(self, days: int, person: Person) -> int:
        """Forget entries of this account that are older than `days`, and note that it was done; says how many."""
        before = format_time(dt.datetime.now(dt.UTC) - dt.timedelta(days=days))
        database = self.database()
        account = self.account_id(database)
        old = sa.select(LEDGER.c.id).where(LEDGER.c.account_id == account, LEDGER.c.at < before)
        old = old.where(LEDGER.c.operation != PURGE)
        with database.writing() as connection:
            for table in (LEDGER_TURNS, LEDGER_ROWS, LEDGER_ENDS):
                connection.execute(sa.delete(table).where(table.c.entry_id.in_(old)))
            gone = connection.execute(sa.delete(LEDGER).where(LEDGER.c.id.in_(old))).rowcount
        if gone:
            what = {"older_than_days": days, "before": before, "entries": gone}
            entry = self.begin(person, PURGE, f"entries before {before[:10]}", what)
            self.end(entry, "done", f"{gone:,} entries were older than {days:,} days and are gone.")
        return gone

    def account_id(self, database: Database) -> int:
        """Return the number of this ledger's account in the database."""
        if self._account_id is None:
            self._account_id = account_id(database, **self._account)
        return self._account_id


class LedgerRun:
    """The rows of one entry while they are sent, as a job's `RowStatusSink`. For one thread at a time."""

    def __init__(self, ledger: Ledger, entry: int, person: Person, turns: Mapping[int, int]) -> None:
        self.entry = entry
        self.person = person
        self._ledger = ledger
        self._turns = dict(turns)
        self._unwritten: dict[int, RowResult] = {}
        self._lock = threading.Lock()

    def mark_sending(self, positions: Sequence[int]) -> None:
        """Note that these rows are about to be sent. Raises `NotWrittenError`: then they must not be."""
        self._write()
        self._add(dict.fromkeys(positions, RowResult("sending", NO_ANSWER)))

    def mark_done(self, results: Mapping[int, RowResult]) -> None:
        """Note what became of rows. What cannot be written now is written with the next note; till then: unknown."""
        with self._lock:
            self._unwritten.update(results)
        try:
            self._write()
        except NotWrittenError:
            log.warning("the action log could not take what became of %d rows of entry %d", len(results), self.entry)

    def finish(self, state: str, message: str, *, what_to_check: str, attempts: int) -> None:
        """Note how the run ended, or was stopped.

        Args:
            state: as in `Ledger.end`.
            message: in words.
            what_to_check: where the outcome is unknown.
            attempts: calls that were sent.
        """
        try:
            self._write()
            self._ledger.end(self.entry, state, message, what_to_check=what_to_check, attempts=attempts)
        except (NotWrittenError, LedgerProblemError):
            log.warning("the action log could not take the end of entry %d; it reads outcome unknown", self.entry)

    def _write(self) -> None:
        with self._lock:
            waiting = dict(self._unwritten)
        if waiting:
            self._add(waiting)
            with self._lock:
                for position in waiting:
                    self._unwritten.pop(position, None)

    def _add(self, results: Mapping[int, RowResult]) -> None:
        turns = {position: (self._turns.get(position, 0) + 1, result) for position, result in results.items()}
        self._ledger.add_turns(self.entry, self.person, turns)
        self._turns.update({position: turn for position, (turn, _result) in turns.items()})


def row_state(state: str | None) -> RowState:
    """Return the state of a row by its last turn: without one it waits, and one that was being sent is unknown."""
    if state is None:
        return "waiting"
    return "unknown" if state == "sending" else state  # type: ignore[return-value]
