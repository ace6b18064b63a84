"""The funnel: bars of counts on one base, with what left the cadence and what is now set apart."""

from typing import Any, Final

import pandas as pd

from dashboard.analysis.metrics import METRICS, NOT_REPORTED, format_count, format_rate, format_value
from dashboard.analysis.performance import funnel as stages
from dashboard.charts.cells import Cells, records
from dashboard.charts.chart import Chart, EmptyChart
from dashboard.charts.palette import GHOST, GREY, MAIN
from dashboard.charts.row_layout import Row, Rows, band, value_axis
from dashboard.charts.text import hover
from dashboard.data.account_check.facts import NOTHING_SETTLED, AccountFacts

_HEADINGS: Final = {
    "exit": "Left the cadence in the range",
    "now": "Now, whatever the range",
    "state": "Still in the cadence",
}


def funnel_chart(frame: pd.DataFrame, facts: AccountFacts = NOTHING_SETTLED) -> Chart | EmptyChart:
    """Draw one cadence's funnel (or the total's), as `analysis.funnel` makes it for the same `facts`.

    The faint bar behind a stage is the base; stages that do not belong to it have none. Raises ValueError for
    several cadences: use `funnel_total` for those.
    """
    if len(frame["cadence"].unique()) > 1:
        raise ValueError("a funnel chart shows one cadence; use funnel_total for several")
    cells = records(frame.drop_duplicates("stage"))
    of_all = bool(cells) and cells[0]["cadence"] == stages.TOTAL_NAME
    title = "Funnel of all chosen cadences" if of_all else "Funnel"
    if not any(row["count"] is not None for row in cells):
        return EmptyChart(title, "Klenty reported no counts of prospects or replies for this range.")
    rows, places = _rows(cells)
    ends = [row["count"] for row in cells if row["count"] is not None]
    axis = value_axis(ends, "Count (people or replies)", "count")
    return Chart(title, rows.figure(_traces(rows, places), axis), _alt(cells), _caption(cells, facts), _table(cells))


def _rows(cells: list[Cells]) -> tuple[Rows, list[Cells]]:
    rows: list[Row] = []
    group: str = "reach"
    for row in cells:
        if row["stage_group"] != group:
            group = row["stage_group"]
            rows.append(Row(_HEADINGS[group], heading=True))
        rows.append(Row(row["label"], _value(row), _hover(row), value=row["count"]))
    return Rows(rows), cells


def _value(row: Cells) -> str:
    """Return "24 · 8.0 % of 300 contacted"; the rate's own counts where they are not those of the bar."""
    count = format_count(row["count"])
    if row["rate_events"] is None or not row["rate_trials"]:
        return count
    metric = METRICS[row["rate_metric"]]
    if row["rate_events"] == row["count"]:
        rate = format_value(row["rate_events"] / row["rate_trials"], metric)
        return f"{count} · {rate} of {format_count(row['rate_trials'])} {_BASES[metric.denominator]}"
    return f"{count} · {format_rate(row['rate_events'], row['rate_trials'], metric)}"


# Short, for there is little room; the hover and the caption say what replaces those contacted.
_BASES: Final[dict[str | None, str]] = {"contacted": "contacted", "emails_sent": "emails", "replies": "replies"}


def _hover(row: Cells) -> str:
    rate = None
    if row["rate_metric"] and row["rate_events"] is not None:
        rate = f"{METRICS[row['rate_metric']].label}: {row['stage_rate_text']}"
    count = NOT_REPORTED if row["count"] is None else f"{format_count(row['count'])} {row['unit']}"
    return hover(row["label"], count, rate, row["note"])


def _traces(rows: Rows, cells: list[Cells]) -> list[Any]:
    placed = list(zip(rows.marks, [row for row in cells if row["count"] is not None], strict=True))
    based = [(mark, row) for mark, row in placed if row["base_count"] and _has_base(row)]
    traces: list[Any] = []
    if based:
        traces.append(band([mark for mark, _ in based], [row["base_count"] for _, row in based], GHOST))
    for group, colour, pattern in (("reach", MAIN, ""), ("exit", GREY, ""), ("now", GREY, "/"), ("state", GREY, "/")):
        own = [(mark, row) for mark, row in placed if row["stage_group"] == group]
        if own:
            traces.append(band([mark for mark, _ in own], [row["count"] for _, row in own], colour, pattern=pattern))
    return traces


def _has_base(row: Cells) -> bool:
    """Return the stages that can be read against the prospects contacted."""
    return row["stage"] in {"contacted", "replies", "positive_replies", "bounces", "unsubscribes"}


def _caption(cells: list[Cells], facts: AccountFacts) -> str:
    label = cells[0]["base_label"]
    note = stages.note(facts, has_base=bool(label))
    if not label:
        return f"No base: Klenty did not report how many prospects were contacted. {note}"
    return f"Faint bars: {label}. {note}"


def _alt(cells: list[Cells]) -> str:
    parts = [f"{row['label'].lower()} {_value(row)}" for row in cells]
    return f"Funnel of {cells[0]['cadence']}, counts on one base: {'; '.join(parts)}."


def _table(cells: list[Cells]) -> pd.DataFrame:
    rows = [
        {
            "Stage": row["label"],
            "Count": row["count"],
            "Unit": row["unit"],
            "Rate": row["stage_rate_text"],
            "Rate is": METRICS[row["rate_metric"]].formula if row["rate_metric"] else None,
            "Note": row["note"],
        }
        for row in cells
    ]
    text = dict.fromkeys(("Stage", "Unit", "Rate", "Rate is", "Note"), "string")
    return pd.DataFrame(rows).astype({**text, "Count": "Int64"})
