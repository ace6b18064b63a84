"""A rate before and after a day, over the same weekdays, with the verdict of a change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import pandas as pd

from dashboard.analysis.metrics import METRICS, format_rate
from dashboard.analysis.performance.totals import Pair, pair_total
from dashboard.analysis.stats.change import Change, compare_periods
from dashboard.data.windows import format_days

LONGEST: Final = 28
_WEEK: Final = 7
SOMETHING_ELSE: Final = "Something else may have changed on these days, too."


@dataclass(frozen=True)
class BeforeAfter:
    """A rate over the days before and the days from a change on: sums of single days.

    `days` are how many each side has; fewer than 28 where the days after are not there yet.
    """

    rate: str
    days: int
    before: Pair
    after: Pair
    first_before: date
    first_after: date
    change: Change

    @property
    def sentence(self) -> str:
        """Both sides with their counts and days, and what may be said of the difference."""
        metric, span = METRICS[self.rate], timedelta(days=self.days - 1)
        sides = (
            f"{format_rate(pair.events, pair.trials, metric)} ({format_days(first, first + span)})"
            for pair, first in ((self.before, self.first_before), (self.after, self.first_after))
        )
        return f"{metric.label}: {' before, '.join(sides)} after. In short: {self.change.text}."


def before_and_after(daily: pd.DataFrame, day: date, rate: str, *, newest: date) -> BeforeAfter | None:
    """Return a rate before and after `day`; None without a day of counts on one of the sides.

    The 28 days from `day` on, as far as they are over and whole weeks where there is one, are held against as many days
    before, on the same weekdays.

    Args:
        daily: `engagements` of single days, of the cadences that it is about.
        day: The first day after.
        rate: Key of a rate.
        newest: The last day that is over.
    """
    days = min(LONGEST, (newest - day).days + 1)
    days -= days % _WEEK if days > _WEEK else 0
    if days < 1:
        return None
    back = timedelta(days=_WEEK * -(-days // _WEEK))
    once = daily.drop_duplicates(["cadence", "window_start"])
    at = once["window_start"].dt.date
    sides = [once[(at >= first) & (at < first + timedelta(days=days))] for first in (day - back, day)]
    before, after = (pair_total(side, rate) if len(side) else None for side in sides)
    if before is None or after is None:
        return None
    weeks = [_weeks(side, rate, first) for side, first in zip(sides, (day - back, day), strict=True)]
    change = compare_periods(before.events, before.trials, after.events, after.trials, weeks=weeks)
    return BeforeAfter(rate, days, before, after, day - back, day, change)


def _weeks(side: pd.DataFrame, rate: str, first: date) -> Sequence[tuple[float, float]]:
    number = [(stamp.date() - first).days // _WEEK for stamp in side["window_start"]]
    pairs = [pair_total(part, rate) for _, part in side.groupby(number)]
    return [(pair.events, pair.trials) for pair in pairs if pair is not None]
