"""Which option of a step to keep: one of seven verdicts that hold up however often one looks (docs/statistics.md)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import combinations
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from dashboard.analysis.ab_tests import evidence, posterior
from dashboard.analysis.ab_tests.evidence import EvidencePath, Floats, PairCounts, RatioEvidence, Standing
from dashboard.analysis.ab_tests.rules import Rules
from dashboard.analysis.stats.proportions import wilson_columns

Verdict = Literal[
    "no_data", "single_option", "too_early", "winner", "no_practical_difference", "leads", "no_clear_leader"
]
Basis = Literal["days", "life"]
Flags = npt.NDArray[np.bool_]
_TIE = 1e-9


@dataclass(frozen=True, eq=False)
class Daily:
    """Counts of a step's options day by day (arrays day × option), every day from `first` on.

    The events of the first `leave_out` days decide nothing: after a change of copy they answer to the old one.
    """

    first: date
    sent: Floats
    events: Floats
    leave_out: int = 0

    def pair(self, a: int, b: int) -> PairCounts:
        """Return the counts of the options at these places."""
        return PairCounts(self.sent[:, a], self.events[:, a], self.sent[:, b], self.events[:, b], self.leave_out)

    def days_in_parallel(self, places: Sequence[int]) -> int:
        """Return on how many days the newest of these options and another of them had sent within a week."""
        ran = self._ran[:, places]
        return int((ran & (ran.sum(axis=1, keepdims=True) > 1)).sum(axis=0).min())

    @cached_property
    def _ran(self) -> Flags:
        return evidence.sent_within_week(self.sent)

    def date_of(self, day: int) -> date:
        """Return the date of a day counted from the first."""
        return self.first + timedelta(days=day)


@dataclass(frozen=True, eq=False)
class StepCounts:
    """What one step is judged by: per option the mails and events, nan where Klenty did not report them.

    `days_in_parallel` is how long the newest compared option has been running together with another, where that is
    known without `daily`.
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

    `leading` is the winner, or else the option most likely to be best, whenever a judgement was made; `rival` is the
    option that the evidence for it is weakest against, and `log_e` that evidence, as it is today. `more_mails` is how
    many more mails per option a lift worth finding would need; None where it does not apply. `won_on` is the day on
    which the winner had beaten every other option, `withdrawn` an option that had won (on `withdrawn_won_on`) and
    does no longer; both take daily counts.
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
    more_mails: int | None = None
    won_on: date | None = None
    withdrawn: int | None = None
    withdrawn_won_on: date | None = None

    @property
    def basis(self) -> Basis:
        """What was judged: daily counts, or counts over a whole life, which prove nothing."""
        return "life" if self.counts.daily is None else "days"

    @property
    def proven(self) -> bool:
        """Whether there is a winner by daily counts."""
        return self.verdict == "winner" and self.basis == "days"

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
    def path(self) -> EvidencePath | None:
        """The evidence that the leading option beats its rival, day by day; None without daily counts."""
        if self.counts.daily is None or self.leading is None or self.rival is None:
            return None
        *columns, leave_out = self.counts.daily.pair(self._place(self.leading), self._place(self.rival))
        return EvidencePath(evidence.log_e_path(*columns, leave_out=leave_out))

    @property
    def strongest_log_e(self) -> float | None:
        """The strongest evidence there ever was that the leading option beats its rival; today's over a life."""
        return self.path.max_log_e if self.path else self.log_e

    @property
    def strongest_on(self) -> date | None:
        """The day of the strongest evidence, where daily counts tell it."""
        return self.counts.daily.date_of(self.path.strongest_on) if self.path and self.counts.daily else None

    @property
    def p_value(self) -> float | None:
        """An upper bound of the p-value against the rival, valid however often one looks."""
        return None if self.strongest_log_e is None else min(1.0, math.exp(min(0.0, -self.strongest_log_e)))

    @cached_property
    def _at_least(self) -> tuple[int, float | None, float, float] | None:
        """The compared option with the smallest lower end of the ratio; that ratio, its lower and its upper end."""
        if self.leading is None or self.rival is None:
            return None
        others = [self.counts.options[place] for place in np.flatnonzero(self.compared)]
        others = [self.rival, *(option for option in others if option not in {self.leading, self.rival})]
        places = [self._place(option) for option in others]
        if self.counts.daily is not None:
            pairs = [self.counts.daily.pair(self._place(self.leading), place) for place in places]
            found = [RatioEvidence(evidence.paired_days([pair]), self.rules.log_winning) for pair in pairs]
            least = _first_least([known.low for known in found])
            return others[least], found[least].best_guess, found[least].low, found[least].high
        pairs_of_life = [self._life_pair(place) for place in places]
        intervals = [evidence.ratio_interval(*pair, limit=self.rules.log_winning) for pair in pairs_of_life]
        least = _first_least([low for low, _ in intervals])
        return others[least], evidence.ratio(*pairs_of_life[least]), *intervals[least]

    def _life_pair(self, place: int) -> tuple[float, float, float, float]:
        sent, events, own = self.counts.sent, self.counts.events, self._place(self.leading)
        return float(sent[own]), float(events[own]), float(sent[place]), float(events[place])

    @property
    def against(self) -> int | None:
        """The option that `ratio`, `ratio_low` and `ratio_high` are against: the one that is least surely beaten."""
        return self._at_least[0] if self._at_least else None

    @property
    def ratio(self) -> float | None:
        """The best guess of the leading option's rate ÷ that of `against`: inf when only the latter had no event."""
        return self._at_least[1] if self._at_least else None

    @property
    def ratio_low(self) -> float | None:
        """The least that ratio may be, however often one looks."""
        return self._at_least[2] if self._at_least else None

    @property
    def ratio_high(self) -> float | None:
        """The most that ratio may be: inf when the counts set no limit."""
        return self._at_least[3] if self._at_least else None

    def _place(self, option: int | None) -> int:
        return self.counts.options.index(option or 0)


