"""The shape that most charts share: rows, each a line of text (name left, number right) above its mark.

It reads like a table, works at 340 px because names and marks do not compete for width, and has room for long
names. The y axis counts pixels from the top, so a row has the same height in every chart.
Background and font colours are left to the page's theme; every trace has a colour that works on light and dark.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import plotly.graph_objects as go

from dashboard.charts.palette import INK, MAIN, PATTERN_INK, TRACK, faded
from dashboard.charts.text import LABEL_LENGTH, clean, literal, shorten, wrapped

ROW: Final = 48
HEADING: Final = 34
_TEXT_AT: Final = 11
_MARK_AT: Final = 31
_BAR: Final = 15
_FONT: Final = 13
_AXIS_SPACE: Final = 52


@dataclass(frozen=True)
class Row:
    """One row: what stands left and right above the mark, what its hover says, and the mark's numbers.

    A row with a `heading` has no mark. `low` and `high` bound the interval; None means there is none.
    """

    label: str
    value_text: str = ""
    hover: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    heading: bool = False


@dataclass
class Rows:
    """Rows placed from top to bottom, and the figure drawn from them."""

    rows: Sequence[Row]
    tops: list[int] = field(init=False)
    height: int = field(init=False)

    def __post_init__(self) -> None:
        """Place the rows."""
        self.tops = []
        self.height = 0
        for row in self.rows:
            self.tops.append(self.height)
            self.height += HEADING if row.heading else ROW

    @property
    def marks(self) -> list[tuple[Row, int]]:
        """Rows that have a mark, with the mark's position."""
        return [(row, top + _MARK_AT) for row, top in zip(self.rows, self.tops, strict=True) if not row.heading]

    def figure(self, traces: Sequence[Any], x_axis: dict[str, Any]) -> go.Figure:
        """The figure of `traces` with the rows' texts and the given x axis."""
        return plain_figure(traces, x_axis=x_axis, height=self.height, annotations=self._texts())

    def _texts(self) -> list[dict[str, Any]]:
        texts = []
        for row, top in zip(self.rows, self.tops, strict=True):
            y = top + (HEADING - 12 if row.heading else _TEXT_AT)
            texts += row_texts(row.label, row.value_text, y, bold=row.heading)
        return texts

    def track(self, end: float) -> go.Bar:
        """A faint band behind every mark up to `end`: it guides the eye and catches the pointer for the hover."""
        return band(self.marks, [end] * len(self.marks), TRACK)

    def bars(self, colour: str = MAIN) -> go.Bar:
        """The values as bars."""
        return band(self.marks, [row.value for row, _ in self.marks], colour)

    def dots(self, colour: str = MAIN, symbol: str = "circle") -> go.Scatter:
        """The values as dots, with their intervals as thick lines."""
        return dots([row for row, _ in self.marks], [y for _, y in self.marks], colour, symbol)


def plain_figure(
    traces: Sequence[Any], *, x_axis: dict[str, Any], height: int, annotations: list[dict[str, Any]]
) -> go.Figure:
    """A figure whose y axis counts pixels downwards; nothing to zoom or drag, so a finger scrolls the page."""
    layout = go.Layout(
        template=None,
        height=height + _AXIS_SPACE,
        margin={"l": 8, "r": 14, "t": 0, "b": _AXIS_SPACE},
        xaxis={"fixedrange": True, "automargin": False, "nticks": 6, "zeroline": False, **x_axis},
        yaxis={"visible": False, "fixedrange": True, "range": [height, 0]},
        annotations=annotations,
        barmode="overlay",
        dragmode=False,
        hovermode="closest",
        hoverlabel={"align": "left", "namelength": 0},
        showlegend=False,
    )
    figure = go.Figure(layout=layout)
    # The constructor fills in the default template; without one Streamlit's own look applies in both modes.
    figure.layout.template = None
    figure.add_traces(list(traces))
    return figure


def row_texts(label: str, value: str, y: float, *, bold: bool = False, indent: int = 0) -> list[dict[str, Any]]:
    """Annotations for a line of text: name left (cut, whole on hover), number right."""
    shown = shorten(label, LABEL_LENGTH + 6)
    text = literal(shown)
    left = {
        "x": 0, "xref": "paper", "xanchor": "left", "y": y, "yref": "y", "yanchor": "middle", "showarrow": False,
        "align": "left", "font": {"size": _FONT, "color": INK}, "xshift": indent,
        "text": f"<b>{text}</b>" if bold else text,
    }  # fmt: skip
    if shown != clean(label):
        left["hovertext"] = wrapped(label)
    if not value:
        return [left]
    right = {
        "x": 1, "xref": "paper", "xanchor": "right", "y": y, "yref": "y", "yanchor": "middle", "showarrow": False,
        "align": "right", "font": {"size": _FONT, "color": INK}, "text": literal(value),
    }  # fmt: skip
    return [left, right]


def band(marks: Sequence[tuple[Row, int]], ends: Sequence[float | None], colour: str, *, pattern: str = "") -> go.Bar:
    """Horizontal bars from 0 to `ends` at the marks' places."""
    marker: dict[str, Any] = {"color": colour, "cornerradius": 3, "line": {"width": 0}}
    if pattern:
        marker["pattern"] = {
            "shape": pattern,
            "size": 6,
            "solidity": 0.35,
            "fillmode": "overlay",
            "fgcolor": PATTERN_INK,
        }
    return go.Bar(
        orientation="h",
        x=list(ends),
        y=[y for _, y in marks],
        width=[_BAR] * len(marks),
        marker=marker,
        hovertext=[row.hover for row, _ in marks],
        hoverinfo="text",
    )


def dots(rows: Sequence[Row], places: Sequence[float], colour: str, symbol: str) -> go.Scatter:
    """Dots at `places` with their intervals; a row without a value leaves its place empty."""
    spans = [
        (row.value - row.low, row.high - row.value)
        if row.value is not None and row.low is not None and row.high is not None
        else (None, None)
        for row in rows
    ]
    return go.Scatter(
        mode="markers",
        x=[row.value for row in rows],
        y=list(places),
        marker={"color": colour, "size": 11, "symbol": symbol, "line": {"width": 0}},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [above for _, above in spans],
            "arrayminus": [below for below, _ in spans],
            "color": faded(colour),
            "thickness": 6,
            "width": 0,
        },
        hovertext=[row.hover for row in rows],
        hoverinfo="text",
        cliponaxis=False,
    )


def axis_title(text: str) -> dict[str, Any]:
    """The title of an x axis, clear of its tick labels."""
    return {"text": literal(text), "standoff": 14, "font": {"size": _FONT}}


def value_axis(values: Sequence[float | None], title: str, kind: str) -> dict[str, Any]:
    """An x axis from 0 that holds all `values`, with a title and ticks that fit the kind of metric."""
    top = max((value for value in values if value is not None), default=0.0)
    least = {"rate": 0.02, "per": 0.1}.get(kind, 1.0)
    end = max(top, least) * 1.04
    ticks = {"rate": ".0%" if end > 0.08 else ".1%", "per": ".2~f"}.get(kind, ",~s" if end >= 10_000 else ",d")
    axis: dict[str, Any] = {"range": [0, end], "title": axis_title(title), "tickformat": ticks}
    if kind == "count" and end < 6:
        axis["dtick"] = 1
    return axis
