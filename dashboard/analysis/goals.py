"""Goals and pace: what is due, and whether a period will end at its goal (docs/statistics.md, "Pace").

Counts are those of complete days, up to yesterday. What is due follows the weekdays of the last eight weeks. Where the
period will end is what is in, plus the rest at the weekly rate of those weeks, with their own spread from week to week.
Days whose replies are still arriving belong to the rest.
"""

import calendar
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from scipy.stats import t

from dashboard.analysis.metrics import METRICS
from dashboard.analysis.stats.proportions import Floats
from dashboard.data.goals import Goal, Period

Word = Literal["on pace", "behind", "ahead", "cannot tell yet"]
WEEKS: Final = 8
FEWEST_WEEKS: Final = 4
COVERAGE: Final = 0.80
WORTH_SEEING: Final = 0.25  # a shortfall that is too large to be called on pace
DAYS_BACK: Final = WEEKS * 7 + 6 + 7 + 92  # a quarter, and the weeks before what is still arriving
SOONEST: Final = 0.05  # the part of the goal that has to be due before a word is said
LATE: Final = ("replies", "positive_replies")
_WORKING_WEEK: Final = (0.2, 0.2, 0.2, 0.2, 0.2, 0.0, 0.0)


@dataclass(frozen=True)
class Pace:
    """The state of a period.

    `done` is what complete days have, empty where some of them are not known; `due` the part of the goal that belongs
    to them. The period ends between `low` and `high` with 80 % certainty, empty where that cannot be told.
    """

    target: int
    first: date
    last: date
    done: int | None
    due: float
    low: float | None
    high: float | None
    word: Word
    note: str


def period_of(day: date, period: Period) -> tuple[date, date]:
    """Return first and last day of the week (from Monday), month or quarter that holds `day`."""
    if period == "week":
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(days=6)
    month = day.month if period == "month" else (day.month - 1) // 3 * 3 + 1
    end = day.month if period == "month" else month + 2
    return day.replace(month=month, day=1), date(day.year, end, calendar.monthrange(day.year, end)[1])


def pace(target: int, period: Period, counts: Mapping[date, int], today: date, *, maturing: int = 0) -> Pace:
    """Return the state of the period of `today`.

    Args:
        target: The goal, at least 1.
        period: Its kind.
        counts: What was counted on each known day; days that are not known are missing.
        today: The day that is not over yet, in the account's zone.
        maturing: On how many days before it events are still arriving. They are counted, and are expected to end as
            the weeks before them did.
    """
    first, last = period_of(today, period)
    settled = today - timedelta(days=maturing)
    weeks = _weeks(counts, settled)
    profile = _profile(weeks)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    over, open_days = [day for day in days if day < today], [day for day in days if day >= settled]
    whole = sum(profile[day.weekday()] for day in days)
    due = target * sum(profile[day.weekday()] for day in over) / whole
    missing = [day for day in over if day not in counts]
    if missing:
        number = "1 day" if len(missing) == 1 else f"{len(missing)} days"
        note = f"{number} of this {period} not fetched yet."
        return Pace(target, first, last, None, due, None, None, "cannot tell yet", note)
    done = sum(counts[day] for day in over)
    rest = sum(profile[day.weekday()] for day in open_days)
    if done >= target:
        return Pace(target, first, last, done, due, float(done), None, "ahead", "The goal is reached.")
    if len(weeks) < FEWEST_WEEKS:
        note = f"Fewer than {FEWEST_WEEKS} whole weeks are known."
        return Pace(target, first, last, done, due, None, None, "cannot tell yet", note)
    if due < SOONEST * target:
        note = f"The {period} has only begun."
        return Pace(target, first, last, done, due, None, None, "cannot tell yet", note)
    low, high = _end(sum(counts[day] for day in over if day < settled), rest, weeks.sum(axis=1))
    low, high = max(low, float(done)), max(high, float(done))
    word = _word(target, low, high)
    note = (
        f"It ends between {low:,.0f} and {high:,.0f} with {COVERAGE:.0%} certainty, at the rate of {len(weeks)} weeks."
    )
    return Pace(target, first, last, done, due, low, high, word, note.replace("%", " %"))


