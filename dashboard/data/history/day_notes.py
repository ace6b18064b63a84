"""Notes of people on days of an account. Rows are only added, so that every change of a note stays known."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

import pandas as pd
import sqlalchemy as sa

from dashboard.data.database import Database
from dashboard.data.database.accounts import format_time, parse_time
from dashboard.data.database.tables import DAY_NOTES
from dashboard.data.history.rows import day_number, day_of

LONGEST_NOTE: Final = 140


class NoteError(ValueError):
    """A note that cannot be kept; the text says why."""


@dataclass(frozen=True)
class DayNote:
    """A note on the days from `first` to `last` of a cadence (its key), or of all where that is empty."""

    text: str
    first: date
    last: date
    cadence: str = ""


class DayNotes:
    """The notes of one account. Everything raises `DatabaseError` when the database cannot be used."""

    def __init__(self, database: Database, account: int) -> None:
        self._database = database
        self._account = account

    def save(self, note: DayNote, *, person: str, number: int | None = None, now: datetime | None = None) -> int:
        """Keep a note, or another state of the note `number`; return its number.

        Args:
            note: Text and days.
            person: Who writes it; empty without sign-in.
            number: Of the note that is changed; None for a new one.
            now: When (aware); the present time unless given.

        Raises:
            NoteError: It has no text or a too long one, ends before it begins, or the note is not there.
        """
        text = " ".join(note.text.split())
        if not 0 < len(text) <= LONGEST_NOTE:
            raise NoteError(f"A note has 1 to {LONGEST_NOTE} characters.")
        if note.last < note.first:
            raise NoteError("The last day is before the first.")
        return self._add(note, text, person, number, now)

    def delete(self, number: int, *, person: str, now: datetime | None = None) -> None:
        """Take a note away; its trace stays. Raises NoteError when it is not there.

        Args:
            number: Of the note.
            person: Who takes it away; empty without sign-in.
            now: When (aware); the present time unless given.
        """
        row = self._last().get(number)
        if row is None or row.text is None:
            raise NoteError("This note is not there any more.")
        self._add(DayNote("", day_of(row.first_day), day_of(row.last_day), row.cadence), None, person, number, now)

    def in_force(self) -> pd.DataFrame:
        """Return the notes that are there: note (number), first, last (dates), cadence, text, author (who wrote this
        text), at (UTC)."""
        rows = [row for row in self._last().values() if row.text is not None]
        return _frame(rows).drop(columns="change")

    def changes(self) -> pd.DataFrame:
        """Return every state of every note, oldest first: columns of `in_force`, and change (written, changed,
        deleted)."""
        return _frame(self._rows())

    def _add(self, note: DayNote, text: str | None, person: str, number: int | None, now: datetime | None) -> int:
        values = {
            "account_id": self._account,
            "at": format_time(now or datetime.now(UTC)),
            "person": person,
            "cadence": note.cadence,
            "first_day": day_number(note.first),
            "last_day": day_number(note.last),
            "text": text,
        }
        table = DAY_NOTES.c
        with self._database.writing() as connection:
            if number is None:
                added = connection.execute(DAY_NOTES.insert().values(note=0, **values).returning(table.id))
                number = int(added.scalar_one())
                connection.execute(DAY_NOTES.update().where(table.id == number).values(note=number))
                return number
            states = sa.select(table.text).where(table.account_id == self._account, table.note == number)
            if connection.scalar(states.order_by(table.id.desc()).limit(1)) is None:  # none, or deleted meanwhile
                raise NoteError("This note is not there any more.")
            connection.execute(DAY_NOTES.insert().values(note=number, **values))
        return number

    def _last(self) -> dict[int, sa.Row[tuple[object, ...]]]:
        return {row.note: row for row in self._rows()}

    def _rows(self) -> list[sa.Row[tuple[object, ...]]]:
        wanted = sa.select(DAY_NOTES).filter_by(account_id=self._account).order_by(DAY_NOTES.c.id)
        with self._database.reading() as connection:
            return list(connection.execute(wanted).all())


def _frame(rows: list[sa.Row[tuple[object, ...]]]) -> pd.DataFrame:
    values = [
        (row.note, day_of(row.first_day), day_of(row.last_day), row.cadence, row.text, row.person, parse_time(row.at),
         "deleted" if row.text is None else "written" if row.note == row.id else "changed")
        for row in rows
    ]  # fmt: skip
    frame = pd.DataFrame(values, columns=["note", "first", "last", "cadence", "text", "author", "at", "change"])
    frame["at"] = pd.to_datetime(frame["at"], utc=True)
    return frame.astype({"note": "Int64"} | dict.fromkeys(("cadence", "text", "author", "change"), "string"))
