"""Which cadence had which name, from when to when, as Klenty listed it.

Klenty is asked by name, and the history belongs to cadences by their id. So every listing is compared with the one
before it: answers that arrived for a name after the last listing that confirmed whose it was are in doubt once the name
has changed hands, and are asked again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import pandas as pd
import sqlalchemy as sa

from dashboard.data.database.accounts import format_time, parse_time
from dashboard.data.database.tables import ACCOUNTS, CADENCE_VERSIONS, ENGAGEMENT_COUNTS, OBSERVATIONS, SERIES
from dashboard.data.history.rows import Rows, storable
from klenty_api import Cadence

CHANGE_COLUMNS = ("cadence_id", "cadence", "change", "before", "after", "not_before", "at")
_MOST_IN_A_LIST = 500
_VERSION = CADENCE_VERSIONS.c


class Version(NamedTuple):
    """What a listing says of one cadence, as it is stored."""

    name: str
    owner: str | None
    is_active: bool | None
    created_at: str | None

    @classmethod
    def of(cls, cadence: Cadence) -> "Version":
        """Return what is stored of a listed cadence."""
        created = None if cadence.created is None else cadence.created.isoformat()
        return cls(storable(cadence.name) or "", storable(cadence.owner), cadence.is_active, created)


@dataclass(frozen=True)
class UnlistedCadence:
    """A cadence that Klenty's list no longer has: deleted, or not to be seen with this key."""

    cadence: Cadence
    last_listed: datetime

    @property
    def left_out(self) -> str:
        """The sentence for where its figures are missing."""
        return (
            f"{self.cadence.name}: Klenty listed it last on {self.last_listed.date()} (deleted since, or not to be "
            "seen with this key), so its figures are left out. The history keeps them."
        )


def record_listing(connection: sa.Connection, account: int, cadences: Sequence[Cadence], at: datetime) -> list[int]:
    """Note what was listed at `at` (taken before Klenty was asked), and return the series whose answers are in doubt.

    An older listing than the one noted changes nothing, and an empty one neither: it may be the wrong user's.

    Args:
        connection: in whose transaction it is noted.
        account: its number.
        cadences: all that were listed.
        at: taken before Klenty was asked (aware).
    """
    before, now = connection.scalar(sa.select(ACCOUNTS.c.listed_at).filter_by(id=account)), format_time(at)
    listed = {cadence.id: Version.of(cadence) for cadence in reversed(cadences) if cadence.id}
    if not listed or (before is not None and now <= before):
        return []
    rows = connection.execute(sa.select(CADENCE_VERSIONS).filter_by(account_id=account, until=None)).all()
    known = {row.cadence_id: row for row in rows}
    changed = [
        number
        for number, row in known.items()
        if listed.get(number) != Version(row.name, row.owner, row.is_active, row.created_at)
    ]
    for number in changed:
        until = max(before or known[number].since, known[number].since)
        ended = sa.update(CADENCE_VERSIONS).where(_VERSION.id == known[number].id)
        connection.execute(ended.values(until=until, ended_at=now))
    new = [number for number in listed if number not in known or number in changed]
    if new:
        values = [{"account_id": account, "cadence_id": key, "since": now, **listed[key]._asdict()} for key in new]
        connection.execute(sa.insert(CADENCE_VERSIONS), values)
    connection.execute(sa.update(ACCOUNTS).filter_by(id=account).values(listed_at=now))
    if before is None:
        return []
    names = {version.name for version in listed.values()}
    gone = [number for number in changed if number not in listed]
    moved = [number for number in changed if number in listed and listed[number].name != known[number].name]
    moved += [number for number in gone if known[number].name in names]
    doubted = _mark_doubtful(connection, account, moved, before)
    # Of one that is gone, what arrived last may be what Klenty says of a name that it does not know.
    empty = [sa.func.coalesce(OBSERVATIONS.c[name], 0) == 0 for name in ENGAGEMENT_COUNTS]
    return doubted + _mark_doubtful(connection, account, sorted(set(gone) - set(moved)), before, *empty)


