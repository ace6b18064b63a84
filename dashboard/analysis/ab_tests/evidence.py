"""An always-valid test of two options: how strongly their counts say that one has the higher rate.

Evidence is an e-value, returned as its natural logarithm. It may be looked at every day: between equal options the
chance that it ever reaches 20 is below 1 in 46 for each direction, whatever the options' shares of the mails did
(docs/statistics.md; Lindon & Malek, *Anytime-Valid Inference for Multinomial Count Data*, NeurIPS 2022).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final, NamedTuple, overload

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import betaln, expit, logit, ndtri, xlogy

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

LOG_WINNING: Final = math.log(20.0)
CONCENTRATION: Final = 20.0  # of the prior on a's share of the events, for whole-life counts
# Length and days back of the windows of mails that an event of a day may answer to.
WINDOWS: Final = ((1, 0), (3, 0), (7, 0), (14, 0), (7, 7))
_WEEK, _FORTNIGHT = 2, 3  # places of (7, 0) and (14, 0)
_STEADY: Final = 3.0  # standard errors within which a window's share is that of the last week
_SPREAD: Final = 0.45  # of the log ratio under the alternative
_NODES: Final = 81
_WIDEST_LOG_RATIO: Final = 12.0
_MOST_MAILS: Final = 1e9
_HALVINGS: Final = 60
_PORTION: Final = 4096  # event days worked on together: what fits the processor's cache


class PairCounts(NamedTuple):
    """Mails and events of options a and b, one entry a day, oldest first, no day left out.

    The events of the first `leave_out` days are not counted: after a change of copy they answer to the old one.
    """

    sent_a: Any
    events_a: Any
    sent_b: Any
    events_b: Any
    leave_out: int = 0


@dataclass(frozen=True, eq=False)
class PairedDays:
    """The days that count of one or more pairs: with an event, both options having sent within a fortnight.

    Under equal rates an event of such a day is a's with a probability between `share_low` and `share_high`. The days
    of pair i are those from `bounds[i]` up to `bounds[i + 1]`; `day` counts from the pair's first day.
    """

    day: Integers
    events_a: Floats
    events_b: Floats
    share_low: Floats
    share_high: Floats
    bounds: Integers

    @property
    def reversed(self) -> "PairedDays":
        """The same days of b against a."""
        return PairedDays(self.day, self.events_b, self.events_a, 1 - self.share_high, 1 - self.share_low, self.bounds)


@dataclass(frozen=True, eq=False)
class EvidencePath:
    """The evidence that a beats b at the end of every day, as a logarithm."""

    log_e: Floats

    @property
    def today(self) -> float:
        """The evidence at the end of the last day."""
        return float(self.log_e[-1]) if len(self.log_e) else log_start()

    @cached_property
    def strongest_on(self) -> int:
        """The first day (from 0) with the strongest evidence."""
        return int(np.argmax(self.log_e)) if len(self.log_e) else 0

    @property
    def max_log_e(self) -> float:
        """The strongest evidence there ever was."""
        return float(self.log_e[self.strongest_on]) if len(self.log_e) else log_start()


# ---- whole-life counts


@overload
def log_e(sent_a: float, events_a: float, sent_b: float, events_b: float) -> float: ...
@overload
def log_e(sent_a: Floats, events_a: Floats, sent_b: Floats, events_b: Floats) -> Floats: ...
def log_e(sent_a: Any, events_a: Any, sent_b: Any, events_b: Any) -> Any:
    """Return the evidence of whole-life counts that two rates differ, in either direction; also for arrays of pairs.

    0 where either option has no mails. Right only while the options shared the mails alike all the time.

    Args:
        sent_a: mails of a.
        events_a: its replies.
        sent_b: mails of b.
        events_b: its replies.
    """
    n_a, x_a, n_b, x_b = (np.asarray(value, float) for value in (sent_a, events_a, sent_b, events_b))
    both = (n_a > 0) & (n_b > 0)
    share = np.where(both, n_a, 1.0) / np.where(both, n_a + n_b, 2.0)
    found = np.where(both, _log_e_at_share(share, x_a, x_b), 0.0)
    return float(found) if found.ndim == 0 else found


def _log_e_at_share(share: Any, events_a: Any, events_b: Any) -> Any:
    c = CONCENTRATION
    other = 1.0 - share
    gain = betaln(c * share + events_a, c * other + events_b) - betaln(c * share, c * other)
    return gain - xlogy(events_a, share) - xlogy(events_b, other)


def signed_log_e(sent_a: float, events_a: float, sent_b: float, events_b: float) -> float:
    """Return `log_e` as evidence that a beats b: below 0 where a's rate is not the higher one.

    Args:
        sent_a: mails of a.
        events_a: its replies.
        sent_b: mails of b.
        events_b: its replies.
    """
    found = log_e(sent_a, events_a, sent_b, events_b)
    return found if events_a * sent_b > events_b * sent_a else -abs(found)


def ratio(sent_a: float, events_a: float, sent_b: float, events_b: float) -> float | None:
    """Return rate a ÷ rate b: inf when only b had no event, None when neither had one.

    Args:
        sent_a: mails of a.
        events_a: its replies.
        sent_b: mails of b.
        events_b: its replies.
    """
    if sent_a <= 0 or sent_b <= 0 or events_a + events_b <= 0:
        return None
    return math.inf if events_b <= 0 else (events_a / sent_a) / (events_b / sent_b)


def ratio_interval(
    sent_a: float, events_a: float, sent_b: float, events_b: float, *, limit: float = LOG_WINNING
) -> tuple[float, float]:
    """Return the lowest and highest rate a ÷ rate b that the counts do not speak against (log e below `limit`).

    (0, inf) when there is nothing to compare.

    Args:
        sent_a: mails of a.
        events_a: its replies.
        sent_b: mails of b.
        events_b: its replies.
        limit: log of the evidence.
    """
    if sent_a <= 0 or sent_b <= 0 or events_a + events_b <= 0:
        return 0.0, math.inf
    share = sent_a / (sent_a + sent_b)
    centre = math.log((events_a + 0.5) / sent_a) - math.log((events_b + 0.5) / sent_b)

    def at(log_ratio: float) -> float:
        odds = share / (1 - share) * math.exp(log_ratio)
        return float(_log_e_at_share(odds / (1 + odds), events_a, events_b))

    return _crossing(at, centre, -1, limit), _crossing(at, centre, 1, limit)


def _crossing(
    at: Callable[[float], float], centre: float, direction: int, limit: float, step: float = _WIDEST_LOG_RATIO
) -> float:
    """Return the ratio at which `at` (a function of the log ratio, small at `centre`) reaches `limit`; 0 or inf if
    nowhere.

    It is looked for within `step` first, then farther away.
    """
    near = centre
    while at(far := centre + direction * step) < limit:
        if step >= _WIDEST_LOG_RATIO:
            return 0.0 if direction < 0 else math.inf
        near, step = far, min(2 * step, _WIDEST_LOG_RATIO)
    return math.exp(brentq(lambda log_ratio: at(log_ratio) - limit, near, far, xtol=1e-9))


# ---- daily counts


def log_e_by_day(sent_a: Any, events_a: Any, sent_b: Any, events_b: Any, *, leave_out: int = 0) -> float:
    """Return the evidence that a beats b as it is today, from daily counts.

    Args:
        sent_a: Mails of option a, one entry a day, oldest first, no day left out; `sent_b` alike.
        events_a: Its events on the same days; `events_b` alike.
        leave_out: The events of that many first days are not counted (14 after a change of copy).

    Returns:
        Its natural logarithm; −0.84 before any event. Days on which one of them had not sent for a fortnight add
        nothing, so an option that started late, was paused or re-weighted gains nothing from having run alone.
    """
    return _log_e(paired_days([PairCounts(sent_a, events_a, sent_b, events_b, leave_out)]))


def log_e_path(sent_a: Any, events_a: Any, sent_b: Any, events_b: Any, *, leave_out: int = 0) -> Floats:
    """Return `log_e_by_day` as it was at the end of every day, one entry a day.

    Args:
        sent_a: mails of a, one entry a day.
        events_a: its replies, one entry a day.
        sent_b: mails of b, one entry a day.
        events_b: its replies, one entry a day.
        leave_out: days at the start that do not count.
    """
    days = paired_days([PairCounts(sent_a, events_a, sent_b, events_b, leave_out)])
    found = np.concatenate([[log_start()], _running_log_e(days)])
    return np.asarray(found[np.searchsorted(days.day, np.arange(len(sent_a)), side="right")], np.float64)


def ratio_by_day(sent_a: Any, events_a: Any, sent_b: Any, events_b: Any, *, leave_out: int = 0) -> float | None:
    """Return the best guess of rate a ÷ rate b: the ratio under which a has just the events its days give it.

    Arguments as `log_e_by_day` takes them. 0 or inf when only a or only b has no event, None when neither has one.

    Args:
        sent_a: mails of a, one entry a day.
        events_a: its replies, one entry a day.
        sent_b: mails of b, one entry a day.
        events_b: its replies, one entry a day.
        leave_out: days at the start that do not count.
    """
    return RatioEvidence(paired_days([PairCounts(sent_a, events_a, sent_b, events_b, leave_out)])).best_guess


def ratio_interval_by_day(
    sent_a: Any, events_a: Any, sent_b: Any, events_b: Any, *, leave_out: int = 0
) -> tuple[float, float]:
    """Return the lowest and highest rate a ÷ rate b that the daily counts do not speak against (log e below log 20).

    Arguments as `log_e_by_day` takes them. (0, inf) when there is nothing to compare.

    Args:
        sent_a: mails of a, one entry a day.
        events_a: its replies, one entry a day.
        sent_b: mails of b, one entry a day.
        events_b: its replies, one entry a day.
        leave_out: days at the start that do not count.
    """
    found = RatioEvidence(paired_days([PairCounts(sent_a, events_a, sent_b, events_b, leave_out)]))
    return found.low, found.high


def paired_days(pairs: Sequence[PairCounts]) -> PairedDays:
    """Return the days that count of these pairs, one pair after the other."""
    return _paired(_end_to_end(pairs))


class _Rows(NamedTuple):
    """The series of all pairs, one pair after the other: for every row the first row of its pair, and its day.

    `starts` is where pairs begin and end; the events of a row that is not `counted` are left out.
    """

    sent_a: Floats
    events_a: Floats
    sent_b: Floats
    events_b: Floats
    first: Integers
    day: Integers
    starts: Integers
    counted: npt.NDArray[np.bool_]


def _end_to_end(pairs: Sequence[PairCounts]) -> _Rows:
    nothing = np.zeros(0)
    sent_a, events_a, sent_b, events_b = (
        np.concatenate([nothing, *(np.asarray(pair[column], np.float64) for pair in pairs)]) for column in range(4)
    )
    starts = np.cumsum([0, *(len(pair.sent_a) for pair in pairs)])
    first = np.repeat(starts[:-1], np.diff(starts))
    day = np.arange(len(first)) - first
    counted = day >= np.repeat([pair.leave_out for pair in pairs], np.diff(starts))
    return _Rows(sent_a, events_a, sent_b, events_b, first, day, starts, counted)


def _paired(rows: _Rows) -> PairedDays:
    # A day without an event says nothing: its term is 0.
    row = np.flatnonzero(rows.counted & (rows.events_a + rows.events_b > 0))
    mails_a, mails_b = (_mails_in_windows(sent, row, rows.first[row]) for sent in (rows.sent_a, rows.sent_b))
    running = (mails_a[_FORTNIGHT] > 0) & (mails_b[_FORTNIGHT] > 0)
    row = row[running]
    low, high = _share_bounds(mails_a[:, running], mails_b[:, running])
    bounds = np.searchsorted(row, rows.starts)
    return PairedDays(rows.day[row], rows.events_a[row], rows.events_b[row], low, high, bounds)


def _mails_in_windows(sent: Floats, row: Integers, first: Integers) -> Floats:
    """Return the mails of every window (first axis) for these rows of series laid end to end.

    `first` is for each the row of its series' first day: no window reaches beyond it.
    """
    total = np.concatenate([[0.0], np.cumsum(sent)])
    ends = (row + 1 - back for _, back in WINDOWS)
    return np.stack(
        [
            total[np.maximum(end, first)] - total[np.maximum(end - length, first)]
            for end, (length, _) in zip(ends, WINDOWS, strict=True)
        ]
    )


def sent_within_week(sent: Floats) -> npt.NDArray[np.bool_]:
    """Return for every day (first axis) and option whether it had sent a mail in the last seven days."""
    total = np.cumsum(sent, axis=0)
    total[7:] -= total[:-7].copy()
    return np.asarray(total > 0)


def _share_bounds(mails_a: Floats, mails_b: Floats) -> tuple[Floats, Floats]:
    """Return the smallest and largest share of a, by the mails of every window (first axis) and day."""
    both = mails_a + mails_b
    there = both > 0
    both = np.where(there, both, 1.0)
    share = mails_a / both
    usual = np.where(there[_WEEK], share[_WEEK], share[_FORTNIGHT])
    steady = (~there | (np.abs(share - usual) <= _STEADY * np.sqrt(usual * (1 - usual) / both))).all(axis=0)
    low, high = np.where(there, share, 1.0).min(axis=0), np.where(there, share, 0.0).max(axis=0)
    return np.where(steady, usual, low), np.where(steady, usual, high)


@cache
def _mixture() -> tuple[Floats, Floats, Floats]:
    """Return the log ratios above 0 of the alternative (a column), their ratios − 1, and the logarithms of their
    weights."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    above = nodes > 0
    log_ratios = _SPREAD * nodes[above, None]
    return log_ratios, np.expm1(log_ratios), np.log(weights / weights.sum())[above, None]


