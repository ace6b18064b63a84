"""Weekly counts from the history, by which a change between two periods is judged."""

from collections.abc import Iterable

import pandas as pd

from dashboard.data.history import History
from dashboard.data.windows import Window, comparison_weeks


def read_weeks(
    history: History | None, names: Iterable[str], now: Window, earlier: Window | None
) -> pd.DataFrame | None:
    """Return the days and weeks that the history holds for comparing two periods; None where nothing can be read.

    Args:
        history: The account's history; None: there is none.
        names: Cadence names.
        now: The later period.
        earlier: The period it is compared with; None: with none.

    Returns:
        Columns of `frames.engagements_frame`, one row per cadence and window of one or seven days.
    """
    if history is None or earlier is None:
        return None
    weeks = [week for group in comparison_weeks(now, earlier) for week in group]
    first, last, wanted = min(week.start for week in weeks), max(week.end for week in weeks), tuple(names)
    days, whole = (
        history.engagements(wanted, start=first, end=last, timezone=now.timezone, bucket=bucket)
        for bucket in ("day", "week")
    )
    return days if whole.empty else whole if days.empty else pd.concat([days, whole], ignore_index=True)
