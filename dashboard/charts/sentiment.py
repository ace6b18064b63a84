"""Sentiment of replies: stacked bars of shares in a fixed order, and what is not reported in words."""

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from dashboard.analysis.metrics import NOT_REPORTED, format_count, format_percent, format_rate
from dashboard.analysis.performance import sentiment as classes
from dashboard.charts.cells import Cells, joined, records
from dashboard.charts.chart import Chart, EmptyChart
from dashboard.charts.palette import GREY, PATTERN_INK, SENTIMENT, SENTIMENT_PATTERNS, SENTIMENT_SYMBOLS
from dashboard.charts.row_layout import Row, Rows, axis_title, band, plain_figure, row_texts, value_axis
from dashboard.charts.text import hover

MOST_CADENCES: Final = 12
_BLOCK: Final = 54
_KEY_ROW: Final = 24
_BAR: Final = 24
_TEXT_AT: Final = 11
_MARK_AT: Final = 34
_TITLE: Final = "Sentiment of replies"
_CAPTION: Final = (
    "Shares of replies, in the order positive, negative, unmarked. Marked means that someone, or Klenty, said "
    "positive or negative; unmarked replies may be either."
)


class _Block:
    """The four classes of one cadence."""

    def __init__(self, cells: Sequence[Cells]) -> None:
        self.name: str = str(cells[0]["cadence"])
        self.replies: int | None = cells[0]["replies"]
        self.counts: dict[str, int | None] = {row["sentiment"]: row["count"] for row in cells}
        self.shares: dict[str, float | None] = {row["sentiment"]: row["share"] for row in cells}

    @property
    def drawable(self) -> bool:
        return any(share is not None for share in self.shares.values())

    @property
    def over_marked(self) -> bool:
        return (self.counts["unmarked"] or 0) < 0 or (
            self.replies is not None and (self.counts["positive"] or 0) + (self.counts["negative"] or 0) > self.replies
        )

    @property
    def marked(self) -> int:
        return (self.counts["positive"] or 0) + (self.counts["negative"] or 0)

    @property
    def state(self) -> str:
        """The number on the right: replies and how many of them are marked, or why there are no shares."""
        if self.over_marked:
            return f"{format_count(self.marked)} marked, {format_count(self.replies)} replies"
        if self.replies is None:
            return "replies not reported"
        if self.replies == 0:
            return "no replies"
        if self.counts["positive"] is None and self.counts["negative"] is None:
            return f"{_replies(self.replies)}, not reported"
        if self.counts["not_reported"]:
            return f"{_replies(self.replies)}, partly reported"
        return f"{_replies(self.replies)}, {format_percent(self.marked / self.replies)} marked"

    def hover(self, kind: str) -> str:
        of_replies = format_rate(self.counts[kind], self.replies, "positive_of_replies", base=True)
        kind_text = f"{classes.LABELS[kind]}: {of_replies}" if self.drawable else self.class_text(kind)
        coverage = format_rate(self.marked, self.replies, "sentiment_coverage", base=True)
        known = self.replies and self.counts["positive"] is not None and self.counts["negative"] is not None
        return hover(self.name, kind_text, f"Marked: {coverage}" if known else self.state)

    def shown(self, kind: str) -> bool:
        return kind != "not_reported" or bool(self.counts[kind])

    def class_text(self, kind: str) -> str:
        return f"{classes.LABELS[kind]}: {self.value_text(kind)}"

    def value_text(self, kind: str) -> str:
        count = self.counts[kind]
        if count is None:
            return NOT_REPORTED
        if self.shares[kind] is None:
            return format_count(count)
        return format_rate(count, self.replies, "positive_of_replies")


def sentiment_chart(frame: pd.DataFrame, *, most: int = MOST_CADENCES) -> Chart | EmptyChart:
    """Draw the sentiment of one or several cadences, as `analysis.sentiment` makes it.

    Several get a bar for all together on top, then those with the most replies; beyond `most` the rest is in the
    table. Where more replies are marked than received, counts are drawn instead of shares.
    """
    first_rows = frame.drop_duplicates(["cadence", "sentiment"])
    blocks = _blocks(classes.with_total(first_rows))
    if not blocks:
        return EmptyChart(_TITLE, "No cadence answered for this range.")
    if len(blocks) == 1 and not blocks[0].drawable:
        return _without_shares(blocks[0], first_rows)
    drawable = [block for block in blocks if block.drawable]
    if not drawable:
        return EmptyChart(_TITLE, "None of these cadences reports replies and their sentiment so that shares fit.")
    has_total = blocks[0].name == classes.TOTAL_NAME
    head = blocks[:1] if has_total or len(blocks) == 1 else []
    rest = sorted(blocks[len(head) :], key=lambda block: block.replies or 0, reverse=True)
    caption = _CAPTION
    if has_total:
        caption += " The bar for all holds the cadences that report all three."
    if len(rest) > most:
        caption += f" The {most} cadences with most replies of {len(rest)}; all are in the table."
    return Chart(_TITLE, _figure(head, rest[:most]), _alt(head, rest), caption, _table(first_rows))


def _blocks(frame: pd.DataFrame) -> list[_Block]:
    grouped: dict[str, list[Cells]] = {}
    for row in records(frame):
        grouped.setdefault(row["cadence"], []).append(row)
    return [_Block(rows) for rows in grouped.values()]