@cache
def log_start() -> float:
    """Return the evidence before any event: the logarithm of the weight of all ratios above 1."""
    return float(np.log(np.exp(_mixture()[2]).sum()))


def _gain(events_a: Floats, events_b: Floats, share: Floats) -> Floats:
    """Return what every day adds to the log likelihood ratio of every alternative (first axis)."""
    d, lift, _ = _mixture()
    gain = share * lift
    gain += 1.0
    np.log(gain, out=gain)
    gain *= -(events_a + events_b)
    gain += events_a * d
    return np.asarray(gain, np.float64)


def _log_sum_exp(terms: Floats) -> Floats:
    """Over the first axis. scipy's takes ten times as long for many small ones; overwrites `terms`."""
    most = terms.max(axis=0)
    terms -= most
    np.exp(terms, out=terms)
    return np.asarray(most + np.log(terms.sum(axis=0)), np.float64)


def _log_e(days: PairedDays, log_ratio: float = 0.0) -> float:
    """Return the evidence of one pair that rate a ÷ rate b is above exp(log_ratio)."""
    odds = days.share_high * math.exp(log_ratio)
    share = days.share_high if log_ratio == 0 else odds / (odds + 1 - days.share_high)
    total = _gain(days.events_a, days.events_b, share).sum(axis=1, keepdims=True)
    return float(_log_sum_exp(total + _mixture()[2])[0])


