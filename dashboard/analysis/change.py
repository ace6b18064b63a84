"""Has a rate changed between two periods, or does it only look so (STATISTICS.md §6)?"""

from dataclasses import dataclass
from typing import Final, Literal

from dashboard.analysis.metrics import whole

ChangeLabel = Literal["up", "down", "no clear change", "too little data", "no comparison"]

FEWEST_TRIALS: Final = 20
FEWEST_EVENTS: Final = 10


@dataclass(frozen=True)
class Change:
    """The difference of two rates, now − before, as a fraction, with its 95 % interval and what may be said of it.

    All three numbers are None for *no comparison*.
    """

    difference: float | None
    low: float | None
    high: float | None
    label: ChangeLabel

    @property
    def text(self) -> str:
        """In words, with the interval in percentage points: “up by 1.2 points (0.3 to 2.1)”."""
        if self.difference is None or self.low is None or self.high is None or self.label == "too little data":
            return self.label
        interval = f"{_points(self.low)} to {_points(self.high)} points"
        if self.label == "no clear change":
            return f"no clear change ({interval})"
        return f"{self.label} by {_points(abs(self.difference), sign='')} points ({interval})"


def compare_periods(events_before: object, trials_before: object, events_now: object, trials_now: object) -> Change:
    """Compare events ÷ trials of two disjoint periods of equal length.

    *up* or *down* only when Newcombe's 95 % interval of the difference leaves out 0; *too little data* with fewer
    than 20 trials in a period or 10 events in both together; *no comparison* when a count is missing, a period
    has no trials, or events exceed trials (then it is no proportion).
    """
    counts = [whole(value) for value in (events_before, trials_before, events_now, trials_now)]
    known = [count for count in counts if count is not None]
    if len(known) < 4:
        return _NONE
    x_before, n_before, x_now, n_now = known
    if not (0 <= x_before <= n_before and 0 <= x_now <= n_now and n_before and n_now):
        return _NONE
    low, high = _newcombe(x_now, n_now, x_before, n_before)
    difference = x_now / n_now - x_before / n_before
    label: ChangeLabel = "no clear change"
    if min(n_before, n_now) < FEWEST_TRIALS or x_before + x_now < FEWEST_EVENTS:
        label = "too little data"
    elif low > 0:
        label = "up"
    elif high < 0:
        label = "down"
    return Change(difference, low, high, label)


def _newcombe(x_now: int, n_now: int, x_before: int, n_before: int) -> tuple[float, float]:
    from statsmodels.stats.proportion import confint_proportions_2indep  # noqa: PLC0415  # slow to import

    low, high = confint_proportions_2indep(x_now, n_now, x_before, n_before, method="newcomb", compare="diff")
    return max(float(low), -1.0), min(float(high), 1.0)


def _points(fraction: float, sign: str = "+") -> str:
    """A difference in percentage points; at least one digit that is not 0 unless it is 0."""
    points = 100 * fraction
    digits = 1 if abs(points) >= 0.95 or points == 0 else 2
    return f"{points:{sign}.{digits}f}".replace("-", "−")


_NONE = Change(None, None, None, "no comparison")
