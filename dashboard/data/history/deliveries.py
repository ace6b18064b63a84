"""What is sent from saved views: when, where to, and how each run ended."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import sqlalchemy as sa

from dashboard.data.database import Database
from dashboard.data.database.accounts import format_time, parse_time
from dashboard.data.database.tables import DELIVERY_RUNS, VIEW_DELIVERIES
from dashboard.data.roles import Role
from dashboard.data.schedule import Every, Schedule
from dashboard.settings import mail_address

Channel = Literal["mail", "slack", "teams", "google"]
State = Literal["done", "refused", "unknown"]
CHANNELS: Final[Mapping[Channel, str]] = {
    "mail": "Mail", "slack": "Slack", "teams": "Microsoft Teams", "google": "Google Chat",
}  # fmt: skip
_HOSTS: Final[Mapping[str, tuple[str, ...]]] = {
    "slack": ("hooks.slack.com",),
    "teams": (".logic.azure.com", ".api.powerplatform.com", ".webhook.office.com"),
    "google": ("chat.googleapis.com",),
}
DELIVERS: Final = Role.ADMIN
"""Who sets deliveries up, and for whom they are still sent."""
_NOTHING_RECORDED: Final = "No outcome was recorded: the process ended meanwhile."
_TABLE = VIEW_DELIVERIES.c


class DeliveryError(ValueError):
    """A delivery that cannot be kept, or is not there; the text says why and never holds the address of a hook."""


@dataclass(frozen=True)
class Delivery:
    """What is sent from a view. `every` is "alerts" for one that tells of new alerts at once.

    `target` are mail addresses with commas between them, or the secret address of a chat's hook.
    """

    view: int
    channel: Channel
    target: str
    every: Every | Literal["alerts"]
    minute: int
    timezone: str
    on_day: int = 0
    attached: tuple[str, ...] = ()
    person: str = ""
    number: int = 0
    handled: datetime | None = None
    told: Mapping[str, Any] | None = None

    def __repr__(self) -> str:
        return f"Delivery(number={self.number}, to={self.shown_target!r})"

    @property
    def schedule(self) -> Schedule | None:
        """When it is due; None for one that waits for alerts."""
        return None if self.every == "alerts" else Schedule(self.every, self.minute, self.timezone, self.on_day)

    @property
    def shown_target(self) -> str:
        """Where it goes, as it may be shown: of a hook its server only."""
        return self.target if self.channel == "mail" else urlsplit(self.target).hostname or ""


@dataclass(frozen=True)
class Run:
    """One run of a delivery: when it was due, when it ended, and how."""

    due: datetime
    at: datetime
    state: State
    message: str
    number: int


def checked_target(channel: Channel, text: str) -> str:
    """Return where a delivery goes, as it is kept. Raises DeliveryError when it is no place of that channel."""
    if channel == "mail":
        try:
            found = [mail_address(part.strip()) for part in text.replace(";", ",").split(",") if part.strip()]
        except ValueError as problem:
            raise DeliveryError(f"An address cannot be used: {problem}.") from None
        if not found:
            raise DeliveryError("Give at least one address.")
        return ", ".join(dict.fromkeys(found))
    address = text.strip()
    refusal = DeliveryError(f"This is no hook of {CHANNELS[channel]}: it begins with https and its server is theirs.")
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:  # its text may hold the address
        raise refusal from None
    # Readers of addresses differ about a backslash: the one that connects takes it for the end of the host.
    is_host = re.fullmatch("[a-z0-9.-]+", host) is not None and not re.search(r"[\s\\]", address)
    known = any(host == name or (name.startswith(".") and host.endswith(name)) for name in _HOSTS[channel])
    if parts.scheme != "https" or not (known and is_host) or "@" in parts.netloc or port not in {None, 443}:
        raise refusal
    return address


class Deliveries:
    """The deliveries of one account. Everything raises `DatabaseError` when the database cannot be used."""

    def __init__(self, database: Database, account: int) -> None:
        self._database = database
        self._account = account

    def all(self) -> list[Delivery]:
        """Return every delivery of the account, the oldest first."""
        wanted = sa.select(VIEW_DELIVERIES).filter_by(account_id=self._account).order_by(_TABLE.id)
        with self._database.reading() as connection:
            rows = connection.execute(wanted).all()
        return [
            Delivery(row.view_id, row.channel, row.target, row.every, row.minute, row.timezone, row.on_day,
                     tuple(row.attached), row.person, row.id, parse_time(row.handled), row.told)
            for row in rows
        ]  # fmt: skip

    def add(self, delivery: Delivery, now: datetime | None = None) -> int:
        """Keep a delivery, whose times before `now` (aware; by default the present) are not made up; return its number.

        Raises:
            DeliveryError: It cannot go where it says.
        """
        at = format_time(now or datetime.now(UTC))
        row = {
            "account_id": self._account,
            "view_id": delivery.view,
            "at": at,
            "person": delivery.person,
            "channel": delivery.channel,
            "target": checked_target(delivery.channel, delivery.target),
            "every": delivery.every,
            "on_day": delivery.on_day,
            "minute": delivery.minute,
            "timezone": delivery.timezone,
            "attached": list(delivery.attached),
            "handled": at,
            "told": None,
        }
        with self._database.writing() as connection:
            return int(connection.execute(VIEW_DELIVERIES.insert().values(row).returning(_TABLE.id)).scalar_one())

    def delete(self, number: int) -> None:
        """End a delivery; its runs are forgotten."""
        mine = sa.select(_TABLE.id).filter_by(id=number, account_id=self._account)
        with self._database.writing() as connection:
            connection.execute(DELIVERY_RUNS.delete().where(DELIVERY_RUNS.c.delivery_id.in_(mine)))
            connection.execute(VIEW_DELIVERIES.delete().where(_TABLE.id == number, _TABLE.account_id == self._account))

    def claim(self, delivery: Delivery, due: datetime) -> int | None:
        """Begin the run that is due at `due` (aware), and return its number; None when another process has."""
        mine = VIEW_DELIVERIES.update().where(_TABLE.id == delivery.number, _TABLE.handled < format_time(due))
        run = {"due": format_time(due), "at": format_time(datetime.now(UTC)), "state": "unknown"}
        with self._database.writing() as connection:
            if not connection.execute(mine.values(handled=format_time(due))).rowcount:
                return None
            added = DELIVERY_RUNS.insert().values(delivery_id=delivery.number, message=_NOTHING_RECORDED, **run)
            return int(connection.execute(added.returning(DELIVERY_RUNS.c.id)).scalar_one())

    def end(self, run: int, state: State, message: str) -> None:
        """Note how a run ended.

        Args:
            run: Number of the run.
            state: How it ended.
            message: In words, without the address of a hook.
        """
        values = {"state": state, "message": message, "at": format_time(datetime.now(UTC))}
        with self._database.writing() as connection:
            connection.execute(DELIVERY_RUNS.update().filter_by(id=run).values(values))

    def looked(self, delivery: Delivery, at: datetime, told: Mapping[str, Any]) -> None:
        """Note that there was nothing to tell, so that the next look is later.

        Args:
            delivery: Of alerts.
            at: When it was looked at (aware).
            told: What it has told by then.
        """
        values = {"handled": format_time(at), "told": dict(told)}
        with self._database.writing() as connection:
            connection.execute(VIEW_DELIVERIES.update().where(_TABLE.id == delivery.number).values(values))

    def tell(self, delivery: Delivery, told: Mapping[str, Any]) -> None:
        """Remember what a delivery has told."""
        with self._database.writing() as connection:
            connection.execute(VIEW_DELIVERIES.update().where(_TABLE.id == delivery.number).values(told=dict(told)))

    def runs(self, numbers: Sequence[int], most: int = 50) -> dict[int, list[Run]]:
        """Return the latest runs of these deliveries, the newest first."""
        table = DELIVERY_RUNS.c
        found: dict[int, list[Run]] = {number: [] for number in numbers}
        with self._database.reading() as connection:
            for number in numbers:
                wanted = sa.select(DELIVERY_RUNS).filter_by(delivery_id=number).order_by(table.id.desc()).limit(most)
                found[number] = [
                    Run(parse_time(row.due), parse_time(row.at), row.state, row.message, row.id)
                    for row in connection.execute(wanted)
                ]
        return found