def _running_log_e(days: PairedDays, least: float = -math.inf) -> Floats:
    """Return the evidence of every pair after each of its days.

    Where it cannot have reached `least` it is −inf, except after the pair's last day.
    """
    found = np.full(len(days.day), -math.inf)
    ends = np.unique(days.bounds[days.bounds > 0])  # pairs without a day that counts have no end of their own
    portions = np.searchsorted(ends, np.arange(_PORTION, len(found) + _PORTION, _PORTION))
    start = 0
    for some in np.split(ends, np.unique(portions)):
        if not len(some):
            continue
        part = slice(start, int(some[-1]))
        sums = _gain(days.events_a[part], days.events_b[part], days.share_high[part])
        np.cumsum(sums, axis=1, out=sums)
        last = some - start - 1
        before = np.concatenate([np.zeros((len(sums), 1)), sums[:, last[:-1]]], axis=1)
        sums -= np.repeat(before, np.diff(np.concatenate([[-1], last])), axis=1)
        wanted = sums.max(axis=0) + log_start() >= least
        wanted[last] = True
        found[start + np.flatnonzero(wanted)] = _log_sum_exp(sums[:, wanted] + _mixture()[2])
        start = part.stop
    return found


@dataclass(frozen=True, eq=False)
class RatioEvidence:
    """What the days of one pair say of rate a ÷ rate b; `limit` is the evidence that wins, as a logarithm."""

    days: PairedDays
    limit: float = LOG_WINNING

    @property
    def best_guess(self) -> float | None:
        """The ratio under which a has just the events its days give it; 0, inf or None as in `ratio_by_day`."""
        a, b = self._events
        if a > 0 and b > 0:
            return math.exp(self._centre)
        return None if a + b <= 0 else math.inf if a > 0 else 0.0

    @cached_property
    def low(self) -> float:
        """The least ratio that the days do not speak against; 0 when nothing limits it."""
        return self._lowest(self.days, self._centre) if self._events[0] > 0 else 0.0

    @cached_property
    def high(self) -> float:
        """The highest ratio that the days do not speak against; inf when nothing limits it."""
        least = self._lowest(self.days.reversed, -self._centre) if self._events[1] > 0 else 0.0
        return 1 / least if least > 0 else math.inf

    @cached_property
    def _events(self) -> tuple[float, float]:
        return float(self.days.events_a.sum()), float(self.days.events_b.sum())

    @cached_property
    def _centre(self) -> float:
        """The most likely log ratio; half an event keeps it finite where one option had none."""
        a, b = self._events
        wanted = min(max(a, 0.5), a + b - 0.5)
        both, log_odds = (
            self.days.events_a + self.days.events_b,
            logit((self.days.share_low + self.days.share_high) / 2),
        )
        # No ratio beyond these: at them even the day with the most lopsided share gives a too few, or too many.
        reach = math.log(wanted / (a + b - wanted))
        low, high = reach - float(log_odds.max()) - 1, reach - float(log_odds.min()) + 1
        return float(
            brentq(lambda log_ratio: float(both @ expit(log_odds + log_ratio)) - wanted, low, high, xtol=1e-12)
        )

    def _lowest(self, days: PairedDays, centre: float) -> float:
        spread = math.sqrt(sum(1 / max(events, 0.5) for events in self._events))
        return _crossing(lambda log_ratio: _log_e(days, log_ratio), centre, -1, self.limit, min(4 * spread, 12.0))


