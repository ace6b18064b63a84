"""Deliveries in the database: kept, recognised when they come again, counted, and forgotten."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import sqlalchemy as sa

from dashboard.data.database import Database
from dashboard.data.database.accounts import format_time, parse_time
from dashboard.data.database.tables import DELIVERIES
from dashboard.data.webhooks.delivery import Delivery, field_text, lower_names

REPEAT_WINDOW = timedelta(minutes=10)
"""An equal body within this time of the first is taken for the same event, sent again."""

FEED_COLUMNS = ("id", "received_at", "event", "prospect", "name", "company", "cadence", "owner", "repeats", "last_at")
COUNT_COLUMNS = ("day", "cadence", "event", "deliveries", "repeats")
_LOCK = 0x686F6F6B  # any number of our own, the same in all processes


@dataclass(frozen=True)
class Standing:
    """How much was received: events, repetitions beside them, and when the first and the last arrived."""

    events: int
    repeats: int
    first_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True)
class DeliveryStore:
    """The deliveries of one account. Safe to use from all threads; everything raises `DatabaseError`."""

    database: Database
    account: int

    def keep(self, batch: Sequence[tuple[Delivery, datetime]]) -> None:
        """Store deliveries, each with when it arrived, in one transaction.

        One whose body equals that of a delivery that arrived at most `REPEAT_WINDOW` earlier adds to that one's
        `repeats` instead of becoming an event. Two real events with equal bodies (the same person opens twice within
        minutes) cannot be told from one that Klenty sent twice: nothing in them differs.
        """
        if not batch:
            return
        with self.database.writing() as connection:
            if self.database.dialect == "postgresql":  # else two processes could each take an event for the first
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            known = self._known(connection, batch)
            new: list[dict[str, Any]] = []
            again: dict[int, dict[str, Any]] = {}
            for delivery, at in batch:
                row = known.get(delivery.digest)
                if row is None or at - parse_time(row["received_at"]) > REPEAT_WINDOW:
                    row = known[delivery.digest] = self._row(delivery, at)
                    new.append(row)
                else:
                    row["repeats"] += 1
                    row["last_at"] = max(row["last_at"], format_time(at))
                    if "id" in row:
                        again[row["id"]] = row
            if new:
                connection.execute(sa.insert(DELIVERIES), new)
            if again:
                changed = sa.update(DELIVERIES).where(DELIVERIES.c.id == sa.bindparam("number"))
                changed = changed.values(repeats=sa.bindparam("times"), last_at=sa.bindparam("latest"))
                rows = [{"number": r["id"], "times": r["repeats"], "latest": r["last_at"]} for r in again.values()]
                connection.execute(changed, rows)

    def _known(
        self, connection: sa.Connection, batch: Sequence[tuple[Delivery, datetime]]
    ) -> dict[str, dict[str, Any]]:
        columns = DELIVERIES.c
        chosen = (
            sa.select(columns.id, columns.digest, columns.received_at, columns.last_at, columns.repeats)
            .where(
                columns.account_id == self.account,
                columns.digest.in_({delivery.digest for delivery, _ in batch}),
                columns.received_at >= format_time(min(at for _, at in batch) - REPEAT_WINDOW),
            )
            .order_by(columns.received_at)
        )
        return {row["digest"]: dict(row) for row in connection.execute(chosen).mappings()}

    def _row(self, delivery: Delivery, at: datetime) -> dict[str, Any]:
        return {
            "account_id": self.account,
            "received_at": format_time(at),
            "last_at": format_time(at),
            "event": delivery.event,
            "cadence": delivery.cadence,
            "owner": delivery.owner,
            "prospect": delivery.prospect,
            "body": delivery.body,
            "digest": delivery.digest,
            "repeats": 0,
        }

    def standing(self) -> Standing:
        """Return how much was received so far."""
        columns = DELIVERIES.c
        chosen = sa.select(
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(columns.repeats), 0),
            sa.func.min(columns.received_at),
            sa.func.max(columns.last_at),
        ).where(columns.account_id == self.account)
        with self.database.reading() as connection:
            events, repeats, first, last = connection.execute(chosen).one()
        return Standing(
            int(events), int(repeats), parse_time(first) if first else None, parse_time(last) if last else None
        )

    def feed(
        self,
        *,
        events: Collection[str] = (),
        cadences: Collection[str] = (),
        owners: Collection[str] = (),
        since: datetime | None = None,
        limit: int = 200,
    ) -> pd.DataFrame:
        """Return the newest deliveries first (columns `FEED_COLUMNS`); an empty filter lets everything through.

        `received_at` and `last_at` are times of arrival in UTC: a delivery does not say when its event happened.
        `prospect`, `name` and `company` are empty where personal data was removed.

        Args:
            events: their names.
            cadences: of the cadences.
            owners: of the cadences.
            since: of arrival (aware).
            limit: rows at most.
        """
        columns = DELIVERIES.c
        chosen = sa.select(DELIVERIES).where(columns.account_id == self.account, *_chosen(events, cadences, owners))
        if since is not None:
            chosen = chosen.where(columns.received_at >= format_time(since))
        chosen = chosen.order_by(columns.received_at.desc(), columns.id.desc()).limit(limit)
        with self.database.reading() as connection:
            rows = [_shown(dict(row)) for row in connection.execute(chosen).mappings()]
        frame = pd.DataFrame(rows, columns=list(FEED_COLUMNS))
        for column in ("received_at", "last_at"):
            frame[column] = pd.to_datetime(frame[column], utc=True)
        texts = [column for column in FEED_COLUMNS if column not in {"id", "received_at", "last_at", "repeats"}]
        return frame.astype(dict.fromkeys(texts, "string") | {"id": "Int64", "repeats": "Int64"})

    def counts(
        self,
        *,
        start: date,
        end: date,
        timezone: str,
        cadences: Collection[str] = (),
        owners: Collection[str] = (),
    ) -> pd.DataFrame:
        """Return deliveries per day of arrival, cadence and event (columns `COUNT_COLUMNS`), `end` included.

        `deliveries` counts each event once, `repeats` what was taken for the same event sent again.

        Args:
            start: first day of arrival.
            end: last one, included.
            timezone: IANA name of the zone in which days end.
            cadences: of the cadences.
            owners: of the cadences.
        """
        columns, zone = DELIVERIES.c, ZoneInfo(timezone)
        first = datetime.combine(start, time.min, zone)
        after = datetime.combine(end + timedelta(days=1), time.min, zone)
        # Days of a named zone are no arithmetic on text, so hours are counted here and put into days below; no
        # zone's day begins within a quarter of an hour.
        quarter = _quarter_of_an_hour(columns.received_at)
        chosen = (
            sa.select(quarter, columns.cadence, columns.event, sa.func.count(), sa.func.sum(columns.repeats))
            .where(
                columns.account_id == self.account,
                columns.received_at >= format_time(first),
                columns.received_at < format_time(after),
                *_chosen((), cadences, owners),
            )
            .group_by(quarter, columns.cadence, columns.event)
        )
        with self.database.reading() as connection:
            rows = [(_day(row[0], zone), *row[1:]) for row in connection.execute(chosen)]
        frame = pd.DataFrame(rows, columns=list(COUNT_COLUMNS))
        frame = frame.astype({"cadence": "string", "event": "string", "deliveries": "Int64", "repeats": "Int64"})
        keys = ["day", "cadence", "event"]
        return frame.groupby(keys, dropna=False, as_index=False, sort=True).sum()

    def names(self) -> dict[str, list[str]]:
        """Return the events, cadences and owners that were seen, each sorted: what a filter can offer."""
        seen = {}
        with self.database.reading() as connection:
            for name, column in (("event", DELIVERIES.c.event), ("cadence", DELIVERIES.c.cadence),
                                 ("owner", DELIVERIES.c.owner)):  # fmt: skip
                chosen = sa.select(column).distinct().where(DELIVERIES.c.account_id == self.account)
                seen[name] = sorted(value for value in connection.scalars(chosen) if value)
        return seen

    def forget(self, email: str) -> int:
        """Remove everything personal from deliveries about `email`, or with this address in any of their fields.

        The event, its cadence, owner and times stay, so that counts stay what they were. Returns how many deliveries
        it was.
        """
        columns, wanted = DELIVERIES.c, email.strip().lower()
        if not wanted:
            return 0
        in_body = sa.func.lower(columns.body).contains(json.dumps(wanted), autoescape=True)
        return self._remove(sa.or_(columns.prospect == wanted, in_body))

    def forget_before(self, oldest: datetime) -> int:
        """Remove everything personal from deliveries that arrived before `oldest`; returns how many it was."""
        return self._remove(DELIVERIES.c.received_at < format_time(oldest))

    def _remove(self, which: sa.ColumnElement[bool]) -> int:
        # The digest goes, too: who knows all fields of a delivery could recognise it by that.
        nothing: dict[str, None] = {"prospect": None, "body": None, "digest": None}
        changed = sa.update(DELIVERIES).where(
            DELIVERIES.c.account_id == self.account, DELIVERIES.c.body.is_not(None), which
        )
        with self.database.writing() as connection:
            if self.database.dialect == "sqlite":  # freed pages are overwritten, not only given back
                connection.exec_driver_sql("PRAGMA secure_delete = ON")
            return int(connection.execute(changed.values(**nothing)).rowcount)


def _chosen(
    events: Collection[str], cadences: Collection[str], owners: Collection[str]
) -> list[sa.ColumnElement[bool]]:
    columns = DELIVERIES.c
    wanted = ((columns.event, events), (columns.cadence, cadences), (columns.owner, owners))
    return [column.in_(list(values)) for column, values in wanted if values]


def _quarter_of_an_hour(column: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """Return "2026-11-25T08:30…Z" as "2026-11-25T08:2": the hour and which quarter of it, as text."""
    minute = sa.cast(sa.func.substr(column, 15, 2), sa.Integer)
    quarter = sa.case((minute < 15, "0"), (minute < 30, "1"), (minute < 45, "2"), else_="3")
    return sa.func.substr(column, 1, 14) + quarter


def _day(quarter: str, zone: ZoneInfo) -> date:
    at = datetime.fromisoformat(f"{quarter[:14]}{int(quarter[14:]) * 15:02d}:00+00:00")
    return at.astimezone(zone).date()


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    fields = lower_names(json.loads(row["body"])) if row["body"] else {}
    parts = (field_text(fields, "firstName"), field_text(fields, "lastName"))
    name = field_text(fields, "fullName") or " ".join(filter(None, parts)) or None
    return {**row, "name": name, "company": field_text(fields, "company")}
