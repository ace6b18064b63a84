"""The steps of one cadence as rows: how many each reached, how many replied, and the positive replies so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from dashboard.analysis.metrics import format_count, format_percent, format_rate
from dashboard.analysis.performance.step_value import CAUTION
from dashboard.analysis.stats.proportions import wilson
from dashboard.charts.cells import Cells, records
from dashboard.charts.marks import Mark, bar_mark, interval_mark
from dashboard.charts.measured import is_mail, one_cadence, work_text
from dashboard.charts.text import clean

_FEWEST_ON_THE_SCALE: Final = 20  # a reply to three emails does not flatten the rest
_LEAST_SCALE: Final = 0.02


@dataclass(frozen=True)
class Cell:
    """A mark with the number after it, and what it rests on for the pointer; a cell may have no mark."""

    text: str
    hover: str = ""
    mark: Mark | None = None


@dataclass(frozen=True)
class LadderRow:
    """One step: its number (None: not reported), type, subject, and three cells."""

    step: int | None
    kind: str
    subject: str
    is_mail: bool
    reach: Cell
    reply_rate: Cell
    positive: Cell


def step_ladder(steps: pd.DataFrame) -> list[LadderRow]:
    """Return a row for each step of one cadence, in order.

    Args:
        steps: `step_copy.steps_of_one`, or any tidy frame `steps` of one cadence with step values and subjects.
    """
    rows = records(one_cadence(steps))
    most = max((row["emails_sent"] or 0 for row in rows), default=0)
    scale = _scale(rows)
    total = max((row["positive_replies_so_far"] or 0 for row in rows), default=0)
    return [
        LadderRow(
            row["step"],
            clean(row["step_type"] or ""),
            clean(row["subject"] or ""),
            is_mail(row),
            _reach(row, most),
            _reply_rate(row, scale),
            _positive(row, total),
        )
        for row in rows
    ]


def _scale(rows: Sequence[Cells]) -> float:
    """Return the end of the axis that all reply rates share."""
    known = [(row["replies"], row["emails_sent"]) for row in rows if _is_rate(row["replies"], row["emails_sent"])]
    solid = [pair for pair in known if pair[1] >= _FEWEST_ON_THE_SCALE] or known
    return max([_LEAST_SCALE, *(wilson(*pair)[1] for pair in solid)])


def _is_rate(events: int | None, sent: int | None) -> bool:
    return bool(sent) and events is not None and events <= (sent or 0)


def _reach(row: Cells, most: int) -> Cell:
    if not is_mail(row):
        done = f"; completed calls as reported: {row['completed_calls']}" if row["completed_calls"] is not None else ""
        return Cell(work_text(row), f"This step sends no emails{done}")
    sent = row["emails_sent"]
    if sent is None:
        return Cell(format_count(sent))
    return Cell(format_count(sent), "", bar_mark(sent, most, f"{format_count(sent)} emails sent"))


def _reply_rate(row: Cells, scale: float) -> Cell:
    replies, sent = row["replies"], row["emails_sent"]
    if not is_mail(row) or not sent:
        return Cell("")
    if not _is_rate(replies, sent):
        return Cell(format_count(replies), f"{format_count(replies)} replies to {format_count(sent)} emails")
    low, high = wilson(replies, sent)
    rate = format_percent(replies / sent)
    counts = format_rate(replies, sent, "reply_rate", base=True)
    hover = f"{counts}; 95 % interval {format_percent(low)} to {format_percent(high)}"
    return Cell(rate, hover, interval_mark(replies / sent, low, high, scale, f"Reply rate {hover}"))


def _positive(row: Cells, total: int) -> Cell:
    so_far, own = row["positive_replies_so_far"], row["positive_replies"]
    if not is_mail(row):
        return Cell("")
    if so_far is None:
        return Cell("not reported", "Positive replies are not reported up to here")
    each, low, high = (row[f"emails_per_positive_reply{end}"] for end in ("", "_low", "_high"))
    cost = "no emails" if low is None else f"none came; one takes at least {low:,.0f} emails (95 %)"
    if each is not None:
        cost = f"{each:,.0f} emails each (95 % interval {low:,.0f} to {high:,.0f})"
    hover = f"{format_count(own)} from this step: {cost}. {CAUTION}"
    alt = f"{format_count(so_far)} positive replies so far, {format_count(own)} from this step"
    return Cell(format_count(so_far), hover, bar_mark(so_far, max(total, 1), alt, before=so_far - own))
