"""Alarms on bounces and unsubscribes that stay quiet on ordinary days (STATISTICS.md §7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from dashboard.analysis.stats.proportions import wilson
from dashboard.analysis.stats.shrinkage import fit

FALSE_ALARMS_PER_DAY: Final = 1 / 30
BASELINE_DAYS: Final = 28
FEWEST_EVENTS: Final = 3
FEWEST_TODAY: Final = 20
FEWEST_BASELINE: Final = 200
TIMES_BASELINE: Final = 1.5
FEWEST_WATCHED: Final = 50

Day = tuple[int, int]  # mails sent, events
Level = Literal["ok", "watch", "alert", "not_checked"]


@dataclass(frozen=True)
class Alarm:
    """Whether a day stands out: the chance of so many events on an ordinary day, and the limit it is held to.

    `tail` is None where the counts alone settle it: not checked, fewer than three events, or near the usual rate.
    """

    tail: float | None
    threshold: float
    label: Literal["ok", "alarm", "not_checked"]


def is_checked(baseline: Sequence[Day], today: Day) -> bool:
    """Whether there is enough to judge the day by: 20 mails today, 200 on the days it is held against.

    A day with more events than mails is no proportion (they belong to earlier mails), so it is not judged.
    """
    sent, events = today
    return sent >= FEWEST_TODAY and events <= sent and sum(n for n, _ in usable(baseline)) >= FEWEST_BASELINE


def usable(baseline: Sequence[Day]) -> list[Day]:
    """The days that a usual rate can be learned from: with mails, and with no more events than mails."""
    return [(sent, events) for sent, events in baseline if sent > 0 and 0 <= events <= sent]


def day_alarm(baseline: Sequence[Day], today: Day, tests_today: int) -> Alarm:
    """Hold today's (sent, events) against the (sent, events) of the 28 days before it that had mails.

    Days already flagged have to be left out of `baseline` by the caller. `tests_today` is how many such
    questions are asked today over all cadences; the limit is shared among them.
    """
    threshold = FALSE_ALARMS_PER_DAY / max(tests_today, 1)
    if not is_checked(baseline, today):
        return Alarm(None, threshold, "not_checked")
    sent, events = today
    days = usable(baseline)
    usual_rate = sum(x for _, x in days) / sum(n for n, _ in days)
    # The cheap conditions first: the fit takes many milliseconds, and nearly all days end here.
    if events < FEWEST_EVENTS or events / sent < TIMES_BASELINE * usual_rate:
        return Alarm(None, threshold, "ok")
    from scipy.stats import betabinom  # noqa: PLC0415  # slow to import

    usual = fit([x for _, x in days], [n for n, _ in days])
    tail = float(betabinom.sf(events - 1, sent, usual.alpha, usual.beta))
    return Alarm(tail, threshold, "alarm" if tail < threshold else "ok")


def level_alarm(events: int, trials: int, level: float) -> Level:
    """*alert* when the rate is surely above `level`, *watch* when only the point is and there are 50 trials."""
    if trials <= 0 or not 0 <= events <= trials:
        return "not_checked"
    low, _ = wilson(events, trials)
    if low > level:
        return "alert"
    return "watch" if events / trials > level and trials >= FEWEST_WATCHED else "ok"
