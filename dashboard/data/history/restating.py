"""What Klenty counts differently now than it did before."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import sqlalchemy as sa

from dashboard.data.database import Database
from dashboard.data.database.accounts import moment, stamp
from dashboard.data.database.tables import CURRENT_WINDOWS, ENGAGEMENT_COUNTS, OBSERVATIONS, SERIES
from dashboard.data.history.rows import storable, window_of

COLUMNS = ("cadence", "window_start", "window_end", "bucket", "metric", "before", "now", "before_at", "now_at")
# Who is in the cadence now changes all the time, and says nothing about the window.
_METRICS = tuple(name for name in ENGAGEMENT_COUNTS if name != "in_cadence_now")


def restated(database: Database, account: int, names: Sequence[str], since: datetime, timezone: str) -> pd.DataFrame:
    """See `History.restated`."""
    rows = []
    with database.reading() as connection:
        for found in connection.execute(_changed_windows(account, names, stamp(since), timezone)).mappings():
            window = window_of(found["first_day"], found["days"], timezone)
            before_at, now_at = moment(found["before_at"]), moment(found["now_at"])
            if before_at <= window.last_instant:  # it was still going on: of course it grew
                continue
            for metric in _METRICS:
                before, now = found[f"before_{metric}"], found[f"now_{metric}"]
                if before != now:
                    key = (found["cadence"], window.first_instant, window.last_instant, found["bucket"])
                    rows.append((*key, metric, before, now, before_at, now_at))
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    for name in ("cadence", "bucket", "metric"):
        frame[name] = frame[name].astype("string")
    for name in ("before", "now"):
        frame[name] = pd.array(frame[name].tolist(), dtype="Int64")
    for name in ("window_start", "window_end", "before_at", "now_at"):
        frame[name] = pd.to_datetime(frame[name], utc=True).dt.tz_convert(timezone)
    return frame


def _changed_windows(account: int, names: Sequence[str], since: str, timezone: str) -> sa.Select[tuple[object, ...]]:
    """Windows whose latest counts are younger than `since` and differ from the last ones up to it."""
    seen, current = OBSERVATIONS.c, CURRENT_WINDOWS.c
    last = (
        sa.select(seen.series_id, seen.days, seen.first_day, sa.func.max(seen.fetched_at).label("before_at"))
        .join_from(SERIES, OBSERVATIONS, SERIES.c.id == seen.series_id)
        .where(
            SERIES.c.account_id == account,
            SERIES.c.cadence.in_({storable(name) or "" for name in names}),
            SERIES.c.timezone == timezone,
            seen.fetched_at <= since,
            seen.engagement.is_not(None),
        )
        .group_by(seen.series_id, seen.days, seen.first_day)
        .subquery()
    )
    same_window = [last.c[name] == OBSERVATIONS.c[name] for name in ("series_id", "first_day", "days")]
    same_current = [last.c[name] == CURRENT_WINDOWS.c[name] for name in ("series_id", "first_day", "days")]
    differs = [sa.or_(*(seen[name].is_distinct_from(current[name]) for name in _METRICS))]
    return (
        sa.select(
            SERIES.c.cadence, current.bucket, last.c.first_day, last.c.days, last.c.before_at,
            current.engagement_at.label("now_at"),
            *(seen[name].label(f"before_{name}") for name in _METRICS),
            *(current[name].label(f"now_{name}") for name in _METRICS),
        )
        .join_from(last, OBSERVATIONS, sa.and_(*same_window, last.c.before_at == seen.fetched_at))
        .join(CURRENT_WINDOWS, sa.and_(*same_current))
        .join(SERIES, SERIES.c.id == last.c.series_id)
        .where(current.engagement_at > since, *differs)
        .order_by(SERIES.c.cadence, current.bucket, last.c.first_day, last.c.days)
    )  # fmt: skip
