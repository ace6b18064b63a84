"""Cadences, or periods of one, on the same scale; and their steps beside each other."""

from typing import Any, Final

import pandas as pd

from dashboard.analysis.change import compare_periods
from dashboard.analysis.compare import By, row_names
from dashboard.analysis.metrics import METRICS, NOT_REPORTED, Metric, format_count
from dashboard.charts.base import Chart, EmptyChart
from dashboard.charts.cells import Cells, joined, records
from dashboard.charts.palette import SERIES, SYMBOLS, TRACK
from dashboard.charts.rows import HEADING, Row, Rows, dots, plain_figure, row_texts, value_axis
from dashboard.charts.steps import INTERVAL_NOTE, is_mail, measured, value_text
from dashboard.charts.text import hover

MOST: Final = len(SERIES)
_LINE: Final = 18
_KEY: Final = 24


def comparison_chart(frame: pd.DataFrame, metric_key: str) -> Chart | EmptyChart:
    """Draw one metric of `analysis.compare.comparison`: rates as dots with intervals, counts as bars."""
    metric = METRICS[metric_key]
    cells = records(frame[frame["metric"] == metric_key])
    by = cells[0]["compared_by"] if cells else "cadence"
    title = f"{metric.label} by {by}"
    if not cells:
        return EmptyChart(title, "Nothing to compare yet.")
    if all(row["value"] is None for row in cells):
        return EmptyChart(title, f"{metric.label}: {NOT_REPORTED}, or nothing was sent, for any of the compared.")
    rows = Rows([_row(row, metric) for row in cells])
    ends = [row.high if row.high is not None else row.value for row in rows.rows]
    axis = value_axis(ends, metric.axis_title, metric.kind)
    marks = rows.bars() if metric.kind == "count" else rows.dots()
    figure = rows.figure([rows.track(axis["range"][1]), marks], axis)
    parts = [f"{row.label}: {row.value_text}" for row in rows.rows]
    alt = f"{title}. {joined(parts)}."
    return Chart(title, figure, alt, _caption(cells, metric), _table(cells, metric))


def _text(row: Cells, metric: Metric) -> str:
    if metric.kind == "count":
        return format_count(row["value"])
    return value_text(row, metric)


def _row(row: Cells, metric: Metric) -> Row:
    text = _text(row, metric)
    interval = ""
    if row["low"] is not None and row["high"] is not None:
        interval = f"95 % interval {100 * row['low']:.1f} to {100 * row['high']:.1f} %"
    elif metric.kind == "rate" and row["value"] is not None:
        interval = "Over 100 %: no interval"
    where = row["period"] if row["compared_by"] == "cadence" else row["cadence"]
    lines = hover(row["name"], f"{metric.label}: {text}", interval, where)
    return Row(row["name"], text, lines, row["value"], row["low"], row["high"])


def _caption(cells: list[Cells], metric: Metric) -> str:
    parts = [metric.formula]
    if metric.kind == "rate":
        parts.append(INTERVAL_NOTE)
    elif metric.help:
        parts.append(metric.help)
    if metric.kind == "rate" and len(cells) == 2 and cells[0]["compared_by"] == "period":
        before, now = cells
        change = compare_periods(before["events"], before["trials"], now["events"], now["trials"])
        parts.append(f"From the first to the second period: {change.text}.")
    return " ".join(parts)


def _table(cells: list[Cells], metric: Metric) -> pd.DataFrame:
    rows = [
        {
            "Cadence": row["cadence"],
            "Period": row["period"],
            metric.label: _text(row, metric),
            "Low (95 %)": None if row["low"] is None else f"{100 * row['low']:.1f} %",
            "High (95 %)": None if row["high"] is None else f"{100 * row['high']:.1f} %",
        }
        for row in cells
    ]
    return pd.DataFrame(rows).astype("string")