# ---- many pairs at once


class Standing(NamedTuple):
    """The evidence that a beats b: as it is today, and the first day (from 0) by which a had beaten b, if ever.

    `lead_events` is by how many events a is ahead of what its share of the mails would give it at equal rates.
    """

    log_e: float
    beaten_on: int | None
    lead_events: float


def standings(
    pairs: Sequence[PairCounts], limit: float, *, fewest_mails: float, fewest_events: float, fewest_days: float
) -> list[tuple[Standing, Standing]]:
    """Return the evidence of every pair, of a against b and of b against a.

    Args:
        pairs: Daily counts.
        limit: The evidence that wins, as a logarithm.
        fewest_mails: Of each option; before they are sent neither has beaten the other.
        fewest_events: Of the two together, likewise.
        fewest_days: Days on which both had sent within a week, likewise.
    """
    rows = _end_to_end(pairs)
    days = _paired(rows)
    ready = _first_days_with_enough(rows, fewest_mails, fewest_events, fewest_days)
    first, second = (_standings(way, ready, limit) for way in (days, days.reversed))
    return list(zip(first, second, strict=True))


def _standings(days: PairedDays, ready: Sequence[int | None], limit: float) -> list[Standing]:
    running = _running_log_e(days, least=limit)
    usual = (days.share_low + days.share_high) / 2
    ahead = np.cumsum(np.concatenate([[0.0], days.events_a - (days.events_a + days.events_b) * usual]))
    lead_events = ahead[days.bounds[1:]] - ahead[days.bounds[:-1]]
    found = []
    for start, end, enough, lead in zip(days.bounds[:-1], days.bounds[1:], ready, lead_events.tolist(), strict=True):
        if start == end:
            found.append(Standing(log_start(), None, 0.0))
            continue
        beaten_on = None
        if enough is not None and running[start:end].max() >= limit:
            # On the first day with enough counts the evidence is that of the last day that counts up to then.
            begin = start + max(0, int(np.searchsorted(days.day[start:end], enough, side="right")) - 1)
            reached = begin + np.flatnonzero(running[begin:end] >= limit)
            beaten_on = max(int(days.day[reached[0]]), enough) if len(reached) else None
        found.append(Standing(float(running[end - 1]), beaten_on, lead))
    return found


