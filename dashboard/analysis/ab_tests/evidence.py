"""An always-valid test of two options: how strongly their counts speak against equal rates.

The e-value may be looked at every day: under equal rates the chance that it ever reaches 20 is at most 1 in 20,
and in simulation far less (STATISTICS.md §4; Lindon & Malek, *Anytime-Valid Inference for Multinomial Count
Data*, NeurIPS 2022). All functions return the natural logarithm of e.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, overload

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

WINNING_E = 20.0
LOG_WINNING = math.log(WINNING_E)
CONCENTRATION = 20.0  # how firmly the alternative sticks to equal rates; STATISTICS.md's c
_SPREAD = 0.45  # of the log ratio under the alternative, for the daily form
_NODES = 81
EXPOSURE_DAYS = 7  # an event today belongs to mails of about the last week
_WIDEST_LOG_RATIO = 12.0
_MOST_MAILS = 1e9
_HALVINGS = 60


@overload
def log_e(sent_a: float, events_a: float, sent_b: float, events_b: float) -> float: ...
@overload
def log_e(sent_a: Floats, events_a: Floats, sent_b: Floats, events_b: Floats) -> Floats: ...
def log_e(sent_a: Any, events_a: Any, sent_b: Any, events_b: Any) -> Any:
    """Evidence from whole-life counts, of one pair or of arrays of pairs; 0 when either option has no mails.

    Under equal rates each event is a's with the probability of a's share of the mails, whatever the common rate.
    """
    n_a, x_a, n_b, x_b = (np.asarray(value, float) for value in (sent_a, events_a, sent_b, events_b))
    both = (n_a > 0) & (n_b > 0)
    share = np.where(both, n_a, 1.0) / np.where(both, n_a + n_b, 2.0)
    found = np.where(both, _log_e_at_share(share, x_a, x_b), 0.0)
    return float(found) if found.ndim == 0 else found


def _log_e_at_share(share: Any, events_a: Any, events_b: Any) -> Any:
    from scipy.special import betaln, xlogy  # noqa: PLC0415  # slow to import

    c = CONCENTRATION
    other = 1.0 - share
    gain = betaln(c * share + events_a, c * other + events_b) - betaln(c * share, c * other)
    return gain - xlogy(events_a, share) - xlogy(events_b, other)


def log_e_by_day(sent_a: Any, events_a: Any, sent_b: Any, events_b: Any) -> float:
    """Evidence from daily counts: arrays of equal length, one entry a day, oldest first, no day left out.

    Each day is compared at its own share of the mails of the last seven days, so an option that came late, was
    paused or re-weighted gains nothing from the days on which it ran alone: those are left out.
    """
    return _log_e_days(_days(sent_a, events_a, sent_b, events_b), log_ratio=0.0)


@dataclass(frozen=True)
class Path:
    """How the evidence of a pair stood at the end of every day on which an event came while both were running.

    `day` counts from the first entry of the daily counts; `log_e` is the evidence up to that day, and `ahead` by
    how many events a had more than its share of the mails would give it (negative: b is ahead).
    """

    day: npt.NDArray[np.int64]
    log_e: Floats
    ahead: Floats

    @property
    def last(self) -> float:
        """The evidence as it stands."""
        return float(self.log_e[-1]) if len(self.log_e) else 0.0

    @property
    def lead(self) -> float:
        """`ahead` as it stands."""
        return float(self.ahead[-1]) if len(self.ahead) else 0.0

    def won(self, *, by_a: bool, limit: float = LOG_WINNING) -> int | None:
        """The first day at whose end the evidence was enough for a (or b) against the other; None if never."""
        reached = (self.log_e >= limit) & (self.ahead > 0 if by_a else self.ahead < 0)
        return int(self.day[np.argmax(reached)]) if reached.any() else None

    def best(self, *, by_a: bool) -> float:
        """The strongest evidence there ever was for a (or b); −inf when it never was ahead."""
        own = self.log_e[self.ahead > 0 if by_a else self.ahead < 0]
        return float(own.max()) if len(own) else -math.inf


def path(sent_a: Any, events_a: Any, sent_b: Any, events_b: Any) -> Path:
    """`log_e_by_day` at the end of every day, from arrays as it takes them."""
    return path_of(*_days(sent_a, events_a, sent_b, events_b))


def path_of(x_a: Floats, x_b: Floats, share: Floats, day: npt.NDArray[np.int64]) -> Path:
    """`path` from what `days_of` gives."""
    if not len(day):
        return Path(day, np.zeros(0), np.zeros(0))
    d, lift, log_weights = _mixture()
    gain = np.cumsum(x_a * d - (x_a + x_b) * np.log1p(share * lift), axis=1)
    gain += log_weights
    # scipy's logsumexp takes ten times as long for so many small ones.
    most = gain.max(axis=0)
    np.exp(gain - most, out=gain)
    return Path(day, most + np.log(gain.sum(axis=0)), np.cumsum(x_a - (x_a + x_b) * share))


def ratio(sent_a: float, events_a: float, sent_b: float, events_b: float) -> float | None:
    """The most likely rate a ÷ rate b; inf when only b had no event, None when neither had one."""
    if sent_a <= 0 or sent_b <= 0 or events_a + events_b <= 0:
        return None
    return math.inf if events_b <= 0 else (events_a / sent_a) / (events_b / sent_b)


def ratio_by_day(sent_a: Any, events_a: Any, sent_b: Any, events_b: Any) -> float | None:
    """`ratio` from daily counts: the one under which a has just the events its days give it."""
    x_a, x_b, share, _ = _days(sent_a, events_a, sent_b, events_b)
    if x_a.sum() + x_b.sum() <= 0:
        return None
    if x_b.sum() <= 0:
        return math.inf
    return math.exp(_most_likely(x_a, x_b, share)) if x_a.sum() > 0 else 0.0


def ratio_interval(
    sent_a: float, events_a: float, sent_b: float, events_b: float, *, limit: float = LOG_WINNING
) -> tuple[float, float]:
    """All ratios rate a ÷ rate b that the counts do not speak against (log e below `limit`): lowest and highest.

    (0, inf) when there is nothing to compare.
    """
    if sent_a <= 0 or sent_b <= 0 or events_a + events_b <= 0:
        return 0.0, math.inf
    share = sent_a / (sent_a + sent_b)

    def at(log_ratio: float) -> float:
        odds = share / (1 - share) * math.exp(log_ratio)
        return float(_log_e_at_share(odds / (1 + odds), events_a, events_b))

    return _interval(at, math.log((events_a + 0.5) / sent_a) - math.log((events_b + 0.5) / sent_b), limit)


def ratio_interval_by_day(
    sent_a: Any, events_a: Any, sent_b: Any, events_b: Any, *, limit: float = LOG_WINNING
) -> tuple[float, float]:
    """`ratio_interval` from daily counts."""
    x_a, x_b, share, day = _days(sent_a, events_a, sent_b, events_b)
    if x_a.sum() + x_b.sum() <= 0:
        return 0.0, math.inf
    # Half an event on either side keeps the middle finite where one option had none.
    half = np.full(1, 0.5)
    middle = np.append(share, (x_a + x_b) @ share / (x_a.sum() + x_b.sum()))
    centre = _most_likely(np.append(x_a, half), np.append(x_b, half), middle)
    return _interval(lambda log_ratio: _log_e_days((x_a, x_b, share, day), log_ratio), centre, limit)


def _most_likely(x_a: Floats, x_b: Floats, share: Floats) -> float:
    """The log ratio at which a's events are what its shares let expect; both options need events."""
    from scipy.optimize import brentq  # noqa: PLC0415  # slow to import
    from scipy.special import expit, logit  # noqa: PLC0415

    log_odds, both, wanted = logit(share), x_a + x_b, float(x_a.sum())
    # No ratio beyond these: at them even the day with the most lopsided split gives a too few, or too many.
    reach = float(np.log(wanted / x_b.sum()))
    low, high = reach - float(log_odds.max()) - 1, reach - float(log_odds.min()) + 1
    return float(brentq(lambda log_ratio: float(both @ expit(log_odds + log_ratio)) - wanted, low, high, xtol=1e-12))


