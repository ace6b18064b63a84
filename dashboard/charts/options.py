"""Options of A/B steps on one shared axis. No colour names a winner unless the verdict does."""

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from dashboard.analysis.ab_tests.experiments import Experiment
from dashboard.analysis.ab_tests.wording import better
from dashboard.analysis.metrics import METRICS, Metric
from dashboard.charts.cells import Cells, joined, records
from dashboard.charts.chart import Chart, EmptyChart
from dashboard.charts.palette import GREEN, GREY, MAIN, TRACK, faded
from dashboard.charts.row_layout import Row, Rows, band, beyond_note, dots, scale_values, value_axis
from dashboard.charts.steps import INTERVAL_NOTE, hover_text, value_text
from dashboard.charts.text import clean, hover

_TOTALS_NOTE: Final = (
    "A step in which an option has more of them than emails shows totals without intervals: they count events, not "
    "people, and decide nothing."
)


def options_chart(frame: pd.DataFrame, metric: str) -> Chart | EmptyChart:
    """Draw options' rates as `analysis.options.option_rates` makes them, for one or several steps."""
    known = METRICS[metric]
    cells = records(frame[frame["metric"] == metric].sort_values(["step", "option"], kind="stable"))
    title = _title(cells, known)
    if not cells:
        return EmptyChart(title, "No options to show for this range.")
    if all(row["value"] is None for row in cells):
        return EmptyChart(title, "No option of this step sent emails in this range, or their counts are not reported.")
    rows = Rows(_rows(cells, known))
    figure, beyond = rows.measured(known.axis_title, known.kind)
    return Chart(title, figure, _alt(title, cells, known), _caption(known) + beyond, _table(cells, known))


def verdict_chart(item: Experiment, frame: pd.DataFrame, metric: str) -> Chart | EmptyChart:
    """Draw the options of one step as they were judged, with the most likely difference.

    `frame` is `option_rates` of the experiment's rows. Only a winner has a colour and a sign of its own.
    """
    known = METRICS[metric]
    cells = records(frame[frame["metric"] == metric].sort_values("option", kind="stable"))
    title = _title(cells, known)
    if all(row["value"] is None for row in cells):
        return EmptyChart(title, f"No option sent emails, or their {known.numerator} are not reported.")
    won = item.comparison.option if item.comparison.proven else None
    options = [_marked(row, known, won=row["option"] == won) for row in cells]
    difference = _difference(item, cells, known)
    rows = Rows([*options, *([difference] if difference else [])])
    axis = value_axis(scale_values(options, known.kind), known.axis_title, known.kind)
    end = axis["range"][1]
    marks = [mark for mark in rows.marks if mark[0] is not difference]
    traces: list[Any] = [band(marks, [end] * len(marks), TRACK)]
    for winner in (False, True):
        drawn = [mark for mark, row in zip(marks, _valued(cells), strict=True) if (row["option"] == won) is winner]
        if drawn:
            colour, symbol = (GREEN, "star") if winner else (MAIN, "circle")
            traces += dots([row for row, _ in drawn], [y for _, y in drawn], colour, symbol, end)
    if difference:
        traces.append(_bridge(item, cells, rows.marks[-1], end))
    alt = _alt(title, cells, known) + (f" {difference.label}: {difference.value_text}." if difference else "")
    return Chart(title, rows.figure(traces, axis), alt, _caption(known) + beyond_note(options, end))


def _valued(cells: list[Cells]) -> list[Cells]:
    return [row for row in cells if row["value"] is not None]


def _marked(row: Cells, metric: Metric, *, won: bool) -> Row:
    text = value_text(row, metric)
    shown = f"{text} · winner" if won else text
    return Row(_name(row), shown, _hover(row, metric, won=won), row["value"], row["low"], row["high"], row["trials"])


def _difference(item: Experiment, cells: list[Cells], metric: Metric) -> Row | None:
    """The line of the most likely difference, where a judgement was made and both options have a rate."""
    found = item.comparison
    rates = {row["option"]: row["value"] for row in cells}
    if found.ratio is None or rates.get(found.leading) is None or rates.get(found.against) is None:
        return None
    label = f"Difference, {found.leading} over {found.against}"
    return Row(label, better(item), hover(f"Most likely difference of {metric.label.lower()}", better(item)), 0.0)


def _bridge(item: Experiment, cells: Sequence[Cells], mark: tuple[Row, int], end: float) -> go.Bar:
    """A bar from the rival's rate to the leading option's: grey, for a difference is no result."""
    rates = {row["option"]: min(row["value"], end) for row in cells if row["value"] is not None}
    low, high = sorted((rates[item.comparison.against], rates[item.comparison.leading]))
    return go.Bar(
        orientation="h",
        base=[low],
        x=[high - low],
        y=[mark[1]],
        width=[9],
        marker={"color": faded(GREY, 0.7), "line": {"width": 0}},
        hovertext=[mark[0].hover],
        hoverinfo="text",
    )


def _alt(title: str, cells: list[Cells], metric: Metric) -> str:
    parts = [f"{_name(row)}: {value_text(row, metric)}" for row in cells]
    return f"{title}. {joined(parts)}."


def _title(cells: list[Cells], metric: Metric) -> str:
    steps = {row["step"] for row in cells}
    if len(steps) == 1 and cells[0]["step"] is not None:
        return f"{metric.label} of the options of step {cells[0]['step']}"
    return f"{metric.label} of the options"


def _rows(cells: list[Cells], metric: Metric) -> list[Row]:
    several = len({(row["cadence"], row["step"]) for row in cells}) > 1
    rows: list[Row] = []
    last: object = None
    for row in cells:
        if several and row["step"] != last:
            rows.append(Row(f"Step {'?' if row['step'] is None else row['step']}", heading=True))
            last = row["step"]
        text = value_text(row, metric)
        details = _hover(row, metric)
        rows.append(Row(_name(row), text, details, row["value"], row["low"], row["high"], row["trials"]))
    return rows


def _name(row: Cells) -> str:
    number = "?" if row["option"] is None else row["option"]
    subject = clean(row["subject"]) if row["subject"] else "no subject"
    return f"{number} · {subject}"


def _hover(row: Cells, metric: Metric, *, won: bool = False) -> str:
    interval = ""
    if row["low"] is not None and row["high"] is not None:
        interval = f"95 % interval {_bound(row['low'], metric)} to {_bound(row['high'], metric)}"
    return hover(
        _name(row),
        f"{hover_text(row, metric)}{' · winner' if won else ''}",
        interval,
        f"Template: {clean(row['template'])}" if row["template"] else "",
        f"First words: {clean(row['snippet'])}" if row["snippet"] else "",
    )


def _bound(value: float, metric: Metric) -> str:
    return f"{100 * value:.1f} %" if metric.kind == "rate" else f"{value:.2f}"


def _caption(metric: Metric) -> str:
    return f"{metric.formula} {INTERVAL_NOTE} {_TOTALS_NOTE if metric.kind == 'per' else ''}".strip()


def _table(cells: list[Cells], metric: Metric) -> pd.DataFrame:
    rows = [
        {
            "Step": row["step"],
            "Option": row["option"],
            "Subject": row["subject"],
            metric.label: value_text(row, metric),
            "Low (95 %)": None if row["low"] is None else _bound(row["low"], metric),
            "High (95 %)": None if row["high"] is None else _bound(row["high"], metric),
        }
        for row in cells
    ]
    whole = {"Step": "Int64", "Option": "Int64"}
    table = pd.DataFrame(rows)
    return table.astype({name: whole.get(str(name), "string") for name in table.columns})
