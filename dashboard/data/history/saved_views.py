"""Saved views of an account."""

from datetime import UTC, datetime

import sqlalchemy as sa

from dashboard.data.database import Database
from dashboard.data.database.accounts import format_time
from dashboard.data.database.tables import DELIVERY_RUNS, SAVED_VIEWS, VIEW_DELIVERIES
from dashboard.data.saved_view import LONGEST_NAME, SavedView, ViewError

_TABLE = SAVED_VIEWS.c


class SavedViews:
    """The saved views of one account. Everything raises `DatabaseError` when the database cannot be used."""

    def __init__(self, database: Database, account: int) -> None:
        self._database = database
        self._account = account

    def of_person(self, person: str) -> list[SavedView]:
        """Return the views that a person may open: their own and the shared ones, by name."""
        return [view for view in self.all() if view.shared or view.person == person]

    def all(self) -> list[SavedView]:
        """Return every view of the account, by name."""
        return sorted(self._chosen(), key=lambda view: (view.name.casefold(), view.number))

    def find(self, number: int) -> SavedView | None:
        """Return the view with this number; None when it is not there any more."""
        return next(iter(self._chosen(id=number)), None)

    def _chosen(self, **columns: int) -> list[SavedView]:
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(SAVED_VIEWS).filter_by(account_id=self._account, **columns)).all()
        return [SavedView(row.name, row.place, row.query, row.shared, row.person, row.id) for row in rows]

    def save(self, view: SavedView) -> int:
        """Keep a view, or another state of the one with its number; return the number.

        Raises:
            ViewError: It has no name or a too long one, or is not there any more.
        """
        name = " ".join(view.name.split())
        if not 0 < len(name) <= LONGEST_NAME:
            raise ViewError(f"A name has 1 to {LONGEST_NAME} characters.")
        query = {key: list(values) for key, values in view.query.items()}
        values = {"name": name, "shared": view.shared, "place": view.place, "query": query}
        with self._database.writing() as connection:
            if not view.number:
                new = {"account_id": self._account, "person": view.person, "at": format_time(datetime.now(UTC))}
                added = SAVED_VIEWS.insert().values(values | new).returning(_TABLE.id)
                return int(connection.execute(added).scalar_one())
            mine = SAVED_VIEWS.update().where(_TABLE.id == view.number, _TABLE.account_id == self._account)
            if not connection.execute(mine.values(values)).rowcount:
                raise ViewError("This view is not there any more.")
        return view.number

    def delete(self, number: int) -> None:
        """Take a view away, with its deliveries."""
        deliveries = sa.select(VIEW_DELIVERIES.c.id).filter_by(view_id=number, account_id=self._account)
        with self._database.writing() as connection:
            connection.execute(DELIVERY_RUNS.delete().where(DELIVERY_RUNS.c.delivery_id.in_(deliveries)))
            connection.execute(VIEW_DELIVERIES.delete().filter_by(view_id=number, account_id=self._account))
            connection.execute(SAVED_VIEWS.delete().where(_TABLE.id == number, _TABLE.account_id == self._account))
