"""Copies of several cadences on one axis of ratios. No colour names a winner: that takes a verdict."""

import math
from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from dashboard.analysis.metrics import METRICS, format_count
from dashboard.charts.cells import Cells, joined, records
from dashboard.charts.chart import Chart, EmptyChart
from dashboard.charts.palette import GREY, MAIN, faded
from dashboard.charts.row_layout import Row, Rows, axis_title
from dashboard.charts.text import clean, hover

MOST: Final = 15
_TICKS: Final = (0.1, 0.2, 0.5, 1, 2, 5, 10)
_TITLE: Final = "Odds of an answer against the options beside it"


def same_copy_chart(frame: pd.DataFrame, events: str) -> Chart | EmptyChart:
    """Draw the pooled odds ratios of `analysis.same_copy.copies` with their intervals, at most `MOST`.

    `events` is the counted metric. Ratios beyond a tenth or ten times stand at the edge; their number is beside them.
    """
    cells = records(frame[frame["odds_ratio"].notna()].head(MOST))
    if not cells:
        return EmptyChart(_TITLE, "No copy of several cadences can be compared yet; the notes in the table say why.")
    rows = Rows([_row(row, METRICS[events].label.lower()) for row in cells])
    axis = {
        "type": "log", "range": [math.log10(_TICKS[0]), math.log10(_TICKS[-1])], "tickvals": list(_TICKS),
        "ticktext": [f"×{tick:g}" for tick in _TICKS], "title": axis_title(METRICS["odds_ratio"].label),
    }  # fmt: skip
    figure = rows.figure([_marks(rows)], axis)
    line: dict[str, Any] = {"color": GREY, "width": 2, "dash": "dot"}
    figure.update_layout(shapes=[{"type": "line", "x0": 1, "x1": 1, "y0": 0, "y1": 1, "yref": "paper", "line": line}])
    texts = [f"{row.label}: {row.value_text}" for row in rows.rows]
    caption = (
        "Lines are 95 % intervals for looking once; the dotted line is no difference. Looked at every day, an interval "
        "that leaves out 1 comes up by chance more often than once in twenty."
    )
    return Chart(_TITLE, figure, f"{_TITLE}. {joined(texts)}.", caption, _table(cells))


def _marks(rows: Rows) -> go.Scatter:
    at = [(_inside(row.value), _inside(row.low), _inside(row.high)) for row, _ in rows.marks]
    return go.Scatter(
        mode="markers",
        x=[value for value, _, _ in at],
        y=[y for _, y in rows.marks],
        marker={"color": MAIN, "size": 11, "symbol": "circle", "line": {"width": 0}},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [high - value for value, _, high in at],
            "arrayminus": [value - low for value, low, _ in at],
            "color": faded(MAIN),
            "thickness": 6,
            "width": 0,
        },
        hovertext=[row.hover for row, _ in rows.marks],
        hoverinfo="text",
        cliponaxis=False,
    )


def _inside(ratio: float | None) -> float:
    return min(max(ratio or _TICKS[0], _TICKS[0]), _TICKS[-1])


def _row(row: Cells, events: str) -> Row:
    name = clean(row["copy"])
    steps = "1 step" if row["strata"] == 1 else f"{row['strata']} steps"
    details = hover(
        name,
        f"Odds ratio {_ratio(row)}",
        f"This copy there: {_counts(row, 'compared')} {events}",
        f"Beside it: {_counts(row, 'other')} {events}",
        f"Compared in {steps} of its cadences",
        row["note"],
    )
    return Row(name, _ratio(row), details, row["odds_ratio"], row["odds_ratio_low"], row["odds_ratio_high"])


def _ratio(row: Cells) -> str:
    return f"×{row['odds_ratio']:.2f} ({row['odds_ratio_low']:.2f} to {row['odds_ratio_high']:.2f})"


def _counts(row: Cells, which: str) -> str:
    return f"{format_count(row[f'{which}_events'])} of {format_count(row[f'{which}_emails'])} emails:"


def _table(cells: list[Cells]) -> pd.DataFrame:
    rows = [
        {
            "Copy": row["copy"],
            "Odds ratio": _ratio(row),
            "This copy": _counts(row, "compared").rstrip(":"),
            "Beside it": _counts(row, "other").rstrip(":"),
            "Steps compared": str(row["strata"]),
        }
        for row in cells
    ]
    return pd.DataFrame(rows).astype("string")
