"""Cadences, or two periods of one, as one table: a row for each metric, intervals and differences in the cells."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

import pandas as pd
import streamlit as st

from dashboard.analysis.metrics import METRICS, Metric, format_percent, format_rate, format_value, in_account
from dashboard.analysis.performance.compare import Difference
from dashboard.app_pages.components.display import plain
from dashboard.app_pages.components.marks import badge, inline
from dashboard.charts.cells import Cells, records
from dashboard.charts.marks import bar_mark, interval_mark
from dashboard.data.account_check.facts import AccountFacts

_ROOM: Final = 1.15  # of an axis beyond its highest value
_MOST_ROOM: Final = 2.5  # for the widest interval
_LEAST_SCALE: Final = 0.02

Differences = Mapping[tuple[str, str], Difference]


def show(frame: pd.DataFrame, differences: Differences, facts: AccountFacts) -> None:
    """Draw the table.

    Args:
        frame: Rows of `compare.comparison`.
        differences: What may be said of its cells, by metric and name.
        facts: What the account check settled.
    """
    cells = records(frame)
    by_metric = {key: [row for row in cells if row["metric"] == key] for key in frame["metric"].unique()}
    columns: dict[str, list[str]] = {_heading(row): [] for row in next(iter(by_metric.values()))}
    for rows in by_metric.values():
        for column, row in zip(columns.values(), rows, strict=True):
            column.append(_cell(row, _end(rows), differences.get((row["metric"], row["name"]))))
    labels = [plain(in_account(METRICS[key], facts).label) for key in by_metric]
    with st.container(key="compare_table"):
        st.table(pd.DataFrame(columns, index=labels), border="horizontal")


def for_file(frame: pd.DataFrame, differences: Differences) -> pd.DataFrame:
    """Return the rows of the comparison with what may be said of each, for a file."""
    keys = list(zip(frame["metric"], frame["name"], strict=True))
    said = [differences.get(key) for key in keys]
    return frame.drop(columns=["compared_by"]).assign(
        metric=[METRICS[key].label for key, _ in keys],
        verdict=[found.chip.text if found and found.chip else "" for found in said],
        difference=[found.words if found else "" for found in said],
    )


def _heading(row: Cells) -> str:
    """Return the name: of a cadence with a link to its page."""
    name = plain(row["name"])
    return f"[{name}](cadence?focus={quote(row['cadence'], safe='')})" if row["compared_by"] == "cadence" else name


def _end(rows: list[Cells]) -> float:
    """Return the end of the axis that the marks of a metric share: it holds every value, and intervals if it can."""
    top = max((float(row["value"]) for row in rows if row["value"] is not None), default=0.0)
    widest = max((float(row["high"]) for row in rows if row["high"] is not None), default=0.0)
    least = _LEAST_SCALE if METRICS[rows[0]["metric"]].kind == "rate" else 0.0
    return max(least, top * _ROOM, min(widest, top * _MOST_ROOM)) or 1.0


def _cell(row: Cells, end: float, difference: Difference | None) -> str:
    metric = METRICS[row["metric"]]
    if row["value"] is None:
        return "–"
    shown = f"**{plain(format_value(row['value'], metric))}**"
    chip, words = (difference.chip, difference.words) if difference else (None, "")
    return f"{shown}{badge(chip)}  \n{_mark(row, metric, end, words)}"


def _mark(row: Cells, metric: Metric, end: float, words: str) -> str:
    if metric.kind == "count":
        alt = f"{row['name']}: {format_value(row['value'], metric)}"
        return inline(bar_mark(float(row["value"]), end, alt), metric.formula)
    has_interval = row["low"] is not None and row["high"] is not None
    interval = f"95 % interval {format_percent(row['low'])} to {format_percent(row['high'])}" if has_interval else ""
    counts = format_rate(row["events"], row["trials"], metric, base=row["base"] or True)
    told = ". ".join(part for part in (counts, interval, words) if part)
    return inline(interval_mark(float(row["value"]), row["low"], row["high"], end, f"{row['name']}: {told}"), told)
