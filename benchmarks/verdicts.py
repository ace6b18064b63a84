"""How long the verdicts of a large account take: 50 cadences × 8 steps × 3 options.

`python benchmarks/verdicts.py` prints the times and writes them into RESULTS.md.
"""

import platform
import time
from collections.abc import Callable
from datetime import date, timedelta
from statistics import median

import numpy as np
import pandas as pd
from results import write_section

from dashboard.analysis.ab_tests import experiments, tables

CADENCES, STEPS, OPTIONS, DAYS = 50, 8, 3, 180
REPEATS = 7


def life(rng: np.random.Generator) -> pd.DataFrame:
    """The tidy frame of options over the cadences' lives."""
    count = CADENCES * STEPS * OPTIONS
    sent = rng.integers(40, 3000, count)
    replies = rng.binomial(sent, 0.03)
    index = np.arange(count)
    return pd.DataFrame(
        {
            "cadence": pd.array([f"Cadence {place // (STEPS * OPTIONS)}" for place in index], "string"),
            "step": pd.array(index // OPTIONS % STEPS + 1, "Int64"),
            "option": pd.array(index % OPTIONS + 1, "Int64"),
            "template": "T", "subject": "S", "snippet": "N",
            "emails_sent": pd.array(sent, "Int64"), "replies": pd.array(replies, "Int64"),
            "positive_replies": pd.array(rng.binomial(replies, 0.4), "Int64"),
            "window_start": pd.Timestamp("2026-05-01", tz="UTC"), "window_end": pd.Timestamp("2026-11-24", tz="UTC"),
        }
    )  # fmt: skip


def days(rng: np.random.Generator) -> pd.DataFrame:
    """The history's daily counts of the same options."""
    dates = [date(2026, 5, 29) + timedelta(days=day) for day in range(DAYS)]
    options = life(rng)[["cadence", "step", "option", "template", "subject", "snippet"]]
    frame = options.loc[options.index.repeat(DAYS)].reset_index(drop=True)
    sent = rng.poisson(8, len(frame))
    replies = rng.binomial(sent, 0.03)
    return frame.assign(
        day=np.tile(np.array(dates, "datetime64[s]"), len(options)),
        emails_sent=pd.array(sent, "Int64"),
        replies=pd.array(replies, "Int64"),
        positive_replies=pd.array(rng.binomial(replies, 0.4), "Int64"),
    )


def warm(work: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds of processor and of the clock, medians of several after one that does not count."""
    work()
    times = []
    for _ in range(REPEATS):
        began = time.process_time(), time.perf_counter()
        work()
        times.append((1000 * (time.process_time() - began[0]), 1000 * (time.perf_counter() - began[1])))
    return median(busy for busy, _ in times), median(clock for _, clock in times)


_ABOUT = (
    f"`python benchmarks/verdicts.py` on {CADENCES} cadences × {STEPS} steps × {OPTIONS} options, warm, median of "
    f"{REPEATS}; Python {platform.python_version()}, 2 shared cores. Pages keep verdicts until new answers come."
)


def main() -> None:
    rng = np.random.default_rng(7)
    whole, daily = life(rng), days(rng)
    nothing = whole.iloc[:0]
    tests = experiments.evaluate_steps(whole)
    lines = {
        f"all {len(tests)} verdicts, one answer for each life": lambda: experiments.evaluate_steps(whole),
        f"all {len(tests)} verdicts, day by day over {DAYS} days": lambda: experiments.evaluate_steps(nothing, daily),
        "the table of all verdicts for a file, intervals included (life)": lambda: tables.verdict_table(
            experiments.evaluate_steps(whole), []
        ),
    }
    times = {name: warm(work) for name, work in lines.items()}
    rows = [f"| {name} | {busy:,.0f} ms | {clock:,.0f} ms |" for name, (busy, clock) in times.items()]
    print("\n".join(rows))
    write_section(
        "Verdicts of a large account",
        [
            _ABOUT,
            "",
            "| what | processor | clock |",
            "|---|---|---|",
            *rows,
        ],
    )


if __name__ == "__main__":
    main()
