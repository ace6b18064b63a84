"""How often an A/B test names a winner that is none, when somebody looks every day.

Counts are simulated day by day, also in the ways that break such rules, and judged by the function that pages call.
`python benchmarks/false_winners.py` takes a few minutes, prints the tables, writes them into RESULTS.md, and exits
with 1 when a goal is missed. `--runs 4000` is the long version.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from results import write_section
from scipy import stats

from dashboard.analysis.ab_tests.verdicts import Daily, OptionComparison, StepCounts, compare_steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SEED = 20_261_201
DAYS = 100
FIRST = date(2026, 1, 1)
BEFORE = 14  # days simulated before the first that counts, for what a change of copy leaves behind
MAILS, RATES = (20, 50, 200), (0.02, 0.05)
DELAYS = {
    "at once": np.ones(1),
    "after a day": np.diff(stats.lognorm(s=1.1, scale=math.exp(3.0)).cdf(24.0 * np.arange(15))),
    "over ten days": np.full(10, 0.1),
}
EVER, AT_THE_END, AWKWARD, LOW_END, WRONG = 0.025, 0.015, 0.035, 0.05, 0.02
NONE = math.inf  # a rate that is reported and has no goal


@dataclass(frozen=True)
class World:
    """Mails (factors of the usual number, day × option), and what multiplies every option's rate (day × option)."""

    mails: np.ndarray
    factor: np.ndarray
    leave_out: int = 0
    together: float = 0.0  # the chance that a colleague answers, too
    restated: float = 0.0  # the share of replies that are taken back later
    lost: float = 0.0  # the share of days without a record


def side_by_side(k: int, days: int = DAYS) -> World:
    return World(np.ones((BEFORE + days, k)), np.ones((BEFORE + days, k)))


def changed(k: int, change: Callable[[World, np.ndarray], None], **more: float) -> World:
    """Side by side, with what `change` does to it, given the days from the first that counts."""
    world = replace(side_by_side(k), **more)
    world.mails[:BEFORE] = 0
    change(world, np.arange(DAYS))
    return world


