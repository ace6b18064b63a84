"""Steps of a cadence: emails by a metric of choice, tasks and calls by their own counts."""

from typing import Any, Final

import pandas as pd

from dashboard.analysis.metrics import (
    METRICS,
    NOT_REPORTED,
    Metric,
    events_and_trials,
    format_count,
    format_rate,
    help_of,
)
from dashboard.analysis.stats.proportions import wilson_columns
from dashboard.charts.cells import Cells, joined, records
from dashboard.charts.chart import Chart, EmptyChart
from dashboard.charts.palette import GREEN, TRACK, VIOLET
from dashboard.charts.row_layout import Row, Rows, band, value_axis
from dashboard.charts.text import clean, hover
from dashboard.data.account_check.facts import NOTHING_SETTLED, AccountFacts

INTERVAL_NOTE: Final = "Lines are 95 % Wilson intervals: where they overlap, the difference may be chance."
_WORK: Final = {"tasks": VIOLET, "calls": GREEN}


def measured(frame: pd.DataFrame, metric: Metric) -> pd.DataFrame:
    """`frame` with events, trials, value, low, high of `metric`, straight from the counts.

    A count has value only; opens and clicks per email have no interval, for they count events, not people.
    """
    if metric.kind == "count":
        empty = pd.Series(pd.NA, frame.index, dtype="Float64")
        values = frame[metric.key].astype("Float64")
        return frame.assign(events=frame[metric.key], trials=empty, value=values, low=empty, high=empty)
    events, trials = events_and_trials(frame, metric)
    usable = trials.mask((trials <= 0).fillna(value=True))
    low, high = wilson_columns(events, usable)
    if metric.kind == "per":
        low, high = low.mask(low.notna()), high.mask(high.notna())
    value = (events / usable).astype("Float64")
    return frame.assign(events=events, trials=trials, value=value, low=low, high=high)


def value_text(row: Cells, metric: Metric) -> str:
    """The text next to a mark: the count, or the rate with its counts."""
    if metric.kind == "count":
        return format_count(row["events"])
    if metric.kind == "per" and row["events"] is not None and row["trials"]:
        return f"{row['events'] / row['trials']:,.2f} ({format_count(row['events'])} on {format_count(row['trials'])})"
    return format_rate(row["events"], row["trials"], metric)


def hover_text(row: Cells, metric: Metric) -> str:
    """What a hover or a table says: the label with the count, or with the rate, its counts, and what it is of.

    A `base` in the row says it where it is not the registry's (`analysis.metrics.base_of`).
    """
    if metric.kind == "count":
        return f"{metric.label}: {format_count(row['events'])}"
    return f"{metric.label}: {format_rate(row['events'], row['trials'], metric, base=row.get('base') or True)}"


def steps_chart(frame: pd.DataFrame, metric: str, facts: AccountFacts = NOTHING_SETTLED) -> Chart | EmptyChart:
    """Draw the steps of one cadence by `metric`. Steps that send no emails show their own counts instead.

    Raises ValueError for several cadences: use `steps_comparison_chart` for those.
    """
    known = METRICS[metric]
    title = f"{known.label} by step"
    steps = one_cadence(frame)
    if steps.empty:
        return EmptyChart(title, "Klenty named no steps for this range.")
    cells = records(measured(steps, known))
    if all(row["value"] is None for row in cells):
        return EmptyChart(title, f"{known.label}: {NOT_REPORTED} for any step, or no step sent emails in this range.")
    rows = Rows([_step_row(row, known) for row in cells])
    figure, beyond = rows.measured(known.axis_title, known.kind)
    parts = [f"{row.label}: {row.value_text}" for row in rows.rows]
    caption = f"{_caption(known, facts)}{beyond}"
    return Chart(title, figure, f"{title}. {joined(parts, limit=10)}.", caption, _table(cells, known))


def one_cadence(frame: pd.DataFrame) -> pd.DataFrame:
    """The steps in order, each once; ValueError when they are of several cadences."""
    if len(frame["cadence"].unique()) > 1:
        raise ValueError("this chart shows the steps of one cadence")
    once = pd.concat([frame[frame["step"].isna()], frame[frame["step"].notna()].drop_duplicates("step")])
    return once.sort_values("step", na_position="last", kind="stable")


def step_name(row: Cells) -> str:
    """Return "Step 3 · email"."""
    number = "?" if row["step"] is None else row["step"]
    kind = f" · {clean(row['step_type'])}" if row["step_type"] else ""
    return f"Step {number}{kind}"


def is_mail(row: Cells) -> bool:
    """Whether the step sends emails, by its type or by what it sent."""
    return row["step_type"] == "email" or bool(row["emails_sent"])


