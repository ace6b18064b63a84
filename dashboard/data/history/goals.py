"""Goals of an account: kept with who set them and when. Rows are only added, so every change stays known."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Final

import pandas as pd
import sqlalchemy as sa

from dashboard.data.database import Database
from dashboard.data.database.accounts import format_time, parse_time
from dashboard.data.database.tables import ACCOUNT_DAYS, CURRENT_WINDOWS, GOALS, SERIES
from dashboard.data.goals import BY_NAME, GOAL_METRICS, SCOPES, Goal, GoalKey
from dashboard.data.history.account_days import ALL
from dashboard.data.history.rows import day_number, day_of

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


def read_goal_days(
    database: Database, account: int, keys: Iterable[GoalKey], *, start: date, end: date, timezone: str
) -> pd.DataFrame:
    """Return the daily counts that these goals are held against.

    Args:
        database: Where the history is.
        account: The account's number in it.
        keys: What the goals are for.
        start: First day.
        end: Last day, included.
        timezone: The zone in which the days were cut when they were asked.

    Returns:
        Columns scope, subject, day (date) and the counts of `GOAL_METRICS` (Int64, empty where not reported); no row
        for a day of which nothing is known. The account and owners are sums over their cadences, so a prospect who was
        added to two of them counts twice.

    Raises:
        DatabaseError: The database cannot be read.
    """
    wanted = {(key.scope, key.subject) for key in keys}
    owners = [ALL if scope == "account" else subject for scope, subject in wanted if scope != "cadence"]
    days, window = ACCOUNT_DAYS.c, CURRENT_WINDOWS.c
    between = (day_number(start), day_number(end))
    sums = (
        sa.select(days.owner, days.day, *(days[name] for name in GOAL_METRICS))
        .where(days.account_id == account, days.timezone == timezone, days.owner.in_(owners))
        .where(days.day.between(*between))
    )
    subject = sa.func.coalesce(SERIES.c.cadence_id, sa.literal(BY_NAME).concat(SERIES.c.cadence)).label("subject")
    own = (
        sa.select(subject, window.first_day, *(window[name] for name in GOAL_METRICS))
        .join_from(SERIES, CURRENT_WINDOWS, SERIES.c.id == window.series_id)
        .where(SERIES.c.account_id == account, SERIES.c.timezone == timezone)
        .where(window.days == 1, window.first_day.between(*between), window.engagement_at.is_not(None))
        .where(subject.in_([subject for scope, subject in wanted if scope == "cadence"]))
    )
    with database.reading() as connection:
        rows: list[tuple[object, ...]] = [
            ("account" if row[0] == ALL else "owner", "" if row[0] == ALL else row[0], *row[1:])
            for row in connection.execute(sums)
        ]
        rows += [("cadence", *row) for row in connection.execute(own)]
    frame = pd.DataFrame(rows, columns=["scope", "subject", "day", *GOAL_METRICS])
    frame["day"] = [day_of(int(number)) for number in frame["day"]]
    return frame.astype({"scope": "string", "subject": "string"} | dict.fromkeys(GOAL_METRICS, "Int64"))
