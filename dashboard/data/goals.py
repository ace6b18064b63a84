"""Goals of an account: kept with who set them and when. Rows are only added, so every change stays known."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple, get_args

import pandas as pd
import sqlalchemy as sa

from dashboard.data.database import Database
from dashboard.data.database.accounts import format_time, parse_time
from dashboard.data.database.tables import GOALS

Scope = Literal["account", "owner", "cadence"]
Period = Literal["week", "month", "quarter"]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
PERIODS: Final[tuple[Period, ...]] = get_args(Period)
GOAL_METRICS: Final = ("emails_sent", "prospects_added", "replies", "positive_replies")
CHANGE_COLUMNS: Final = (
    "goal_change",
    "scope",
    "subject",
    "metric",
    "period",
    "target",
    "set_at",
    "set_by",
    "in_force",
)


class GoalKey(NamedTuple):
    """What a goal is for: the whole account, an owner or a cadence (its key), a count, and a kind of period."""

    scope: Scope
    subject: str
    metric: str
    period: Period


class Goal(NamedTuple):
    """A goal in force: at least `target` in every period."""

    key: GoalKey
    target: int


class Goals:
    """The goals of one account. Everything raises `DatabaseError` when the database cannot be used."""

    def __init__(self, database: Database, account: int) -> None:
        self._database = database
        self._account = account

    def in_force(self) -> list[Goal]:
        """Return the goals that are in force, the account's first."""
        changes = self._rows()
        last = {GoalKey(row.scope, row.subject, row.metric, row.period): row.target for row in changes}
        found = [Goal(key, int(target)) for key, target in last.items() if target is not None]
        return sorted(found, key=lambda goal: (SCOPES.index(goal.key.scope), goal.key))

    def set(self, goals: Iterable[Goal], *, person: str, now: datetime | None = None) -> int:
        """Make these the goals in force, and return how many changed; others end.

        Args:
            goals: All goals from now on.
            person: Who sets them; empty without sign-in.
            now: When (aware); the present time unless given.
        """
        wanted = {goal.key: goal.target for goal in goals}
        known = dict(self.in_force())
        changed = {key: wanted.get(key) for key in {**known, **wanted} if wanted.get(key) != known.get(key)}
        rows = [
            {**key._asdict(), "target": target, "account_id": self._account, "person": person}
            | {"at": format_time(now or datetime.now(UTC))}
            for key, target in sorted(changed.items(), key=lambda item: item[0])
        ]
        if rows:
            with self._database.writing() as connection:
                connection.execute(GOALS.insert(), rows)
        return len(rows)

    def changes(self) -> pd.DataFrame:
        """Return every change of a goal, oldest first.

        Columns: goal_change (its number), scope, subject, metric, period, target (Int64; empty: the goal ended), set_at
        (UTC), set_by, in_force (whether it is the goal now).
        """
        rows = self._rows()
        last = {(row.scope, row.subject, row.metric, row.period): row.id for row in rows}
        values = [
            (row.id, row.scope, row.subject, row.metric, row.period, row.target, parse_time(row.at), row.person,
             row.target is not None and row.id in last.values())
            for row in rows
        ]  # fmt: skip
        frame = pd.DataFrame(values, columns=list(CHANGE_COLUMNS))
        frame["set_at"] = pd.to_datetime(frame["set_at"], utc=True)
        texts = dict.fromkeys(("scope", "subject", "metric", "period", "set_by"), "string")
        return frame.astype({**texts, "goal_change": "Int64", "target": "Int64", "in_force": "boolean"})

    def _rows(self) -> list[sa.Row[tuple[object, ...]]]:
        wanted = sa.select(GOALS).filter_by(account_id=self._account).order_by(GOALS.c.id)
        with self._database.reading() as connection:
            return list(connection.execute(wanted).all())