def falling(world: World) -> None:
    """A list that gets worse: at first half as many replies again as usual, later half as many."""
    world.factor[BEFORE:] = np.where(np.arange(DAYS) < DAYS // 2, 1.5, 0.5)[:, None]


def late(start: int) -> Callable[[World, np.ndarray], None]:
    def change(world: World, _days: np.ndarray) -> None:
        world.mails[BEFORE : BEFORE + start, -1] = 0

    return change


def paused(world: World, days: np.ndarray) -> None:
    falling(world)
    for begin, end in ((15, 22), (35, 45), (60, 64), (80, 90)):
        world.mails[BEFORE:][(days >= begin) & (days < end), -1] = 0


def reweighted(world: World, days: np.ndarray) -> None:
    falling(world)
    world.mails[BEFORE:, -1] = np.where(days < DAYS // 2, 0.2, 1)
    world.mails[BEFORE:, :-1] = np.where(days < DAYS // 2, 1, 0.2)[:, None]


def drifting(world: World, days: np.ndarray) -> None:
    falling(world)
    world.mails[BEFORE:, -1] = 0.2 + 1.6 * days / DAYS
    world.mails[BEFORE:, :-1] = (1.8 - 1.6 * days / DAYS)[:, None]


def weekdays(world: World, days: np.ndarray) -> None:
    for option in range(world.mails.shape[1]):
        world.mails[BEFORE:, option] = 7.0 * (days % 7 == 3 * option % 7)


def batch(world: World, _days: np.ndarray) -> None:
    world.mails[BEFORE, 0] = 20


def new_copy(world: World, _days: np.ndarray) -> None:
    world.mails[:BEFORE] = 1
    world.factor[:BEFORE, 0] = 2  # the old copy of the first option was twice as good


def nothing(_world: World, _days: np.ndarray) -> None:
    pass


WORLDS: dict[str, tuple[Callable[[int], World], float]] = {
    "one five days late": (lambda k: changed(k, late(5)), AWKWARD),
    "one thirty days late": (lambda k: changed(k, late(30)), AWKWARD),
    "one paused four times, list gets worse": (lambda k: changed(k, paused), AWKWARD),
    "re-weighted, list gets worse": (lambda k: changed(k, reweighted), AWKWARD),
    "share drifts, list gets worse": (lambda k: changed(k, drifting), AWKWARD),
    "Mondays against Thursdays": (lambda k: changed(k, weekdays), AWKWARD),
    "one sends a batch first": (lambda k: changed(k, batch), AWKWARD),
    "new copy, two weeks left out": (lambda k: changed(k, new_copy, leave_out=14), AWKWARD),
    "new copy, nothing left out": (lambda k: changed(k, new_copy), NONE),
    "one day in ten without a record": (lambda k: changed(k, nothing, lost=0.1), AWKWARD),
    "a tenth of the replies taken back": (lambda k: changed(k, nothing, restated=0.1), AWKWARD),
    "colleagues answer together": (lambda k: changed(k, nothing, together=0.3), NONE),
}


@dataclass(frozen=True)
class Counts:
    """What the history holds: mails and replies, run × day × option."""

    sent: np.ndarray
    events: np.ndarray
    leave_out: int

    def until(self, day: int) -> Counts:
        """The counts as they were known after that many days."""
        return Counts(self.sent[:, :day], self.events[:, :day], self.leave_out)


def simulated(world: World, mails: int, rates: np.ndarray, delay: str, runs: int, rng: np.random.Generator) -> Counts:
    days, _ = world.mails.shape
    sent = np.rint(world.mails * mails).astype(int)
    caused = rng.binomial(sent, np.minimum(world.factor * rates, 1.0), size=(runs, *sent.shape))
    caused += rng.binomial(caused, world.together)
    spread = rng.multinomial(caused, np.append(DELAYS[delay], max(0.0, 1 - DELAYS[delay].sum())))
    events = np.zeros_like(caused)
    for late_by in range(len(DELAYS[delay])):
        events[:, late_by:] += spread[:, : days - late_by, :, late_by]
    kept = rng.random((runs, days, 1)) >= world.lost
    return Counts((sent * kept)[:, BEFORE:], (events * kept)[:, BEFORE:], world.leave_out)


def judged(counts: Counts) -> list[OptionComparison]:
    """The verdicts after the last day, as pages have them."""
    options = tuple(range(1, counts.sent.shape[2] + 1))
    steps = [
        StepCounts(options, sent.sum(axis=0), events.sum(axis=0), Daily(FIRST, sent, events, counts.leave_out))
        for sent, events in zip(counts.sent.astype(float), counts.events.astype(float), strict=True)
    ]
    return compare_steps(steps, account_sent=50_000, account_events=1500)


def named(found: Iterable[OptionComparison]) -> np.ndarray:
    """Whether a winner was ever shown: the one of today, or one that was withdrawn since."""
    return np.array([item.proven or item.withdrawn is not None for item in found])


def false_winners(world: World, k: int, mails: int, runs: int, rng: np.random.Generator) -> tuple[float, float]:
    """Shares of tests of equal options in which one was ever named, and still is on the last day."""
    ever, last = [], []
    for rate in RATES:
        for delay in DELAYS:
            counts = simulated(world, mails, np.full(k, rate), delay, runs, rng)
            found = judged(counts)
            ever.append(named(found))
            last.append([item.proven for item in found])
            if world.restated:
                fewer = replace(counts, events=rng.binomial(counts.events, 1 - world.restated))
                ever[-1] |= named(judged(fewer))
    return float(np.mean(ever)), float(np.mean(last))


class Report:
    """Lines of tables, and the goals that were missed."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.missed: list[str] = []

    def head(self, *names: str) -> None:
        self.lines += ["", f"| {' | '.join(names)} |", "|---" * len(names) + "|"]

    def row(self, name: str, *shares: tuple[float, float]) -> None:
        """A line with shares, each with its goal."""
        cells = []
        for share, goal in shares:
            limit = "no goal" if math.isinf(goal) else f"≤ {goal:.1%}"
            cells.append(f"{share:.2%} ({limit})")
            if share > goal:
                self.missed.append(f"{name}: {share:.2%} is beyond {goal:.1%}")
        self.lines.append(f"| {name} | {' | '.join(cells)} |")
        print(self.lines[-1], flush=True)


def equal_options(report: Report, runs: int, rng: np.random.Generator) -> None:
    report.head("equal options, side by side", "ever named", "still named on day 100")
    for k in (2, 3, 6):
        for mails in MAILS:
            size = max(20, runs * 2 // (k * (k - 1)))
            ever, last = false_winners(side_by_side(k), k, mails, size, rng)
            report.row(f"{k} options, {mails} mails a day", (ever, EVER), (last, AT_THE_END))
    report.head("equal options, awkward", *(f"{mails} a day" for mails in MAILS), "3 options, 50 a day")
    for name, (make, goal) in WORLDS.items():
        shares = [(false_winners(make(2), 2, mails, runs // 2, rng)[0], goal) for mails in MAILS]
        three = false_winners(make(3), 3, 50, max(20, runs // 8), rng)[0]
        report.row(name, *shares, (three, goal))


def reversal(report: Report, runs: int, rng: np.random.Generator) -> None:
    """The second option is twice as good for 40 days, then half as good for 80: it must not stay winner."""
    report.head("the better option becomes the worse", "named before", "still named at the end")
    world = side_by_side(2, 120)
    turn = BEFORE + 40
    world.factor[:turn, 1], world.factor[turn:, 0] = 2, 2
    for mails in MAILS:
        counts = simulated(world, mails, np.full(2, 0.04), "after a day", runs, rng)
        before, last = ([item.proven and item.option == 2 for item in judged(c)] for c in (counts.until(40), counts))
        report.row(f"{mails} mails a day", (float(np.mean(before)), NONE), (float(np.mean(last)), AWKWARD))


def late_and_better(report: Report, runs: int, rng: np.random.Generator) -> None:
    report.head("late option truly +20 %, looked at every five days", "the other was named", "found by day 100")
    for start in (5, 30):
        for mails in MAILS:
            counts = simulated(changed(2, late(start)), mails, np.array([0.05, 0.06]), "after a day", runs, rng)
            wrong = np.zeros(runs, bool)
            for day in range(5, DAYS + 1, 5):
                found = judged(counts.until(day))
                wrong |= [item.withdrawn == 1 or (item.proven and item.option == 1) for item in found]
            right = float(np.mean([item.proven and item.option == 2 for item in found]))
            report.row(f"{start} days late, {mails} a day", (float(wrong.mean()), WRONG), (right, NONE))


def at_least(report: Report, runs: int, rng: np.random.Generator) -> None:
    """How often the lower end promises more than is true, on any of ten looks."""
    report.head("“at least”, looked at every ten days", "ever promised too much")
    worlds = {
        "side by side": side_by_side(2), "re-weighted": changed(2, reweighted), "paused": changed(2, paused),
        "thirty days late": changed(2, late(30)),
    }  # fmt: skip
    for name, world in worlds.items():
        for lift in (0.0, 0.5):
            rates = np.array([0.04, 0.04 * (1 + lift)])
            counts = simulated(world, 50, rates, "after a day", runs, rng)
            wrong = np.zeros(runs, bool)
            for day in range(10, DAYS + 1, 10):
                for run, item in enumerate(judged(counts.until(day))):
                    if item.leading is not None and item.against is not None and item.ratio_low is not None:
                        wrong[run] |= item.ratio_low > rates[item.leading - 1] / rates[item.against - 1]
            report.row(f"{name}, true difference +{lift:.0%}", (float(wrong.mean()), LOW_END))


def detection(report: Report, runs: int, rng: np.random.Generator) -> None:
    report.head("one of two is truly better, 20 mails a day", "found by day 100", "the other named on day 100")
    for rate in RATES:
        for lift in (0.5, 1.0):
            counts = simulated(side_by_side(2), 20, np.array([rate * (1 + lift), rate]), "after a day", runs, rng)
            winners = [item.option if item.proven else 0 for item in judged(counts)]
            right, wrong = np.mean([w == 1 for w in winners]), np.mean([w == 2 for w in winners])
            report.row(f"{rate:.0%}, +{lift:.0%}", (float(right), NONE), (float(wrong), WRONG))


_ABOUT = (
    "Counts are simulated day by day for 100 days and judged by `ab_tests.verdicts.compare_steps`, as the pages do. "
    "Where nothing else is said a line pools rates of 2 and 5 %, and replies that come at once, after about a day, and "
    "over ten days. “Ever named” counts a winner that any day showed. No goal: what the rules do not cover (colleagues "
    "who answer together), or what they are there to prevent (nothing left out after new copy)."
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000, help="tests simulated per setting of two options")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--dry", action="store_true", help="leave RESULTS.md as it is")
    chosen = parser.parse_args()
    began = time.perf_counter()
    report, rng = Report(), np.random.default_rng(chosen.seed)
    equal_options(report, chosen.runs, rng)
    reversal(report, chosen.runs, rng)
    late_and_better(report, chosen.runs, rng)
    at_least(report, max(50, chosen.runs // 2), rng)
    detection(report, chosen.runs, rng)
    seconds = time.perf_counter() - began
    command = f"`python benchmarks/false_winners.py --runs {chosen.runs} --seed {chosen.seed}` ({seconds:.0f} s)."
    if not chosen.dry:
        write_section("False winners of A/B tests, looked at daily", [command, "", _ABOUT, *report.lines])
    print(f"{seconds:.0f} s", *(report.missed or ["every goal is met"]), sep="\n")
    sys.exit(1 if report.missed else 0)


if __name__ == "__main__":
    main()
