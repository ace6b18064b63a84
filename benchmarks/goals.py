"""How sure the words about goals are: simulated accounts whose periods meet their goal, or end a quarter short.

    python benchmarks/goals.py [--periods 2000] [--seed 7]

Days are counts with a weekday profile and weeks that vary by chance or more (negative binomial), with a rate that
stays, or wanders by up to 2 % a week; goals are 80 to 110 % of what is usual. The word is looked at on every working
day of the period. Exit code 1 when *behind* was said on any day of more than 10 % of the periods that then met their
goal: of all, or of one kind beyond the chance of the simulation (95 % interval).
"""

import argparse
import sys
from collections import Counter
from datetime import date, timedelta

import numpy as np

from dashboard.analysis.goals import pace, period_of
from dashboard.analysis.stats.proportions import wilson

LIMIT = 0.10
PROFILE = np.array([0.22, 0.24, 0.22, 0.18, 0.13, 0.005, 0.005])
SCENARIOS = [
    (period, weekly, spread, drift)
    for period in ("week", "month", "quarter")
    for weekly in (20, 200, 2000)
    for spread, drift in ((1.0, 0.0), (0.2, 0.0), (0.2, 0.02))
]
START = {"week": date(2026, 11, 16), "month": date(2026, 10, 1), "quarter": date(2026, 7, 1)}


def account(rng, period, weekly, spread, drift, factor):
    """Counts of every day from ten weeks before the period to its end; `factor` changes the rate of the period."""
    first, last = period_of(START[period], period)
    monday = first - timedelta(days=first.weekday() + 70)
    counts, rate = {}, float(weekly)
    while monday <= last:
        rate *= float(np.exp(rng.uniform(-drift, drift)))
        # Spread 1: weeks vary by chance alone; else their standard deviation is that part of the rate on top of it.
        level = rate if spread == 1.0 else rate * rng.gamma(1 / spread**2, spread**2)
        for number in range(7):
            day = monday + timedelta(days=number)
            counts[day] = int(rng.poisson(level * PROFILE[number] * (factor if day >= first else 1)))
        monday += timedelta(days=7)
    return counts, first, last


def words(counts, period, first, last, target):
    """The word on every working day of the period."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [
        pace(target, period, {d: n for d, n in counts.items() if d < day}, day).word
        for day in days
        if day.weekday() < 5
    ]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--periods", type=int, default=300)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    all_met = all_ever = 0
    surely = []
    print("| period | weekly | weeks vary by | drift | behind said, goal met: ever | a day | 25 % short: seen | at |")
    print("|---|---|---|---|---|---|---|---|")
    for period, weekly, spread, drift in SCENARIOS:
        met = ever = days = looks = 0
        seen, at, short_of = 0, [], 0
        for _ in range(options.periods):
            counts, first, last = account(rng, period, weekly, spread, drift, 1.0)
            total = sum(n for d, n in counts.items() if first <= d <= last)
            usual = weekly * sum(PROFILE[(first + timedelta(days=k)).weekday()] for k in range((last - first).days + 1))
            # A goal as people set one: around what is usual.
            target = max(1, round(usual * rng.uniform(0.8, 1.1)))
            if total >= target:
                met += 1
                told = Counter(words(counts, period, first, last, target))
                ever += told["behind"] > 0
                days += told["behind"]
                looks += told.total()
            counts, first, last = account(rng, period, weekly, spread, drift, 0.75)
            told = words(counts, period, first, last, max(1, round(usual)))
            total = sum(n for d, n in counts.items() if first <= d <= last)
            if total <= 0.8 * usual:
                short_of += 1
                if "behind" in told:
                    seen += 1
                    at.append((told.index("behind") + 1) / len(told))
        rate = ever / max(met, 1)
        all_met, all_ever = all_met + met, all_ever + ever
        if wilson(ever, met)[0] > LIMIT:
            surely.append(f"{period}, {weekly:,} a week")
        spread_words = "chance" if spread == 1.0 else f"{spread:.0%}"
        median = f"{np.median(at):.0%} of it" if at else "never"
        row = (
            period, f"{weekly:,}", spread_words, f"{drift:.0%}", f"{rate:.1%} of {met}",
            f"{days / max(looks, 1):.1%}", f"{seen / max(short_of, 1):.0%} of {short_of}", median,
        )  # fmt: skip
        print(f"| {' | '.join(row)} |", flush=True)
    whole = all_ever / max(all_met, 1)
    print(
        f"\nBehind was said on some day of {whole:.1%} of {all_met:,} periods that met their goal; {LIMIT:.0%} allowed."
    )
    print(f"Surely above that: {'; '.join(surely) or 'no kind of period'}.")
    return int(whole > LIMIT or bool(surely))


if __name__ == "__main__":
    sys.exit(main())
