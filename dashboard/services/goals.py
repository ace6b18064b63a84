"""The goals of an account with their pace: the one reading, for pages and files."""

from datetime import date, timedelta

import pandas as pd

from dashboard.analysis.goals import DAYS_BACK, pace_table
from dashboard.data.account_check.facts import NOTHING_SETTLED, AccountFacts
from dashboard.data.history import History
from dashboard.data.history.fetched import present_names
from dashboard.data.history.goals import Goals, read_goal_days
from dashboard.data.windows import MATURING_DAYS


def read_paces(history: History, timezone: str, today: date, facts: AccountFacts = NOTHING_SETTLED) -> pd.DataFrame:
    """Return how every goal of the account is kept, from the days that the history has; asks Klenty nothing.

    Args:
        history: The account's.
        timezone: The zone that its days are cut in.
        today: The day there that is not over yet.
        facts: Where events count on their own date, no replies of earlier days arrive.

    Returns:
        Columns of `pace_table`, and name: the owner, or the cadence's present name; empty for the account.

    Raises:
        DatabaseError: The history cannot be read.
    """
    goals = Goals(history.database, history.account).in_force()
    if not goals:
        return pace_table([], pd.DataFrame(columns=["scope", "subject"]), today).assign(name=pd.array([], "string"))
    days = read_goal_days(
        history.database,
        history.account,
        [goal.key for goal in goals],
        start=today - timedelta(days=DAYS_BACK),
        end=today - timedelta(days=1),
        timezone=timezone,
    )
    with history.database.reading() as connection:
        names = present_names(connection, history.account)
    maturing = 0 if facts.events_count_on_their_own_date else MATURING_DAYS
    table = pace_table(goals, days, today, maturing=maturing)
    shown = [names.get(subject, subject.removeprefix("name:")) for subject in table["subject"]]
    return table.assign(name=pd.array(shown, "string"))
