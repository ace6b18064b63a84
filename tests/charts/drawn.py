"""Reads figures back: what tests want to know of a drawn chart."""

import math
from collections.abc import Iterator
from typing import Any

import plotly.graph_objects as go

Z = 1.959963984540054


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value in a figure, with where it stands."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for position, inner in enumerate(value):
            yield from leaves(inner, f"{path}[{position}]")
    else:
        yield path, value


def everything(figure: go.Figure) -> list[tuple[str, Any]]:
    return list(leaves(figure.to_plotly_json()))


def strings(figure: go.Figure) -> list[str]:
    return [value for _, value in everything(figure) if isinstance(value, str)]


def annotations(figure: go.Figure) -> list[str]:
    return [note.text for note in figure.layout.annotations]


def lines(figure: go.Figure) -> list[tuple[str, str]]:
    """The lines of text from top to bottom: what stands left, and right of it."""
    left = [(note.y, note.text) for note in figure.layout.annotations if note.x == 0]
    right = {note.y: note.text for note in figure.layout.annotations if note.x == 1}
    return [(text, right.get(y, "")) for y, text in sorted(left)]


def shown(figure: go.Figure, label: str) -> str:
    """The number beside the line that starts with `label`."""
    (text,) = [right for left, right in lines(figure) if left.startswith(label)]
    return text


def line_above(figure: go.Figure, y: float) -> str:
    """The label of the line of text that a mark at `y` belongs to."""
    at, text = max((note.y, note.text) for note in figure.layout.annotations if note.x == 0 and note.y <= y)
    assert y - at < 40
    return text


def bars(figure: go.Figure, colour: str) -> dict[str, float]:
    """Lengths of the bars of one colour by their line's label."""
    found = {}
    for trace in figure.data:
        if trace.type == "bar" and trace.marker.color == colour:
            found |= {line_above(figure, y): x for x, y in zip(trace.x, trace.y, strict=True)}
    return found


def points(figure: go.Figure) -> dict[str, tuple[float, float | None, float | None]]:
    """Value and distances to the interval's bounds of every dot, by its line's label; arrows are left out."""
    found = {}
    for trace in figure.data:
        if trace.type == "scatter" and trace.error_x.array is not None:
            for x, y, above, below in zip(trace.x, trace.y, trace.error_x.array, trace.error_x.arrayminus, strict=True):
                found[line_above(figure, y)] = (x, below, above)
    return found


def arrows(figure: go.Figure) -> dict[str, tuple[float, float]]:
    """Place and true value of what lies beyond the axis, by its line's label."""
    found = {}
    for trace in figure.data:
        if trace.type == "scatter" and trace.customdata is not None:
            found |= {
                line_above(figure, y): (x, value)
                for x, y, value in zip(trace.x, trace.y, trace.customdata, strict=True)
            }
    return found


def wilson_by_formula(x: float, n: float) -> tuple[float, float]:
    centre, root = x + Z * Z / 2, Z * math.sqrt(x * (n - x) / n + Z * Z / 4)
    return (centre - root) / (n + Z * Z), (centre + root) / (n + Z * Z)
