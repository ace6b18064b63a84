"""A rate before and after a day, over the same weekdays, with the verdict of a change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import pandas as pd

from dashboard.analysis.metrics import METRICS, format_rate
from dashboard.analysis.performance.totals import Pair, pair_total
from dashboard.analysis.stats.change import Change, compare_periods
from dashboard.data.account_check.facts import NOTHING_SETTLED, AccountFacts
from dashboard.data.windows import Window, format_days, maturing_since

LONGEST: Final = 28
_WEEK: Final = 7
_PLACE: Final = ["cadence", "place"]
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


def before_and_after(
    daily: pd.DataFrame, day: date, rate: str, *, newest: date, facts: AccountFacts = NOTHING_SETTLED
) -> BeforeAfter | None:
    """Return a rate before and after `day`; None without a day of counts on one of the sides.

    The 28 days from `day` on, as far as they are over and whole weeks where there is one, are held against as many days
    before, on the same weekdays. Of each cadence only days count whose counterpart is known, too. While replies to the
    newest days are still arriving, no change is called a fall.

    Args:
        daily: `engagements` of single days, of the cadences that it is about.
        day: The first day after.
        rate: Key of a rate.
        newest: The last day that is over.
        facts: What the account check settled.
    """
    days = min(LONGEST, (newest - day).days + 1)
    days -= days % _WEEK if days > _WEEK else 0
    if days < 1:
        return None
    back = timedelta(days=_WEEK * -(-days // _WEEK))
    once = daily.drop_duplicates(["cadence", "window_start"])
    known = once.dropna(subset=list(dict.fromkeys(METRICS[rate].columns)))
    sides = [_place(known, first, days) for first in (day - back, day)]
    sides = [one.merge(other[_PLACE], on=_PLACE) for one, other in (sides, sides[::-1])]
    before, after = (pair_total(side, rate) if len(side) else None for side in sides)
    if before is None or after is None:
        return None
    weeks = [_weeks(side, rate) for side in sides]
    change = compare_periods(before.events, before.trials, after.events, after.trials, weeks=weeks)
    span = Window(day, day + timedelta(days=days - 1), str(once["window_start"].dt.tz))
    if maturing_since(span, newest + timedelta(days=1), facts) is not None:
        change = change.while_maturing()
    return BeforeAfter(rate, days, before, after, day - back, day, change)


def _place(daily: pd.DataFrame, first: date, days: int) -> pd.DataFrame:
    """Return the days from `first` on, each with its place among them."""
    place = pd.Series([(stamp.date() - first).days for stamp in daily["window_start"]], daily.index, dtype="int64")
    return daily.assign(place=place)[(place >= 0) & (place < days)]


def _weeks(side: pd.DataFrame, rate: str) -> Sequence[tuple[float, float]]:
    pairs = [pair_total(part, rate) for _, part in side.groupby(side["place"] // _WEEK)]
    return [(pair.events, pair.trials) for pair in pairs if pair is not None]
