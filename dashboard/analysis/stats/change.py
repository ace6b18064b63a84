"""Has a rate changed between two periods, or does it only look so (docs/statistics.md, "Changes")?"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from scipy.optimize import brentq
from scipy.stats import false_discovery_control, norm, t
from statsmodels.stats.proportion import confint_proportions_2indep

from dashboard.analysis.metrics import as_int
from dashboard.analysis.stats.proportions import LEVEL

ChangeLabel = Literal["up", "down", "maturing", "no clear change", "too little data", "no comparison"]
Basis = Literal["weeks", "counts"]
Tone = Literal["good", "bad", "neutral"]
Weeks = Sequence[Sequence[tuple[float, float]]]

FEWEST_TRIALS: Final = 20
FEWEST_EVENTS: Final = 10
FEWEST_DEGREES: Final = 3  # of freedom, for how much weeks differ
_SMALLEST_P: Final = 1e-12
COUNTS_ONLY: Final = "beyond chance; weeks differ for other reasons, too"


@dataclass(frozen=True)
class Chip:
    """The one word or two under a figure. It is coloured (*good*, *bad*) only where the change is proven."""

    text: str
    tone: Tone = "neutral"


@dataclass(frozen=True)
class Change:
    """The difference of two rates, now − before, as a fraction, with its 95 % interval and what may be said of it.

    All three numbers are None for *no comparison*. `dispersion` is how much more weeks differ than chance alone would
    make them (1: no more); None, with `basis` "counts", where too few weeks are known to tell. `among` is how many
    rows were looked at together when that is why a change is not called one.
    """

    difference: float | None
    low: float | None
    high: float | None
    label: ChangeLabel
    dispersion: float | None = None
    basis: Basis = "counts"
    among: int | None = None

    @property
    def text(self) -> str:
        """In words, with the interval in percentage points: "up by 1.2 points (+0.3 to +2.1 points)".

        Where weeks were not known, up and down are beyond chance only, and it says so.
        """
        if self.difference is None or self.low is None or self.high is None:
            return self.label
        interval = self._interval_text
        if self.among is not None:
            return f"no clear change among {self.among} {interval}"
        if self.label not in {"up", "down"}:
            return f"{self.label} {interval}"
        limit = f", {COUNTS_ONLY}" if self.basis == "counts" else ""
        return f"{self.label} by {_points(abs(self.difference), sign='')} points {interval}{limit}"

    @property
    def points(self) -> str:
        """Return the difference without a judgement: "+1.2 points (+0.3 to +2.1 points)"; empty without one."""
        return "" if self.difference is None else f"{_points(self.difference)} points {self._interval_text}"

    @property
    def _interval_text(self) -> str:
        return f"({_points(self.low or 0.0)} to {_points(self.high or 0.0)} points)"

    @property
    def note(self) -> str:
        """How much weeks differ, for a hover; empty where they are not known (`text` says what that limits)."""
        if self.difference is None or self.basis == "counts":
            return ""
        if self.dispersion == 1:
            return "Held against how much this rate differs from week to week: no more than by chance."
        return f"Held against how much this rate differs from week to week: {self.dispersion:.1f} × what chance does."

    def while_maturing(self) -> "Change":
        """Return it as it may be told while events of the newest days still arrive: a fall may be theirs."""
        return replace(self, label="maturing") if self.label == "down" else self

    def chip(self, *, maturing: bool = False, lower_is_better: bool = False) -> Chip | None:
        """Return the chip for a figure; None where nothing is compared.

        Args:
            maturing: Events of the newest days are still arriving: a fall may be theirs, so it is not called one.
            lower_is_better: A rise is bad news, as with bounces.
        """
        if self.difference is None:
            return None
        if self.label == "too little data":
            return Chip("too few")
        if self.label == "maturing" or (self.label == "down" and maturing):
            return Chip("maturing")
        if self.label not in {"up", "down"}:
            return Chip("normal")
        good = (self.label == "up") != lower_is_better
        tone: Tone = "neutral" if self.basis == "counts" else "good" if good else "bad"
        return Chip(f"{self.label} {_points(abs(self.difference), sign='')} pt", tone)


@dataclass(frozen=True)
class _Scatter:
    """How much more weeks differ than by chance (`dispersion`), from so many `degrees` of freedom."""

    dispersion: float
    degrees: int

    def widening(self, level: float) -> float:
        """Return how many times as wide an interval of that level has to be."""
        if self.dispersion <= 1:
            return 1.0
        return math.sqrt(self.dispersion) * float(t.isf(level / 2, self.degrees) / norm.isf(level / 2))


def compare_periods(
    events_before: object, trials_before: object, events_now: object, trials_now: object, *, weeks: Weeks = ()
) -> Change:
    """Compare events ÷ trials of two disjoint periods.

    *up* or *down* only when the 95 % interval of the difference (Newcombe's, widened by how much weeks differ beyond
    chance) leaves out 0; *too little data* with fewer than 20 trials in a period or 10 events in both together; *no
    comparison* when a count is missing, a period has no trials, or events exceed trials (then it is no proportion).

    Args:
        events_before: Events of the earlier period.
        trials_before: Trials of the earlier period.
        events_now: Events of the later period.
        trials_now: Trials of the later period.
        weeks: Three groups (before, now, earlier), each a list of (events, trials) of whole weeks.
    """
    counts = _counts(events_before, trials_before, events_now, trials_now)
    if counts is None:
        return _NONE
    x_before, n_before, x_now, n_now = counts
    scatter = _scatter(weeks)
    low, high = _interval(counts, scatter, LEVEL)
    label: ChangeLabel = "no clear change"
    if min(n_before, n_now) < FEWEST_TRIALS or x_before + x_now < FEWEST_EVENTS:
        label = "too little data"
    elif low > 0:
        label = "up"
    elif high < 0:
        label = "down"
    known = (scatter.dispersion, "weeks") if scatter else (None, "counts")
    return Change(x_now / n_now - x_before / n_before, low, high, label, *known)


def compare_many(
    rows: Iterable[tuple[object, object, object, object]], weeks: Sequence[Weeks] | None = None
) -> list[Change]:
    """Return `compare_periods` of many rows that are read together, in their order; `weeks` holds those of every row.

    Of twenty rows without any change, one shows up as *up* or *down* by chance. So these words stay only where they
    hold at a false discovery rate of 5 % over all rows that can be judged; the others become *no clear change*.
    """
    counts = list(rows)
    groups: Sequence[Weeks] = [()] * len(counts) if weeks is None else weeks
    changes = [compare_periods(*row, weeks=own) for row, own in zip(counts, groups, strict=True)]
    judged = [at for at, change in enumerate(changes) if change.label in {"up", "down", "no clear change"}]
    if not judged:
        return changes
    adjusted = false_discovery_control([_p_value(counts[at], groups[at], changes[at]) for at in judged])
    for at, p_value in zip(judged, adjusted, strict=True):
        if p_value > LEVEL and changes[at].label != "no clear change":
            changes[at] = replace(changes[at], label="no clear change", among=len(judged))
    return changes


def _counts(*values: object) -> tuple[int, int, int, int] | None:
    """Return both periods' events and trials; None where they are no two proportions."""
    known = [count for count in map(as_int, values) if count is not None]
    if len(known) < 4:
        return None
    x_before, n_before, x_now, n_now = known
    proper = 0 <= x_before <= n_before and 0 <= x_now <= n_now and n_before and n_now
    return (x_before, n_before, x_now, n_now) if proper else None


