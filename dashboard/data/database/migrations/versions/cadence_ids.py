"""The history belongs to cadences by their id, and no longer to names.

Answers were kept by name, with the id that Klenty listed for it at the time next to them. Where a name had one id all
the time, its series gets that id. Where names went from one cadence to another, every answer goes to the cadence that
had the name when it was asked; what was current is put together again by `History` when it opens.
"""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "cadence_ids"
down_revision = "leases"

# Listings were kept for so long: an answer that arrived this shortly before a name was seen at another cadence may be
# that one's.
_LISTING_KEPT = timedelta(minutes=10)
RESTORE_NOTE = "windows_to_restore"

_SERIES = sa.table("series", *map(sa.column, ("id", "account_id", "cadence_id", "cadence", "timezone")))
_SEEN = sa.table(
    "observations",
    *map(sa.column, ("id", "series_id", "days", "first_day", "fetched_at", "cadence_id", "cadence", "owner")),
    sa.column("doubtful", sa.Boolean),
)
_VERSIONS = sa.table(
    "cadence_versions", *map(sa.column, ("account_id", "cadence_id", "name", "owner", "since", "until"))
)
_NOTES = sa.table(
    "account_notes", *map(sa.column, ("account_id", "name")), sa.column("value", sa.JSON), sa.column("noted_at")
)


class _Pairing(NamedTuple):
    """Answers that arrived for one name while it was listed for one id (None: for none)."""

    series: int
    account: int
    name: str
    timezone: str
    cadence_id: str | None
    first: str
    last: str


def upgrade() -> None:
    """Make the tables, and give every answer to its cadence."""
    op.add_column("accounts", sa.Column("listed_at", sa.Text))
    op.rename_table("copies", "option_copies")
    op.create_table(
        "cadence_versions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("cadence_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("owner", sa.Text),
        sa.Column("is_active", sa.Boolean),
        sa.Column("created_at", sa.Text),
        sa.Column("since", sa.Text, nullable=False),
        sa.Column("until", sa.Text),
        sa.Column("ended_at", sa.Text),
        sa.UniqueConstraint("account_id", "cadence_id", "since"),
    )
    op.add_column("observations", sa.Column("cadence", sa.Text))
    op.add_column("observations", sa.Column("doubtful", sa.Boolean, nullable=False, server_default=sa.false()))
    connection = op.get_bind()
    named = sa.select(_SERIES.c.cadence).where(_SERIES.c.id == _SEEN.c.series_id).scalar_subquery()
    connection.execute(sa.update(_SEEN).values(cadence=named))
    _rebuild_series(connection)
    pairings = _pairings(connection)
    _note_versions(connection, pairings)
    _give_ids(connection, pairings)


def _rebuild_series(connection: sa.Connection) -> None:
    """Drop the rule that a name is there once; rows and their numbers stay."""
    if connection.dialect.name == "sqlite":  # which can drop no constraint
        op.create_table(
            "series_with_ids",
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
            sa.Column("cadence_id", sa.Text),
            sa.Column("cadence", sa.Text, nullable=False),
            sa.Column("timezone", sa.Text, nullable=False),
        )
        connection.execute(
            sa.text(
                "INSERT INTO series_with_ids (id, account_id, cadence, timezone) "
                "SELECT id, account_id, cadence, timezone FROM series"
            )
        )
        op.drop_table("series")
        op.rename_table("series_with_ids", "series")
    else:
        op.add_column("series", sa.Column("cadence_id", sa.Text))
        op.drop_constraint("series_account_id_cadence_timezone_key", "series", type_="unique")
    op.create_index("series_by_id", "series", ["account_id", "cadence_id", "timezone"], unique=True)
    nameless = sa.text("cadence_id IS NULL")
    op.create_index(
        "series_by_name", "series", ["account_id", "cadence", "timezone"], unique=True,
        sqlite_where=nameless, postgresql_where=nameless,
    )  # fmt: skip


def _pairings(connection: sa.Connection) -> list[_Pairing]:
    key = (_SERIES.c.id, _SERIES.c.account_id, _SERIES.c.cadence, _SERIES.c.timezone, _SEEN.c.cadence_id)
    seen = sa.select(*key, sa.func.min(_SEEN.c.fetched_at), sa.func.max(_SEEN.c.fetched_at))
    found = connection.execute(seen.join_from(_SERIES, _SEEN, _SERIES.c.id == _SEEN.c.series_id).group_by(*key))
    return sorted((_Pairing(*row) for row in found), key=lambda pairing: pairing.first)


def _note_versions(connection: sa.Connection, pairings: list[_Pairing]) -> None:
    """Note which names each cadence had, as far as its answers tell."""
    by_cadence: dict[tuple[int, str], dict[str, list[_Pairing]]] = defaultdict(lambda: defaultdict(list))
    for pairing in pairings:
        if pairing.cadence_id is not None:
            by_cadence[pairing.account, pairing.cadence_id][pairing.name].append(pairing)
    rows: list[dict[str, Any]] = []
    for (account, cadence_id), names in by_cadence.items():
        spans = sorted((min(p.first for p in own), max(p.last for p in own), name) for name, own in names.items())
        latest = max(spans, key=lambda span: span[1])
        owner = connection.scalar(
            sa.select(_SEEN.c.owner)
            .where(_SEEN.c.cadence_id == cadence_id, _SEEN.c.series_id.in_([p.series for p in names[latest[2]]]))
            .order_by(_SEEN.c.fetched_at.desc())
            .limit(1)
        )
        rows += [
            {"account_id": account, "cadence_id": cadence_id, "name": name, "owner": owner, "since": first,
             "until": None if span == latest else last}
            for span in spans for first, last, name in (span,)
        ]  # fmt: skip
    unique = {(row["account_id"], row["cadence_id"], row["since"]): row for row in rows}
    if unique:
        connection.execute(sa.insert(_VERSIONS), list(unique.values()))


