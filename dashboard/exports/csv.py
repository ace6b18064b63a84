"""Frames as CSV that spreadsheets and pandas read alike, and that runs nothing in either."""

import re
from datetime import datetime

import pandas as pd

# A text that begins so is a formula to a spreadsheet; blanks, quotes and what nobody sees do not stop all of them.
_UNSEEN = r"\s'\"\x00-\x20\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff"
_SIGNS = r"=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212"
# Where the comma is the decimal sign, spreadsheets split at semicolons, so a formula may begin behind one, too.
_FORMULA = re.compile(rf"(^|;)(?=[{_UNSEEN}]*[{_SIGNS}])")
_DEFUSED = re.compile(rf"(^|;)'(?=[{_UNSEEN}]*[{_SIGNS}])")
BOM = b"\xef\xbb\xbf"


def to_csv(frame: pd.DataFrame) -> bytes:
    """Return `frame` as CSV: UTF-8 with a byte order mark, comma, CRLF, empty for "not reported".

    Times are ISO 8601 with offset. A *text* that a spreadsheet would take for a formula gets an apostrophe in front,
    as a spreadsheet itself would; numbers, negative ones too, stay numbers. Headers are the column names.
    """
    safe = frame.assign(**{name: _cells(frame[name]) for name in frame.columns})
    text = safe.rename(columns=defuse).to_csv(index=False, lineterminator="\r\n", na_rep="")
    return BOM + text.encode("utf-8", errors="replace")


def defuse(text: str) -> str:
    """Return `text` with an apostrophe where it would be taken for a formula: in front, or behind a semicolon."""
    return _FORMULA.sub(r"\1'", text)


def _cells(column: pd.Series) -> pd.Series:
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return column.map(_moment, na_action="ignore").astype("string")
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column
    return column.map(_cell, na_action="ignore").astype("string")


def _cell(value: object) -> str:
    return str(value) if isinstance(value, int | float) else defuse(str(value))


def _moment(value: datetime) -> str:
    return value.isoformat(timespec="milliseconds" if value.microsecond else "seconds")
