"""Days of whole accounts: sums over their cadences by owner, kept in the transaction that writes a window."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
import sqlalchemy as sa

from dashboard.data.database import Database
from dashboard.data.database.tables import ACCOUNT_COUNTS, ACCOUNT_DAYS, CURRENT_WINDOWS, SERIES
from dashboard.data.history.rows import day_number

ALL = "*"
"""The owner of the rows that hold all owners together."""

_MOST_IN_A_LIST = 500
WindowKey = tuple[int, int, int]
_Key = tuple[str, int, str]  # zone, day, owner


def counted_days(connection: sa.Connection, keys: Iterable[WindowKey]) -> dict[WindowKey, Any]:
    """Return the single days among these windows as they are current: rows with zone, owner and counts, by key."""
    window = CURRENT_WINDOWS.c
    wanted = sorted(key for key in keys if key[1] == 1)
    found: dict[WindowKey, Any] = {}
    for start in range(0, len(wanted), _MOST_IN_A_LIST):
        place = sa.tuple_(window.series_id, window.days, window.first_day)
        rows = connection.execute(
            sa.select(window.series_id, window.days, window.first_day, window.owner, SERIES.c.timezone,
                      *(window[name] for name in ACCOUNT_COUNTS))
            .join_from(CURRENT_WINDOWS, SERIES, SERIES.c.id == window.series_id)
            .where(place.in_(wanted[start : start + _MOST_IN_A_LIST]), window.engagement_at.is_not(None))
        )  # fmt: skip
        found |= {(row.series_id, row.days, row.first_day): row for row in rows}
    return found


def apply_changes(
    database: Database,
    connection: sa.Connection,
    account: int,
    before: Mapping[WindowKey, Any],
    after: Mapping[WindowKey, Any],
) -> None:
    """Bring the sums from what the windows were to what they are; writers of one account take turns meanwhile.

    A count is empty until a window has it. Args as `counted_days` returns them.

    Args:
        database: of the connection.
        connection: in whose transaction it is written.
        account: its number.
        before: windows as they were.
        after: windows as they are.
    """
    changes: dict[_Key, list[int | None]] = {}
    recount: set[_Key] = set()
    for rows, sign in ((before, -1), (after, 1)):
        for place, row in rows.items():
            for owner in (row.owner or "", ALL):
                key = (row.timezone, row.first_day, owner)
                sums = changes.setdefault(key, [0] + [None] * len(ACCOUNT_COUNTS))
                sums[0] = (sums[0] or 0) + sign
                for number, name in enumerate(ACCOUNT_COUNTS, 1):
                    count = getattr(row, name)
                    if count is not None:
                        sums[number] = (sums[number] or 0) + sign * count
                if sign < 0 and _loses_a_count(row, after.get(place)):
                    recount.add(key)
    values = [
        {"account_id": account, "timezone": key[0], "day": key[1], "owner": key[2], "windows": sums[0]}
        | dict(zip(ACCOUNT_COUNTS, sums[1:], strict=True))
        for key, sums in sorted(changes.items())
        if any(sums) and key not in recount
    ]
    if values:
        connection.execute(_addition(database), values)
    for key in sorted(recount):
        _count_again(connection, account, key)


def _loses_a_count(before: Any, after: Any) -> bool:
    """Return whether a sum loses one of its parts: whether any is left cannot be told by adding."""
    if after is None or after.owner != before.owner:
        return True
    return any(getattr(before, name) is not None and getattr(after, name) is None for name in ACCOUNT_COUNTS)


def _addition(database: Database) -> Any:  # see `Database.insert`
    insert = database.insert(ACCOUNT_DAYS).values({column: sa.bindparam(column.key) for column in ACCOUNT_DAYS.c})
    added = {"windows": ACCOUNT_DAYS.c.windows + insert.excluded.windows} | {
        name: sa.case(
            (insert.excluded[name].is_(None), ACCOUNT_DAYS.c[name]),
            else_=sa.func.coalesce(ACCOUNT_DAYS.c[name], 0) + insert.excluded[name],
        )
        for name in ACCOUNT_COUNTS
    }
    return insert.on_conflict_do_update(index_elements=["account_id", "timezone", "day", "owner"], set_=added)


def _count_again(connection: sa.Connection, account: int, key: _Key) -> None:
    window, (timezone, day, owner) = CURRENT_WINDOWS.c, key
    sums = (
        sa.select(sa.func.count(), *(sa.func.sum(window[name]) for name in ACCOUNT_COUNTS))
        .join_from(SERIES, CURRENT_WINDOWS, SERIES.c.id == window.series_id)
        .where(SERIES.c.account_id == account, SERIES.c.timezone == timezone, window.days == 1)
        .where(window.first_day == day, window.engagement_at.is_not(None))
    )
    if owner != ALL:
        sums = sums.where(sa.func.coalesce(window.owner, "") == owner)
    windows, *counts = connection.execute(sums).one()
    row = {"account_id": account, "timezone": timezone, "day": day, "owner": owner}
    connection.execute(sa.delete(ACCOUNT_DAYS).filter_by(**row))
    if windows:
        values = dict(zip(ACCOUNT_COUNTS, counts, strict=True))
        connection.execute(sa.insert(ACCOUNT_DAYS), [row | {"windows": windows} | values])


def account_totals(
    database: Database, accounts: Sequence[int], *, start: date, end: date, timezone: str, by_owner: bool = False
) -> pd.DataFrame:
    """Return one row per account (and owner) with what its cadences counted on the days from `start` to `end`.

    Args:
        database: Where the histories of the accounts are.
        accounts: Their numbers in the database.
        start: First day.
        end: Last day, included.
        timezone: The zone in which the days were cut when they were asked.
        by_owner: One row for each owner of an account; empty where none was known.

    Returns:
        Columns: account_id, owner (with `by_owner`), days (that have a count), windows (of a cadence and a day), and
        the counts of `ACCOUNT_COUNTS`: sums over the cadences' days, so a person who is in two of them counts twice.

    Raises:
        DatabaseError: The database cannot be read.
    """
    table = ACCOUNT_DAYS.c
    groups = [table.account_id, *([table.owner] if by_owner else [])]
    wanted = (
        sa.select(
            *groups,
            sa.func.count().label("days"),
            sa.func.sum(table.windows).label("windows"),
            *(sa.cast(sa.func.sum(table[name]), sa.BigInteger).label(name) for name in ACCOUNT_COUNTS),
        )
        .where(
            table.account_id.in_(accounts),
            table.timezone == timezone,
            table.day.between(day_number(start), day_number(end)),
            table.owner != ALL if by_owner else table.owner == ALL,
        )
        .group_by(*groups)
        .order_by(*groups)
    )
    with database.reading() as connection:
        rows = connection.execute(wanted).all()
    columns = [column.key for column in wanted.selected_columns]
    frame = pd.DataFrame([tuple(row) for row in rows], columns=columns)
    types = {name: "string" if name == "owner" else "Int64" for name in columns}
    return frame.astype(types)
