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
from dashboard.charts.text import clean, literal, shorten, wrapped

ROW: Final = 48
HEADING: Final = 34
_TEXT_AT: Final = 11
_MARK_AT: Final = 31
LINE: Final = 30
_BAR: Final = 15
_FEWEST_TRIALS: Final = 20
_FONT: Final = 13
# Letters that a chart of 340 px has room for in a line, and the share of a name in them.
_LINE_LETTERS: Final = 46
_SHORTEST_LABEL: Final = 22
_LONGEST_LABEL: Final = 34
_AXIS_SPACE: Final = 52


@dataclass(frozen=True)
class Row:
    """One row: what stands left and right above the mark, what its hover says, and the mark's numbers.

    A row without a value is a line of text only, and so is a `heading`. `low` and `high` bound the interval; None
    means there is none. `trials` is what the value rests on, where it is a rate.
    """

    label: str
    value_text: str = ""
    hover: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    trials: float | None = None
    heading: bool = False

    @property
    def height(self) -> int:
        """Pixels from the top of this row to the next."""
        if self.heading:
            return HEADING
        return ROW if self.value is not None else LINE


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
            self.height += row.height

    @property
    def marks(self) -> list[tuple[Row, int]]:
        """Rows that have a mark, with the mark's position."""
        placed = zip(self.rows, self.tops, strict=True)
        return [(row, top + _MARK_AT) for row, top in placed if row.value is not None]

    def figure(self, traces: Sequence[Any], x_axis: dict[str, Any]) -> go.Figure:
        """Return the figure of `traces` with the rows' texts and the given x axis."""
        return plain_figure(traces, x_axis=x_axis, height=self.height, annotations=self._texts())

    def _texts(self) -> list[dict[str, Any]]:
        texts = []
        for row, top in zip(self.rows, self.tops, strict=True):
            y = top + (HEADING - 12 if row.heading else _TEXT_AT)
            texts += row_texts(row.label, row.value_text, y, bold=row.heading)
        return texts

    def measured(self, title: str, kind: str) -> tuple[go.Figure, str]:
        """Return the figure on one scale, counts as bars, everything else as dots with intervals; and a note, if
        needed.

        The scale fits what rests on 20 trials or more and is no more than 1 for rates, so that a reply to three
        emails does not flatten the rest. What lies beyond stands at the edge as an arrow; its number is beside it.
        """
        axis = value_axis(scale_values([row for row, _ in self.marks], kind), title, kind)
        end = axis["range"][1]
        track = band(self.marks, [end] * len(self.marks), TRACK)
        rows, places = [row for row, _ in self.marks], [y for _, y in self.marks]
        marks = [band(self.marks, [row.value for row in rows], MAIN)] if kind == "count" else []
        marks = marks or dots(rows, places, MAIN, "circle", end)
        return self.figure([track, *marks], axis), beyond_note(rows, end)


def beyond_note(rows: Sequence[Row], end: float) -> str:
    """Return a sentence for the caption when a value lies beyond the end of the axis; else nothing."""
    beyond = any(row.value is not None and row.value > end for row in rows)
    return " An arrow at the edge: beyond the axis; the number is beside it." if beyond else ""


def scale_values(rows: Sequence[Row], kind: str) -> list[float]:
    """Return the values and upper bounds that a scale has to hold."""
    solid = [row for row in rows if _solid(row, kind)] or [row for row in rows if row.value is not None]
    return [bound for row in solid for bound in (row.value, row.high) if bound is not None]


def _solid(row: Row, kind: str) -> bool:
    if row.value is None or (kind == "rate" and row.value > 1):
        return False
    return kind == "count" or row.trials is None or row.trials >= _FEWEST_TRIALS


