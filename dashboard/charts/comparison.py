"""Steps of several cadences, or of periods of one, on one scale."""

from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from dashboard.analysis.metrics import METRICS, NOT_REPORTED, Metric
from dashboard.analysis.performance.compare import By, row_names
from dashboard.charts.cells import Cells, joined, records
from dashboard.charts.chart import Chart, EmptyChart
from dashboard.charts.measured import hover_text, is_mail, measured, metric_note, value_text
from dashboard.charts.palette import SERIES, SYMBOLS, TRACK
from dashboard.charts.row_layout import (
    HEADING,
    Row,
    beyond_note,
    dots,
    plain_figure,
    row_texts,
    scale_values,
    value_axis,
)
from dashboard.charts.text import hover
from dashboard.data.account_check.facts import NOTHING_SETTLED, AccountFacts

MOST: Final = len(SERIES)
_LINE: Final = 18
_KEY: Final = 24


def steps_comparison_chart(
    frame: pd.DataFrame, metric: str, by: By = "cadence", facts: AccountFacts = NOTHING_SETTLED
) -> Chart | EmptyChart:
    """Draw the steps of up to six cadences (or periods) under each other on one scale; only steps with emails.

    Args:
        frame: columns of `comparison`, of steps.
        metric: key of a metric.
        by: whether rows are called by their cadence or by their period.
        facts: what the account check settled.
    """
    known = METRICS[metric]
    title = f"{known.label} by step and {by}"
    if frame.empty:
        return EmptyChart(title, "Klenty named no steps for this range.")
    named = measured(frame, known).assign(name=row_names(frame, by))
    in_order = records(named[named["step"].notna()].sort_values("step", kind="stable"))
    cells = [row for row in in_order if is_mail(row) and row["value"] is not None]
    if not cells:
        return EmptyChart(title, f"{known.label}: {NOT_REPORTED} for any step, or no emails were sent in this range.")
    names = list(dict.fromkeys(named["name"].tolist()))[:MOST]
    figure, beyond = _steps_figure(cells, names, known)
    alt = f"{title}. {joined(_step_texts(cells, names, known), limit=12)}."
    caption = f"{known.formula} {metric_note(known, facts)}Only steps that sent emails.{beyond}"
    return Chart(title, figure, alt, caption, _steps_table(cells, names, known))


def _steps_figure(cells: list[Cells], names: list[str], metric: Metric) -> tuple[go.Figure, str]:
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
        having = {row["name"] for row in cells if row["step"] == step}
        for name in (name for name in names if name in having):
            places[step, name] = y + _LINE // 2
            y += _LINE
    shown = [row for row in cells if row["name"] in names]
    marks = [(_mark(row, metric), places[row["step"], row["name"]], row["name"]) for row in shown]
    axis = value_axis(scale_values([row for row, _, _ in marks], metric.kind), metric.axis_title, metric.kind)
    traces: list[Any] = [_key_mark(*key) for key in keys]
    for index, name in enumerate(names):
        own = [(row, place) for row, place, of in marks if of == name]
        rows, at = [row for row, _ in own], [place for _, place in own]
        traces += dots(rows, at, SERIES[index], SYMBOLS[index], axis["range"][1])
    figure = plain_figure(traces, x_axis=axis, height=y + 8, annotations=texts)
    figure.update_layout(shapes=[_stripe(place) for _, place, _ in marks])
    return figure, beyond_note([row for row, _, _ in marks], axis["range"][1])


def _mark(row: Cells, metric: Metric) -> Row:
    details = hover(row["name"], f"Step {row['step']}", hover_text(row, metric))
    return Row(row["name"], "", details, row["value"], row["low"], row["high"], row["trials"])


def _key_mark(index: int, y: int) -> go.Scatter:
    marker = {"color": SERIES[index], "symbol": SYMBOLS[index], "size": 11}
    return go.Scatter(mode="markers", x=[0], y=[y], marker=marker, hoverinfo="skip", cliponaxis=False)


def _stripe(y: int) -> dict[str, Any]:
    return {
        "type": "rect", "layer": "below", "xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": y - 7, "y1": y + 7,
        "fillcolor": TRACK, "line": {"width": 0},
    }  # fmt: skip


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
