"""Windows of any length that were fetched since a time, for tools that copy the history."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import sqlalchemy as sa

from dashboard.data.database import Database
from dashboard.data.database.accounts import format_time
from dashboard.data.database.tables import CADENCE_VERSIONS, CURRENT_WINDOWS, SERIES
from dashboard.data.history.frames import WindowSelection


@dataclass(frozen=True)
class FetchedWindows(WindowSelection):
    """All windows of an account that were cut in one zone and answered at `since` or later."""

    since: str = ""

    @classmethod
    def of(cls, database: Database, account: int, timezone: str, since: datetime | None) -> "FetchedWindows":
        """Return the selection; without `since` (aware) everything that is current.

        Args:
            database: that holds the history.
            account: its number.
            timezone: in which days end.
            since: aware; None for all that is current.
        """
        return cls(database, account, [], 0, 0, timezone, "day", "" if since is None else format_time(since))

    @cached_property
    def series(self) -> dict[int, str]:
        """All series of the zone, with the present names of their cadences."""
        mine = sa.select(SERIES.c.id, SERIES.c.cadence_id, SERIES.c.cadence)
        mine = mine.filter_by(account_id=self.account, timezone=self.timezone).order_by(SERIES.c.id)
        with self.database.reading() as connection:
            rows = connection.execute(mine).all()
            names = present_names(connection, self.account)
        return {row.id: names.get(row.cadence_id, row.cadence) for row in rows}

    def where(self, table: sa.Table) -> list[sa.ColumnElement[bool]]:
        """Return the condition that picks them out of a table with the key of a window."""
        window, key = CURRENT_WINDOWS.c, table.c
        came = sa.or_(window.engagement_at >= self.since, window.steps_at >= self.since)
        mine = key.series_id.in_(sa.select(SERIES.c.id).filter_by(account_id=self.account, timezone=self.timezone))
        if table is CURRENT_WINDOWS:
            return [mine, came]
        since = sa.select(window.series_id, window.days, window.first_day).where(came)
        return [mine, sa.tuple_(key.series_id, key.days, key.first_day).in_(since)]


def present_names(connection: sa.Connection, account: int) -> Mapping[str, str]:
    """Return the name of every cadence that was ever listed, by its id: the present one, or the last."""
    version = CADENCE_VERSIONS.c
    rows = connection.execute(
        sa.select(version.cadence_id, version.name).filter_by(account_id=account).order_by("since")
    )
    return {row.cadence_id: row.name for row in rows}


def zones(connection: sa.Connection, account: int) -> list[str]:
    """Return the zones in which windows of the account were cut."""
    return list(
        connection.scalars(sa.select(SERIES.c.timezone).filter_by(account_id=account).distinct().order_by("timezone"))
    )
