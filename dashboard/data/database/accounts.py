"""Accounts in the database, and small facts kept for each."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from dashboard.data.database.engine import Database
from dashboard.data.database.tables import ACCOUNT_NOTES, ACCOUNTS


def account_id(database: Database, *, base_url: str, user: str) -> int:
    """Return the number of this account, entered on first use.

    Args:
        database: that holds it.
        base_url: of the API.
        user: email address of the key.
    """
    row = {"base_url": base_url.rstrip("/"), "user": user.lower()}
    found = sa.select(ACCOUNTS.c.id).filter_by(**row)
    with database.reading() as connection:
        known = connection.scalar(found)
    if known is not None:
        return int(known)
    with database.writing() as connection:
        connection.execute(database.insert(ACCOUNTS).values(**row).on_conflict_do_nothing())
        return int(connection.scalar(found) or 0)


@dataclass(frozen=True)
class Notes:
    """Small facts of one account by name, each any JSON; the last one written counts."""

    database: Database
    account: int

    def get(self, name: str) -> Any:  # any JSON
        """Return the value noted under `name`; None when there is none."""
        chosen = sa.select(ACCOUNT_NOTES.c.value).filter_by(account_id=self.account, name=name)
        with self.database.reading() as connection:
            return connection.scalar(chosen)

    def put(self, name: str, value: Any) -> None:  # any JSON
        """Note `value` under `name`."""
        row = {"account_id": self.account, "name": name, "value": value, "noted_at": format_time(datetime.now(UTC))}
        statement = self.database.insert(ACCOUNT_NOTES).values(**row)
        changed = {"value": statement.excluded.value, "noted_at": statement.excluded.noted_at}
        with self.database.writing() as connection:
            connection.execute(
                statement.on_conflict_do_update(index_elements=["account_id", "name"], set_=changed),
            )

    def settle(self, name: str, value: Any) -> Any:  # any JSON
        """Note `value` under `name` unless something is noted there already; the first one written counts."""
        row = {"account_id": self.account, "name": name, "value": value, "noted_at": format_time(datetime.now(UTC))}
        with self.database.writing() as connection:
            connection.execute(self.database.insert(ACCOUNT_NOTES).values(**row).on_conflict_do_nothing())
        return self.get(name)


def format_time(time: datetime) -> str:
    """Return an aware time as it is stored: "2026-11-25T08:30:00.000000Z"."""
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def parse_time(text: str) -> datetime:
    """Return the time behind `format_time`, aware, in UTC."""
    return datetime.fromisoformat(text)
