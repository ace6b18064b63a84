"""Options of A/B steps: which were used, and their rates with intervals; and, re-exported, how they are compared.

The higher rate of a date range names no winner; that takes `compare_options`.
"""

from collections.abc import Sequence
from typing import Final

import pandas as pd

from dashboard.analysis.ab_tests.evidence import (
    log_e,
    log_e_by_day,
    log_e_path,
    ratio_by_day,
    ratio_interval_by_day,
)
from dashboard.analysis.ab_tests.verdicts import OptionComparison, compare_options
from dashboard.analysis.metrics import METRICS, events_and_trials
from dashboard.analysis.stats.proportions import wilson_columns

__all__ = [
    "STEP_KEY",
    "OptionComparison",
    "compare_options",
    "is_total",
    "log_e",
    "log_e_by_day",
    "log_e_path",
    "option_rates",
    "ratio_by_day",
    "ratio_interval_by_day",
    "steps_with_choice",
    "used_options",
]

STEP_KEY: Final = ["cadence", "cadence_id", "window_start", "step"]


def used_options(options: pd.DataFrame) -> pd.DataFrame:
    """The options that sent at least one email."""
    return options[(options["emails_sent"] > 0).fillna(value=False)]


def steps_with_choice(options: pd.DataFrame) -> pd.DataFrame:
    """The used options of every step that has two or more of them."""
    used = used_options(options)
    if used.empty:
        return used
    size = used.groupby(STEP_KEY, dropna=False)["emails_sent"].transform("size")
    return used[(size >= 2).to_numpy()]


def option_rates(options: pd.DataFrame, metrics: Sequence[str]) -> pd.DataFrame:
    """`options` in long form: a row per option and rate, with the interval of the rate.

    Further columns: metric (its key), events, trials, value, low, high (Wilson 95 %, fractions). An option without
    emails has no value. A rate above 1 has no interval; neither have opens or clicks (totals, not people) of a
    step in which any option has more of them than emails.
    """
    return pd.concat([_rated(options, key) for key in metrics], ignore_index=True)


def _rated(options: pd.DataFrame, key: str) -> pd.DataFrame:
    metric = METRICS[key]
    events, trials = events_and_trials(options, metric)
    usable = trials.mask((trials <= 0).fillna(value=True))
    low, high = wilson_columns(events, usable)
    if metric.kind == "per":
        total = is_total(options, events)
        low, high = low.mask(total), high.mask(total)
    return options.assign(
        metric=pd.array([key] * len(options), "string"),
        events=events,
        trials=trials,
        value=(events / usable).astype("Float64"),
        low=low,
        high=high,
    )


def is_total(options: pd.DataFrame, events: pd.Series) -> pd.Series:
    """For every option whether its step holds an option with more `events` than emails (boolean)."""
    over = (events > options["emails_sent"]).fillna(value=False).astype(bool)
    keys = [options[column] for column in STEP_KEY]
    return over.groupby(keys, dropna=False).transform("any")
