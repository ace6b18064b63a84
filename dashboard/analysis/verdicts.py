"""Which option of a step to keep: one of six verdicts that hold up however often one looks (STATISTICS.md §1–4)."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from dashboard.analysis import evidence, posterior
from dashboard.analysis.proportions import wilson

Verdict = Literal[
    "no_data", "single_option", "too_early", "winner", "no_practical_difference", "leads", "no_clear_leader"
]


@dataclass(frozen=True)
class Rules:
    """The settings of a verdict, with STATISTICS.md's defaults."""

    fewest_mails: int = 50
    fewest_events: int = 10
    fewest_days: int = 7
    practical_ratio: float = 1.25
    practical_chance: float = 0.95
    leading_chance: float = 0.80
    lift_worth_finding: float = 0.5


@dataclass(frozen=True)
class OptionComparison:
    """The verdict on one step.

    `table` has one row per option (index `option`): rate, low, high (Wilson 95 %), p_best, expected_loss (as a
    rate: × 1,000 for events per 1,000 mails), compared. `option` is the winner or leader; `log_e` and `p_value`
    its evidence against the closest rival, `ratio_low`–`ratio_high` the interval of its rate ÷ that rival's.
    `more_mails` is how many more mails per option a lift worth finding would need; None when it does not apply.
    """

    table: pd.DataFrame
    verdict: Verdict
    option: int | None = None
    rival: int | None = None
    log_e: float | None = None
    p_value: float | None = None
    ratio_low: float | None = None
    ratio_high: float | None = None
    more_mails: int | None = None
    rules: Rules = field(default_factory=Rules)


Pair = tuple[float, tuple[float, float]]  # log e, ratio interval


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
    rules = rules or Rules()
    table = _table(frame, events, rules, account_sent, account_events)
    eligible = table[table["p_best"].notna()]
    if len(eligible) < 2:
        return OptionComparison(table, "single_option" if len(eligible) else "no_data", rules=rules)
    compared = eligible[eligible["compared"]]
    more = _more_mails(eligible, rules)
    young = days_in_parallel is not None and days_in_parallel < rules.fewest_days
    if len(compared) < 2 or compared["events"].sum() < rules.fewest_events or young:
        return OptionComparison(table, "too_early", more_mails=more, rules=rules)
    return _judge(table, compared, _pair(compared, daily, events), more, rules, account_sent, account_events)


def _table(frame: pd.DataFrame, events: str, rules: Rules, account_sent: float, account_events: float) -> pd.DataFrame:
    counts = frame.set_index("option")[["emails_sent", events]].astype("Float64")
    counts.columns = pd.Index(["sent", "events"])
    eligible = ((counts["sent"] > 0) & (counts["events"] <= counts["sent"])).fillna(value=False).astype(bool)
    table = counts.assign(compared=eligible & (counts["sent"] >= rules.fewest_mails).fillna(value=False))
    usable = table[eligible]
    intervals = [wilson(int(x), int(n)) for x, n in zip(usable["events"], usable["sent"], strict=True)]
    columns = {
        "rate": usable["events"] / usable["sent"],
        "low": pd.Series([low for low, _ in intervals], usable.index, dtype="Float64"),
        "high": pd.Series([high for _, high in intervals], usable.index, dtype="Float64"),
    }
    if len(usable):
        beliefs = posterior.posterior(
            usable["sent"].to_numpy(float),
            usable["events"].to_numpy(float),
            account_sent=account_sent,
            account_events=account_events,
        )
        columns["p_best"] = pd.Series(posterior.chance_to_be_best(beliefs), usable.index, dtype="Float64")
        columns["expected_loss"] = pd.Series(posterior.expected_loss(beliefs), usable.index, dtype="Float64")
    empty = pd.Series(dtype="Float64")
    names = ["rate", "low", "high", "p_best", "expected_loss"]
    return table.assign(**{name: columns.get(name, empty).reindex(table.index) for name in names})


def _judge(
    table: pd.DataFrame,
    compared: pd.DataFrame,
    pair: Callable[[int, int], Pair],
    more: int | None,
    rules: Rules,
    account_sent: float,
    account_events: float,
) -> OptionComparison:
    by_rate = compared["rate"].astype(float)
    leader = int(str(by_rate.idxmax()))
    rivals = [int(option) for option in compared.index if option != leader]
    against = {rival: pair(leader, rival) for rival in rivals}
    closest = min(rivals, key=lambda rival: against[rival][0])
    log_e, (low, high) = against[closest]
    ahead = all(by_rate[leader] > by_rate[rival] for rival in rivals)
    verdict: Verdict
    if ahead and log_e >= math.log(evidence.WINNING_E):
        verdict = "winner"
    elif _no_practical_difference(compared, leader, rules, account_sent, account_events):
        verdict = "no_practical_difference"
    elif float(table["p_best"].max()) >= rules.leading_chance:
        verdict, leader = "leads", int(str(table["p_best"].astype(float).idxmax()))
    else:
        verdict = "no_clear_leader"
    named = verdict in {"winner", "leads"}
    return OptionComparison(
        table,
        verdict,
        option=leader if named else None,
        rival=closest,
        log_e=log_e,
        p_value=evidence.p_value(log_e),
        ratio_low=low,
        ratio_high=high,
        more_mails=None if verdict in {"winner", "no_practical_difference"} else more,
        rules=rules,
    )


def _no_practical_difference(
    compared: pd.DataFrame, leader: int, rules: Rules, account_sent: float, account_events: float
) -> bool:
    beliefs = posterior.posterior(
        compared["sent"].to_numpy(float),
        compared["events"].to_numpy(float),
        account_sent=account_sent,
        account_events=account_events,
    )
    first = list(compared.index).index(leader)
    return all(
        posterior.chance_of_ratio_within(beliefs, other, first, 1 / rules.practical_ratio, rules.practical_ratio)
        >= rules.practical_chance
        for other in range(len(compared))
        if other != first
    )


def _more_mails(eligible: pd.DataFrame, rules: Rules) -> int | None:
    sent = eligible["sent"].to_numpy(float)
    rate = float(eligible["events"].sum() / sent.sum())
    needed = evidence.mails_needed(rate, lift=rules.lift_worth_finding, options=len(eligible))
    return max(0, math.ceil(needed - sent.min())) if math.isfinite(needed) else None


def _pair(compared: pd.DataFrame, daily: pd.DataFrame | None, events: str) -> Callable[[int, int], Pair]:
    """How two options are held against each other: day by day where the history has days, else over their life."""
    if daily is None:
        return lambda a, b: _pair_over_life(compared, a, b)
    wide = daily.pivot_table(index="day", columns="option", values=["emails_sent", events], aggfunc="sum")
    wide = wide.astype(float).fillna(0.0).sort_index().asfreq("D", fill_value=0.0)

    def by_day(a: int, b: int) -> Pair:
        columns = [wide[key].get(o, pd.Series(0.0, wide.index)) for o in (a, b) for key in ("emails_sent", events)]
        arrays = [np.asarray(column, float) for column in columns]
        days = (arrays[0], arrays[1], arrays[2], arrays[3])
        return evidence.log_e_by_day(*days), evidence.ratio_interval_by_day(*days)

    return by_day


def _pair_over_life(compared: pd.DataFrame, a: int, b: int) -> Pair:
    counts = [float(compared[key].to_dict()[option]) for option in (a, b) for key in ("sent", "events")]
    return evidence.log_e(*counts), evidence.ratio_interval(*counts)
