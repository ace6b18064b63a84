"""Frames as CSV that spreadsheets and pandas read alike, and that runs nothing in either."""

import re
from datetime import datetime

import pandas as pd

# A cell that begins so is a formula to a spreadsheet; blanks and quotes in front do not stop all of them.
_FORMULA = re.compile(r"^[\s'\"\u200b\ufeff]*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20\u2212]")
BOM = b"\xef\xbb\xbf"


def to_csv(frame: pd.DataFrame) -> bytes:
    """`frame` as CSV: UTF-8 with a byte order mark, comma, CRLF, empty for “not reported”.

    Times are ISO 8601 with offset. A *text* that a spreadsheet would take for a formula gets an apostrophe in front,
    as a spreadsheet itself would; numbers, negative ones too, stay numbers. Headers are the column names.
    """
    safe = frame.assign(**{name: _cells(frame[name]) for name in frame.columns})
    text = safe.rename(columns=defuse).to_csv(index=False, lineterminator="\r\n", na_rep="")
    return BOM + text.encode("utf-8", errors="replace")


def defuse(text: str) -> str:
    """`text` with an apostrophe in front when it would be taken for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def _cells(column: pd.Series) -> pd.Series:
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return column.map(_moment, na_action="ignore").astype("string")
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column
    return column.map(lambda value: defuse(str(value)), na_action="ignore").astype("string")


def _moment(value: datetime) -> str:
    return value.isoformat(timespec="milliseconds" if value.microsecond else "seconds")
