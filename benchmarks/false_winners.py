"""How often the verdict on an A/B step is wrong, and how long a right one takes, when somebody looks every day.

Counts are made day by day (20 mails per option and day, replies as late as people answer) and judged by the
dashboard's own functions. Beside it stand the two habits it replaces. `python benchmarks/false_winners.py` prints the
tables and writes them into RESULTS.md.
"""

from __future__ import annotations

import argparse
import math
import time
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from results import write_section
from scipy import stats

from dashboard.analysis.ab_tests.experiments import carried
from dashboard.analysis.ab_tests.rules import Rules
from dashboard.analysis.ab_tests.verdicts import Daily, StepCounts, compare_steps

if TYPE_CHECKING:
    from collections.abc import Callable

SEED = 20_261_125
MAILS_A_DAY = 20
DAYS = 100
RULES = Rules()
ACCOUNT = {"account_sent": 50_000.0, "account_events": 1_500.0}


@dataclass(frozen=True)
class World:
    """Mails per day and option, and how the rate that all options share changes from day to day (factors)."""

    sent: np.ndarray
    drift: np.ndarray


def constant(k: int, days: int = DAYS) -> World:
    return World(np.full((days, k), MAILS_A_DAY), np.ones(days))


def falling(days: int = DAYS) -> np.ndarray:
    """A list that gets worse: at first half as many replies again as on average, later half as many."""
    return np.where(np.arange(days) < days // 2, 1.5, 0.5)


def late(k: int) -> World:
    world = constant(k)
    world.sent[: DAYS // 2, -1] = 0
    return World(world.sent, falling())


def paused(k: int) -> World:
    world = constant(k)
    world.sent[DAYS // 4 : 3 * DAYS // 4, -1] = 0
    return World(world.sent, falling())


def reweighted(k: int) -> World:
    world = constant(k)
    world.sent[: DAYS // 2, -1] = MAILS_A_DAY // 5
    world.sent[DAYS // 2 :, :-1] = MAILS_A_DAY // 5
    return World(world.sent, falling())


def replies(world: World, rates: np.ndarray, rng: np.random.Generator, runs: int) -> np.ndarray:
    """Replies by run, day and option. Each comes after the delay that the sandbox's people have (median 20 hours)."""
    days, k = world.sent.shape
    chances = np.minimum(world.drift[:, None] * rates, 1.0)
    caused = rng.binomial(world.sent, chances, size=(runs, days, k))
    came = np.zeros_like(caused)
    left = caused.copy()
    edges = stats.lognorm(s=1.1, scale=math.exp(3.0)).cdf(24.0 * np.arange(1, 15))
    gone = 0.0
    for delay, edge in enumerate(edges):
        now = rng.binomial(left, (edge - gone) / (1 - gone))
        came[:, delay:] += now[:, : days - delay]
        left, gone = left - now, edge
    return came


def judged(
    world: World, came: np.ndarray, *, by_day: bool = True, as_shown: bool = True
) -> list[tuple[int, date | None]]:
    """Per run the winner that a daily reader was ever shown (0: none), and when she first was."""
    k = world.sent.shape[1]
    sent = world.sent.astype(float)
    steps = []
    for events in came.astype(float):
        days = Daily(date(2026, 1, 1), sent, events) if by_day else None
        steps.append(StepCounts(tuple(range(1, k + 1)), sent.sum(axis=0), events.sum(axis=0), days, len(sent)))
    found = compare_steps(steps, **ACCOUNT, rules=RULES)
    if as_shown:
        found = [carried(item, "days" if by_day else "life") for item in found]
    return [(item.option or 0, item.won_on) if item.verdict == "winner" else (0, None) for item in found]


def judged_over_life(world: World, came: np.ndarray, *, as_shown: bool, looks: int = 20) -> float:
    """Share of tests in which whole-life counts, looked at every five days, ever named a winner."""
    ever = np.zeros(len(came), bool)
    for end in np.linspace(len(world.sent) // looks, len(world.sent), looks).astype(int):
        part = World(world.sent[:end], world.drift[:end])
        ever |= [winner > 0 for winner, _ in judged(part, came[:, :end], by_day=False, as_shown=as_shown)]
    return float(ever.mean())


def enough(world: World, came: np.ndarray) -> np.ndarray:
    """Days on which the habits may speak: they get the same patience as the verdict, 50 mails and 10 replies."""
    sent = np.cumsum(world.sent, axis=0).min(axis=1) >= RULES.fewest_mails
    return sent & (np.cumsum(came, axis=1).sum(axis=2) >= RULES.fewest_events)


def highest_rate(world: World, came: np.ndarray) -> float:
    """Share of days on which the option with the highest rate is called the winner."""
    sent = np.maximum(np.cumsum(world.sent, axis=0), 1)
    rates = np.sort(np.cumsum(came, axis=1) / sent, axis=2)
    speaks = enough(world, came)
    return float((rates[..., -1] > rates[..., -2])[speaks].mean())


def significant(world: World, came: np.ndarray) -> float:
    """Share of tests in which a chi-square test of all options, looked at daily, ever shows p < 0.05."""
    n = np.cumsum(world.sent, axis=0)
    x = np.cumsum(came, axis=1)
    pooled = x.sum(axis=2, keepdims=True) / n.sum(axis=1)[None, :, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = ((x - n * pooled) ** 2 / (n * pooled * (1 - pooled))).sum(axis=2)
    p = stats.chi2.sf(statistic, came.shape[2] - 1)
    return float(((p < 0.05) & enough(world, came)).any(axis=1).mean())


def false_winners(runs: int, rng: np.random.Generator) -> list[str]:
    heads = ("options", "rate", "mails", "false winner", "no history", "no history, uneven splits judged, too")
    lines = _head(*heads, "p < 0.05, daily", "highest rate, of all days")
    worlds: dict[str, Callable[[int], World]] = {
        "constant": constant, "one comes late": late, "one paused": paused, "re-weighted": reweighted,
    }  # fmt: skip
    for k in (2, 3, 5):
        for rate in (0.02, 0.05):
            for name, make in worlds.items():
                world = make(k)
                came = replies(world, np.full(k, rate), rng, runs)
                false = np.mean([winner > 0 for winner, _ in judged(world, came)])
                part = came[: max(1, runs // 10)]
                life = judged_over_life(world, part, as_shown=True)
                raw = judged_over_life(world, part, as_shown=False)
                lines.append(
                    f"| {k} | {rate:.0%} | {name} | **{false:.2%}** | {life:.1%} | {raw:.1%} "
                    f"| {significant(world, came):.1%} | {highest_rate(world, came):.1%} |"
                )
                print(lines[-1], flush=True)
    return lines


def _head(*names: str) -> list[str]:
    return [f"| {' | '.join(names)} |", "|---" * len(names) + "|"]


def mails_until(day: date | None) -> float:
    """Mails per option sent when the winner was first shown."""
    return math.inf if day is None else ((day - date(2026, 1, 1)).days + 1) * MAILS_A_DAY


def detection(runs: int, rng: np.random.Generator) -> list[str]:
    heads = ("options", "rate", "true lift", "found by 2,000 mails", "wrong winner by then")
    lines = _head(*heads, "half found by (mails per option)", "80 % found by")
    for k in (2, 3, 5):
        for rate in (0.02, 0.05):
            for lift in (0.5, 1.0):
                rates = np.full(k, rate)
                rates[0] = rate * (1 + lift)
                short = constant(k)
                came = replies(short, rates, rng, runs)
                winners = [winner for winner, _ in judged(short, came)]
                right, wrong = np.mean([w == 1 for w in winners]), np.mean([w > 1 for w in winners])
                long = constant(k, 500)
                late_finds = judged(long, replies(long, rates, rng, max(1, runs // 20)))
                mails = np.array([mails_until(day) if winner == 1 else math.inf for winner, day in late_finds])
                middle, most = np.quantile(mails, 0.5, method="higher"), np.quantile(mails, 0.8, method="higher")
                shown = [f"{value:,.0f}" if math.isfinite(value) else "over 10,000" for value in (middle, most)]
                lines.append(
                    f"| {k} | {rate:.0%} | +{lift:.0%} | {right:.0%} | **{wrong:.2%}** | {shown[0]} | {shown[1]} |"
                )
                print(lines[-1], flush=True)
    return lines


_ABOUT = (
    "Counts are made day by day, 20 mails per option and day up to 2,000, replies as late as people answer, and judged "
    "by `analysis.ab_tests.verdicts.compare_steps` as the pages do. A winner counts when any day showed one. In the "
    "awkward lines the list gets worse over time (replies fall to a third), which is what deceives counts over a whole "
    "life. Without daily counts in the history those are all there is, so the dashboard names no winner by them when "
    "the mails were split unevenly (these two columns: a tenth of the tests, looked at every five days). The two "
    "habits on the right wait for 50 mails and 10 replies, as the verdict does."
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2000, help="tests simulated per line")
    parser.add_argument("--seed", type=int, default=SEED)
    chosen = parser.parse_args()
    began = time.perf_counter()
    rng = np.random.default_rng(chosen.seed)
    equal, different = false_winners(chosen.runs, rng), detection(chosen.runs, rng)
    seconds = time.perf_counter() - began
    write_section(
        "False winners of A/B tests, looked at daily",
        [
            f"`python benchmarks/false_winners.py --runs {chosen.runs} --seed {chosen.seed}` ({seconds:.0f} s).",
            "",
            _ABOUT,
            "",
            "Equal options: nobody should win.",
            "",
            *equal,
            "",
            "One option is truly better: how long until it is found, and how often another one wins.",
            "",
            *different,
        ],
    )


if __name__ == "__main__":
    main()
