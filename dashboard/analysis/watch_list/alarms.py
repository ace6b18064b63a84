"""Alarms on bounces and unsubscribes that stay quiet on ordinary days (docs/statistics.md, "Alarms")."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from scipy.special import betainc, betaincinv
from scipy.stats import betabinom

from dashboard.analysis.stats.shrinkage import fit

FALSE_ALARMS_PER_DAY: Final = 1 / 60  # of each kind, days and weeks: together one a month where days differ little
BASELINE_DAYS: Final = 28
WEEK_DAYS: Final = 7
DAYS_NEEDED: Final = BASELINE_DAYS + WEEK_DAYS
FEWEST_EVENTS: Final = 3
FEWEST_TODAY: Final = 20
FEWEST_BASELINE: Final = 200
FEWEST_BASELINE_DAYS: Final = 8
FEWEST_WEEK: Final = 50
TIMES_BASELINE: Final = 1.5
FEWEST_WATCHED: Final = 50
FEWEST_LEVEL_EVENTS: Final = 2

Day = tuple[int, int]  # emails sent, events
Level = Literal["ok", "watch", "alert", "not_checked"]


@dataclass(frozen=True)
class Alarm:
    """Whether days stand out: the chance of so many events on ordinary days, and the limit it is held to.

    `tail` is None where it was not calculated: not checked, or a day whose counts alone settle it.
    """

    tail: float | None
    threshold: float
    label: Literal["ok", "alarm", "not_checked"]


def is_day_checked(baseline: Sequence[Day], today: Day) -> bool:
    """Return whether there is enough to judge the day by: 20 emails today, 200 on the days it is held against.

    A day with more events than emails is no proportion (they belong to earlier emails), so it is not judged.
    """
    sent, events = today
    return sent >= FEWEST_TODAY and events <= sent and sum(n for n, _ in usable(baseline)) >= FEWEST_BASELINE


def is_week_checked(baseline: Sequence[Day], week: Sequence[Day]) -> bool:
    """Return whether there is enough to judge a week by: 50 emails in it, 200 on at least 8 days before it."""
    sent, events = _sums(week)
    days = usable(baseline)
    enough = len(days) >= FEWEST_BASELINE_DAYS and _sums(days)[0] >= FEWEST_BASELINE
    return enough and sent >= FEWEST_WEEK and events <= sent


def usable(baseline: Sequence[Day]) -> list[Day]:
    """Return the days that a usual rate can be learned from: with emails, and with no more events than emails."""
    return [(sent, events) for sent, events in baseline if sent > 0 and 0 <= events <= sent]


def day_alarm(baseline: Sequence[Day], today: Day, tests_today: int) -> Alarm:
    """Hold one day against the days before it.

    Args:
        baseline: (emails sent, events) of the 28 days before, those flagged by an earlier day alarm left out.
        today: (emails sent, events) of the day.
        tests_today: How many such questions are asked today over all cadences; they share the limit.
    """
    threshold = FALSE_ALARMS_PER_DAY / max(tests_today, 1)
    if not is_day_checked(baseline, today):
        return Alarm(None, threshold, "not_checked")
    sent, events = today
    days = usable(baseline)
    baseline_sent, baseline_events = _sums(days)
    # The cheap conditions first: the fit takes many milliseconds, and nearly all days end here.
    if events < FEWEST_EVENTS or events / sent < TIMES_BASELINE * baseline_events / baseline_sent:
        return Alarm(None, threshold, "ok")
    usual = fit([x for _, x in days], [n for n, _ in days])
    tail = float(betabinom.sf(events - 1, sent, usual.alpha, usual.beta))
    return Alarm(tail, threshold, "alarm" if tail < threshold else "ok")


def week_alarm(baseline: Sequence[Day], week: Sequence[Day], tests_today: int) -> Alarm:
    """Hold the last seven days against the 28 days before them.

    How much days differ is measured on the baseline and widens what a week may bring by chance (negative binomial).

    Args:
        baseline: (emails sent, events) of the 28 days before the week, those flagged by a day alarm left out.
        week: (emails sent, events) of the days of the week.
        tests_today: How many such questions are asked today over all cadences; they share the limit.
    """
    threshold = FALSE_ALARMS_PER_DAY / max(tests_today, 1)
    if not is_week_checked(baseline, week):
        return Alarm(None, threshold, "not_checked")
    days = usable(baseline)
    (sent, events), (baseline_sent, baseline_events) = _sums(week), _sums(days)
    p = (baseline_events + 0.5) / (baseline_sent + 1)
    scatter = sum((x - n * p) ** 2 / (n * p * (1 - p)) for n, x in days) / (len(days) - 1)
    variance = max(1.0, scatter) * (1 + sent / baseline_sent)  # of the week's events, as a multiple of their mean
    # What `nbinom.sf(events - 1, mean / (variance - 1), 1 / variance)` gives, a hundred times as fast.
    tail = float(betainc(events, sent * p / (variance - 1), 1 - 1 / variance)) if events else 1.0
    stands_out = tail < threshold and events >= FEWEST_EVENTS and events / sent >= TIMES_BASELINE * p
    return Alarm(tail, threshold, "alarm" if stands_out else "ok")


def level_alarm(events: int, trials: int, level: float) -> Level:
    """Return *alert* when the rate is surely above `level`, *watch* when only the bare rate of 50 trials is.

    Sure is what the lower end of the 95 % Clopper–Pearson interval carries; one event alone says nothing.

    Args:
        events: the numerator.
        trials: the denominator.
        level: as a fraction.
    """
    if trials <= 0 or not 0 <= events <= trials:
        return "not_checked"
    if events < FEWEST_LEVEL_EVENTS:
        return "ok"
    if level_interval(events, trials)[0] > level:
        return "alert"
    return "watch" if events / trials > level and trials >= FEWEST_WATCHED else "ok"


def level_interval(events: int, trials: int) -> tuple[float, float]:
    """Return the two-sided 95 % Clopper–Pearson interval of events ÷ trials, as fractions."""
    low = float(betaincinv(events, trials - events + 1, 0.025)) if events else 0.0
    high = float(betaincinv(events + 1, trials - events, 0.975)) if events < trials else 1.0
    return low, high


def _sums(days: Sequence[Day]) -> Day:
    return sum(n for n, _ in days), sum(x for _, x in days)