def _weeks(counts: Mapping[date, int], today: date) -> Floats:
    """Return the last complete weeks that are wholly known, a row for each with its seven days, newest first."""
    monday = today - timedelta(days=today.weekday())
    rows = []
    for back in range(1, WEEKS + 1):
        days = [monday + timedelta(days=number - 7 * back) for number in range(7)]
        if all(day in counts for day in days):
            rows.append([counts[day] for day in days])
    return np.array(rows, dtype=np.float64).reshape(-1, 7)


def _profile(weeks: Floats) -> Sequence[float]:
    """Return each weekday's share of a week; working days alike while fewer than four weeks are known."""
    total = float(weeks.sum())
    if len(weeks) < FEWEST_WEEKS or not total:
        return _WORKING_WEEK
    return [float(share) for share in weeks.sum(axis=0) / total]


def _end(settled: int, rest: float, weekly: Floats) -> tuple[float, float]:
    """Return between which counts the period ends: `settled` is in, and `rest` weeks are open.

    The spread of the weeks is theirs, but at least that of counts by chance; that their mean is known only as well as
    so many weeks tell is a part of it.
    """
    mean, number = float(weekly.mean()), len(weekly)
    spread = max(float(weekly.var(ddof=1)), mean)
    half = float(t.ppf(0.5 + COVERAGE / 2, number - 1)) * math.sqrt(spread * (rest + rest**2 / number))
    return settled + mean * rest - half, settled + mean * rest + half


def _word(target: int, low: float, high: float) -> Word:
    if high < target:
        return "behind"
    if low > target:
        return "ahead"
    return "on pace" if low >= (1 - WORTH_SEEING) * target else "cannot tell yet"


PACE_COLUMNS: Final = (
    "scope",
    "subject",
    "metric",
    "period",
    "first_day",
    "last_day",
    "target",
    "done",
    "due",
    "low",
    "high",
    "pace",
    "note",
)


def pace_table(goals: Sequence[Goal], days: pd.DataFrame, today: date, *, maturing: int = 0) -> pd.DataFrame:
    """Return the state of every goal in the period of `today`, in the order of the goals.

    Args:
        goals: Those in force.
        days: scope, subject, day (dates) and the counts, up to yesterday (`read_goal_days`).
        today: The day that is not over yet, in the account's zone.
        maturing: On how many days before it replies are still arriving.

    Returns:
        Columns scope, subject, metric, period, first_day, last_day (dates), target, done (Int64), due, low, high
        (Float64), pace (the word), note.
    """
    by_subject = dict(iter(days.groupby(["scope", "subject"], sort=False)))
    rows = []
    for key, target in goals:
        own = by_subject.get((key.scope, key.subject), days.iloc[:0])
        late = maturing if key.metric in LATE else 0
        found = pace(target, key.period, counts_of(own, key.metric), today, maturing=late)
        told = (found.done, found.due, found.low, found.high, found.word, found.note)
        rows.append((*key, found.first, found.last, target, *told))
    frame = pd.DataFrame(rows, columns=list(PACE_COLUMNS))
    texts = dict.fromkeys(("scope", "subject", "metric", "period", "pace", "note"), "string")
    numbers = {"target": "Int64", "done": "Int64", "due": "Float64", "low": "Float64", "high": "Float64"}
    return frame.astype(texts | numbers)


def in_words(row: Mapping[Any, Any]) -> str:
    """Return a row of `pace_table` in a few words: "38 of 50 replies this month, 41 due"."""
    metric = METRICS[row["metric"]].label.lower()
    done = "not all known" if pd.isna(row["done"]) else f"{row['done']:,}"
    return f"{done} of {row['target']:,} {metric} this {row['period']}, {row['due']:,.0f} due"


def counts_of(days: pd.DataFrame, metric: str) -> dict[date, int]:
    """Return the counts of days on which the metric is reported, by day (columns day and the metric)."""
    known: Iterable[tuple[date, int]] = days[["day", metric]].dropna().itertuples(index=False, name=None)
    return {day: int(count) for day, count in known}


_SURE: Final = {"behind": "behind the goal", "ahead": "ahead of the goal"}


def sentence(table: pd.DataFrame) -> str:
    """Return what is sure about the account's goals, as one sentence; empty when nothing is.

    Args:
        table: Rows of `pace_table`.
    """
    own = table[table["scope"] == "account"].to_dict("records")
    sure = [row for word in ("behind", "ahead") for row in own if row["pace"] == word]
    if not sure:
        return ""
    told = "; ".join(f"{_SURE[row['pace']]} with {in_words(row)}" for row in sure[:2])
    return f"{told[:1].upper()}{told[1:]}."
