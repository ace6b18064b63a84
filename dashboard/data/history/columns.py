"""Rows of counts as columns of a frame, quickly: hundreds of thousands of options are read for one chart.

Counts leave the database as whole numbers, with `MISSING` for what was not reported, so that they become one array
at once; texts and times are made once for each different one and then taken by number.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import sqlalchemy as sa

from dashboard.data.history.rows import window_of

MISSING = -(2**62)  # "unmarked replies" may be negative
Numbers = npt.NDArray[np.int64]


def counted(columns: Iterable[sa.ColumnElement[Any]]) -> list[sa.ColumnElement[int]]:
    """Return the columns, with `MISSING` where nothing stands."""
    return [sa.func.coalesce(column, MISSING).label(column.key) for column in columns]


def numbers(rows: Sequence[Sequence[int]], width: int) -> Numbers:
    """Return rows of whole numbers as one array with a row for each column."""
    flat = np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=len(rows) * width)
    return flat.reshape(len(rows), width).T


def integers(values: Numbers) -> pd.arrays.IntegerArray:
    """Return a column of nullable integers."""
    return pd.arrays.IntegerArray(np.ascontiguousarray(values), values == MISSING)


def taken_texts(different: Sequence[str | None], which: Numbers) -> Any:
    """Return a column of texts: for each row the one of that number among the different ones."""
    return pd.array(list(different), dtype="string").take(which)


def taken_times(different: Sequence[datetime], which: Numbers, timezone: str) -> pd.DatetimeIndex:
    """Return a column of times in that zone, as `taken_texts`.

    Args:
        different: the times that occur (aware).
        which: the place of each row among them.
        timezone: IANA name of the zone in which days end.
    """
    index = pd.DatetimeIndex(pd.to_datetime(pd.Series(list(different), dtype="object"), utc=True))
    return index.tz_convert(ZoneInfo(timezone)).take(which)


def window_columns(first_day: Numbers, days: Numbers, timezone: str) -> dict[str, Any]:
    """Return the columns window_start, window_end and timezone.

    Args:
        first_day: numbers of days.
        days: how many.
        timezone: IANA name of the zone in which days end.
    """
    pairs, which = np.unique(np.stack([first_day, days]), axis=1, return_inverse=True)
    windows = [window_of(int(first), int(length), timezone) for first, length in pairs.T]
    return {
        "window_start": taken_times([window.first_instant for window in windows], which, timezone),
        "window_end": taken_times([window.last_instant for window in windows], which, timezone),
        "timezone": taken_texts([timezone], np.zeros(len(first_day), dtype=np.int64)),
    }