def _interval(at: Callable[[float], float], centre: float, limit: float) -> tuple[float, float]:
    """Where `at` crosses `limit` on either side of `centre`, the most likely log ratio (there it is about 0)."""
    from scipy.optimize import brentq  # noqa: PLC0415  # slow to import

    def crossing(direction: float) -> float:
        end = centre + direction * _WIDEST_LOG_RATIO
        if at(end) < limit:
            return direction * math.inf
        return float(brentq(lambda value: at(value) - limit, centre, end, xtol=1e-9))

    return math.exp(crossing(-1.0)), math.exp(crossing(1.0))


Days = tuple[Floats, Floats, Floats, npt.NDArray[np.int64]]


def _days(sent_a: Any, events_a: Any, sent_b: Any, events_b: Any) -> Days:
    x_a, x_b = np.asarray(events_a, float), np.asarray(events_b, float)
    return days_of(exposure(sent_a), exposure(sent_b), x_a, x_b)


def days_of(exposure_a: Floats, exposure_b: Floats, x_a: Floats, x_b: Floats) -> Days:
    """Events of a and of b, a's share of the mails, and the day's number: the days with an event and both running."""
    # A day without an event says nothing: its term is 0.
    day = np.flatnonzero((exposure_a > 0) & (exposure_b > 0) & (x_a + x_b > 0))
    share = exposure_a[day] / (exposure_a[day] + exposure_b[day])
    return x_a[day], x_b[day], share, day


