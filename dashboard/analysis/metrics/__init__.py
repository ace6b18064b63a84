"""The metric registry, rates formed by it, and how both are written."""

from dashboard.analysis.metrics.definitions import definitions, help_of, in_account
from dashboard.analysis.metrics.formatting import (
    FIRST_STEP,
    NO_RATE,
    NOT_REPORTED,
    as_int,
    denominator_label,
    format_count,
    format_percent,
    format_rate,
    format_value,
)
from dashboard.analysis.metrics.metric import Metric, Per, Table
from dashboard.analysis.metrics.rates import events_and_trials, rate_per, rates_of, ratio, with_rates
from dashboard.analysis.metrics.registry import DENOMINATORS, METRICS, PER_LABELS

__all__ = [
    "DENOMINATORS",
    "FIRST_STEP",
    "METRICS",
    "NOT_REPORTED",
    "NO_RATE",
    "PER_LABELS",
    "Metric",
    "Per",
    "Table",
    "as_int",
    "definitions",
    "denominator_label",
    "events_and_trials",
    "format_count",
    "format_percent",
    "format_rate",
    "format_value",
    "help_of",
    "in_account",
    "rate_per",
    "rates_of",
    "ratio",
    "with_rates",
]