def _mark_doubtful(
    connection: sa.Connection, account: int, cadence_ids: Sequence[str], since: str, *where: sa.ColumnElement[bool]
) -> list[int]:
    """Mark the answers for these cadences that arrived after `since`; returns the series that have some."""
    doubted: list[int] = []
    for start in range(0, len(cadence_ids), _MOST_IN_A_LIST):
        part = cadence_ids[start : start + _MOST_IN_A_LIST]
        mine = sa.select(SERIES.c.id).where(SERIES.c.account_id == account, SERIES.c.cadence_id.in_(part))
        numbers = list(connection.scalars(mine))
        seen = OBSERVATIONS.c
        after = [seen.series_id.in_(numbers), seen.fetched_at > since, seen.doubtful.is_(False), *where]
        doubted += connection.scalars(sa.select(seen.series_id).where(*after).distinct())
        connection.execute(sa.update(OBSERVATIONS).where(*after).values(doubtful=True))
    return doubted


def check_names(connection: sa.Connection, account: int, several: Sequence[Rows]) -> set[int]:
    """Return the `id()` of those rows that were asked by a name their cadence did not have at the latest listing.

    Cadences that no listing has shown yet are noted as they were known when they were asked.

    Args:
        connection: in whose transaction it is read.
        account: its number.
        several: about to be written.
    """
    asked = {rows.cadence_id: rows for rows in sorted(several, key=lambda rows: rows.fetched_at) if rows.cadence_id}
    if not asked:
        return set()
    was_listed = connection.scalar(sa.select(ACCOUNTS.c.listed_at).filter_by(id=account)) is not None
    names: dict[str, str] = {}
    ids = sorted(asked)
    for start in range(0, len(ids), _MOST_IN_A_LIST):
        mine = sa.select(CADENCE_VERSIONS).where(
            _VERSION.account_id == account, _VERSION.cadence_id.in_(ids[start : start + _MOST_IN_A_LIST])
        )
        for row in connection.execute(mine.order_by(_VERSION.since)):
            names[row.cadence_id] = row.name if row.until is None else names.get(row.cadence_id, "\0")
            if row.until is not None:
                names[row.cadence_id] = "\0"  # no longer listed, unless a later row says so
    for number, rows in asked.items():
        known = names.get(number)
        if known == rows.cadence or (known is not None and was_listed):
            continue
        names[number] = rows.cadence  # no listing says otherwise
        closed = sa.update(CADENCE_VERSIONS).filter_by(account_id=account, cadence_id=number, until=None)
        connection.execute(
            closed.where(_VERSION.since < rows.fetched_at).values(until=rows.fetched_at, ended_at=rows.fetched_at)
        )
        version = {"name": rows.cadence, "owner": rows.owner, "is_active": rows.is_active, "created_at": rows.created}
        values = {"account_id": account, "cadence_id": number, "since": rows.fetched_at, **version}
        there = sa.select(_VERSION.id).filter_by(account_id=account, cadence_id=number, until=None)
        if connection.scalar(there) is None:
            connection.execute(sa.insert(CADENCE_VERSIONS), [values])
    return {id(rows) for rows in several if rows.cadence_id and names[rows.cadence_id] != rows.cadence}


def listed_cadences(connection: sa.Connection, account: int) -> list[Cadence]:
    """Return the cadences of the latest listing that was noted."""
    rows = connection.execute(sa.select(CADENCE_VERSIONS).filter_by(account_id=account, until=None))
    return [_cadence(row) for row in rows]


def unlisted_cadences(connection: sa.Connection, account: int) -> list[UnlistedCadence]:
    """Return the cadences that were listed once and are no longer, as they were listed last."""
    rows = connection.execute(sa.select(CADENCE_VERSIONS).filter_by(account_id=account).order_by(_VERSION.since))
    latest = {row.cadence_id: row for row in rows}
    return [UnlistedCadence(_cadence(row), parse_time(row.until)) for row in latest.values() if row.until is not None]


