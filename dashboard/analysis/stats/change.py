"""Has a rate changed between two periods, or does it only look so (STATISTICS.md §6)?"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal

from dashboard.analysis.metrics import whole
from dashboard.analysis.stats.proportions import LEVEL

ChangeLabel = Literal["up", "down", "no clear change", "too little data", "no comparison"]

FEWEST_TRIALS: Final = 20
FEWEST_EVENTS: Final = 10
_SMALLEST_P: Final = 1e-12


@dataclass(frozen=True)
class Change:
    """The difference of two rates, now − before, as a fraction, with its 95 % interval and what may be said of it.

    All three numbers are None for *no comparison*. `among` is how many rows were looked at together when that is why
    a change is not called one.
    """

    difference: float | None
    low: float | None
    high: float | None
    label: ChangeLabel
    among: int | None = None

    @property
    def text(self) -> str:
        """In words, with the interval in percentage points: “up by 1.2 points (+0.3 to +2.1 points)”."""
        if self.difference is None or self.low is None or self.high is None:
            return self.label
        interval = f"({_points(self.low)} to {_points(self.high)} points)"
        if self.among is not None:
            return f"no clear change among {self.among} {interval}"
        if self.label in {"no clear change", "too little data"}:
            return f"{self.label} {interval}"
        return f"{self.label} by {_points(abs(self.difference), sign='')} points {interval}"


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


def compare_many(rows: Iterable[tuple[object, object, object, object]]) -> list[Change]:
    """`compare_periods` of many rows that are read together, in their order.

    Of twenty rows without any change, one shows up as *up* or *down* by chance. So these words stay only where they
    hold at a false discovery rate of 5 % over all rows that can be judged; the others become *no clear change*.
    """
    counts = list(rows)
    changes = [compare_periods(*row) for row in counts]
    judged = [at for at, change in enumerate(changes) if change.label in {"up", "down", "no clear change"}]
    if not judged:
        return changes
    from statsmodels.stats.multitest import multipletests  # noqa: PLC0415  # slow to import

    kept = multipletests([_p_value(counts[at], changes[at]) for at in judged], LEVEL, method="fdr_bh")[0]
    for at, holds in zip(judged, kept, strict=True):
        if not holds and changes[at].label != "no clear change":
            changes[at] = replace(changes[at], label="no clear change", among=len(judged))
    return changes


def _p_value(row: tuple[object, object, object, object], change: Change) -> float:
    """The level at which Newcombe's interval just reaches 0, so that words and intervals cannot disagree.

    1 where 0 lies inside at 5 %: how far inside does not matter to the correction.
    """
    if change.label == "no clear change":
        return 1.0
    from scipy.optimize import brentq  # noqa: PLC0415  # slow to import

    x_before, n_before, x_now, n_now = (whole(count) or 0 for count in row)

    def nearest_bound(log_level: float) -> float:
        low, high = _newcombe(x_now, n_now, x_before, n_before, level=math.exp(log_level))
        return low if change.label == "up" else -high

    least = math.log(_SMALLEST_P)
    return _SMALLEST_P if nearest_bound(least) > 0 else math.exp(brentq(nearest_bound, least, math.log(LEVEL)))


def _newcombe(x_now: int, n_now: int, x_before: int, n_before: int, level: float = LEVEL) -> tuple[float, float]:
    from statsmodels.stats.proportion import confint_proportions_2indep  # noqa: PLC0415  # slow to import

    low, high = confint_proportions_2indep(
        x_now, n_now, x_before, n_before, method="newcomb", compare="diff", alpha=level
    )
    return max(float(low), -1.0), min(float(high), 1.0)


def _points(fraction: float, sign: str = "+") -> str:
    """A difference in percentage points; at least one digit that is not 0 unless it is 0."""
    points = 100 * fraction
    digits = 1 if abs(points) >= 0.95 or points == 0 else 2
    return f"{points:{sign}.{digits}f}".replace("-", "−")


_NONE = Change(None, None, None, "no comparison")
