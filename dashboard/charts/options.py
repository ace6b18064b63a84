"""Options of A/B steps on one shared axis. No colour names a winner: that takes a verdict."""

from typing import Final

import pandas as pd

from dashboard.analysis.metrics import METRICS, Metric
from dashboard.charts.base import Chart, EmptyChart
from dashboard.charts.cells import Cells, joined, records
from dashboard.charts.rows import Row, Rows
from dashboard.charts.steps import INTERVAL_NOTE, value_text
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
    parts = [f"{_name(row)}: {value_text(row, known)}" for row in cells]
    return Chart(title, figure, f"{title}. {joined(parts)}.", _caption(known) + beyond, _table(cells, known))


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
        details = _hover(row, metric, text)
        rows.append(Row(_name(row), text, details, row["value"], row["low"], row["high"], row["trials"]))
    return rows


def _name(row: Cells) -> str:
    number = "?" if row["option"] is None else row["option"]
    subject = clean(row["subject"]) if row["subject"] else "no subject"
    return f"{number} · {subject}"


def _hover(row: Cells, metric: Metric, text: str) -> str:
    interval = ""
    if row["low"] is not None and row["high"] is not None:
        interval = f"95 % interval {_bound(row['low'], metric)} to {_bound(row['high'], metric)}"
    return hover(
        _name(row),
        f"{metric.label}: {text}",
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