def _first_least(values: Sequence[float]) -> int:
    """Return the place of the smallest value, of equal ones the first."""
    return next(place for place, value in enumerate(values) if value <= min(values) * (1 + _TIE))


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
    leave_out: int = 0,
    rules: Rules | None = None,
) -> OptionComparison:
    """Return the verdict on the options of one step, over its life since the last change of copy.

    The date range of a page must never decide what is passed here.

    Args:
        frame: One row per option: option, emails_sent, and the events' column.
        events: The column that decides: replies or positive_replies.
        account_sent: Mails over all mail steps of the account.
        account_events: Their events.
        days_in_parallel: For how many days the newest compared option has been running together with another, where
            there are no daily counts.
        daily: Daily counts since the last change of copy: day, option, emails_sent, and the events' column. Without
            them nothing is proven.
        leave_out: The events of that many first days decide nothing (14 after a change of copy).
        rules: The account's; the defaults unless given.
    """
    options = tuple(int(option) for option in frame["option"])
    counts = [
        np.asarray(frame[key].astype("Float64").to_numpy(float, na_value=np.nan), np.float64)
        for key in ("emails_sent", events)
    ]
    days = None if daily is None else _daily(daily, options, events, leave_out)
    step = StepCounts(options, counts[0], counts[1], days, days_in_parallel)
    return compare_steps([step], account_sent=account_sent, account_events=account_events, rules=rules)[0]


def _daily(frame: pd.DataFrame, options: tuple[int, ...], events: str, leave_out: int) -> Daily | None:
    """Return every day from the first mail of one of these options on; None without any."""
    known = frame[frame["option"].isin(options)]
    sent_any = known[(known["emails_sent"] > 0).fillna(value=False).astype(bool)]
    if sent_any.empty:
        return None
    day = pd.to_datetime(known["day"]).dt.tz_localize(None).dt.normalize()
    index = pd.date_range(day[sent_any.index].min(), day.max(), freq="D")
    sent, happened = (
        known.assign(day=day)
        .pivot_table(index="day", columns="option", values=name, aggfunc="sum")
        .reindex(index=index, columns=list(options))
        .astype("Float64")
        .fillna(0.0)
        .to_numpy(float)
        for name in ("emails_sent", events)
    )
    return Daily(index[0].date(), sent, happened, leave_out)


def compare_steps(
    steps: Sequence[StepCounts], *, account_sent: float, account_events: float, rules: Rules | None = None
) -> list[OptionComparison]:
    """Return what `compare_options` returns for each of many steps, a hundred times as fast.

    Args:
        steps: counts of each, day by day where known.
        account_sent: mails of all mail steps.
        account_events: their replies.
        rules: of the account.
    """
    rules = rules or Rules()
    found: list[OptionComparison | None] = [None] * len(steps)
    for places in _portions(steps):
        several = [steps[place] for place in places]
        beliefs = _beliefs(several, account_sent, account_events, rules)
        duels = _duels(several, rules)
        for place, step, belief, duel in zip(places, several, beliefs, duels, strict=True):
            found[place] = _judge(step, belief, duel, rules)
    return [comparison for comparison in found if comparison is not None]


_PORTION = 500


def _portions(steps: Sequence[StepCounts]) -> list[list[int]]:
    """Return places of steps with the same number of options, which are integrated together, in portions that fit
    memory."""
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
    loss, p_best = posterior.expected_loss_and_chance(beliefs)
    needed = evidence.mails_needed(
        beliefs.middle, lift=rules.lift_worth_finding, options=eligible.sum(axis=1), limit=rules.log_winning
    )
    return [
        _Belief(posterior.Posterior(alpha, beta, middle), *rest)
        for alpha, beta, middle, *rest in zip(
            beliefs.alpha, beliefs.beta, beliefs.middle, p_best, loss, needed, strict=True
        )
    ]


