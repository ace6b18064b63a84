"""An always-valid test of two options: how strongly their counts speak against equal rates.

The e-value may be looked at every day: under equal rates the chance that it ever reaches 20 is at most 1 in 20,
and in simulation far less (STATISTICS.md §4; Lindon & Malek, *Anytime-Valid Inference for Multinomial Count
Data*, NeurIPS 2022). All functions return the natural logarithm of e.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

WINNING_E = 20.0
CONCENTRATION = 20.0  # how firmly the alternative sticks to equal rates; STATISTICS.md's c
_SPREAD = 0.45  # of the log ratio under the alternative, for the daily form
_NODES = 81
_EXPOSURE_DAYS = 7  # an event today belongs to mails of about the last week
_WIDEST_LOG_RATIO = 12.0


def log_e(sent_a: float, events_a: float, sent_b: float, events_b: float) -> float:
    """Evidence from whole-life counts; 0 when either option has no mails.

    Under equal rates each event is a's with the probability of a's share of the mails, whatever the common rate.
    """
    if sent_a <= 0 or sent_b <= 0:
        return 0.0
    return _log_e_at_share(sent_a / (sent_a + sent_b), events_a, events_b)


def _log_e_at_share(share: float, events_a: float, events_b: float) -> float:
    from scipy.special import betaln, xlogy  # noqa: PLC0415  # slow to import

    c = CONCENTRATION
    other = 1.0 - share
    gain = betaln(c * share + events_a, c * other + events_b) - betaln(c * share, c * other)
    return float(gain - xlogy(events_a, share) - xlogy(events_b, other))


def log_e_by_day(sent_a: Any, events_a: Any, sent_b: Any, events_b: Any) -> float:
    """Evidence from daily counts: arrays of equal length, one entry a day, oldest first.

    Each day is compared at its own share of the mails of the last seven days, so an option that came late, was
    paused or re-weighted gains nothing from the days on which it ran alone: those are left out.
    """
    return _log_e_days(_days(sent_a, events_a, sent_b, events_b), log_ratio=0.0)


def ratio_interval(sent_a: float, events_a: float, sent_b: float, events_b: float) -> tuple[float, float]:
    """All ratios rate a ÷ rate b that the counts do not speak against (e below 20): lowest and highest.

    (0, inf) when there is nothing to compare.
    """
    if sent_a <= 0 or sent_b <= 0 or events_a + events_b <= 0:
        return 0.0, math.inf
    share = sent_a / (sent_a + sent_b)

    def at(log_ratio: float) -> float:
        odds = share / (1 - share) * math.exp(log_ratio)
        return _log_e_at_share(odds / (1 + odds), events_a, events_b)

    return _interval(at, centre=math.log((events_a + 0.5) / sent_a) - math.log((events_b + 0.5) / sent_b))


def ratio_interval_by_day(sent_a: Any, events_a: Any, sent_b: Any, events_b: Any) -> tuple[float, float]:
    """`ratio_interval` from daily counts."""
    days = _days(sent_a, events_a, sent_b, events_b)
    x_a, x_b, share = days
    if len(share) == 0 or x_a.sum() + x_b.sum() <= 0:
        return 0.0, math.inf
    expected_a = float((x_a + x_b) @ share)
    expected_b = float((x_a + x_b) @ (1 - share))
    centre = math.log((x_a.sum() + 0.5) / (expected_a + 0.5)) - math.log((x_b.sum() + 0.5) / (expected_b + 0.5))
    return _interval(lambda log_ratio: _log_e_days(days, log_ratio), centre=centre)


def _interval(at: Callable[[float], float], centre: float) -> tuple[float, float]:
    """Where `at`, convex around its minimum near `centre`, crosses log 20 on either side."""
    from scipy.optimize import brentq, minimize_scalar  # noqa: PLC0415  # slow to import

    limit = math.log(WINNING_E)
    best = float(minimize_scalar(at, bounds=(centre - 3, centre + 3), method="bounded").x)

    def crossing(direction: float) -> float:
        end = best + direction * _WIDEST_LOG_RATIO
        if at(end) < limit:
            return direction * math.inf
        return float(brentq(lambda value: at(value) - limit, best, end, xtol=1e-9))

    low, high = crossing(-1.0), crossing(1.0)
    return math.exp(low), math.exp(high)


def _days(sent_a: Any, events_a: Any, sent_b: Any, events_b: Any) -> tuple[Any, Any, Any]:
    """Events of a, events of b and a's share of the mails, for the days on which both options were running."""
    exposure_a, exposure_b = _exposure(sent_a), _exposure(sent_b)
    both = (exposure_a > 0) & (exposure_b > 0)
    share = exposure_a[both] / (exposure_a[both] + exposure_b[both])
    return np.asarray(events_a, float)[both], np.asarray(events_b, float)[both], share


def _exposure(sent: Any) -> Any:
    total = np.concatenate([[0.0], np.cumsum(np.asarray(sent, float))])
    end = np.arange(1, len(total))
    return total[end] - total[np.maximum(end - _EXPOSURE_DAYS, 0)]


def _log_e_days(days: tuple[Any, Any, Any], log_ratio: float) -> float:
    from scipy.special import logsumexp  # noqa: PLC0415  # slow to import

    x_a, x_b, share = days
    if len(share) == 0:
        return 0.0
    odds = share / (1 - share) * math.exp(log_ratio)
    share = odds / (1 + odds)
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    d = _SPREAD * nodes[:, None]
    gain = (x_a * d - (x_a + x_b) * np.log1p(share * np.expm1(d))).sum(axis=1)
    return float(logsumexp(gain, b=weights / weights.sum()))


def p_value(log_evidence: float) -> float:
    """An upper bound of the p-value, valid however often one looks."""
    return min(1.0, math.exp(-log_evidence))


def mails_needed(rate: float, *, lift: float = 0.5, options: int = 2) -> float:
    """Mails per option until a true lift of `lift` over `rate` is found with 80 % chance.

    `options` is the number of compared options; `inf` for a rate of 0. Source: STATISTICS.md §4.
    """
    from scipy.optimize import brentq  # noqa: PLC0415  # slow to import
    from scipy.stats import norm  # noqa: PLC0415

    if not 0 < rate < 1:
        return math.inf
    low, high = rate, min(rate * (1 + lift), 0.999)
    theta = high / (low + high)
    z = float(norm.ppf(0.8 ** (1 / (max(options, 2) - 1))))

    def shortfall(log_n: float) -> float:
        n = math.exp(log_n)
        events = n * (low + high)
        deviation = math.sqrt(theta * (1 - theta) / events * (theta * (1 - low) + (1 - theta) * (1 - high)))
        share = theta - z * deviation
        if share <= 0.5:
            return -math.log(WINNING_E)
        return log_e(n, events * share, n, events * (1 - share)) - math.log(WINNING_E)

    return math.exp(float(brentq(shortfall, 0.0, math.log(1e9))))
