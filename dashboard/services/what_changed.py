"""What changed in an account, read from its history, action log and notes. Asks Klenty nothing."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import sqlalchemy as sa

from dashboard.actions import ledger_queries
from dashboard.analysis import what_changed
from dashboard.analysis.watch_list.watch_list import MEMORY_NOTE, Memory
from dashboard.data.database.accounts import Notes
from dashboard.data.database.tables import CURRENT_STEPS, SERIES
from dashboard.data.goals import BY_NAME
from dashboard.data.history import History
from dashboard.data.history.day_notes import DayNotes
from dashboard.data.history.fetched import present_names
from dashboard.data.history.rows import day_number, day_of
from dashboard.data.windows import Window

_LOOK_BACK = timedelta(days=28)


def read_changes(history: History, timezone: str, start: date, end: date) -> pd.DataFrame:
    """Return what was found to have changed from `start` to `end`, the newest first; without notes.

    Args:
        history: The account's.
        timezone: The zone that its days are cut in.
        start: First day.
        end: Last day, included.

    Returns:
        Columns of `what_changed.COLUMNS`.

    Raises:
        DatabaseError: The history cannot be read.
    """
    names = _names(history)
    first = start - _LOOK_BACK  # what was before, so that a change is one
    spans = {"start": first, "end": end, "timezone": timezone}
    since = datetime.combine(start, time(), ZoneInfo(timezone)).astimezone(UTC)
    log = ledger_queries.entries(history.database, ledger_queries.Filter({history.account: ""}, start=since))
    memory = Memory.from_json(Notes(history.database, history.account).get(MEMORY_NOTE))
    parts = [
        what_changed.of_options(history.option_days(names, start=first, end=end, timezone=timezone)),
        what_changed.of_days(history.engagements(names, bucket="day", **spans)),  # type: ignore[arg-type]  # dates
        what_changed.of_steps(_step_spans(history, timezone, first, end)),
        what_changed.of_listings(history.listing_changes(), timezone),
        what_changed.of_runs(log, timezone),
        what_changed.of_alerts(memory.since, memory.ended),
    ]
    return what_changed.together(parts, start, end)


def range_changes(history: History, window: Window) -> pd.DataFrame:
    """Return what changed in a range, notes among it: `read_changes` and `read_notes`. Raises DatabaseError."""
    found = read_changes(history, window.timezone, window.start, window.end)
    return what_changed.together([found, read_notes(history)], window.start, window.end)


def read_notes(history: History) -> pd.DataFrame:
    """Return the notes of people as changes: day (the first), text, author, note (its number). Raises DatabaseError."""
    notes = DayNotes(history.database, history.account).in_force()
    with history.database.reading() as connection:
        names = present_names(connection, history.account)
    cadences = [names.get(key, key.removeprefix(BY_NAME)) for key in notes["cadence"]]
    kinds = pd.array(["note"] * len(notes), "string")
    frame = notes.assign(day=notes["first"], kind=kinds, cadence=pd.array(cadences, "string"))
    return frame[list(what_changed.COLUMNS)]


def _names(history: History) -> list[str]:
    with history.database.reading() as connection:
        names = set(present_names(connection, history.account).values())
        wanted = sa.select(SERIES.c.cadence).filter_by(account_id=history.account, cadence_id=None)
        names |= set(connection.scalars(wanted))
    return sorted(names)


def _step_spans(history: History, timezone: str, start: date, end: date) -> pd.DataFrame:
    """Return from when to when each step is in the answers for single days, and from when to when there are any."""
    table = CURRENT_STEPS.c
    first, last = sa.func.min(table.first_day), sa.func.max(table.first_day)
    wanted = (
        sa.select(SERIES.c.cadence_id, SERIES.c.cadence, table.step, first, last)
        .join_from(CURRENT_STEPS, SERIES, SERIES.c.id == table.series_id)
        .where(SERIES.c.account_id == history.account, SERIES.c.timezone == timezone, table.days == 1)
        .where(table.first_day.between(day_number(start), day_number(end)), table.step.is_not(None))
        .group_by(SERIES.c.cadence_id, SERIES.c.cadence, table.step)
    )
    with history.database.reading() as connection:
        rows = connection.execute(wanted).all()
        names = present_names(connection, history.account)
    values = [(names.get(row[0] or "", row[1]), row[2], *map(day_of, row[3:])) for row in rows]
    frame = pd.DataFrame(values, columns=["cadence", "step", "first", "last"])
    own = frame.groupby("cadence")
    return frame.assign(cadence_first=own["first"].transform("min"), cadence_last=own["last"].transform("max"))
