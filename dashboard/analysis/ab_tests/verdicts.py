"""Which option of a step to keep: one of seven verdicts that hold up however often one looks (STATISTICS.md §1–4)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from dashboard.analysis.ab_tests import evidence, posterior
from dashboard.analysis.ab_tests.evidence import Floats
from dashboard.analysis.ab_tests.rules import Rules
from dashboard.analysis.stats.proportions import wilson_columns

Verdict = Literal[
    "no_data", "single_option", "too_early", "winner", "no_practical_difference", "leads", "no_clear_leader"
]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Daily:
    """Counts of a step's options day by day (arrays day × option), every day from `first` on."""

    first: date
    sent: Floats
    events: Floats

    @cached_property
    def exposure(self) -> Floats:
        """For every day and option the mails of the last seven days."""
        return evidence.exposure(self.sent)

    def of(self, a: int, b: int, *, days: int | None = None) -> tuple[Floats, Floats, Floats, Floats]:
        """Mails and events of the options at these places, of the first `days` days, as `evidence` takes them."""
        part = slice(days)
        return self.sent[part, a], self.events[part, a], self.sent[part, b], self.events[part, b]

    def parallel(self, compared: Sequence[int]) -> npt.NDArray[np.int64]:
        """For every day, how many days each of these options has been running beside another one of them."""
        running = self.exposure[:, compared] > 0
        beside = running & (running.sum(axis=1, keepdims=True) > 1)
        return np.cumsum(beside, axis=0)


@dataclass(frozen=True, eq=False)
class StepCounts:
    """What one step is judged by: per option the mails and events, nan where Klenty did not report them.

    `days_in_parallel` is how long the newest compared option has been running beside the others, where that is known
    without `daily`.
    """

    options: tuple[int, ...]
    sent: Floats
    events: Floats
    daily: Daily | None = None
    days_in_parallel: int | None = None

    @cached_property
    def eligible(self) -> Flags:
        """Options that sent mails and have no more events than mails."""
        return (self.sent > 0) & (self.events >= 0) & (self.events <= self.sent)


@dataclass(frozen=True, eq=False)
class OptionComparison:
    """The verdict on one step.

    `option` is the winner or leader, named only by those two verdicts; `leading` the option most likely to be best
    whenever a judgement was made; `rival` the one it is held against (its closest). `log_e` is the evidence that the
    two differ, `p_value` its bound, valid however often one looks. `more_mails` is how many more mails per option
    a lift worth finding would need; None where it does not apply. `won_on` is the day on which the winner had won,
    where daily counts tell it.
    """

    verdict: Verdict
    counts: StepCounts
    compared: Flags
    p_best: Floats
    expected_loss: Floats
    rules: Rules = field(default_factory=Rules)
    leading: int | None = None
    rival: int | None = None
    log_e: float | None = None
    p_value: float | None = None
    more_mails: int | None = None
    won_on: date | None = None

    @property
    def option(self) -> int | None:
        """The winner, or the one that leads."""
        return self.leading if self.verdict in {"winner", "leads"} else None

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per option (index `option`): sent, events, rate, low, high (Wilson 95 %), p_best, expected_loss (as
        a rate: × 1,000 for events per 1,000 mails), compared. Empty where there is no such number."""
        index = pd.Index(self.counts.options, name="option", dtype="int64")
        sent, events = (_column(values, index) for values in (self.counts.sent, self.counts.events))
        usable = pd.Series(self.counts.eligible, index)
        low, high = wilson_columns(events.where(usable), sent.where(usable))
        return pd.DataFrame(
            {
                "sent": sent,
                "events": events,
                "rate": (events / sent).where(usable),
                "low": low,
                "high": high,
                "p_best": _column(self.p_best, index),
                "expected_loss": _column(self.expected_loss, index),
                "compared": self.compared,
            },
            index=index,
        )

    @property
    def waiting_cost(self) -> float | None:
        """Events lost per mail, by what is known, as long as the mails are split over the options as they were."""
        if self.leading is None:
            return None
        return float(np.nansum(self.counts.sent * self.expected_loss) / self.counts.sent[self.counts.eligible].sum())

    @property
    def loss(self) -> float | None:
        """Events lost per mail, by what is known, when only the leading option is kept."""
        return None if self.leading is None else float(self.expected_loss[self._place(self.leading)])

    @property
    def chance(self) -> float | None:
        """The leading option's chance to be the best."""
        return None if self.leading is None else float(self.p_best[self._place(self.leading)])

    @cached_property
    def _ratio(self) -> tuple[float | None, float, float] | None:
        if self.leading is None or self.rival is None:
            return None
        a, b = self._place(self.leading), self._place(self.rival)
        daily, limit = self.counts.daily, self.rules.log_winning
        if daily is None:
            sent, events = self.counts.sent, self.counts.events
            pair = float(sent[a]), float(events[a]), float(sent[b]), float(events[b])
            return evidence.ratio(*pair), *evidence.ratio_interval(*pair, limit=limit)
        days = daily.of(a, b)
        if self.verdict == "winner" and (self.log_e or 0.0) < limit:
            # Won for good on an earlier day; what came later is not held against it, so that day is described.
            path = evidence.path(*days)
            days = daily.of(a, b, days=int(path.day[np.argmax(np.where(path.ahead > 0, path.log_e, -math.inf))]) + 1)
        return evidence.ratio_by_day(*days), *evidence.ratio_interval_by_day(*days, limit=limit)

    @property
    def ratio(self) -> float | None:
        """The most likely rate of the leading option ÷ its rival's: inf when only the rival had no event."""
        return self._ratio[0] if self._ratio else None

    @property
    def ratio_low(self) -> float | None:
        """The least that ratio may be, however often one looks."""
        return self._ratio[1] if self._ratio else None

    @property
    def ratio_high(self) -> float | None:
        """The most that ratio may be: inf when the counts set no limit."""
        return self._ratio[2] if self._ratio else None

    def _place(self, option: int) -> int:
        return self.counts.options.index(option)


