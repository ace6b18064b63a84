"""A metric of one cadence over days or weeks: gaps stay gaps, and what is still maturing is drawn as not final."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

import pandas as pd
import plotly.graph_objects as go

from dashboard.analysis.metrics import METRICS, NOT_REPORTED, Metric, format_count
from dashboard.analysis.what_changed import Mark
from dashboard.charts.cells import Cells, records
from dashboard.charts.change_marks import MARKS_AXIS, marks_of_windows
from dashboard.charts.chart import Chart, EmptyChart
from dashboard.charts.measured import hover_text, value_text
from dashboard.charts.palette import INK, MAIN, faded
from dashboard.charts.row_layout import Row, scale_values, value_axis
from dashboard.charts.text import hover
from dashboard.data.windows import format_days

_HEIGHT: Final = 190
_FRIDAY: Final = 4
_DIGITS: Final = 6
_MOST_TICKS: Final = 5
_ALONE: Final = timedelta(hours=6)  # half the width of an interval without neighbours
_WEEKENDS: Final = [{"bounds": ["sat", "mon"]}]
_STATE_WORDS: Final = {"running": "not ended", "missing": "not fetched"}
_STATES: Final = {"maturing": "Maturing: replies are still arriving", "running": "This window has not ended"}


def trend_chart(frame: pd.DataFrame, *, top: float | None = None, marks: Sequence[Mark] = ()) -> Chart | EmptyChart:
    """Draw the rows of `trends.trend` of one cadence and metric; its title is the cadence's name.

    Args:
        frame: A row for every window, oldest first.
        top: The end of the value axis, where several panels share it (`common_top`).
        marks: Days and words of what changed, drawn above their window.

    Raises:
        ValueError: The rows are of several cadences.
    """
    cells = records(frame)
    if not cells:
        return EmptyChart("Trend", "No window is chosen.")
    if len({row["cadence"] for row in cells}) > 1:
        raise ValueError("a panel shows one cadence")
    title, metric = str(cells[0]["cadence"]), METRICS[str(cells[0]["metric"])]
    if all(row["value"] is None for row in cells):
        return EmptyChart(title, _why_empty(cells, metric))
    end = common_top(frame) if top is None else top
    rows = [row for row in cells if not _at_weekend(row)] or cells
    layout = _layout(rows, metric, end, is_cut=len(rows) < len(cells))
    figure = go.Figure(list(_traces(rows, metric, end)), layout)
    if drawn := marks_of_windows(marks, [(row["start"], row["end"]) for row in rows]):
        figure.add_trace(drawn)
        figure.update_layout(yaxis2=MARKS_AXIS)
    figure.layout.template = None
    return Chart(title, figure, _alt(cells, metric), _caption(cells, rows, end) or None, _table(cells, metric))


def common_top(frame: pd.DataFrame) -> float:
    """Return the end of a value axis that holds what rests on enough emails, for panels that share one scale."""
    cells = [row for row in records(frame) if row["value"] is not None]
    if not cells:
        return 1.0
    kind = METRICS[str(cells[0]["metric"])].kind
    # Single days have wide intervals: the scale holds the points, and the bands are cut at its edge.
    rows = [Row("", value=row["value"], trials=row["trials"]) for row in cells]
    # As exact as what is drawn: a point that is cut at the axis's end and lies a hair above it would not be seen.
    return round(float(value_axis(scale_values(rows, kind), "", kind)["range"][1]), _DIGITS)


def _traces(rows: list[Cells], metric: Metric, end: float) -> Iterator[go.Scatter]:
    band = _band(rows, end)
    if band:
        yield go.Scatter(
            x=[x for x, _ in band], y=[y for _, y in band], fill="toself", fillcolor=faded(MAIN, 0.16),
            line={"width": 0}, mode="lines", hoverinfo="skip",
        )  # fmt: skip
    final = [row["value"] if row["state"] == "final" else None for row in rows]
    for values, dash in ((final, "solid"), (_not_final(rows), "dot")):
        if any(value is not None for value in values):
            yield go.Scatter(
                x=[row["start"].isoformat() for row in rows], y=_clipped(values, end), mode="lines", hoverinfo="skip",
                line={"color": MAIN, "width": 2, "dash": dash}, connectgaps=False, cliponaxis=False,
            )  # fmt: skip
    shown = [row for row in rows if row["value"] is not None]
    yield go.Scatter(
        x=[row["start"].isoformat() for row in shown],
        y=_clipped([row["value"] for row in shown], end),
        mode="markers",
        marker={
            "color": MAIN,
            "size": 7,
            "symbol": [_symbol(row, end) for row in shown],
            "line": {"width": 1.5, "color": MAIN},
        },
        hovertext=[_hover(row, metric) for row in shown],
        hoverinfo="text",
        cliponaxis=False,
    )


def _symbol(row: Cells, end: float) -> str:
    if row["value"] > end:
        return "triangle-up-open"
    return "circle" if row["state"] == "final" else "circle-open"


def _not_final(rows: list[Cells]) -> list[float | None]:
    """Return the values that are not final, each joined to the one before it."""
    joins = [
        row["state"] != "final" or (after is not None and after["state"] != "final")
        for row, after in zip(rows, [*rows[1:], None], strict=True)
    ]
    return [row["value"] if join else None for row, join in zip(rows, joins, strict=True)]


def _clipped(values: Sequence[float | None], end: float) -> list[float | None]:
    return [None if value is None else round(min(value, end), _DIGITS) for value in values]


def _band(rows: list[Cells], end: float) -> list[tuple[str | None, float | None]]:
    """Return the outline of the intervals, one shape for every run of neighbouring windows that have one."""
    outline: list[tuple[str | None, float | None]] = []
    for run in _runs(rows):
        days = [pd.Timestamp(row["start"]) for row in run]
        # A window alone gets a width of its own, else nothing would be seen of it.
        xs = [days[0] - _ALONE, days[0] + _ALONE] if len(run) == 1 else days
        both = run * 2 if len(run) == 1 else run
        low, high = (
            [(x.isoformat(), round(min(row[edge], end), _DIGITS)) for x, row in zip(xs, both, strict=True)]
            for edge in ("low", "high")
        )
        outline += [*low, *reversed(high), low[0], (None, None)]
    return outline


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


def _layout(rows: list[Cells], metric: Metric, end: float, *, is_cut: bool) -> go.Layout:
    axis = value_axis([end / 1.04], metric.axis_title, metric.kind)
    first, last = pd.Timestamp(rows[0]["start"]), pd.Timestamp(rows[-1]["start"])
    margin = timedelta(days=0.6 if _is_daily(rows[0]) else 3)
    mondays = pd.date_range(first - timedelta(days=first.weekday()), last, freq="7D")
    ticks = [day for day in mondays if day >= first][:: -(-len(mondays) // _MOST_TICKS)] or [first]
    return go.Layout(
        template=None,
        height=_HEIGHT,
        margin={"l": 44, "r": 14, "t": 8, "b": 26},
        xaxis={
            "type": "date", "fixedrange": True, "tickvals": [day.isoformat() for day in ticks],
            "tickformat": "%-d %b", "tickfont": {"color": INK}, "showgrid": False,
            "range": [(first - margin).isoformat(), (last + margin).isoformat()],
            "rangebreaks": _WEEKENDS if is_cut else None,
        },
        yaxis={
            "fixedrange": True, "range": [0, end], "tickformat": axis["tickformat"], "nticks": 5, "zeroline": False,
            "dtick": axis.get("dtick"), "tickfont": {"color": INK},
        },
        dragmode=False,
        hovermode="closest",
        hoverlabel={"align": "left", "namelength": 0},
        showlegend=False,
    )  # fmt: skip


def _is_daily(row: Cells) -> bool:
    return bool(row["start"] == row["end"])


def _at_weekend(row: Cells) -> bool:
    return _is_daily(row) and row["start"].weekday() > _FRIDAY


def _label(row: Cells) -> str:
    start, end = row["start"], row["end"]
    return f"{start:%a} {format_days(start, end)}" if start == end else format_days(start, end)


def _number(row: Cells, metric: Metric) -> str:
    if row["state"] == "missing":
        return "not fetched"
    return format_count(row["events"]) if metric.kind == "count" else value_text(row, metric)


def _hover(row: Cells, metric: Metric) -> str:
    interval = ""
    if row["low"] is not None and row["high"] is not None:
        interval = f"95 % interval {100 * row['low']:.1f} to {100 * row['high']:.1f} %"
    fetched = f"Fetched {row['fetched_at']:%-d %b, %H:%M}" if row["fetched_at"] is not None else ""
    return hover(_label(row), hover_text(row, metric), interval, _STATES.get(row["state"], ""), fetched)


def _alt(rows: list[Cells], metric: Metric) -> str:
    shown = [row for row in rows if row["value"] is not None]
    low, high = min(shown, key=lambda row: row["value"]), max(shown, key=lambda row: row["value"])
    parts = [
        f"{metric.label} in {len(shown)} of {len(rows)} windows",
        *(f"{word} {_number(row, metric)} ({_label(row)})" for word, row in (("first", shown[0]), ("last", shown[-1]))),
        f"lowest {_number(low, metric)}, highest {_number(high, metric)}",
    ]
    return f"{rows[0]['cadence']}: {', '.join(parts)}."


def _caption(cells: list[Cells], rows: list[Cells], end: float) -> str:
    parts = []
    if any(row["value"] is None for row in rows):
        parts.append(_gaps(rows))
    if any(row["value"] is not None and row["value"] > end for row in rows):
        parts.append("Triangle: beyond the axis.")
    hidden = 0 if len(rows) == len(cells) else sum(row["events"] or 0 for row in cells if _at_weekend(row))
    if hidden:
        parts.append(f"At weekends, not drawn: {hidden:,}.")
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
    """Return the rows of `trends.trend` under readable headings, every window of every cadence."""
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
            "State": _STATE_WORDS.get(row["state"], row["state"]),
        }
        for row in cells
    ]
    return pd.DataFrame(rows).astype("string")