def plain_figure(
    traces: Sequence[Any], *, x_axis: dict[str, Any], height: int, annotations: list[dict[str, Any]]
) -> go.Figure:
    """Return a figure whose y axis counts pixels downwards; nothing to zoom or drag, so a finger scrolls the page.

    Args:
        traces: plotly's.
        x_axis: its layout.
        height: in pixels.
        annotations: plotly's.
    """
    layout = go.Layout(
        template=None,
        height=height + _AXIS_SPACE,
        margin={"l": 11, "r": 18, "t": 0, "b": _AXIS_SPACE},
        xaxis={
            "fixedrange": True,
            "automargin": False,
            "nticks": 6,
            "zeroline": False,
            "ticklabeloverflow": "allow",
            **x_axis,
        },
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
    """Return annotations for a line of text: name left (cut, whole on hover), number right.

    Args:
        label: at the left.
        value: at the right.
        y: in pixels from the top.
        bold: whether both are.
        indent: in pixels.
    """
    room = min(_LONGEST_LABEL, max(_SHORTEST_LABEL, _LINE_LETTERS - len(value)))
    shown = clean(label) if bold and not value else shorten(label, room)
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
    """Return horizontal bars from 0 to `ends` at the marks' places.

    Args:
        marks: rows and their places.
        ends: where each bar ends.
        colour: of all.
        pattern: of all; empty for none.
    """
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


def dots(rows: Sequence[Row], places: Sequence[float], colour: str, symbol: str, end: float) -> list[go.Scatter]:
    """Return dots at `places` with their intervals, and arrows at `end` for values beyond it; no value, no mark.

    Args:
        rows: with values and intervals.
        places: in pixels from the top.
        colour: of all.
        symbol: of all.
        end: where the axis ends.
    """
    placed = [(row, y) for row, y in zip(rows, places, strict=True) if row.value is not None]
    inside = [(row, y) for row, y in placed if row.value is not None and row.value <= end]
    beyond = [(row, y) for row, y in placed if row.value is not None and row.value > end]
    spans = [_span(row, end) for row, _ in inside]
    dotted = go.Scatter(
        mode="markers",
        x=[row.value for row, _ in inside],
        y=[y for _, y in inside],
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
        hovertext=[row.hover for row, _ in inside],
        hoverinfo="text",
        cliponaxis=False,
    )
    if not beyond:
        return [dotted]
    arrows = go.Scatter(
        mode="markers",
        x=[end] * len(beyond),
        y=[y for _, y in beyond],
        customdata=[row.value for row, _ in beyond],
        marker={"color": colour, "size": 13, "symbol": "triangle-right-open", "line": {"width": 2}},
        hovertext=[f"{row.hover}<br>Beyond the axis" for row, _ in beyond],
        hoverinfo="text",
        cliponaxis=False,
    )
    return [dotted, arrows]


def _span(row: Row, end: float) -> tuple[float | None, float | None]:
    """Return how far the interval reaches below and above the dot, cut at the end of the axis."""
    if row.value is None or row.low is None or row.high is None:
        return None, None
    return row.value - row.low, min(row.high, end) - row.value


def axis_title(text: str) -> dict[str, Any]:
    """Return the title of an x axis, clear of its tick labels."""
    return {"text": literal(text), "standoff": 14, "font": {"size": _FONT}}


def value_axis(values: Sequence[float | None], title: str, kind: str) -> dict[str, Any]:
    """Return an x axis from 0 that holds all `values`, with a title and ticks that fit the kind of metric.

    Args:
        values: what is drawn on it.
        title: in words.
        kind: of metric.
    """
    top = max((value for value in values if value is not None), default=0.0)
    least = {"rate": 0.02, "per": 0.1}.get(kind, 1.0)
    end = max(top, least) * 1.04
    ticks = {"rate": ".2~%", "per": ".2~f"}.get(kind, ",~s" if end >= 10_000 else ",d")
    axis: dict[str, Any] = {"range": [0, end], "title": axis_title(title), "tickformat": ticks}
    if kind == "count" and end < 6:
        axis["dtick"] = 1
    return axis
