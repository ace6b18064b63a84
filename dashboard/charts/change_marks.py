"""Marks above a chart over time: what changed in a day or week, in words under the pointer."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

import plotly.graph_objects as go

from dashboard.analysis.what_changed import Mark
from dashboard.charts.palette import INK
from dashboard.charts.text import hover

MARKS_AXIS: Final = {"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True}
_MOST_WORDS: Final = 6
_LONGEST: Final = 90


def marks_of_windows(marks: Sequence[Mark], windows: Iterable[tuple[date, date]]) -> go.Scatter | None:
    """Return a mark above each window in which something changed, on the axis `MARKS_AXIS`; None without any.

    Args:
        marks: days and words of each change.
        windows: first and last day of each.
    """
    found = [
        (start, [words for first, last, words in marks if first <= end and last >= start]) for start, end in windows
    ]
    found = [(start, words) for start, words in found if words]
    if not found:
        return None
    return go.Scatter(
        x=[start.isoformat() for start, _ in found],
        y=[0.98] * len(found),
        yaxis="y2",
        name="Changes",
        mode="markers",
        marker={"symbol": "triangle-down", "size": 8, "color": INK},
        hovertext=[_hover(words) for _, words in found],
        hoverinfo="text",
        cliponaxis=False,
        showlegend=False,
    )


def _hover(words: Sequence[str]) -> str:
    more = len(words) - _MOST_WORDS
    shown = [word if len(word) <= _LONGEST else f"{word[: _LONGEST - 1]}…" for word in words[:_MOST_WORDS]]
    return hover("Changed", *shown, f"and {more} more" if more > 0 else "")
