"""A review as one HTML file: opens offline, prints, asks the network for nothing and runs no script but its own."""

import base64
import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from dashboard.analysis.metrics import METRICS
from dashboard.charts import Chart
from dashboard.charts.text import clean, shorten
from dashboard.exports.column_format import Shape, heading, shape, written
from dashboard.exports.review import Review

_LONGEST_TEXT: Final = 240
_LONGEST_WORD: Final = 160
_ENDLESS: Final = re.compile(rf"\S{{{_LONGEST_WORD + 1},}}")
_NUMBERS: Final[tuple[Shape, ...]] = ("count", "percent", "decimal")


def to_html(review: Review) -> bytes:
    """Return the pack. Every text of `review` is shown as text; charts are drawn by one shared script inside the
    file."""
    text = (
        templates()
        .get_template("review.html")
        .render(
            review=review,
            plotly=packed_plotly(),
            draw=Markup(_draw()),
            style=Markup(_style()),
            script_hashes=[packed_plotly().source, _source(_draw())],
        )
    )
    return text.encode("utf-8", "replace")


@cache
def templates() -> Environment:
    """Return the templates of packs and mails; texts are escaped, and cleaned of what would steer the lines around
    them."""
    environment = Environment(
        loader=PackageLoader("dashboard.exports"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        finalize=_finalized,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["grid"] = grid
    environment.filters["figure"] = figure_json
    environment.tests["chart"] = lambda drawn: isinstance(drawn, Chart)
    environment.filters["direction"] = _direction
    return environment


def _finalized(value: Any) -> Any:  # as Jinja passes it
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return _ENDLESS.sub(lambda word: f"{word[0][:_LONGEST_WORD]}…", clean(value))


@dataclass(frozen=True)
class Cell:
    """A value as it is written, and whether it stands right, as numbers do."""

    text: str
    number: bool


@dataclass(frozen=True)
class Grid:
    """A frame, ready to be laid out."""

    head: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]


def grid(frame: pd.DataFrame) -> Grid:
    """Return a frame as headings and cells, in the words of the registry; texts that never end are cut."""
    shapes = [shape(column, frame[column]) for column in frame.columns]
    numbers = [how in _NUMBERS for how in shapes]
    head = tuple(Cell(heading(str(column)), number) for column, number in zip(frame.columns, numbers, strict=True))
    rows = tuple(
        tuple(
            Cell(shorten(written(value, how), _LONGEST_TEXT), number)
            for value, how, number in zip(row, shapes, numbers, strict=True)
        )
        for row in frame.itertuples(index=False, name=None)
    )
    return Grid(head, rows)


def figure_json(chart: Chart) -> Markup:
    """Return the figure for a script element: nothing in it can end the element or begin another."""
    return htmlsafe_json_dumps(chart.figure, dumps=_as_json)


def _as_json(figure: Any, **_: Any) -> str:
    return str(figure.to_json())  # its ink is set by the style sheet, as Streamlit's front end does on the pages


def _direction(figure: Any) -> str:
    """Return "good" or "bad" for a change that is one, else nothing: colour is only for what the counts carry."""
    change = figure.rate_change
    if change is None or figure.rate_metric is None or change.label not in {"up", "down"}:
        return ""
    return "good" if (change.label == "up") != METRICS[figure.rate_metric].lower_is_better else "bad"


@dataclass(frozen=True)
class Packed:
    """The chart script, compressed as text, and the source that the security policy allows it by."""

    text: Markup
    source: str


@cache
def packed_plotly() -> Packed:
    """Return plotly's script: 4.8 MB, of which 2.0 MB are left as compressed text; the reader's browser unpacks it.

    The package ships no smaller bundle.
    """
    code = get_plotlyjs()
    text = base64.b64encode(gzip.compress(code.encode(), mtime=0)).decode()
    return Packed(Markup(text), _source(code))


def _source(code: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"


@cache
def _draw() -> str:
    return _file("draw.js")


@cache
def _style() -> str:
    return _file("review.css")


def _file(name: str) -> str:
    loader = templates().loader
    if loader is None:
        raise RuntimeError("the templates have no loader")
    return loader.get_source(templates(), name)[0]
