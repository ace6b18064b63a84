"""What charts of rates share: values with their intervals straight from the counts, and how they are told."""

from typing import Final

import pandas as pd

from dashboard.analysis.metrics import Metric, events_and_trials, format_count, format_rate, help_of, ratio
from dashboard.analysis.stats.proportions import wilson_columns
from dashboard.charts.cells import Cells
from dashboard.data.account_check.facts import AccountFacts

_INTERVAL_NOTE: Final = "Lines are 95 % Wilson intervals: where they overlap, the difference may be chance."


def measured(frame: pd.DataFrame, metric: Metric) -> pd.DataFrame:
    """Return `frame` with events, trials, value, low, high of `metric`, straight from the counts.

    A count has value only; opens and clicks per email have no interval, for they count events, not people.
    """
    if metric.kind == "count":
        empty = pd.Series(pd.NA, frame.index, dtype="Float64")
        values = frame[metric.key].astype("Float64")
        return frame.assign(events=frame[metric.key], trials=empty, value=values, low=empty, high=empty)
    events, trials = events_and_trials(frame, metric)
    low, high = wilson_columns(events, trials)
    if metric.kind == "per":
        low, high = low.mask(low.notna()), high.mask(high.notna())
    return frame.assign(events=events, trials=trials, value=ratio(events, trials), low=low, high=high)


def value_text(row: Cells, metric: Metric) -> str:
    """Return what is written next to a mark: the count, or the rate with its counts."""
    if metric.kind == "count":
        return format_count(row["events"])
    if metric.kind == "per" and row["events"] is not None and row["trials"]:
        return f"{row['events'] / row['trials']:,.2f} ({format_count(row['events'])} on {format_count(row['trials'])})"
    return format_rate(row["events"], row["trials"], metric)


def hover_text(row: Cells, metric: Metric) -> str:
    """Return what a hover or a table says: the label with the count, or with the rate, its counts, and what it is of.

    A `base` in the row says it where it is not the registry's (`analysis.metrics.denominator_label`).
    """
    if metric.kind == "count":
        return f"{metric.label}: {format_count(row['events'])}"
    return f"{metric.label}: {format_rate(row['events'], row['trials'], metric, base=row.get('base') or True)}"


def metric_note(metric: Metric, facts: AccountFacts) -> str:
    """Return what a caption says of a metric's marks, ending in a space; nothing for a count."""
    return {"rate": f"{_INTERVAL_NOTE} ", "per": f"{help_of(metric, facts)} ", "count": ""}[metric.kind]


def one_cadence(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the steps in order, each once. Raises ValueError when they are of several cadences."""
    if len(frame["cadence"].unique()) > 1:
        raise ValueError("this chart shows the steps of one cadence")
    once = pd.concat([frame[frame["step"].isna()], frame[frame["step"].notna()].drop_duplicates("step")])
    return once.sort_values("step", na_position="last", kind="stable")


def is_mail(row: Cells) -> bool:
    """Return whether the step sends emails, by its type or by what it sent."""
    return row["step_type"] == "email" or bool(row["emails_sent"])


def work_text(row: Cells) -> str:
    """Return the own counts of a step that sends no emails: "95 calls", "41 tasks"."""
    parts = [f"{format_count(row[key])} {key}" for key in ("tasks", "calls") if row[key]]
    if not parts and row["completed"] is not None:
        parts = [f"{format_count(row['completed'])} done"]
    return ", ".join(parts) or "no counts reported"
