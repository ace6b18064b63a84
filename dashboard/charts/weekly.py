"""Replies per week, stacked by sentiment, with the weeks whose replies are still arriving marked."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import pandas as pd
import plotly.graph_objects as go

from dashboard.analysis.metrics import format_count
from dashboard.analysis.what_changed import Mark
from dashboard.charts.change_marks import MARKS_AXIS, marks_of_windows
from dashboard.charts.chart import Chart, EmptyChart
from dashboard.charts.palette import INK, SENTIMENT
from dashboard.charts.text import hover
from dashboard.data.windows import format_days

_TITLE: Final = "Replies per week"
_STACK: Final = {
    "positive_replies": ("positive", "Positive"),
    "negative_replies": ("negative", "Negative"),
    "unmarked_replies": ("unmarked", "Unmarked"),
}
_HEIGHT: Final = 262


def weekly_chart(
    weeks: pd.DataFrame,
    *,
    maturing_from: date | None,
    missing: int,
    is_coming: bool,
    before: pd.DataFrame | None = None,
    goal: int | None = None,
    marks: Sequence[Mark] = (),
) -> Chart | EmptyChart:
    """Draw the replies of every week (columns of `weekly.weekly_counts`).

    Args:
        weeks: A row for every week; weeks without an answer are gaps.
        maturing_from: The first day whose replies are still arriving; None when all have come.
        missing: How many windows of a cadence and week have not been fetched yet.
        is_coming: Whether they are being fetched.
        before: The same of as many weeks of the period before, drawn as a ghost line.
        goal: How many replies a week are aimed at, drawn as a line.
        marks: Days and words of what changed, drawn above their week.
    """
    if weeks["replies"].notna().sum() == 0:
        asked = "They are being fetched." if is_coming else "Explore fetches them."
        reason = f"{missing:,} weeks of cadences are not here yet. {asked}" if missing else "No replies were reported."
        return EmptyChart(_TITLE, reason)
    young = [maturing_from is not None and end >= maturing_from for end in weeks["end"]]
    starts = [start.isoformat() for start in weeks["start"]]
    hovers = [_hover(row, is_young=is_young) for row, is_young in zip(weeks.to_dict("records"), young, strict=True)]
    marked = weeks[list(_STACK)].notna().any(axis=None)
    stack = _STACK if marked else {"replies": ("unmarked", "Replies")}
    figure = go.Figure(
        [
            go.Bar(
                x=starts,
                y=weeks[column].astype("float").tolist(),
                name=label,
                hovertext=hovers,
                hoverinfo="text",
                marker={
                    "color": SENTIMENT[kind],
                    "pattern": {"shape": ["/" if is_young else "" for is_young in young], "size": 6, "solidity": 0.35},
                },
            )
            for column, (kind, label) in stack.items()
        ]
    )
    if before is not None and before["replies"].notna().any():
        figure.add_trace(_ghost(before, starts))
    if drawn := marks_of_windows(marks, weeks[["start", "end"]].itertuples(index=False, name=None)):
        figure.add_trace(drawn)
        figure.update_layout(yaxis2=MARKS_AXIS)
    figure.update_layout(
        barmode="stack",
        bargap=0.25,
        height=_HEIGHT,
        margin={"l": 36, "r": 8, "t": 34, "b": 30},
        legend={"orientation": "h", "x": 0, "y": 1.08, "yanchor": "bottom", "font": {"color": INK}},
        xaxis={"tickvals": starts[:: 2 if len(starts) > 8 else 1], "tickformat": "%-d %b", "tickfont": {"color": INK}},
        yaxis={"rangemode": "tozero", "tickfont": {"color": INK}, "gridcolor": "rgba(128,141,150,0.20)"},
        hoverlabel={"align": "left"},
    )
    if goal is not None:
        figure.add_hline(
            y=goal, line={"color": INK, "dash": "dash", "width": 1.5}, annotation_text=f"goal {goal:,}",
            annotation_position="top left", annotation_font={"color": INK},
        )  # fmt: skip
    if any(young):
        figure.add_annotation(
            x=starts[-1],
            y=1,
            yref="paper",
            yanchor="bottom",
            text="maturing",
            showarrow=False,
            xanchor="right",
            font={"color": INK},
        )
    caption = "Each week is an answer of its own for every cadence, added up; people in two weeks count in both."
    alt = _alt(weeks) if goal is None else f"{_alt(weeks)} The goal is {goal:,} a week."
    return Chart(_TITLE, figure, alt, caption, _table(weeks))


def _ghost(before: pd.DataFrame, starts: list[str]) -> go.Scatter:
    rows = before.to_dict("records")
    return go.Scatter(
        x=starts,
        y=before["replies"].astype("float").tolist(),
        name="Period before",
        mode="lines+markers",
        line={"color": INK, "dash": "dot", "width": 1.5},
        marker={"color": INK, "size": 4},
        hovertext=[_hover(row, is_young=False) for row in rows],
        hoverinfo="text",
    )


def _hover(row: dict[object, object], *, is_young: bool) -> str:
    start, end = row["start"], row["end"]
    counts = [f"{label}: {format_count(row[column])}" for column, (_, label) in _STACK.items()]
    state = "replies are still arriving" if is_young else ""
    days = format_days(start, end)  # type: ignore[arg-type]  # columns of dates
    emails = f"Emails sent: {format_count(row['emails_sent'])}"
    return hover(days, f"Replies: {format_count(row['replies'])}", *counts, emails, state)


def _alt(weeks: pd.DataFrame) -> str:
    known = weeks.dropna(subset=["replies"])
    first, last = known.iloc[0], known.iloc[-1]
    return (
        f"{_TITLE}: {format_count(first['replies'])} in the week of {format_days(first['start'], first['end'])}, "
        f"{format_count(last['replies'])} in that of {format_days(last['start'], last['end'])}."
    )


def _table(weeks: pd.DataFrame) -> pd.DataFrame:
    days = [format_days(start, end) for start, end in zip(weeks["start"], weeks["end"], strict=True)]
    labels = {"replies": "Replies", **{column: label for column, (_, label) in _STACK.items()}}
    counts = weeks[[*labels, "emails_sent"]].rename(columns=labels | {"emails_sent": "Emails sent"})
    counts.insert(0, "Week", pd.Series(days, index=counts.index, dtype="string"))
    return counts