def _column(values: Floats, index: pd.Index) -> pd.Series:
    return pd.Series(pd.array(values, "Float64"), index)


def compare_options(
    frame: pd.DataFrame,
    *,
    events: str = "replies",
    account_sent: float,
    account_events: float,
    days_in_parallel: int | None = None,
    daily: pd.DataFrame | None = None,
    rules: Rules | None = None,
) -> OptionComparison:
    """Compare the options of one step over its life since the last change of copy.

    `frame`: one row per option: option, emails_sent, and the events' column. `daily`, where the history has it:
    day, option, emails_sent and the events' column; then the evidence is taken day by day. `days_in_parallel` is
    how long the newest compared option has been running beside the others. The page's date range must never
    decide what is passed here.
    """
    options = tuple(int(option) for option in frame["option"])
    counts = [
        np.asarray(frame[key].astype("Float64").to_numpy(float, na_value=np.nan), np.float64)
        for key in ("emails_sent", events)
    ]
    days = None if daily is None or daily.empty else _daily(daily, options, events)
    step = StepCounts(options, counts[0], counts[1], days, days_in_parallel)
    return compare_steps([step], account_sent=account_sent, account_events=account_events, rules=rules)[0]


def _daily(frame: pd.DataFrame, options: tuple[int, ...], events: str) -> Daily:
    day = pd.to_datetime(frame["day"])
    wide = frame.assign(day=day).pivot_table(
        index="day", columns="option", values=["emails_sent", events], aggfunc="sum"
    )
    wide = wide.astype(float).fillna(0.0).sort_index().asfreq("D", fill_value=0.0)
    nothing = pd.Series(0.0, wide.index)
    sent, happened = (
        np.stack([np.asarray(wide[key].get(option, nothing), float) for option in options], axis=1)
        for key in ("emails_sent", events)
    )
    return Daily(wide.index[0].date(), sent, happened)