def work_text(row: Cells) -> str:
    """The own counts of a step that sends no emails: "95 calls", "41 tasks"."""
    parts = [f"{format_count(row[key])} {key}" for key in ("tasks", "calls") if row[key]]
    if not parts and row["completed"] is not None:
        parts = [f"{format_count(row['completed'])} done"]
    return ", ".join(parts) or "no counts reported"


def _step_row(row: Cells, metric: Metric) -> Row:
    if not is_mail(row):
        return Row(step_name(row), work_text(row), _work_hover(row))
    text = value_text(row, metric)
    lines = [hover_text(row, metric), _interval_text(row)]
    counts = [f"{METRICS[key].label}: {format_count(row[key])}" for key in _MAIL_COUNTS]
    label = step_name(row)
    return Row(label, text, hover(label, *lines, *counts), row["value"], row["low"], row["high"], row["trials"])


_MAIL_COUNTS: Final = ("emails_sent", "opens", "clicks", "replies", "positive_replies", "negative_replies", "completed")


def _interval_text(row: Cells) -> str:
    if row["low"] is None or row["high"] is None:
        return ""
    return f"95 % interval {100 * row['low']:.1f} to {100 * row['high']:.1f} %"


def _work_hover(row: Cells) -> str:
    counts = [f"{METRICS[key].label}: {format_count(row[key])}" for key in ("completed", "tasks", "calls")]
    calls = f"Completed calls, as Klenty reports it: {format_count(row['completed_calls'])}"
    return hover(step_name(row), "This step sends no emails.", *counts, calls)


def _caption(metric: Metric, facts: AccountFacts) -> str:
    return f"{metric.formula} {metric_note(metric, facts)}Steps that send no emails show their own counts."


def metric_note(metric: Metric, facts: AccountFacts) -> str:
    """What a caption says of a metric's marks, with a space behind it; nothing for a count."""
    return {"rate": f"{INTERVAL_NOTE} ", "per": f"{help_of(metric, facts)} ", "count": ""}[metric.kind]


def _table(cells: list[Cells], metric: Metric) -> pd.DataFrame:
    rows = [
        {
            "Step": row["step"],
            "Type": row["step_type"],
            metric.label: value_text(row, metric) if is_mail(row) else None,
            "Own counts": None if is_mail(row) else work_text(row),
        }
        for row in cells
    ]
    return pd.DataFrame(rows).astype(
        {"Step": "Int64", "Type": "string", metric.label: "string", "Own counts": "string"}
    )


def step_work_chart(frame: pd.DataFrame) -> Chart | EmptyChart:
    """Draw the task, call and other steps that send no emails: tasks, calls, and prospects who completed the step."""
    title = "Tasks and calls by step"
    cells = [row for row in records(one_cadence(frame)) if not is_mail(row) or row["tasks"] or row["calls"]]
    if not cells:
        return EmptyChart(title, "This cadence has no task or call steps.")
    rows = Rows([_work_row(row) for row in cells])
    axis = value_axis([row.value for row in rows.rows], "Tasks or calls scheduled", "count")
    traces: list[Any] = [band(rows.marks, [axis["range"][1]] * len(rows.marks), TRACK)]
    for key in ("tasks", "calls"):
        drawn = [row for row in cells if row[_kind_of_work(row)]]
        marks = [mark for mark, row in zip(rows.marks, drawn, strict=True) if _kind_of_work(row) == key]
        if marks:
            traces.append(band(marks, [mark[0].value for mark in marks], _WORK[key]))
    parts = [f"{row.label}: {row.value_text}" for row in rows.rows]
    caption = (
        "Tasks and calls scheduled in the range. Klenty's document calls “completed calls” a percentage in one place "
        "and a count in another, so it is shown as reported."
    )
    return Chart(title, rows.figure(traces, axis), f"{title}. {joined(parts, limit=10)}.", caption, _work_table(cells))


def _kind_of_work(row: Cells) -> str:
    return "calls" if (row["calls"] or 0) > (row["tasks"] or 0) else "tasks"


def _work_row(row: Cells) -> Row:
    value = row[_kind_of_work(row)]
    return Row(step_name(row), work_text(row), _work_hover(row), value=value or None)


def _work_table(cells: list[Cells]) -> pd.DataFrame:
    columns = {"step": "Step", "step_type": "Type", "tasks": "Tasks", "calls": "Calls"}
    columns |= {"completed_calls": "Completed calls (as reported)", "completed": "Completed the step"}
    table = pd.DataFrame([{name: row[key] for key, name in columns.items()} for row in cells])
    return table.astype({name: "string" if name == "Type" else "Int64" for name in columns.values()})