def _figure(head: list[_Block], rest: list[_Block]) -> go.Figure:
    """Draw bars from top to bottom; the classes of the first block are spelled out under it to explain the colours."""
    places: list[tuple[_Block, int]] = []
    texts: list[dict[str, Any]] = []
    keys: list[tuple[str, int]] = []
    y = 0
    shown = [kind for kind in classes.CLASSES if any(block.shown(kind) for block in (*head, *rest))]
    if not head:
        texts, keys, y = _key(None, shown, y)
    for block in (*head, *rest):
        texts += row_texts(block.name, block.state, y + _TEXT_AT, bold=block in head and bool(rest))
        places.append((block, y + _MARK_AT))
        y += _BLOCK
        if block in head:
            more, keys, y = _key(block, shown, y)
            texts += more
    traces: list[Any] = [_stack(kind, places) for kind in shown]
    traces += [_swatch(kind, at) for kind, at in keys]
    axis = {
        "range": [0, 1],
        "tickformat": ".0%",
        "tickvals": [0, 0.25, 0.5, 0.75, 1],
        "title": axis_title("Share of replies"),
    }
    figure = plain_figure(traces, x_axis=axis, height=y, annotations=texts)
    figure.update_layout(barmode="stack", uniformtext={"minsize": 11, "mode": "hide"})
    return figure


def _key(block: _Block | None, kinds: list[str], y: int) -> tuple[list[dict[str, Any]], list[tuple[str, int]], int]:
    texts: list[dict[str, Any]] = []
    keys = []
    for kind in kinds:
        value = "" if block is None else block.value_text(kind) if block.shown(kind) else "left out of the sum"
        texts += row_texts(classes.LABELS[kind], value, y + _TEXT_AT, indent=22)
        keys.append((kind, y + _TEXT_AT))
        y += _KEY_ROW
    return texts, keys, y + 12


def _swatch(kind: str, y: int) -> go.Scatter:
    marker = {"color": SENTIMENT[kind], "symbol": SENTIMENT_SYMBOLS[kind], "size": 11}
    return go.Scatter(
        mode="markers", x=[0.0], y=[y], marker=marker, hoverinfo="skip", cliponaxis=False, xaxis="x", name=kind
    )


def _stack(kind: str, places: list[tuple[_Block, int]]) -> go.Bar:
    known = kind != "not_reported"
    ink = "#FFFFFF" if kind == "positive" else "#10191D"
    marker: dict[str, Any] = {"color": SENTIMENT[kind], "line": {"width": 0}}
    if SENTIMENT_PATTERNS[kind]:
        marker["pattern"] = {
            "shape": SENTIMENT_PATTERNS[kind],
            "size": 8,
            "solidity": 0.1,
            "fillmode": "overlay",
            "fgcolor": GREY if kind == "not_reported" else PATTERN_INK,
        }
    return go.Bar(
        orientation="h",
        x=[block.shares[kind] if block.drawable else None for block, _ in places],
        y=[y for _, y in places],
        width=[_BAR] * len(places),
        marker=marker,
        name=classes.LABELS[kind],
        text=[format_count(block.counts[kind]) if block.shares[kind] and known else "" for block, _ in places],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        insidetextfont={"color": ink, "size": 12, "weight": 700},
        hovertext=[block.hover(kind) for block, _ in places],
        hoverinfo="text",
    )


def _without_shares(block: _Block, frame: pd.DataFrame) -> Chart | EmptyChart:
    if block.over_marked:
        return _counts_only(block, frame)
    if block.replies == 0:
        return EmptyChart(_TITLE, "No replies in this range, so there is no sentiment to show.")
    if block.replies is None and not block.marked:
        return EmptyChart(_TITLE, "Klenty reported neither replies nor their sentiment for this range.")
    return EmptyChart(
        _TITLE,
        "Klenty did not report how many replies came in, only "
        f"{block.class_text('positive').lower()} and {block.class_text('negative').lower()}.",
    )


def _counts_only(block: _Block, frame: pd.DataFrame) -> Chart:
    """Draw, where more are marked than received, bars of counts on one scale, no shares."""
    counts = [("Replies received", "unmarked", block.replies)]
    counts += [(f"Marked {kind}", kind, block.counts[kind]) for kind in ("positive", "negative")]
    rows = Rows([Row(label, format_count(n), hover(label, format_count(n)), value=n) for label, _, n in counts])
    traces = [
        band([mark], [mark[0].value], SENTIMENT[kind]) for mark, (_, kind, _) in zip(rows.marks, counts, strict=True)
    ]
    figure = rows.figure(traces, value_axis([row.value for row in rows.rows], "Replies", "count"))
    caption = (
        "More replies are marked than were received in the range: replies from before it were probably marked in "
        "it. So these are counts, not shares."
    )
    alt = f"{format_count(block.replies)} replies received; marked positive {format_count(block.counts['positive'])}, "
    alt += f"negative {format_count(block.counts['negative'])}: more than were received, so no shares."
    return Chart(_TITLE, figure, alt, caption, _table(frame))


def _alt(head: list[_Block], rest: list[_Block]) -> str:
    if head:
        block = head[0]
        parts = [block.class_text(kind).lower() for kind in classes.CLASSES if block.shown(kind)]
        start = f"{block.state[0].upper()}{block.state[1:]}: {', '.join(parts)}."
        return f"Sentiment of replies. {start}" + (f" {len(rest)} cadences below." if rest else "")
    return f"Sentiment of replies. {joined(f'{block.name}: {block.state}' for block in rest)}."


def _table(frame: pd.DataFrame) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "Cadence": frame["cadence"],
            "Sentiment": frame["sentiment"].map(classes.LABELS).astype("string"),
            "Count": frame["count"],
            "Replies": frame["replies"],
            "Share": [
                format_rate(count, replies, "positive_of_replies") if share is not None else None
                for count, replies, share in ((row["count"], row["replies"], row["share"]) for row in records(frame))
            ],
        }
    )
    return table.astype({"Share": "string"}).reset_index(drop=True)


def _replies(count: int) -> str:
    return f"{format_count(count)} {'reply' if count == 1 else 'replies'}"
