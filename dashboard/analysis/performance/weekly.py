"""The chosen cadences together, week by week: each week's own answers added up, as the cards add up the range."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import pandas as pd

from dashboard.analysis.metrics import Per
from dashboard.analysis.performance import totals, trends

COUNTS: Final = ("emails_sent", "replies", "positive_replies", "negative_replies", "unmarked_replies")


def weekly_counts(engagements: pd.DataFrame, weeks: Sequence[tuple[date, date]]) -> pd.DataFrame:
    """Return a row for every week: start, end, cadences (how many answered) and `COUNTS` (Int64).

    A count is empty where no cadence reported it; a cadence that did not report one is left out of its sum.

    Args:
        engagements: Weekly windows of all chosen cadences; weeks that are not there yet are rows without counts.
        weeks: First and last day of each week, oldest first.
    """
    once = engagements.drop_duplicates(["cadence", "window_start"])
    sums = once.groupby(once["window_start"].dt.date)[list(COUNTS)].sum(min_count=1)
    sums = sums.assign(cadences=once.groupby(once["window_start"].dt.date)["cadence"].size())
    starts = [start for start, _ in weeks]
    found = sums.reindex(starts).astype("Int64").reset_index(drop=True)
    found.insert(0, "end", pd.Series([end for _, end in weeks], dtype="object"))
    found.insert(0, "start", pd.Series(starts, dtype="object"))
    return found.assign(cadences=found["cadences"].fillna(0))


def weekly_rates(
    engagements: pd.DataFrame, weeks: Sequence[tuple[date, date]], metric: str, per: Per
) -> tuple[float | None, ...]:
    """Return a rate for every week, over all cadences that reported both its counts; None where there is none.

    Args:
        engagements: weekly windows of all chosen cadences.
        weeks: first and last day of each, oldest first.
        metric: key of a rate without its denominator.
        per: the denominator that is asked for: prospects contacted or emails sent.
    """
    rate = trends.over(metric, per, engagements)
    by_week = dict(tuple(engagements.groupby(engagements["window_start"].dt.date)))
    return tuple(_rate(by_week.get(start), rate) for start, _ in weeks)


def _rate(engagements: pd.DataFrame | None, rate: str) -> float | None:
    pair = None if engagements is None else totals.pair_total(engagements.drop_duplicates("cadence"), rate)
    return pair.events / pair.trials if pair and pair.trials else None
