"""What the columns of the tables are called and how their values are written, the same in packs and workbooks."""

from datetime import date, datetime
from typing import Any, Final, Literal

import pandas as pd

from dashboard.analysis.ab_tests import tables
from dashboard.analysis.metrics import METRICS, NO_RATE, format_count, format_percent, in_account
from dashboard.data.account_check.facts import NOTHING_SETTLED, AccountFacts

Shape = Literal["count", "percent", "decimal", "time", "text"]

_LABELS: Final = {
    "cadence_id": "Cadence's id",
    "window_start": "From",
    "window_end": "To",
    "fetched_at": "Fetched",
    "step_type": "Type",
    "subject": "Subject",
    "snippet": "First words",
    "interval": "Interval of the score",
    "score_low": "Score, lower end",
    "score_high": "Score, upper end",
    "trials": "Of",
    "base": "Of what",
    "share": "Share",
    "coverage": "Replies marked",
    "timezone": "Time zone",
    "stage_rate": "Rate",
    "stage_rate_text": "Rate with its counts",
}
_PERCENT: Final = {"share", "coverage", "stage_rate", "p_best", "change_low", "change_high", "rate", "level"}


def heading(column: str, facts: AccountFacts = NOTHING_SETTLED) -> str:
    """Return what people read above a column: the registry's label where there is one, as the account has shown it."""
    if column in METRICS:
        return in_account(METRICS[column], facts).label
    label = _LABELS.get(column) or tables.LABELS.get(column)
    return label or column.replace("_", " ").capitalize()


def shape(column: str, values: pd.Series) -> Shape:
    """Return how the values of a column are written."""
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return "time"
    if not pd.api.types.is_numeric_dtype(values.dtype):
        return "text"
    kind = METRICS[column].kind if column in METRICS else ""
    if kind == "rate" or column in _PERCENT:
        return "percent"
    return "count" if pd.api.types.is_integer_dtype(values.dtype) else "decimal"


def written(value: Any, how: Shape) -> str:
    """Return a value as people read it; "–" for what is not reported, or has nothing to divide by."""
    if value is None or pd.isna(value):
        return NO_RATE
    match how:
        case "count":
            return format_count(value)
        case "percent":
            return format_percent(float(value)).replace("-", "−")
        case "decimal":
            return f"{float(value):,.2f}".replace("-", "−")
        case "time":
            return f"{value.day} {value:%b %Y, %H:%M}"
        case _:
            return day(value) if isinstance(value, date) and not isinstance(value, datetime) else str(value)


def day(when: date) -> str:
    """Return "3 Nov 2026"."""
    return f"{when.day} {when:%b %Y}"
