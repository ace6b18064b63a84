"""Deliveries of webhooks by the day they arrived."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from typing import Final

import pandas as pd
import plotly.graph_objects as go

from dashboard.analysis.performance.webhook_activity import event_label
from dashboard.charts.cells import joined
from dashboard.charts.chart import Chart, EmptyChart
from dashboard.charts.palette import GREY, PATTERN_INK, SERIES
from dashboard.charts.text import hover, literal

TITLE: Final = "Deliveries received here, by day"
OTHERS: Final = "All others"
_SHOWN: Final = ("reply", "onMailBounce", "unsubscribe", "click", "open", "startCadence")
_PATTERNS: Final = ("", "/", "x", ".", "\\", "+", "-")


def activity_chart(counts: pd.DataFrame, *, start: date, end: date) -> Chart | EmptyChart:
    """Draw `DeliveryStore.counts` as a bar a day, a colour and pattern an event.

    `start` is the first day that may be drawn: the later of the range's first and the day the first delivery arrived,
    for days before that one say nothing. A day without deliveries after it is drawn as none.

    Args:
        counts: of `DeliveryStore.counts`.
        start: first day of the range.
        end: last one, included.
    """
    if counts.empty or end < start:
        return EmptyChart(TITLE, "Nothing arrived here in this range.")
    days = [start + timedelta(days=number) for number in range((end - start).days + 1)]
    groups = counts["event"].where(counts["event"].isin(_SHOWN), OTHERS)
    by_day = counts.assign(group=groups).groupby(["group", "day"], observed=True)["deliveries"].sum()
    figure = go.Figure()
    totals: dict[str, int] = {}
    for event, colour, pattern in zip((*_SHOWN, OTHERS), (*SERIES, GREY), _PATTERNS, strict=True):
        if event not in by_day.index.get_level_values("group"):
            continue
        of_day = by_day[event]
        values = [int(of_day.get(day, 0)) for day in days]
        label = event_label(event, many=True)
        totals[label] = sum(values)
        figure.add_bar(
            x=[day.isoformat() for day in days],
            y=values,
            name=literal(label),
            marker={
                "color": colour,
                "pattern": {"shape": pattern, "fgcolor": PATTERN_INK, "fillmode": "overlay", "solidity": 0.2},
            },
            hovertext=[hover(label, f"{value:,} on {day:%d %b %Y}") for day, value in zip(days, values, strict=True)],
            hoverinfo="text",
        )
    figure.update_layout(
        barmode="stack",
        height=280,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
        yaxis={"title": "DeliveryStore", "rangemode": "tozero", "tickformat": ",d"},
        xaxis={"title": "Day of arrival", "type": "date", "tickformat": "%d %b"},
        template=None,
    )
    parts = [f"{label} {number:,}" for label, number in totals.items()]
    return Chart(TITLE, figure, f"{TITLE}: {joined(parts, limit=10)}.", table=_table(counts, days))


def _table(counts: pd.DataFrame, days: Sequence[date]) -> pd.DataFrame:
    table = counts.assign(event=counts["event"].map(partial(event_label, many=True)))
    table = table.pivot_table(index="day", columns="event", values="deliveries", aggfunc="sum", observed=True)
    table = table.reindex(list(days)).fillna(0).astype("Int64")
    table.columns.name = None
    return table.rename_axis("Day").reset_index().astype({"Day": "string"})
