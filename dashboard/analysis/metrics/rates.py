"""Rates of the registry as columns: fractions (0.03, not 3), from counts; Klenty's own percents are never used."""

import pandas as pd

from dashboard.analysis.metrics.metric import Metric, Per, Table
from dashboard.analysis.metrics.registry import DENOMINATORS, METRICS, RATES


def rate_per(metric: str, per: Per) -> str:
    """Return the rate with the numerator of `metric` over the chosen denominator; `metric` itself where there is no
    other."""
    known = METRICS[metric]
    if known.denominator not in DENOMINATORS.values():
        return metric
    wanted = (known.numerator, DENOMINATORS[per])
    return next((rate.key for rate in RATES if (rate.numerator, rate.denominator) == wanted), metric)


def rates_of(table: Table) -> tuple[Metric, ...]:
    """Return the rates that a tidy frame carries, in the order of their columns."""
    return tuple(metric for metric in RATES if table in metric.tables)


def events_and_trials(frame: pd.DataFrame, metric: Metric) -> tuple[pd.Series, pd.Series]:
    """Return numerator and denominator of a rate for every row (Int64; empty where a part is missing)."""
    return _added(frame, metric.numerator or metric.key), _added(frame, metric.denominator or "")


def with_rates(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return `frame` with the registry's rates of `table` as further columns (Float64, fractions).

    A missing count or an empty denominator gives an empty rate; a rate above 1 is kept as it is.
    """
    rates = {metric.key: ratio(*events_and_trials(frame, metric)) for metric in rates_of(table)}
    return frame.assign(**rates)


def _added(frame: pd.DataFrame, columns: str) -> pd.Series:
    total = pd.Series(0, index=frame.index, dtype="Int64")
    for column in columns.split(" + "):
        part = frame[column].astype("Int64") if column in frame else pd.Series(pd.NA, frame.index, dtype="Int64")
        total = total + part
    return total


def ratio(events: pd.Series, trials: pd.Series) -> pd.Series:
    """Return events ÷ trials (Float64); empty where a count is missing or there is nothing to divide by."""
    usable = trials.mask((trials <= 0).fillna(value=True))
    return (events / usable).astype("Float64")