def _compared(step: StepCounts, rules: Rules) -> Flags:
    return np.asarray(step.eligible & (step.sent >= rules.fewest_mails))


Duels = dict[tuple[int, int], Standing]


def _duels(steps: Sequence[StepCounts], rules: Rules) -> list[Duels]:
    """For every step the evidence of each compared option (by its place) against each other."""
    found: list[Duels] = [{} for _ in steps]
    keys: list[tuple[Duels, int, int]] = []
    pairs: list[PairCounts] = []
    for step, duels in zip(steps, found, strict=True):
        for a, b in combinations(np.flatnonzero(_compared(step, rules)).tolist(), 2):
            if step.daily is None:
                duels[a, b], duels[b, a] = _over_life(step, a, b, rules), _over_life(step, b, a, rules)
            else:
                keys.append((duels, a, b))
                pairs.append(step.daily.pair(a, b))
    standings = evidence.standings(
        pairs,
        rules.log_winning,
        fewest_mails=rules.fewest_mails,
        fewest_events=rules.fewest_events,
        fewest_days=rules.fewest_days,
    )
    for (duels, a, b), (own, other) in zip(keys, standings, strict=True):
        duels[a, b], duels[b, a] = own, other
    return found


def _over_life(step: StepCounts, a: int, b: int, rules: Rules) -> Standing:
    n_a, x_a, n_b, x_b = (float(value) for value in (step.sent[a], step.events[a], step.sent[b], step.events[b]))
    log_e = evidence.signed_log_e(n_a, x_a, n_b, x_b)
    return Standing(log_e, 0 if log_e >= rules.log_winning else None, x_a - (x_a + x_b) * n_a / (n_a + n_b))


def _judge(step: StepCounts, belief: _Belief, duels: Duels, rules: Rules) -> OptionComparison:
    compared = _compared(step, rules)
    places = np.flatnonzero(compared).tolist()
    if step.daily is not None and len(places) > 1:
        step = replace(step, days_in_parallel=step.daily.days_in_parallel(places))
    start = OptionComparison("no_data", step, compared, belief.p_best, belief.loss, rules)
    if step.eligible.sum() < 2:
        return replace(start, verdict="single_option") if step.eligible.any() else start
    more = belief.needed - float(step.sent[step.eligible].min())
    start = replace(start, more_mails=max(0, math.ceil(more)) if math.isfinite(more) else None)
    young = step.days_in_parallel is not None and step.days_in_parallel < rules.fewest_days
    if len(places) < 2 or step.events[compared].sum() < rules.fewest_events or young:
        return replace(start, verdict="too_early")
    won = _won(duels, places)
    winner = next((a for a in won if all(duels[a, b].log_e >= 0 for b in places if b != a)), None)
    leader = _first_of(step, places, -belief.p_best) if winner is None else winner
    others = [place for place in places if place != leader]
    rival = _first_of(step, others, {place: duels[leader, place].log_e for place in others})
    if winner is not None:
        verdict: Verdict = "winner"
    elif all(_practically_equal(belief, other, leader, rules) for other in others):
        verdict = "no_practical_difference"
    # By days: an option may have its better rate from days on which it ran alone, and that is no lead.
    elif belief.p_best[leader] >= rules.leading_chance and (
        step.daily is None or all(duels[leader, place].lead_events > _TIE for place in others)
    ):
        verdict = "leads"
    else:
        verdict = "no_clear_leader"
    found = replace(
        start,
        verdict=verdict,
        leading=step.options[leader],
        rival=step.options[rival],
        log_e=duels[leader, rival].log_e,
        more_mails=None if verdict in {"winner", "no_practical_difference"} else start.more_mails,
    )
    if step.daily is None or not won:
        return found
    if winner is not None:
        return replace(found, won_on=step.daily.date_of(won[winner]))
    withdrawn = max(won, key=lambda place: (won[place], -step.options[place]))
    return replace(found, withdrawn=step.options[withdrawn], withdrawn_won_on=step.daily.date_of(won[withdrawn]))


def _won(duels: Duels, places: Sequence[int]) -> dict[int, int]:
    """Return the options that have beaten every other one, with the day on which they had."""
    found = {}
    for a in places:
        days = [duels[a, b].beaten_on for b in places if b != a]
        known = [day for day in days if day is not None]
        if len(known) == len(days):
            found[a] = max(known)
    return found


def _first_of(step: StepCounts, places: Sequence[int], values: Any) -> int:
    """Return the place with the smallest of the values; of equal ones the option with the lowest number."""
    least = min(values[place] for place in places)
    return min((p for p in places if values[p] <= least + _TIE), key=lambda place: step.options[place])


def _practically_equal(belief: _Belief, other: int, leader: int, rules: Rules) -> bool:
    return posterior.surely_within(belief.posterior, other, leader, rules.practical_ratio, rules.practical_chance)
