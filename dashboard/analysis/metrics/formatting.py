"""Counts and rates as people read them."""

from collections.abc import Iterable
from typing import Final

import pandas as pd

from dashboard.analysis.metrics.metric import Metric
from dashboard.analysis.metrics.registry import METRICS

NOT_REPORTED: Final = "not reported"
NO_RATE: Final = "–"
FIRST_STEP: Final = "first-step emails"


def as_int(value: object) -> int | None:
    """Return a count as an int, or None for anything that stands for "not reported"."""
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return None
    return int(value)  # type: ignore[call-overload, no-any-return]


def format_count(value: object) -> str:
    """Return a count as people read it: "1,234", or "not reported"."""
    number = as_int(value)
    return NOT_REPORTED if number is None else f"{number:,}".replace("-", "−")


def format_percent(fraction: float) -> str:
    """Return a fraction in per cent, with more digits where one would hide it: "3.0 %", "0.25 %", "< 0.01 %"."""
    percent = 100 * fraction
    if 0 < percent < 0.005:
        return "< 0.01 %"
    if 99.95 <= percent < 100:
        return "> 99.9 %"
    return f"{percent:.2f} %" if 0 < percent < 0.995 else f"{percent:,.1f} %"


def format_value(value: object, metric: Metric | str) -> str:
    """Return a metric's value without its counts: "3.0 %", "1.35", "1,234"; "–" for an empty rate."""
    known = METRICS[metric] if isinstance(metric, str) else metric
    if known.kind == "count":
        return format_count(value)
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return NO_RATE
    number = float(value)  # type: ignore[arg-type]
    return format_percent(number) if known.kind == "rate" else f"{number:,.2f}"


def denominator_label(metric: Metric, sources: Iterable[object] = ()) -> str:
    """Return what a rate is of: "emails sent".

    `sources` are the `contacted_source` of the rows that form it: first-step emails used in place of prospects
    contacted are called what they are.
    """
    label = metric.of or metric.basis
    if metric.denominator != "contacted":
        return label
    stand_in = {source == "first_email_step" for source in sources if not pd.isna(source)}  # type: ignore[call-overload]
    if True not in stand_in:
        return label
    return FIRST_STEP if len(stand_in) == 1 else f"{label}, or {FIRST_STEP}"


def format_rate(events: object, trials: object, metric: Metric | str, *, base: bool | str = False) -> str:
    """Return a rate with its counts: "3.0 % (6 of 200)", "1.35 per email (270 opens, 200 emails)".

    With `base` it says of what, in the registry's words or those given (`denominator_label`): "3.0 % (6 of 200
    emails sent)".
    "not reported" when a count is missing, "– (0 of 0)" when the denominator is empty.

    Args:
        events: the numerator; empty when not reported.
        trials: the denominator; empty when not reported.
        metric: or its key.
        base: whether to say what it is of, or the words for it.
    """
    known = METRICS[metric] if isinstance(metric, str) else metric
    upper, lower = as_int(events), as_int(trials)
    if upper is None or lower is None:
        return NOT_REPORTED
    counts = f"{format_count(upper)} of {format_count(lower)}"
    if base:
        counts = f"{counts} {base if isinstance(base, str) else denominator_label(known)}"
    if known.kind == "per":
        counts = f"{format_count(upper)} {known.numerator}, {format_count(lower)} emails"
    if lower <= 0:
        return f"{NO_RATE} ({counts})"
    suffix = " per email" if known.kind == "per" else ""
    return f"{format_value(upper / lower, known)}{suffix} ({counts})"
