"""Goals: what an account, an owner or a cadence aims at in every week, month or quarter; as tables and CSV."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, NamedTuple, get_args

import pandas as pd

from klenty_api import Cadence

Scope = Literal["account", "owner", "cadence"]
Period = Literal["week", "month", "quarter"]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
PERIODS: Final[tuple[Period, ...]] = get_args(Period)
BY_NAME: Final = "name:"
_LARGEST: Final = 10**9
GOAL_METRICS: Final = ("emails_sent", "prospects_added", "replies", "positive_replies")
GOAL_COLUMNS: Final = ("scope", "subject", "metric", "period", "target")


class GoalError(ValueError):
    """A row that is no goal; the message says which one and why, for people."""


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


def cadence_key(cadence: Cadence) -> str:
    """Return what a cadence is called in a goal: Klenty's id, or its name where it has none."""
    return cadence.id or f"{BY_NAME}{cadence.name}"


def goals_of(table: pd.DataFrame, cadences: Sequence[Cadence]) -> list[Goal]:
    """Return the goals of a table that a person filled in, or of a CSV file.

    Args:
        table: Columns scope, subject (an owner, or a cadence by its name; empty for the account), metric, period,
            target. Rows with nothing in them are left out.
        cadences: The account's, whose names may be used.

    Raises:
        GoalError: A row is no goal, or two are for the same.
    """
    missing = [name for name in GOAL_COLUMNS if name not in table]
    if missing:
        raise GoalError(f"The column {missing[0]} is missing; the columns are {', '.join(GOAL_COLUMNS)}.")
    known: dict[str, str] = {cadence.name: cadence_key(cadence) for cadence in reversed(cadences) if cadence.name}
    found: dict[GoalKey, int] = {}
    for number, row in enumerate(table[list(GOAL_COLUMNS)].to_dict("records"), 1):
        texts = {str(name): "" if pd.isna(value) else str(value).strip() for name, value in row.items()}
        if not any(texts.values()):
            continue
        key, target = _goal(number, texts, known)
        if key in found:
            raise GoalError(f"Row {number} is for the same as an earlier row: one goal for each.")
        found[key] = target
    return [Goal(key, target) for key, target in found.items()]


def _goal(number: int, texts: Mapping[str, str], cadences: Mapping[str, str]) -> tuple[GoalKey, int]:
    scope, subject, metric, period = (texts[name] for name in GOAL_COLUMNS[:4])
    for name, allowed in (("scope", SCOPES), ("metric", GOAL_METRICS), ("period", PERIODS)):
        if texts[name] not in allowed:
            raise GoalError(f"Row {number}: {name} is one of {', '.join(allowed)}.")
    try:
        target = int(float(texts["target"]))
    except (ValueError, OverflowError):
        target = 0
    if not 1 <= target <= _LARGEST:
        raise GoalError(f"Row {number}: the target is a whole number from 1 to {_LARGEST:,}.")
    if scope == "cadence":
        if subject not in cadences:
            raise GoalError(f"Row {number}: the account lists no cadence of this name.")
        subject = cadences[subject]
    elif (scope == "owner") != bool(subject):
        what = "name the owner by email address" if scope == "owner" else "leave the subject of the account empty"
        raise GoalError(f"Row {number}: {what}.")
    return GoalKey(scope, subject, metric, period), target  # type: ignore[arg-type]  # checked above


def goals_table(goals: Iterable[Goal], cadences: Sequence[Cadence]) -> pd.DataFrame:
    """Return goals as a table for people (columns as `goals_of` takes them), cadences by their present names."""
    names = {cadence_key(cadence): cadence.name or "" for cadence in cadences}
    rows = [(*goal.key._replace(subject=names.get(goal.key.subject, goal.key.subject)), goal.target) for goal in goals]
    frame = pd.DataFrame(rows, columns=list(GOAL_COLUMNS))
    return frame.astype(dict.fromkeys(GOAL_COLUMNS[:4], "string") | {"target": "Int64"})
