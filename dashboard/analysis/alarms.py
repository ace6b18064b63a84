"""Alarms on bounces and unsubscribes that stay quiet on ordinary days (STATISTICS.md §7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from dashboard.analysis.proportions import wilson
from dashboard.analysis.shrinkage import fit

FALSE_ALARMS_PER_DAY = 1 / 30
FEWEST_EVENTS = 3
FEWEST_TODAY = 20
FEWEST_BASELINE = 200
TIMES_BASELINE = 1.5
FEWEST_WATCHED = 50


@dataclass(frozen=True)
class Alarm:
    """Whether a day stands out: the chance of so many events on an ordinary day, and the limit it is held to."""

    tail: float | None
    threshold: float
    label: Literal["ok", "alarm", "not_checked"]


def day_alarm(baseline: Sequence[tuple[int, int]], today: tuple[int, int], tests_today: int) -> Alarm:
    """Hold today's (sent, events) against the (sent, events) of the 28 days before it that had mails.

    Days already flagged have to be left out of `baseline` by the caller. `tests_today` is how many such
    questions are asked today over all cadences; the limit is shared among them.
    """
    from scipy.stats import betabinom  # noqa: PLC0415  # slow to import

    threshold = FALSE_ALARMS_PER_DAY / max(tests_today, 1)
    sent, events = today
    before = sum(n for n, _ in baseline)
    if sent < FEWEST_TODAY or before < FEWEST_BASELINE or events > sent:
        return Alarm(None, threshold, "not_checked")
    usual = fit([x for _, x in baseline], [n for n, _ in baseline])
    tail = float(betabinom.sf(events - 1, sent, usual.alpha, usual.beta))
    rate_before = sum(x for _, x in baseline) / before
    stands_out = tail < threshold and events >= FEWEST_EVENTS and events / sent >= TIMES_BASELINE * rate_before
    return Alarm(tail, threshold, "alarm" if stands_out else "ok")


def level_alarm(events: int, trials: int, level: float) -> Literal["ok", "watch", "alert", "not_checked"]:
    """*alert* when the rate is surely above `level`, *watch* when only the point is and there are 50 trials."""
    if trials <= 0 or events > trials:
        return "not_checked"
    low, _ = wilson(events, trials)
    if low > level:
        return "alert"
    return "watch" if events / trials > level and trials >= FEWEST_WATCHED else "ok"
