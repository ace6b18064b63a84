"""What Klenty counts differently now than it did before."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import sqlalchemy as sa

from dashboard.data.database import Database
from dashboard.data.database.accounts import format_time, parse_time
from dashboard.data.database.tables import CURRENT_WINDOWS, ENGAGEMENT_COUNTS, OBSERVATIONS
from dashboard.data.history.frames import series_of_names
from dashboard.data.history.rows import storable, window_of

COLUMNS = ("cadence", "window_start", "window_end", "bucket", "metric", "before", "now", "before_at", "now_at")
# Who is in the cadence now changes all the time, and says nothing about the window.
_METRICS = tuple(name for name in ENGAGEMENT_COUNTS if name != "in_cadence_now")
_FROM_STEPS = {"emails_sent", "contacted"}  # where the answer itself does not have them


def read_revisions(
    database: Database, account: int, names: Sequence[str], since: datetime, timezone: str
) -> pd.DataFrame:
    """Return what `History.revisions` describes.

    Args:
        database: that holds the history.
        account: its number.
        names: of the cadences.
        since: aware.
        timezone: in which days end.
    """
    rows = []
    with database.reading() as connection:
        series = series_of_names(connection, account, [storable(name) or "" for name in names], timezone)
        for found in connection.execute(_changed_windows(list(series), format_time(since))).mappings():
            window = window_of(found["first_day"], found["days"], timezone)
            before_at, now_at = parse_time(found["before_at"]), parse_time(found["now_at"])
            if before_at <= window.last_instant:  # it was still going on: of course it grew
                continue
            for metric in _METRICS:
                before, now = found[f"before_{metric}"], found[f"now_{metric}"]
                # Where the steps did not arrive that replace a count, Klenty has said nothing of it.
                unasked = (before is None and not found["before_whole"]) or (now is None and not found["now_whole"])
                if before != now and not (unasked and metric in _FROM_STEPS):
                    key = (series[found["series_id"]], window.first_instant, window.last_instant, found["bucket"])
                    rows.append((*key, metric, before, now, before_at, now_at))
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    for name in ("cadence", "bucket", "metric"):
        frame[name] = frame[name].astype("string")
    for name in ("before", "now"):
        frame[name] = pd.array(frame[name].tolist(), dtype="Int64")
    for name in ("window_start", "window_end", "before_at", "now_at"):
        frame[name] = pd.to_datetime(frame[name], utc=True).dt.tz_convert(timezone)
    return frame


def _changed_windows(series: Sequence[int], since: str) -> sa.Select[tuple[object, ...]]:
    """Windows whose latest counts are younger than `since` and differ from the last ones up to it."""
    current, seen, earlier = CURRENT_WINDOWS.c, OBSERVATIONS.c, OBSERVATIONS.alias().c
    key = ("series_id", "days", "first_day")
    # Only of the windows that arrived since, which are far fewer than all.
    before_at = (
        sa.select(sa.func.max(earlier.fetched_at))
        .where(*(earlier[name] == current[name] for name in key))
        .where(earlier.fetched_at <= since, earlier.engagement.is_not(None), earlier.doubtful.is_(False))
        .correlate(CURRENT_WINDOWS)
        .scalar_subquery()
    )
    differs = [sa.or_(*(seen[name].is_distinct_from(current[name]) for name in _METRICS))]
    return (
        sa.select(
            current.series_id, current.bucket, current.first_day, current.days, seen.fetched_at.label("before_at"),
            current.engagement_at.label("now_at"), seen.steps.is_not(None).label("before_whole"),
            (current.complete_at == current.engagement_at).label("now_whole"),
            *(seen[name].label(f"before_{name}") for name in _METRICS),
            *(current[name].label(f"now_{name}") for name in _METRICS),
        )
        .join_from(
            CURRENT_WINDOWS, OBSERVATIONS,
            sa.and_(*(seen[name] == current[name] for name in key), seen.fetched_at == before_at),
        )
        .where(
            current.series_id.in_(series),
            current.engagement_at > since,
            *differs,
        )
        .order_by(current.series_id, current.days, current.first_day)
    )  # fmt: skip