def exposure(sent: Any) -> Floats:
    """Mails of the last seven days, for every day (first axis); what events of that day may answer to."""
    total = np.cumsum(np.asarray(sent, float), axis=0)
    total[EXPOSURE_DAYS:] -= total[:-EXPOSURE_DAYS].copy()
    return np.asarray(total, dtype=np.float64)


@cache
def _mixture() -> tuple[Floats, Floats, Floats]:
    """The log ratios of the alternative (a column), their ratios − 1, and the logarithms of their weights."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    log_ratios = _SPREAD * nodes[:, None]
    return log_ratios, np.expm1(log_ratios), np.log(weights / weights.sum())[:, None]


def _log_e_days(days: Days, log_ratio: float) -> float:
    from scipy.special import expit, logit, logsumexp  # noqa: PLC0415  # slow to import

    x_a, x_b, share, _ = days
    if not len(share):
        return 0.0
    d, lift, log_weights = _mixture()
    if log_ratio:
        share = expit(logit(share) + log_ratio)
    gain = (x_a * d - (x_a + x_b) * np.log1p(share * lift)).sum(axis=1, keepdims=True)
    return float(logsumexp(gain + log_weights))


def p_value(log_evidence: float) -> float:
    """An upper bound of the p-value, valid however often one looks."""
    return min(1.0, math.exp(min(0.0, -log_evidence)))


@overload
def mails_needed(rate: float, *, lift: float = ..., options: int = ..., limit: float = ...) -> float: ...
@overload
def mails_needed(rate: Floats, *, lift: float = ..., options: Any = ..., limit: float = ...) -> Floats: ...
def mails_needed(rate: Any, *, lift: float = 0.5, options: Any = 2, limit: float = LOG_WINNING) -> Any:
    """Mails per option until a true lift of `lift` over `rate` is found with 80 % chance; also for arrays of steps.

    `options` is the number of compared options. `inf` for a rate of 0 or 1, and beyond a billion mails.
    """
    from scipy.special import ndtri  # noqa: PLC0415  # slow to import

    low = np.atleast_1d(np.asarray(rate, float))
    usable = (low > 0) & (low < 1)
    low = np.where(usable, low, 0.5)
    high = np.maximum(np.minimum(low * (1 + lift), 0.999), low)
    theta = high / (low + high)
    z = ndtri(0.8 ** (1 / (np.maximum(options, 2) - 1)))
    spread = np.sqrt(theta * (1 - theta) * (theta * (1 - low) + (1 - theta) * (1 - high)))

    def found(n: Floats) -> npt.NDArray[np.bool_]:
        events = n * (low + high)
        share = theta - z * spread / np.sqrt(events)
        enough = log_e(n, events * share.clip(0.5), n, events * (1 - share.clip(0.5))) >= limit
        return np.asarray((share > 0.5) & enough, dtype=np.bool_)

    below, above = np.zeros(len(low)), np.full(len(low), math.log(_MOST_MAILS))
    reachable = usable & found(np.exp(above))
    for _ in range(_HALVINGS):
        middle = (below + above) / 2
        enough = found(np.exp(middle))
        below, above = np.where(enough, below, middle), np.where(enough, middle, above)
    needed = np.where(reachable, np.exp(above), math.inf)
    return float(needed[0]) if np.ndim(rate) == 0 else needed
