"""Values of frames as plain Python, for figures that must hold None and never NaN."""

from collections.abc import Hashable, Iterable
from typing import Any

import pandas as pd

Cells = dict[Hashable, Any]


def records(frame: pd.DataFrame) -> list[Cells]:
    """Return the rows as dicts with None for everything empty."""
    return [{key: cell(value) for key, value in row.items()} for row in frame.to_dict("records")]


def cell(value: object) -> Any:  # whatever the frame held
    """Return the value, or None for NA, NaN and NaT."""
    return None if value is None or pd.isna(value) else value  # type: ignore[call-overload]


def joined(parts: Iterable[str], *, limit: int = 6) -> str:
    """Return "a; b; c", and how many more there are."""
    items = list(parts)
    more = f"; and {len(items) - limit} more in the table" if len(items) > limit else ""
    return "; ".join(items[:limit]) + more