def compare_steps(
    steps: Sequence[StepCounts], *, account_sent: float, account_events: float, rules: Rules | None = None
) -> list[OptionComparison]:
    """`compare_options` for many steps at once, a hundred times as fast; the numbers are the same."""
    rules = rules or Rules()
    found: list[OptionComparison | None] = [None] * len(steps)
    for places in _alike(steps):
        several = [steps[place] for place in places]
        beliefs = _beliefs(several, account_sent, account_events, rules)
        for place, step, belief in zip(places, several, beliefs, strict=True):
            found[place] = _judge(step, belief, rules)
    return [comparison for comparison in found if comparison is not None]


def _alike(steps: Sequence[StepCounts]) -> list[list[int]]:
    """Places of steps with the same number of options, which are integrated together, in portions that fit memory."""
    by_size: dict[int, list[int]] = {}
    for place, step in enumerate(steps):
        by_size.setdefault(len(step.options), []).append(place)
    return [
        places[start : start + _PORTION] for places in by_size.values() for start in range(0, len(places), _PORTION)
    ]


@dataclass(frozen=True, eq=False)
class _Belief:
    """What is believed of one step's rates, and how many mails per option a lift worth finding takes."""

    posterior: posterior.Posterior
    p_best: Floats
    loss: Floats
    needed: float


_PORTION = 500
_EMPTY: Floats = np.zeros(0)
_NOTHING = _Belief(posterior.Posterior(_EMPTY, _EMPTY, math.nan), _EMPTY, _EMPTY, math.inf)


def _beliefs(steps: Sequence[StepCounts], account_sent: float, account_events: float, rules: Rules) -> list[_Belief]:
    if not steps[0].options:
        return [_NOTHING] * len(steps)
    eligible = np.stack([step.eligible for step in steps])
    sent = np.where(eligible, np.stack([step.sent for step in steps]), np.nan)
    events = np.where(eligible, np.stack([step.events for step in steps]), np.nan)
    account = {"account_sent": account_sent, "account_events": account_events}
    beliefs = posterior.posterior(sent, events, **account, prior_events=rules.prior_events)
    p_best, loss = posterior.judged(beliefs)
    needed = evidence.mails_needed(
        beliefs.middle, lift=rules.lift_worth_finding, options=eligible.sum(axis=1), limit=rules.log_winning
    )
    return [
        _Belief(posterior.Posterior(alpha, beta, middle), *rest)
        for alpha, beta, middle, *rest in zip(
            beliefs.alpha, beliefs.beta, beliefs.middle, p_best, loss, needed, strict=True
        )
    ]


def _judge(step: StepCounts, belief: _Belief, rules: Rules) -> OptionComparison:
    compared = step.eligible & (step.sent >= rules.fewest_mails)
    places = [int(place) for place in np.flatnonzero(compared)]
    if step.daily is not None and len(places) > 1:
        step = _with_days_in_parallel(step, step.daily, places)
    facts: dict[str, Any] = {
        "counts": step, "compared": compared, "p_best": belief.p_best, "expected_loss": belief.loss, "rules": rules,
    }  # fmt: skip
    if step.eligible.sum() < 2:
        return OptionComparison("single_option" if step.eligible.any() else "no_data", **facts)
    more = belief.needed - float(step.sent[step.eligible].min())
    facts["more_mails"] = max(0, math.ceil(more)) if math.isfinite(more) else None
    young = step.days_in_parallel is not None and step.days_in_parallel < rules.fewest_days
    if len(places) < 2 or step.events[compared].sum() < rules.fewest_events or young:
        return OptionComparison("too_early", **facts)
    duels = _duels(step, places, rules.log_winning)
    winner, won = _winner(duels, places)
    leader = int(places[np.argmax(belief.p_best[places])]) if winner is None else winner
    rival = min((place for place in places if place != leader), key=lambda place: duels[leader, place].signed)
    duel = duels[leader, rival]
    verdict: Verdict
    if winner is not None:
        verdict = "winner"
    elif _no_practical_difference(belief, leader, places, rules):
        verdict = "no_practical_difference"
    # Where days are known, an option may have its better rate from days on which it ran alone: that is no lead.
    elif belief.p_best[leader] >= rules.leading_chance and all(
        duels[leader, place].lead > 0 for place in places if place != leader
    ):
        verdict = "leads"
    else:
        verdict = "no_clear_leader"
    if verdict in {"winner", "no_practical_difference"}:
        facts["more_mails"] = None
    return OptionComparison(
        verdict,
        **facts,
        leading=step.options[leader],
        rival=step.options[rival],
        log_e=duel.log_e,
        p_value=evidence.p_value(duel.best),
        won_on=_won_on(step, places, won, rules),
    )