def _give_ids(connection: sa.Connection, pairings: list[_Pairing]) -> None:
    by_series: dict[int, list[_Pairing]] = defaultdict(list)
    by_cadence: dict[tuple[int, str, str | None], set[int]] = defaultdict(set)
    for pairing in pairings:
        by_series[pairing.series].append(pairing)
        by_cadence[pairing.account, pairing.timezone, pairing.cadence_id].add(pairing.series)
    mixed: list[_Pairing] = []
    for series, own in by_series.items():
        one = own[0]
        shared = one.cadence_id is not None and len(by_cadence[one.account, one.timezone, one.cadence_id]) > 1
        if len(own) > 1 or shared:
            mixed += own
        elif one.cadence_id is not None:
            connection.execute(sa.update(_SERIES).filter_by(id=series).values(cadence_id=one.cadence_id))
    if mixed:
        _divide(connection, mixed)


def _divide(connection: sa.Connection, mixed: list[_Pairing]) -> None:
    """Move the answers of names that went from cadence to cadence, and leave the rest to `History`."""
    _decide_nameless(connection, mixed)
    _mark_doubtful(connection, mixed)
    touched = {pairing.series for pairing in mixed}
    restore: dict[int, set[int]] = defaultdict(set)
    for pairing in mixed:
        restore[pairing.account].add(pairing.series)
        if pairing.cadence_id is None:
            continue
        target = _series_of(connection, pairing)
        restore[pairing.account].add(target)
        there = _SEEN.alias()
        clash = sa.exists().where(
            there.c.series_id == target,
            there.c.days == _SEEN.c.days,
            there.c.first_day == _SEEN.c.first_day,
            there.c.fetched_at == _SEEN.c.fetched_at,
        )
        moved = sa.update(_SEEN).where(
            _SEEN.c.series_id == pairing.series, _SEEN.c.cadence_id == pairing.cadence_id, ~clash
        )
        connection.execute(moved.values(series_id=target))
    for name in ("current_options", "current_steps", "current_windows"):
        table = sa.table(name, sa.column("series_id"))
        for series in sorted(touched):
            connection.execute(sa.delete(table).where(table.c.series_id == series))
    for series in sorted(touched):
        if connection.scalar(sa.select(sa.func.count()).select_from(_SEEN).where(_SEEN.c.series_id == series)) == 0:
            connection.execute(sa.delete(_SERIES).filter_by(id=series))
            for numbers in restore.values():
                numbers.discard(series)
    now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    for account, numbers in restore.items():
        row = {"account_id": account, "name": RESTORE_NOTE, "value": sorted(numbers), "noted_at": now}
        connection.execute(sa.insert(_NOTES), [row])


def _decide_nameless(connection: sa.Connection, mixed: list[_Pairing]) -> None:
    """Give an answer without an id to the cadence that had the name before and after it, when that is one."""
    for pairing in mixed:
        if pairing.cadence_id is not None:
            continue
        seen = connection.execute(
            sa.select(_SEEN.c.id, _SEEN.c.cadence_id).filter_by(series_id=pairing.series).order_by(_SEEN.c.fetched_at)
        ).all()
        last, waiting = None, []
        for row in seen:
            if row.cadence_id is None:
                waiting.append(row.id)
                continue
            if last == row.cadence_id:
                for number in waiting:
                    connection.execute(sa.update(_SEEN).filter_by(id=number).values(cadence_id=row.cadence_id))
            last, waiting = row.cadence_id, []


def _mark_doubtful(connection: sa.Connection, mixed: list[_Pairing]) -> None:
    for old in mixed:
        if old.cadence_id is None:
            continue
        later = [
            new.first for new in mixed
            if new.account == old.account and new.first > old.first and new.cadence_id is not None
            and (new.name == old.name) != (new.cadence_id == old.cadence_id)
        ]  # fmt: skip
        if later:
            edge = datetime.fromisoformat(min(later)) - _LISTING_KEPT
            since = edge.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
            connection.execute(
                sa.update(_SEEN)
                .where(_SEEN.c.series_id == old.series, _SEEN.c.cadence_id == old.cadence_id)
                .where(_SEEN.c.fetched_at > since, _SEEN.c.fetched_at <= min(later))
                .values(doubtful=True)
            )


def _series_of(connection: sa.Connection, pairing: _Pairing) -> int:
    key = {"account_id": pairing.account, "cadence_id": pairing.cadence_id, "timezone": pairing.timezone}
    found = sa.select(_SERIES.c.id).filter_by(**key)
    number = connection.scalar(found)
    if number is None:
        connection.execute(sa.insert(_SERIES), [{**key, "cadence": pairing.name}])
        number = connection.scalar(found)
    return int(number or 0)
