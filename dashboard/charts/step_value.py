"""Where a cadence should end: positive replies added up by step, and what one more of them took."""

from typing import Any, Final

import pandas as pd

from dashboard.analysis.metrics import METRICS, NOT_REPORTED, format_count
from dashboard.analysis.performance.step_value import CAUTION
from dashboard.charts.cells import Cells, joined, records
from dashboard.charts.chart import Chart, EmptyChart
from dashboard.charts.palette import GHOST, MAIN, TRACK
from dashboard.charts.row_layout import Row, Rows, band, value_axis
from dashboard.charts.steps import is_mail, one_cadence, step_name
from dashboard.charts.text import hover

_TITLE: Final = "Positive replies, step by step"


def step_value_chart(frame: pd.DataFrame) -> Chart | EmptyChart:
    """Draw the steps with emails of one cadence (`analysis.step_value.with_step_value`): positive replies so far as
    bars, this step's share of them in the stronger colour, and the emails per further one in words.

    Raises ValueError for several cadences.
    """
    cells = [row for row in records(one_cadence(frame)) if is_mail(row)]
    if not cells:
        return EmptyChart(_TITLE, "No step of this cadence sends emails, or Klenty named none for this range.")
    if all(row["positive_replies_so_far"] is None for row in cells):
        return EmptyChart(_TITLE, f"{METRICS['positive_replies'].label}: {NOT_REPORTED} for the first step.")
    rows = Rows([_row(row) for row in cells])
    axis = value_axis([row.value for row in rows.rows], METRICS["positive_replies_so_far"].axis_title, "count")
    figure = rows.figure(_bars(rows, cells, axis), axis)
    texts = [f"{row.label}: {row.value_text}" for row in rows.rows]
    caption = f"Faint: replies to the steps before. {CAUTION}"
    return Chart(_TITLE, figure, f"{_TITLE}. {joined(texts, limit=10)}.", caption, _table(cells))


def _bars(rows: Rows, cells: list[Cells], axis: dict[str, Any]) -> list[Any]:
    drawn = [row for row in cells if row["positive_replies_so_far"] is not None]
    before = [row["positive_replies_so_far"] - row["positive_replies"] for row in drawn]
    whole = band(rows.marks, [row["positive_replies_so_far"] for row in drawn], MAIN)
    # Drawn from what arrived before to the sum, so that the length of the strong part is this step's own.
    whole.base = before
    whole.x = [row["positive_replies"] for row in drawn]
    return [band(rows.marks, [axis["range"][1]] * len(drawn), TRACK), band(rows.marks, before, GHOST), whole]


def _row(row: Cells) -> Row:
    so_far, own = row["positive_replies_so_far"], row["positive_replies"]
    if so_far is None:
        return Row(step_name(row), "not reported up to here", hover(step_name(row), "Not reported up to here"))
    label = step_name(row)
    details = hover(
        label,
        f"Positive replies so far: {format_count(so_far)} of {format_count(row['emails_so_far'])} emails so far",
        f"This step: {format_count(own)} of {format_count(row['emails_sent'])} emails",
        f"Emails per positive reply: {_per_reply(row)}",
    )
    return Row(label, f"{format_count(so_far)} (+{format_count(own)}) · {_short(row)}", details, value=float(so_far))


def _short(row: Cells) -> str:
    each = row["emails_per_positive_reply"]
    if not row["emails_sent"]:
        return "no emails"
    return f"{each:,.0f} emails each" if each is not None else f"none of {format_count(row['emails_sent'])}"


def _per_reply(row: Cells) -> str:
    each, low, high = (row[f"emails_per_positive_reply{end}"] for end in ("", "_low", "_high"))
    if low is None:
        return NOT_REPORTED if row["emails_sent"] is None else "no emails, or more replies than emails"
    if each is None:
        return f"none came; one takes at least {low:,.0f} (95 %)"
    return f"{each:,.0f} (95 % interval {low:,.0f} to {high:,.0f})"


def _table(cells: list[Cells]) -> pd.DataFrame:
    rows = [
        {
            "Step": row["step"],
            "Emails": row["emails_sent"],
            "Positive replies": row["positive_replies"],
            "Emails so far": row["emails_so_far"],
            "Positive replies so far": row["positive_replies_so_far"],
            "Emails per positive reply": _per_reply(row),
        }
        for row in cells
    ]
    table = pd.DataFrame(rows)
    return table.astype({name: "string" if "per" in str(name) else "Int64" for name in table.columns})