def _with_days_in_parallel(step: StepCounts, daily: Daily, places: Sequence[int]) -> StepCounts:
    days = int(daily.parallel(places)[-1].min())
    return StepCounts(step.options, step.sent, step.events, daily, days)


@dataclass(frozen=True)
class _Duel:
    """One option held against another: the evidence now, by how much it is ahead, and its best evidence so far.

    `won` is the first day (from the first of the daily counts) at whose end it had won, `inf` when it has not; with
    counts over a life only, 0 when they say so.
    """

    log_e: float
    lead: float
    best: float
    won: float

    @property
    def signed(self) -> float:
        """The strongest evidence in its favour; below 0 when it never was ahead."""
        return self.best if self.best > -math.inf else -abs(self.log_e)


def _duels(step: StepCounts, places: Sequence[int], limit: float) -> dict[tuple[int, int], _Duel]:
    """Every compared option against every other."""
    duels = {}
    for index, a in enumerate(places):
        for b in places[index + 1 :]:
            duels[a, b], duels[b, a] = _by_day(step.daily, a, b, limit) if step.daily else _over_life(step, a, b, limit)
    return duels


def _over_life(step: StepCounts, a: int, b: int, limit: float) -> tuple[_Duel, _Duel]:
    n_a, x_a, n_b, x_b = (float(v) for v in (step.sent[a], step.events[a], step.sent[b], step.events[b]))
    log_e, lead = evidence.log_e(n_a, x_a, n_b, x_b), x_a * n_b - x_b * n_a

    def duel(lead: float) -> _Duel:
        won = 0.0 if lead > 0 and log_e >= limit else math.inf
        return _Duel(log_e, lead, log_e if lead > 0 else -math.inf, won)

    return duel(lead), duel(-lead)


def _by_day(daily: Daily, a: int, b: int, limit: float) -> tuple[_Duel, _Duel]:
    exposures = daily.exposure[:, a], daily.exposure[:, b]
    path = evidence.path_of(*evidence.days_of(*exposures, daily.events[:, a], daily.events[:, b]))

    def duel(*, by_a: bool) -> _Duel:
        best = path.best(by_a=by_a)
        won = path.won(by_a=by_a, limit=limit) if best >= limit else None
        return _Duel(path.last, path.lead if by_a else -path.lead, best, math.inf if won is None else won)

    return duel(by_a=True), duel(by_a=False)


def _winner(duels: dict[tuple[int, int], _Duel], places: Sequence[int]) -> tuple[int | None, float]:
    """The option that has won against every other, and when; the earliest, for what is won stays won."""
    last_duel = {a: max(duels[a, b].won for b in places if b != a) for a in places}
    first = min(places, key=lambda place: last_duel[place])
    return (first, last_duel[first]) if last_duel[first] < math.inf else (None, math.inf)


def _won_on(step: StepCounts, places: Sequence[int], won: float, rules: Rules) -> date | None:
    """The day on which all that a winner needs was there: the evidence, the mails, the events and the days."""
    if step.daily is None or not math.isfinite(won):
        return None
    daily, chosen = step.daily, list(places)
    enough = (
        (np.cumsum(daily.sent[:, chosen], axis=0).min(axis=1) >= rules.fewest_mails)
        & (np.cumsum(daily.events[:, chosen].sum(axis=1)) >= rules.fewest_events)
        & (daily.parallel(chosen).min(axis=1) >= rules.fewest_days)
    )
    day = max(int(won), int(np.argmax(enough))) if enough.any() else int(won)
    return daily.first + timedelta(days=day)


def _no_practical_difference(belief: _Belief, leader: int, places: Sequence[int], rules: Rules) -> bool:
    return all(
        posterior.surely_within(belief.posterior, other, leader, rules.practical_ratio, rules.practical_chance)
        for other in places
        if other != leader
    )