def _scatter(weeks: Weeks) -> _Scatter | None:
    """Return how much the weeks of each group differ from each other; None when they are too few to tell."""
    chi_square, degrees = 0.0, 0
    for group in weeks:
        usable = [(x, n) for x, n in group if n > 0 and 0 <= x <= n]
        events, trials = sum(x for x, _ in usable), sum(n for _, n in usable)
        if len(usable) < 2 or not 0 < events < trials:
            continue
        p = events / trials
        chi_square += sum((x - n * p) ** 2 / (n * p * (1 - p)) for x, n in usable)
        degrees += len(usable) - 1
    return _Scatter(max(1.0, chi_square / degrees), degrees) if degrees >= FEWEST_DEGREES else None


def _interval(counts: tuple[int, int, int, int], scatter: _Scatter | None, level: float) -> tuple[float, float]:
    """Return Newcombe's interval of now − before, stretched about the difference by the scatter of weeks."""
    x_before, n_before, x_now, n_now = counts
    low, high = _newcombe(x_now, n_now, x_before, n_before, level)
    if scatter is None:
        return low, high
    difference, widening = x_now / n_now - x_before / n_before, scatter.widening(level)
    low, high = difference - widening * (difference - low), difference + widening * (high - difference)
    return max(low, -1.0), min(high, 1.0)


def _p_value(row: tuple[object, object, object, object], weeks: Weeks, change: Change) -> float:
    """Return the level at which the interval just reaches 0, so that words and intervals cannot disagree.

    1 where 0 lies inside at 5 %: how far inside does not matter to the correction.
    """
    counts = _counts(*row)
    if change.label == "no clear change" or counts is None:
        return 1.0
    scatter = _scatter(weeks)

    def nearest_bound(log_level: float) -> float:
        low, high = _interval(counts, scatter, math.exp(log_level))
        return low if change.label == "up" else -high

    least = math.log(_SMALLEST_P)
    return _SMALLEST_P if nearest_bound(least) > 0 else math.exp(brentq(nearest_bound, least, math.log(LEVEL)))


def _newcombe(x_now: int, n_now: int, x_before: int, n_before: int, level: float) -> tuple[float, float]:
    low, high = confint_proportions_2indep(
        x_now, n_now, x_before, n_before, method="newcomb", compare="diff", alpha=level
    )
    return max(float(low), -1.0), min(float(high), 1.0)


def _points(fraction: float, sign: str = "+") -> str:
    """Return a difference in percentage points; at least one digit that is not 0 unless it is 0."""
    points = 100 * fraction
    digits = 1 if abs(points) >= 0.95 or points == 0 else 2
    return f"{points:{sign}.{digits}f}".replace("-", "−")


_NONE = Change(None, None, None, "no comparison")
