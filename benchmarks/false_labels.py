"""How often rankings, changes and alarms say what is not so, through the functions that pages call.

    python benchmarks/false_labels.py [--runs 200] [--seed 20261201]

Cadences are equal, periods alike, days ordinary; every label, *up*, *down* or alarm is false. Exits with 1 when a goal
is missed: labels in at most 2 % of rankings, changes in at most 6.5 % at a week cv up to 0.5, at most one episode of
false alarms in 30 account-days at a day cv up to 0.6.
"""

import argparse
import os
import sys
from datetime import date, timedelta

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as `serve` sets it: threads make small fits many times slower

import numpy as np
import pandas as pd
from results import write_section

from dashboard.analysis.performance import ranking, totals
from dashboard.analysis.watch_list import watch_list
from dashboard.data.frames import engagements_frame
from dashboard.data.windows import Window

SEED = 20_261_201
MOST_LABELS, MOST_CHANGES, MOST_EPISODES = 0.02, 0.065, 1.0
NOW = Window(date(2026, 11, 2), date(2026, 11, 29), "UTC")
EARLIER = NOW.back(28)


def engagements(windows: list[Window], names: list[str], **counts: np.ndarray) -> pd.DataFrame:
    """A tidy frame with one row per window and name, counts given in that order."""
    frame = engagements_frame([]).reindex(range(len(windows)))
    known = {
        "cadence": pd.array(names, "string"),
        "window_start": pd.to_datetime([window.first_instant for window in windows]),
        "window_end": pd.to_datetime([window.last_instant for window in windows]),
        **{name: pd.array(values, "Int64") for name, values in counts.items()},
    }
    return frame.assign(**known)


def rates(rng: np.random.Generator, mean: float, cv: float, size: int | tuple[int, ...]) -> np.ndarray:
    """Rates that vary about their mean by the coefficient of variation (gamma)."""
    return np.full(size, mean) if not cv else np.minimum(rng.gamma(1 / cv**2, mean * cv**2, size), 1)


def false_rankings(rng: np.random.Generator, runs: int, rate: float, sizes: tuple[int, ...]) -> float:
    """Share of rankings of equal cadences in which any has a label."""
    said = 0
    names = [f"C{number}" for number in range(len(sizes))]
    sent = np.array(sizes)
    for _ in range(runs):
        frame = engagements(
            [NOW] * len(sizes), names, emails_sent=sent, contacted=sent, replies=rng.binomial(sent, rate)
        )
        said += bool(ranking.ranked(frame, "email")["standing"].isin(ranking.EARNED_LABELS).any())
    return said / runs


def false_changes(rng: np.random.Generator, runs: int, rate: float, sent: int, cv: float) -> float:
    """Share of comparisons of like periods that say up or down; `sent` mails a week, rates differing by week."""
    weeks = [Window(EARLIER.start + timedelta(days=7 * at), EARLIER.start + timedelta(days=7 * at + 6), "UTC")
             for at in range(-8, 8)]  # fmt: skip
    said = 0
    for _ in range(runs):
        replies = rng.binomial(sent, rates(rng, rate, cv, 16))
        history = engagements(weeks, ["A"] * 16, emails_sent=np.full(16, sent), replies=replies)
        before, now = (
            engagements([window], ["A"], emails_sent=np.array([4 * sent]), replies=np.array([part.sum()]))
            for window, part in ((EARLIER, replies[8:12]), (NOW, replies[12:]))
        )
        found = totals.figures(now, before, per="email", weeks=history)
        change = next(figure.rate_change for figure in found if figure.metric == "replies")
        said += change is not None and change.label in {"up", "down"}
    return said / runs


def false_episodes(rng: np.random.Generator, runs: int, rate: float, sent: int, cv: float, cadences: int = 10) -> float:
    """Episodes of false alarms in 30 account-days.

    Findings of one cadence and metric whose days overlap are one: a week, and the day that makes it stand out.
    """
    days, told = 65 + 30, 30
    first = NOW.end - timedelta(days=days - 1)
    windows = [Window(day, day, "UTC") for day in (first + timedelta(days=at) for at in range(days))]
    episodes = 0
    for _ in range(runs):
        names = [f"C{number}" for number in range(cadences) for _ in windows]
        mails = np.tile([0 if window.start.weekday() > 4 else sent for window in windows], cadences)
        counts = {
            name: rng.binomial(mails, rates(rng, mean, cv, len(mails)))
            for name, mean in (("bounces", rate), ("unsubscribes", rate / 3))
        }
        frame = engagements(windows * cadences, names, emails_sent=mails, **counts)
        found = watch_list.day_findings(frame, newest=NOW.end, days_told=told)
        until: dict[tuple[str, str], date] = {}
        for item in sorted(found, key=lambda item: item.last_day):
            series = (item.cadence, item.metric)
            episodes += series not in until or item.first_day > until[series]
            until[series] = item.last_day
    return episodes / runs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=SEED)
    chosen = parser.parse_args()
    rng, missed = np.random.default_rng(chosen.seed), 0
    lines = ["| what | world | measured | goal |", "|---|---|---|---|"]

    def measured(what: str, world: str, value: float, goal: float, written: str) -> None:
        nonlocal missed
        missed += value > goal
        lines.append(f"| {what} | {world} | {value:{written}} | ≤ {goal:{written}} |")
        print(lines[-1], flush=True)

    mixed = (50_000, *range(100, 800, 100))
    for rate in (0.02, 0.05):
        for sizes, about in (((500,) * 20, "20 × 500"), ((5000,) * 8, "8 × 5,000"), (mixed, "50,000 and 7 small")):
            value = false_rankings(rng, chosen.runs, rate, sizes)
            measured("ranking with a label", f"{about} prospects at {rate:.0%}", value, MOST_LABELS, ".1%")
    for cv in (0.0, 0.25, 0.5):
        for sent in (100, 500, 2500):
            value = false_changes(rng, 2 * chosen.runs, 0.05, sent, cv)
            measured("up or down", f"{sent:,} mails a week, week cv {cv}", value, MOST_CHANGES, ".1%")
    for cv in (0.0, 0.3, 0.6):
        for sent in (40, 150):
            value = false_episodes(rng, max(chosen.runs // 10, 1), 0.015, sent, cv)
            measured("false alarm episodes in 30 days", f"10 cadences, {sent} mails a day, day cv {cv}", value,
                     MOST_EPISODES, ".2f")  # fmt: skip
    about = (
        f"`python benchmarks/false_labels.py --runs {chosen.runs} --seed {chosen.seed}`: nothing differs or changes."
    )
    write_section("False labels, changes and alarms", [about, "", *lines])
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