def _first_days_with_enough(
    rows: _Rows, fewest_mails: float, fewest_events: float, fewest_days: float
) -> list[int | None]:
    """Per pair the first day with enough mails, events and days on which both ran; None when there was none yet."""
    first, starts = rows.first, rows.starts

    def running_total(values: npt.NDArray[Any]) -> Floats:
        return np.concatenate([[0.0], np.cumsum(values)])

    sent_a, sent_b = running_total(rows.sent_a), running_total(rows.sent_b)
    week = np.maximum(np.arange(len(first)) - 6, first)
    both_ran = running_total((sent_a[1:] > sent_a[week]) & (sent_b[1:] > sent_b[week]))
    events = running_total(np.where(rows.counted, rows.events_a + rows.events_b, 0))
    enough = (
        (np.minimum(sent_a[1:] - sent_a[first], sent_b[1:] - sent_b[first]) >= fewest_mails)
        & (events[1:] - events[first] >= fewest_events)
        & (both_ran[1:] - both_ran[first] >= fewest_days)
    )
    total = np.concatenate([[0], np.cumsum(enough)])
    days_with_enough = total[starts[1:]] - total[starts[:-1]]  # they are the last ones
    return [int(size - days) if days else None for size, days in zip(np.diff(starts), days_with_enough, strict=True)]


# ---- planning


@overload
def mails_needed(rate: float, *, lift: float = ..., options: int = ..., limit: float = ...) -> float: ...
@overload
def mails_needed(rate: Floats, *, lift: float = ..., options: Any = ..., limit: float = ...) -> Floats: ...
def mails_needed(rate: Any, *, lift: float = 0.5, options: Any = 2, limit: float = LOG_WINNING) -> Any:
    """Return the mails per option until a true lift of `lift` over `rate` is found with 80 % chance.

    Args:
        rate: The lower rate, or an array of them.
        lift: How much higher the better option's rate is (0.5: half as high again).
        options: The number of compared options, or an array of them.
        limit: The evidence that wins, as a logarithm.

    Returns:
        Mails, not rounded; inf for a rate of 0 or 1, and beyond a billion.
    """
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
