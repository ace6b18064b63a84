"""Saved views of an account: a page and its filters under a name, for one person or for all."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa

from dashboard.data.database import Database
from dashboard.data.database.accounts import Notes, format_time
from dashboard.data.database.tables import DELIVERY_RUNS, SAVED_VIEWS, VIEW_DELIVERIES

LONGEST_NAME: Final = 60
_LONGEST_QUERY: Final = 20_000
_START: Final = "start_view"


class ViewError(ValueError):
    """A view that cannot be kept; the text says why."""


@dataclass(frozen=True)
class SavedView:
    """A page (last part of its address) and what its address says after the question mark, under a name."""

    number: int
    name: str
    person: str
    page: str
    query: Mapping[str, Sequence[str]]
    is_shared: bool

    @property
    def cadences(self) -> Sequence[str]:
        """Names of the chosen cadences; empty: all."""
        return self.query.get("cadence", ())

    def value(self, name: str) -> str | None:
        """Return the last value of a filter; None when the address does not name it."""
        values = self.query.get(name)
        return values[-1] if values else None


class SavedViews:
    """The views of one account. Everything raises `DatabaseError` when the database cannot be used."""

    def __init__(self, database: Database, account: int) -> None:
        self._database = database
        self._account = account

    def seen_by(self, person: str) -> list[SavedView]:
        """Return the person's own views and the shared ones, by name."""
        return [view for view in self.all() if view.is_shared or view.person == person]

    def all(self) -> list[SavedView]:
        """Return every view, by name."""
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(SAVED_VIEWS).filter_by(account_id=self._account)).all()
        return sorted(map(_view, rows), key=lambda view: (view.name.casefold(), view.number))

    def add(
        self, name: str, page: str, query: Mapping[str, Sequence[str]], *, person: str, is_shared: bool = False
    ) -> int:
        """Keep a view and return its number.

        Args:
            name: What it is called.
            page: Last part of the page's address.
            query: What the address says: names with their values.
            person: Whose it is; empty without sign-in.
            is_shared: Whether all see it.

        Raises:
            ViewError: The name is empty, too long or taken.
        """
        values = {"page": page, "query": json.dumps({key: list(found) for key, found in query.items()})}
        if len(values["query"]) > _LONGEST_QUERY:
            raise ViewError("The view names too many cadences; choose fewer, or all.")
        row = {"account_id": self._account, "at": format_time(datetime.now(UTC)), "person": person, **values}
        row |= {"name": self._free_name(name, person), "is_shared": is_shared}
        with self._database.writing() as connection:
            return int(connection.execute(SAVED_VIEWS.insert().values(row).returning(SAVED_VIEWS.c.id)).scalar_one())

    def change(self, number: int, *, name: str, is_shared: bool) -> None:
        """Give a view another name, and share it or not. Raises `ViewError`.

        Args:
            number: Of the view.
            name: What it is called from now on.
            is_shared: Whether all see it.
        """
        known = {view.number: view for view in self.all()}
        if number not in known:
            raise ViewError("This view is not there any more.")
        free = self._free_name(name, known[number].person, except_for=number)
        chosen = SAVED_VIEWS.update().where(SAVED_VIEWS.c.id == number)
        with self._database.writing() as connection:
            connection.execute(chosen.values(name=free, is_shared=is_shared))

    def delete(self, number: int) -> None:
        """Remove a view with its deliveries and what became of them."""
        deliveries = sa.select(VIEW_DELIVERIES.c.id).where(VIEW_DELIVERIES.c.view_id == number)
        with self._database.writing() as connection:
            connection.execute(DELIVERY_RUNS.delete().where(DELIVERY_RUNS.c.delivery_id.in_(deliveries)))
            connection.execute(VIEW_DELIVERIES.delete().where(VIEW_DELIVERIES.c.view_id == number))
            connection.execute(SAVED_VIEWS.delete().where(SAVED_VIEWS.c.id == number))

    def start_of(self, person: str) -> int | None:
        """Return the number of the view that opens first for a person; None: the Overview."""
        number = Notes(self._database, self._account).get(f"{_START} {person}")
        return number if isinstance(number, int) else None

    def start_with(self, number: int | None, person: str) -> None:
        """Open this view first for a person from now on; None: the Overview."""
        Notes(self._database, self._account).put(f"{_START} {person}", number)

    def _free_name(self, name: str, person: str, *, except_for: int | None = None) -> str:
        text = " ".join(name.split())
        if not 0 < len(text) <= LONGEST_NAME:
            raise ViewError(f"A view needs a name of 1 to {LONGEST_NAME} characters.")
        taken = {view.name.casefold() for view in self.seen_by(person) if view.number != except_for}
        if text.casefold() in taken:
            raise ViewError("There is a view of this name.")
        return text


def _view(row: sa.Row[Any]) -> SavedView:
    return SavedView(row.id, row.name, row.person, row.page, json.loads(row.query), row.is_shared)
