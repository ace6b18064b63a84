"""A metric over days or weeks as a line: gaps stay gaps, and what is still ripening is drawn as not yet final."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from dashboard.analysis.metrics import METRICS, NOT_REPORTED, Metric, format_count
from dashboard.charts.cells import Cells, joined, records
from dashboard.charts.chart import Chart, EmptyChart
from dashboard.charts.palette import GHOST, SERIES, SYMBOLS, faded
from dashboard.charts.row_layout import Row, scale_values, value_axis
from dashboard.charts.steps import hover_text, value_text
from dashboard.charts.text import hover, literal, shorten

MOST: Final = len(SERIES)
_HEIGHT: Final = 210
_LEGEND: Final = 22
_SATURDAY: Final = 5
_HALF: Final = timedelta(hours=12)
_DIGITS: Final = 6
_DAY_MS: Final = 86_400_000
_STATES: Final = {"ripening": "Still ripening: replies are still arriving", "running": "This window has not ended"}


def trend_chart(frame: pd.DataFrame, *, title: str | None = None, top: float | None = None) -> Chart | EmptyChart:
    """Draw `analysis.trends.trend` of one metric: a line per cadence, at most six.

    With a `title` it is one of several panels of the metric: `top` is the end of the value axis that they share
    (`common_top`), and its caption says only what is its own. Raises ValueError for more cadences than lines.
    """
    cells = records(frame)
    metric = METRICS[str(frame["metric"].iloc[0])] if cells else None
    if metric is None:
        return EmptyChart(title or "Trend", "No cadence and no window is chosen.")
    names = list(dict.fromkeys(row["cadence"] for row in cells))
    if len(names) > MOST:
        raise ValueError(f"a chart holds at most {MOST} lines")
    panel, title = title is not None, title or f"{metric.label} over time"
    if all(row["value"] is None for row in cells):
        return EmptyChart(title, _why_empty(cells, metric))
    end = common_top(frame) if top is None else top
    lines = [[row for row in cells if row["cadence"] == name] for name in names]
    look = _Look(end, 0.16 if len(names) == 1 else 0.09, panel)
    traces = [trace for index, rows in enumerate(lines) for trace in _line(rows, metric, index, look)]
    figure = _figure(traces, cells, metric, look, legend=len(names) > 1)
    alt = f"{title}. {joined(_in_words(rows, metric) for rows in lines)}."
    about = "" if panel else f"{about_trend(metric)} "
    return Chart(title, figure, alt, (about + _caption(cells, end)).strip() or None, _table(cells, metric))


def about_trend(metric: Metric) -> str:
    """What lines, bands and marks are, for the caption of a chart or of several panels."""
    bands = " Bands are 95 % intervals (Wilson): wide ones rest on few emails." if metric.kind == "rate" else ""
    return f"{metric.formula}{bands} Hollow marks on a dotted line are still ripening and may change."


def common_top(frame: pd.DataFrame) -> float:
    """The end of a value axis that holds what rests on enough mails, for charts that share one scale."""
    cells = [row for row in records(frame) if row["value"] is not None]
    if not cells:
        return 1.0
    kind = METRICS[str(cells[0]["metric"])].kind
    # Single days have wide intervals: the scale holds the points, and the bands are cut at its edge.
    rows = [Row("", value=row["value"], trials=row["trials"]) for row in cells]
    # As exact as what is drawn: a point that is cut at the axis's end and lies a hair above it would not be seen.
    return round(float(value_axis(scale_values(rows, kind), "", kind)["range"][1]), _DIGITS)


@dataclass(frozen=True)
class _Look:
    """What all lines of a chart share: where its axis ends, how dark bands are, and whether its title is the name."""

    end: float
    shade: float
    panel: bool


def _line(rows: list[Cells], metric: Metric, index: int, look: _Look) -> Iterator[go.Scatter]:
    end = look.end
    colour, name = SERIES[index], literal(shorten(rows[0]["cadence"]))
    band = _band(rows, end)
    if band:
        yield go.Scatter(
            x=[x for x, _ in band], y=[y for _, y in band], fill="toself", fillcolor=faded(colour, look.shade),
            line={"width": 0}, mode="lines", hoverinfo="skip", showlegend=False, legendgroup=str(index),
        )  # fmt: skip
    common: dict[str, Any] = {"legendgroup": str(index), "connectgaps": False, "cliponaxis": False}
    solid = [row["value"] if row["state"] == "ripe" else None for row in rows]
    yield go.Scatter(
        **_evenly(rows), y=_clipped(solid, end), mode="lines", line={"color": colour, "width": 2}, hoverinfo="skip",
        showlegend=False, **common,
    )  # fmt: skip
    young = _young(rows)
    since = next((place for place, value in enumerate(young) if value is not None), None)
    if since is not None:
        yield go.Scatter(
            **_evenly(rows[since:]), y=_clipped(young[since:], end), mode="lines", hoverinfo="skip", showlegend=False,
            line={"color": colour, "width": 2, "dash": "dot"}, **common,
        )  # fmt: skip
    shown = [row for row in rows if row["value"] is not None]
    yield go.Scatter(
        x=[_day(row["start"]) for row in shown],
        y=_clipped([row["value"] for row in shown], end),
        mode="markers",
        name=name,
        marker={
            "color": colour,
            "size": 7,
            "symbol": [_symbol(row, index, end) for row in shown],
            "line": {"width": 1.5, "color": colour},
        },
        hovertext=[_hover(row, metric, panel=look.panel) for row in shown],
        hoverinfo="text",
        showlegend=False,
        **common,
    )
    if look.panel:
        return
    # The key: a sample with the line's colour and symbol, whatever its first point looks like.
    yield go.Scatter(
        x=[None], y=[None], mode="lines+markers", name=name, line={"color": colour, "width": 2},
        marker={"color": colour, "size": 8, "symbol": SYMBOLS[index]}, legendgroup=str(index),
    )  # fmt: skip


def _evenly(rows: list[Cells]) -> dict[str, Any]:
    """The places of windows that follow each other, in a tenth of the bytes of a list."""
    return {"x0": _day(rows[0]["start"]), "dx": _DAY_MS * ((rows[0]["end"] - rows[0]["start"]).days + 1)}


def _symbol(row: Cells, index: int, end: float) -> str:
    if row["value"] > end:
        return "triangle-up-open"
    return SYMBOLS[index] if row["state"] == "ripe" else f"{SYMBOLS[index]}-open"


def _young(rows: list[Cells]) -> list[float | None]:
    """The values that are not final, each joined to the one before it."""
    joins = [
        row["state"] != "ripe" or (after is not None and after["state"] != "ripe")
        for row, after in zip(rows, [*rows[1:], None], strict=True)
    ]
    return [row["value"] if join else None for row, join in zip(rows, joins, strict=True)]


def _clipped(values: Sequence[float | None], end: float) -> list[float | None]:
    return [None if value is None else round(min(value, end), _DIGITS) for value in values]


def _band(rows: list[Cells], end: float) -> list[tuple[str | None, float | None]]:
    """The outline of the intervals, one shape for every run of neighbouring windows that have one."""
    outline: list[tuple[str | None, float | None]] = []
    for run in _runs(rows):
        low = [(_day(row["start"]), round(min(row["low"], end), _DIGITS)) for row in run]
        high = [(_day(row["start"]), round(min(row["high"], end), _DIGITS)) for row in run]
        if len(run) == 1:  # a window alone gets a width of its own, else nothing would be seen of it
            low, high = _widened(run[0], low[0][1]), _widened(run[0], high[0][1])
        outline += [*low, *reversed(high), low[0], (None, None)]
    return outline


def _widened(row: Cells, y: float) -> list[tuple[str, float]]:
    middle = pd.Timestamp(row["start"])
    return [((middle - _HALF / 2).isoformat(), y), ((middle + _HALF / 2).isoformat(), y)]


def _runs(rows: list[Cells]) -> Iterator[list[Cells]]:
    run: list[Cells] = []
    for row in rows:
        if row["low"] is not None:
            run.append(row)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _figure(traces: list[go.Scatter], cells: list[Cells], metric: Metric, look: _Look, *, legend: bool) -> go.Figure:
    end = look.end
    axis = value_axis([end / 1.04], metric.axis_title, metric.kind)
    # Over a panel stands the metric once for all of them, so its axis repeats no title.
    title = None if look.panel else {"text": literal(metric.label), "font": {"size": 12}}
    first, last = cells[0]["start"], max(row["start"] for row in cells)
    margin = timedelta(days=0.6) if _is_daily(cells) else timedelta(days=3)
    layout = go.Layout(
        template=None,
        height=_HEIGHT + 46 + (_LEGEND * 3 if legend else 0),
        margin={"l": 44 if look.panel else 52, "r": 14, "t": 8, "b": 38},
        xaxis={
            "type": "date", "fixedrange": True, "nticks": 6, "tickformat": "%-d %b", "showgrid": False,
            "range": [(pd.Timestamp(first) - margin).isoformat(), (pd.Timestamp(last) + margin).isoformat()],
        },
        yaxis={
            "fixedrange": True, "range": [0, end], "tickformat": axis["tickformat"], "nticks": 5, "zeroline": False,
            "title": title, "dtick": axis.get("dtick"),
        },
        shapes=_weekends(first, last) if _is_daily(cells) else [],
        dragmode=False,
        hovermode="closest",
        hoverlabel={"align": "left", "namelength": 0},
        showlegend=legend,
        legend={"orientation": "h", "x": 0, "y": -0.2, "yanchor": "top", "itemclick": False, "itemdoubleclick": False},
    )  # fmt: skip
    figure = go.Figure(layout=layout)
    figure.layout.template = None
    figure.add_traces(traces)
    return figure


def _weekends(first: date, last: date) -> list[dict[str, Any]]:
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    starts = [day for day in days if day.weekday() == _SATURDAY or (day == first and day.weekday() > _SATURDAY)]
    return [
        {
            "type": "rect", "layer": "below", "xref": "x", "yref": "paper", "y0": 0, "y1": 1, "line": {"width": 0},
            "x0": (pd.Timestamp(day) - _HALF).isoformat(), "fillcolor": GHOST,
            "x1": (pd.Timestamp(min(day + timedelta(days=6 - day.weekday()), last)) + _HALF).isoformat(),
        }
        for day in starts
    ]  # fmt: skip


def _is_daily(cells: list[Cells]) -> bool:
    return bool(cells[0]["start"] == cells[0]["end"])


def _day(day: date) -> str:
    return day.isoformat()


def _label(row: Cells) -> str:
    start, end = row["start"], row["end"]
    if start == end:
        return f"{start:%a} {start.day} {start:%b %Y}"
    return f"{start.day} {start:%b} – {end.day} {end:%b %Y}"


def _number(row: Cells, metric: Metric) -> str:
    if row["state"] == "missing":
        return "not fetched"
    return format_count(row["events"]) if metric.kind == "count" else value_text(row, metric)


def _hover(row: Cells, metric: Metric, *, panel: bool) -> str:
    # A panel stands under its cadence's name; there may be a dozen, and each point's text crosses the wire.
    name = "" if panel else row["cadence"]
    interval = ""
    if row["low"] is not None and row["high"] is not None:
        interval = f"95 % interval {100 * row['low']:.1f} to {100 * row['high']:.1f} %"
    fetched = f"Fetched {row['fetched_at']:%-d %b, %H:%M}" if row["fetched_at"] is not None else ""
    state = _STATES.get(row["state"], "")
    return hover(name, _label(row), hover_text(row, metric), interval, state, fetched)


def _in_words(rows: list[Cells], metric: Metric) -> str:
    shown = [row for row in rows if row["value"] is not None]
    name = rows[0]["cadence"]
    if not shown:
        return f"{name}: nothing to draw"
    first, last = shown[0], shown[-1]
    low, high = min(shown, key=lambda row: row["value"]), max(shown, key=lambda row: row["value"])
    parts = [
        f"{len(shown)} of {len(rows)} windows",
        f"first {_number(first, metric)} ({_label(first)})",
        f"last {_number(last, metric)} ({_label(last)})",
        f"lowest {_number(low, metric)}, highest {_number(high, metric)}",
    ]
    return f"{name}: {', '.join(parts)}"


def _caption(cells: list[Cells], end: float) -> str:
    parts = []
    if any(row["value"] is None for row in cells):
        parts.append(_gaps(cells))
    if any(row["value"] is not None and row["value"] > end for row in cells):
        parts.append("Triangle: beyond the axis.")
    return " ".join(parts)


def _gaps(cells: list[Cells]) -> str:
    gone = [row for row in cells if row["value"] is None]
    missing = sum(row["state"] == "missing" for row in gone)
    unknown = sum(row["state"] != "missing" and row["events"] is None for row in gone)
    empty = len(gone) - missing - unknown
    parts = [
        f"{missing:,} not fetched" if missing else "",
        f"{unknown:,} {NOT_REPORTED}" if unknown else "",
        f"{empty:,} without emails" if empty else "",
    ]
    return f"Gaps: {', '.join(part for part in parts if part)}."


def _why_empty(cells: list[Cells], metric: Metric) -> str:
    if all(row["state"] == "missing" for row in cells):
        return "None of these windows has been fetched yet."
    if all(row["events"] is None for row in cells):
        return f"{metric.label}: {NOT_REPORTED} for any of these windows."
    return f"{metric.label}: nothing to divide by in any of these windows."


def trend_table(frame: pd.DataFrame) -> pd.DataFrame:
    """The numbers of `analysis.trends.trend` under readable headings, every window of every cadence."""
    cells = records(frame)
    return _table(cells, METRICS[cells[0]["metric"]]) if cells else pd.DataFrame()


def _table(cells: list[Cells], metric: Metric) -> pd.DataFrame:
    rows = [
        {
            "Cadence": row["cadence"],
            "From": row["start"].isoformat(),
            "To": row["end"].isoformat(),
            metric.label: _number(row, metric),
            "Low (95 %)": None if row["low"] is None else f"{100 * row['low']:.1f} %",
            "High (95 %)": None if row["high"] is None else f"{100 * row['high']:.1f} %",
            "State": row["state"],
        }
        for row in cells
    ]
    return pd.DataFrame(rows).astype("string")