def steps_comparison_chart(frame: pd.DataFrame, metric: str, by: By = "cadence") -> Chart | EmptyChart:
    """Draw the steps of up to six cadences (or periods) under each other on one scale; only steps with emails."""
    known = METRICS[metric]
    title = f"{known.label} by step and {by}"
    if frame.empty:
        return EmptyChart(title, "Klenty named no steps for this range.")
    named = measured(frame, known).assign(name=row_names(frame, by))
    cells = [
        row for row in records(named.sort_values("step", kind="stable")) if is_mail(row) and row["step"] is not None
    ]
    if not any(row["value"] is not None for row in cells):
        return EmptyChart(title, f"{known.label}: {NOT_REPORTED} for any step, or no emails were sent in this range.")
    names = list(dict.fromkeys(named["name"].tolist()))[:MOST]
    figure = _steps_figure(cells, names, known)
    alt = f"{title}. {joined(_step_texts(cells, names, known), limit=12)}."
    caption = f"{known.formula} {INTERVAL_NOTE if known.kind == 'rate' else ''} Only steps that send emails.".strip()
    return Chart(title, figure, alt, caption, _steps_table(cells, names, known))


def _steps_figure(cells: list[Cells], names: list[str], metric: Metric) -> Any:  # go.Figure
    texts: list[dict[str, Any]] = []
    keys: list[tuple[int, int]] = []
    y = 0
    for index, name in enumerate(names):
        texts += row_texts(name, "", y + _KEY // 2, indent=22)
        keys.append((index, y + _KEY // 2))
        y += _KEY
    places: dict[tuple[int, str], int] = {}
    for step in dict.fromkeys(row["step"] for row in cells):
        texts += row_texts(f"Step {step}", "", y + HEADING - 12, bold=True)
        y += HEADING
        for name in names:
            places[step, name] = y + _LINE // 2
            y += _LINE
    ends = [row["high"] if row["high"] is not None else row["value"] for row in cells]
    axis = value_axis(ends, metric.axis_title, metric.kind)
    traces = [_series(cells, name, index, places, metric) for index, name in enumerate(names)]
    figure = plain_figure([*traces, *(_key_mark(*key) for key in keys)], x_axis=axis, height=y + 8, annotations=texts)
    figure.update_layout(shapes=[_stripe(place) for place in places.values()])
    return figure


def _series(
    cells: list[Cells], name: str, index: int, places: dict[tuple[int, str], int], metric: Metric
) -> Any:  # go.Scatter
    own = [row for row in cells if row["name"] == name]
    rows = [
        Row(name, hover=_steps_hover(row, metric), value=row["value"], low=row["low"], high=row["high"]) for row in own
    ]
    return dots(rows, [places[row["step"], name] for row in own], SERIES[index], SYMBOLS[index])


def _key_mark(index: int, y: int) -> dict[str, Any]:
    marker = {"color": SERIES[index], "symbol": SYMBOLS[index], "size": 11}
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [0],
        "y": [y],
        "marker": marker,
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def _stripe(y: int) -> dict[str, Any]:
    return {
        "type": "rect", "layer": "below", "xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": y - 7, "y1": y + 7,
        "fillcolor": TRACK, "line": {"width": 0},
    }  # fmt: skip


def _steps_hover(row: Cells, metric: Metric) -> str:
    return hover(row["name"], f"Step {row['step']}", f"{metric.label}: {value_text(row, metric)}")


def _step_texts(cells: list[Cells], names: list[str], metric: Metric) -> list[str]:
    texts = []
    for step in dict.fromkeys(row["step"] for row in cells):
        own = [row for row in cells if row["step"] == step and row["name"] in names]
        texts.append(f"Step {step}: " + ", ".join(f"{row['name']} {value_text(row, metric)}" for row in own))
    return texts


def _steps_table(cells: list[Cells], names: list[str], metric: Metric) -> pd.DataFrame:
    rows = [
        {"Step": row["step"], "Cadence": row["cadence"], "Compared": row["name"], metric.label: value_text(row, metric)}
        for row in cells
        if row["name"] in names
    ]
    table = pd.DataFrame(rows)
    return table.astype({name: "Int64" if name == "Step" else "string" for name in table.columns})
