"""What a chart function hands over."""

from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go


@dataclass(frozen=True)
class Chart:
    """A drawn chart.

    `title` says what it shows and stands above the figure as text (the figure has none of its own). `alt` is the
    text alternative with the numbers that matter, `caption` names base, units and sources, `table` holds the
    chart's numbers under readable headings. Texts are plain: what shows them as Markdown or HTML escapes them.
    """

    title: str
    figure: go.Figure
    alt: str
    caption: str | None = None
    table: pd.DataFrame | None = None


def warm() -> None:
    """Load what plotly loads when a figure is made for the first time."""
    go.Figure([go.Bar(x=[1], y=[1]), go.Scatter(x=[1], y=[1])]).to_json()


@dataclass(frozen=True)
class EmptyChart:
    """Nothing to draw: the title the chart would have had, and a sentence that says why it is not there."""

    title: str
    reason: str
