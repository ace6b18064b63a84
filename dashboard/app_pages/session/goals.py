"""The goals of the account that this session sees: how they are kept, and setting them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import pandas as pd

from dashboard.app_pages.session import sign_in
from dashboard.app_pages.session.account_notes import facts
from dashboard.app_pages.session.connection import connect, listing
from dashboard.app_pages.session.memo import cached_history_read
from dashboard.data.goals import Goal, GoalKey
from dashboard.data.history import History
from dashboard.data.history.goals import Goals
from dashboard.data.roles import Role
from dashboard.services.goals import read_paces


def paces() -> pd.DataFrame | None:
    """Return how the goals are kept (`read_paces`); None without goals, and while there is no history.

    Days are those of the settings' zone, in which the history is filled.
    """
    timezone = connect().settings.timezone
    found = cached_history_read(read_paces, timezone, datetime.now(ZoneInfo(timezone)).date(), facts())
    return None if found is None or found.empty else found


def of_scope(table: pd.DataFrame | None, scope: str) -> pd.DataFrame | None:
    """Return the goals of the account, of owners, or of cadences; None when there are none."""
    found = None if table is None else table[table["scope"] == scope]
    return None if found is None or found.empty else found


def weekly_replies(names: Collection[str]) -> int | None:
    """Return the account's weekly goal for replies, where these are all of its active cadences; None otherwise.

    Args:
        names: The cadences shown: a goal of the account says nothing of a part of it.
    """
    cadences = listing().cadences
    active = {cadence.name for cadence in cadences if cadence.name and cadence.is_active is not False}
    if not active or not active <= set(names):
        return None
    key = GoalKey("account", "", "replies", "week")
    return next((goal.target for goal in in_force() or () if goal.key == key), None)


def changes() -> pd.DataFrame | None:
    """Return every change of a goal; None while there is no history."""
    return cached_history_read(_changes)


def in_force() -> list[Goal] | None:
    """Return the goals in force; None while there is no history."""
    return cached_history_read(_in_force)


def _changes(history: History) -> pd.DataFrame:
    return Goals(history.database, history.account).changes()


def _in_force(history: History) -> list[Goal]:
    return Goals(history.database, history.account).in_force()


def save(goals: Sequence[Goal]) -> int:
    """Make these the goals of the account, if the visitor is an admin at this moment; return how many changed.

    Raises:
        PermissionError: The visitor is no admin any more.
        DatabaseError: They cannot be kept.
    """
    history = connect().history
    if history is None or not sign_in.may_now(Role.ADMIN):
        raise PermissionError
    changed = Goals(history.database, history.account).set(goals, person=sign_in.current().email)
    history.writes += 1  # what was read before is outdated
    return changed
