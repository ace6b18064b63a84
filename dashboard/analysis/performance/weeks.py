"""Whole weeks of a rate, in the three groups by which a change between two periods is judged."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta

import pandas as pd

from dashboard.analysis.metrics import METRICS, events_and_trials
from dashboard.analysis.stats.change import Weeks
from dashboard.data.windows import Window, comparison_weeks

Counts = tuple[int, int]


@dataclass(frozen=True)
class WeeklyCounts:
    """(events, trials) of a rate by cadence, in the weeks of three groups: before, now, earlier.

    A week is None where it is not wholly known.
    """

    groups: tuple[tuple[Window, ...], ...] = ()
    _known: dict[tuple[str, date], Counts] = field(default_factory=dict, repr=False)

    def of(self, cadence: str) -> Weeks:
        """Return the known weeks of one cadence."""
        return self.total([cadence])

    def total(self, cadences: Collection[str]) -> Weeks:
        """Return the weeks of several cadences together: those that are known of every one of them."""
        return [[told for week in group if (told := self._in_week(week, cadences))] for group in self.groups]

    def _in_week(self, week: Window, cadences: Collection[str]) -> Counts | None:
        parts = [self._known.get((name, week.start)) for name in cadences]
        return _sum([part for part in parts if part is not None], len(parts)) if parts else None


NO_WEEKS = WeeklyCounts()


def weekly_counts(windows: pd.DataFrame | None, now: Window, earlier: Window, rate: str) -> WeeklyCounts:
    """Return the weekly counts of a rate for comparing `now` with `earlier`.

    Args:
        windows: Engagements of single days or whole weeks, as `read_weeks` returns them; None without a history.
        now: The later period.
        earlier: The period it is compared with.
        rate: A rate of the registry.
    """
    if windows is None or windows.empty:
        return NO_WEEKS
    events, trials = events_and_trials(windows, METRICS[rate])
    counts = pd.DataFrame(
        {
            "cadence": windows["cadence"].astype("string"),
            "start": windows["window_start"].dt.date,
            "end": windows["window_end"].dt.date,
            "x": events,
            "n": trials,
        }
    ).dropna()
    keys = zip(counts["cadence"], counts["start"], counts["end"], strict=True)
    known = dict(zip(keys, zip(counts["x"].astype(int), counts["n"].astype(int), strict=True), strict=True))
    groups = comparison_weeks(now, earlier)
    found = {}
    for name in counts["cadence"].unique():
        for week in {week for group in groups for week in group}:
            days = [week.start + timedelta(days=day) for day in range(7)]
            parts = [known.get((name, day, day)) for day in days]
            answer = known.get((name, week.start, week.end)) or _sum([part for part in parts if part is not None], 7)
            if answer is not None:
                found[name, week.start] = answer
    return WeeklyCounts(groups, found)


def _sum(parts: list[Counts], needed: int) -> Counts | None:
    return (sum(x for x, _ in parts), sum(n for _, n in parts)) if len(parts) == needed else None