def ids_of_names(connection: sa.Connection, account: int, names: Sequence[str]) -> dict[str, str]:
    """Return for each name the id of the cadence that has it, or else of the one that had it last.

    Of several that share a name it is the one that was listed first: Klenty answers a name, and not an id.

    Args:
        connection: in whose transaction it is read.
        account: its number.
        names: of the cadences.
    """
    found: dict[str, tuple[bool, str, str]] = {}
    for start in range(0, len(names), _MOST_IN_A_LIST):
        part = names[start : start + _MOST_IN_A_LIST]
        mine = sa.select(CADENCE_VERSIONS).where(_VERSION.account_id == account, _VERSION.name.in_(part))
        for row in connection.execute(mine.order_by(_VERSION.since, _VERSION.id)):
            had = found.get(row.name)
            rank = (row.until is None, row.until or "", row.cadence_id)
            if had is None or (not had[0] and rank[:2] > had[:2]):
                found[row.name] = rank
    return {name: rank[2] for name, rank in found.items()}


def listing_changes(connection: sa.Connection, account: int, since: datetime | None = None) -> pd.DataFrame:
    """Return what changed from one listing to the next, oldest first; with `since` only what was seen after it.

    Columns: cadence_id, cadence (the name now, or the last one), change ("renamed", "owner", "switched on", "switched
    off", "appeared", "no longer listed"), before, after (texts, empty where there is nothing), not_before and at (UTC):
    it happened between these two. Of the cadences of the first listing nobody knows when they appeared.

    Args:
        connection: in whose transaction it is read.
        account: its number.
        since: aware; None for all.
    """
    rows = connection.execute(
        sa.select(CADENCE_VERSIONS).filter_by(account_id=account).order_by(_VERSION.cadence_id, _VERSION.since)
    ).all()
    first = min((row.since for row in rows), default="")
    last = {row.cadence_id: row for row in rows}
    found: list[tuple[Any, ...]] = []
    earlier: Any = None
    for row in rows:
        before = earlier if earlier is not None and earlier.cadence_id == row.cadence_id else None
        name = last[row.cadence_id].name
        if before is None and row.since > first:
            found.append((row.cadence_id, name, "appeared", None, row.name, None, row.since))
        if before is not None:
            found += [
                (row.cadence_id, name, change, one, other, before.until, row.since)
                for change, one, other in _differences(before, row)
            ]
        if row is last[row.cadence_id] and row.until is not None:
            found.append(
                (row.cadence_id, name, "no longer listed", row.name, None, row.until, row.ended_at or row.until)
            )
        earlier = row
    frame = pd.DataFrame(found, columns=list(CHANGE_COLUMNS))
    for column in CHANGE_COLUMNS[:5]:
        frame[column] = frame[column].astype("string")
    for column in CHANGE_COLUMNS[5:]:
        frame[column] = pd.to_datetime(frame[column], utc=True)
    if since is not None:
        frame = frame[frame["at"] > since]
    return frame.sort_values("at", kind="stable", ignore_index=True)


def _differences(before: Any, after: Any) -> Iterable[tuple[str, str | None, str | None]]:  # rows of the table
    if before.name != after.name:
        yield "renamed", before.name, after.name
    if before.owner and after.owner and before.owner != after.owner:
        yield "owner", before.owner, after.owner
    if before.is_active is not after.is_active and after.is_active is not None and before.is_active is not None:
        yield ("switched on" if after.is_active else "switched off"), None, None


def _cadence(row: Any) -> Cadence:  # a row of cadence_versions
    created = None if row.created_at is None else datetime.fromisoformat(row.created_at)
    return Cadence(id=row.cadence_id, name=row.name, owner=row.owner, is_active=row.is_active, created=created)
