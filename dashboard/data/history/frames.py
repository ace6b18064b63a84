"""What is current, as the tidy frames of `dashboard.data.frames`."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from dashboard.data.database import Database
from dashboard.data.database.accounts import parse_time
from dashboard.data.database.tables import (
    COPIES,
    CURRENT_OPTIONS,
    CURRENT_STEPS,
    CURRENT_WINDOWS,
    ENGAGEMENT_COUNTS,
    EVENT_COUNTS,
    SERIES,
    STEP_COUNTS,
)
from dashboard.data.frames import ENGAGEMENT_COLUMNS, OPTION_COLUMNS, STEP_COLUMNS
from dashboard.data.history.columns import (
    Numbers,
    counted,
    integers,
    numbers,
    taken_texts,
    taken_times,
    window_columns,
)
from dashboard.data.history.listing import ids_of_names
from dashboard.data.windows import Bucket

_COPIES_AT_ONCE = 5000
_MONDAY = 4  # 1 January 1970 was a Thursday


def series_of_names(connection: sa.Connection, account: int, names: Sequence[str], timezone: str) -> dict[int, str]:
    """Return the series of these names in that zone, by number: see `WindowSelection.series`.

    Args:
        connection: in whose transaction it is read.
        account: its number.
        names: of the cadences.
        timezone: IANA name of the zone in which days end.
    """
    ids = ids_of_names(connection, account, names)
    by_id = {number: name for name, number in ids.items()}
    by_name = set(names) - ids.keys()
    mine = sa.select(SERIES.c.id, SERIES.c.cadence_id, SERIES.c.cadence).filter_by(
        account_id=account, timezone=timezone
    )
    found = {}
    for row in connection.execute(mine):
        name = by_id.get(row.cadence_id) if row.cadence_id is not None else row.cadence
        if name is not None and (row.cadence_id is not None or name in by_name):
            found[row.id] = name
    return found


@dataclass(frozen=True)
class WindowSelection:
    """Which windows to read: of which cadences, of which kind, from which day to which."""

    database: Database
    account: int
    names: list[str]
    first: int
    last: int
    timezone: str
    bucket: Bucket

    @cached_property
    def series(self) -> dict[int, str]:
        """The numbers of the series and their cadences, in the order of the names.

        A name is that of the cadence that has it in the latest listing, or else had it last; where no listing knows
        it, what was asked by the name alone.
        """
        order = {name: place for place, name in enumerate(self.names)}
        with self.database.reading() as connection:
            found = series_of_names(connection, self.account, self.names, self.timezone)
        return dict(sorted(found.items(), key=lambda item: (order[item[1]], item[0])))

    def where(self, table: sa.Table) -> list[sa.ColumnElement[bool]]:
        """Return the condition that picks them out of a table with the key of a window."""
        key, length = table.c, self.last - self.first + 1
        mine = key.series_id.in_(list(self.series))
        if self.bucket == "range":
            return [mine, key.days == length, key.first_day == self.first]
        if self.bucket == "life":
            window = CURRENT_WINDOWS.c
            lives = sa.select(window.series_id, window.days, window.first_day).where(window.bucket == "life")
            within = [key.first_day >= self.first, key.first_day + key.days - 1 <= self.last]
            return [mine, *within, sa.tuple_(key.series_id, key.days, key.first_day).in_(lives)]
        days = 1 if self.bucket == "day" else 7
        within = [key.days == days, key.first_day.between(self.first, self.last - days + 1)]
        return [mine, *within, *([key.first_day % 7 == _MONDAY] if days == 7 else [])]

    def order(self, series_id: Numbers) -> Numbers:
        """Return the rows' places in the order of the names; rows of one series stay as they are."""
        place = {number: place for place, number in enumerate(self.series)}
        return np.argsort(np.array([place[number] for number in series_id.tolist()], dtype=np.int64), kind="stable")


def engagements(chosen: WindowSelection) -> pd.DataFrame:
    """Return one row per window whose engagement answer arrived."""
    window = CURRENT_WINDOWS.c
    counts = [window[name] for name in ENGAGEMENT_COUNTS]
    texts = [window.cadence_id, window.owner, window.engagement_at, window.emails_sent_source, window.contacted_source]
    wanted = (
        sa.select(window.series_id, window.days, window.first_day, *counted(counts), *texts)
        .where(*chosen.where(CURRENT_WINDOWS), window.engagement_at.is_not(None))
        .order_by(window.series_id, window.days, window.first_day)
    )
    rows = _rows(chosen, wanted)
    width = 3 + len(counts)
    values = numbers([row[:width] for row in rows], width)
    order = chosen.order(values[0])
    values = values[:, order]
    named = {column.key: [rows[place][width + at] for place in order] for at, column in enumerate(texts)}
    columns = {
        "cadence": _names(chosen, values[0]),
        **window_columns(values[2], values[1], chosen.timezone),
        **{name: integers(values[3 + at]) for at, name in enumerate(ENGAGEMENT_COUNTS)},
        **{name: pd.array(data, dtype="string") for name, data in named.items() if name != "engagement_at"},
        "fetched_at": _times(named["engagement_at"], chosen.timezone),
    }
    return pd.DataFrame({name: columns[name] for name in ENGAGEMENT_COLUMNS})


def steps(chosen: WindowSelection) -> pd.DataFrame:
    """Return one row per step."""
    table = CURRENT_STEPS.c
    names = ("step", *STEP_COUNTS)
    values, kinds = _detail(chosen, CURRENT_STEPS, [table.place], names)
    columns = {
        **_of_windows(chosen, values),
        **{name: integers(values[4 + at]) for at, name in enumerate(names)},
        "step_type": kinds,
    }
    return pd.DataFrame({name: columns[name] for name in STEP_COLUMNS})


def options(chosen: WindowSelection) -> pd.DataFrame:
    """Return one row per option."""
    table = CURRENT_OPTIONS.c
    names = ("step", "option", *EVENT_COUNTS, "copy_id")
    values, kinds = _detail(chosen, CURRENT_OPTIONS, [table.place, table.option_place], names)
    columns = {
        **_of_windows(chosen, values),
        **{name: integers(values[5 + at]) for at, name in enumerate(names)},
        **_texts(chosen.database, values[-1]),
        "step_type": kinds,
    }
    return pd.DataFrame({name: columns[name] for name in OPTION_COLUMNS})


def option_days(chosen: WindowSelection) -> pd.DataFrame:
    """Return one row per option and day."""
    table = CURRENT_OPTIONS.c
    names = ("step", "option", "emails_sent", "replies", "positive_replies")
    wanted = (
        sa.select(table.series_id, table.first_day, *counted(table[name] for name in names), table.copy_id)
        .where(*chosen.where(CURRENT_OPTIONS))
        .order_by(table.series_id, table.days, table.first_day, table.place, table.option_place)
    )
    values = numbers(_rows(chosen, wanted), 3 + len(names))
    values = values[:, chosen.order(values[0])]
    return pd.DataFrame(
        {
            "cadence": _names(chosen, values[0]),
            "step": integers(values[2]),
            "option": integers(values[3]),
            "day": values[1].astype("datetime64[D]").astype("datetime64[s]"),
            **_texts(chosen.database, values[-1]),
            **{name: integers(values[2 + at]) for at, name in enumerate(names) if name not in {"step", "option"}},
        }
    )


def _detail(
    chosen: WindowSelection, table: sa.Table, places: list[sa.Column[int]], names: Sequence[str]
) -> tuple[Numbers, Any]:
    """Return key, places and counts of a table's rows as numbers, and its step types."""
    key = [table.c.series_id, table.c.days, table.c.first_day, *places]
    wanted = (
        sa.select(*key, *counted(table.c[name] for name in names), table.c.step_type)
        .where(*chosen.where(table))
        .order_by(*key)
    )
    rows = _rows(chosen, wanted)
    width = len(key) + len(names)
    values = numbers([row[:width] for row in rows], width)
    order = chosen.order(values[0])
    kinds = pd.array([row[width] for row in rows], dtype="string").take(order)
    return values[:, order], kinds


def _rows(chosen: WindowSelection, wanted: sa.Select[Any]) -> Sequence[Any]:
    if not chosen.series:
        return []
    with chosen.database.reading() as connection:
        cursor = connection.execute(wanted).cursor
        # The driver's own tuples: an object around each of a hundred thousand takes longer than the query.
        return [] if cursor is None else cursor.fetchall()


def _of_windows(chosen: WindowSelection, values: Numbers) -> dict[str, Any]:
    """Return what steps and options share with their window: cadence, its id and owner, the window, when it was
    fetched."""
    window = CURRENT_WINDOWS.c
    key = (window.series_id, window.days, window.first_day)
    wanted = sa.select(*key, window.cadence_id, window.owner, window.steps_at).where(
        *chosen.where(CURRENT_WINDOWS), window.steps_at.is_not(None)
    )
    windows = _rows(chosen, wanted)
    at = {(row[0], row[1], row[2]): place for place, row in enumerate(windows)}
    pairs, inverse = np.unique(values[:3], axis=1, return_inverse=True)
    which = np.array([at[a, b, c] for a, b, c in pairs.T.tolist()], dtype=np.int64)[inverse]
    times = [parse_time(row[5]) for row in windows]
    return {
        "cadence": _names(chosen, values[0]),
        "cadence_id": taken_texts([row[3] for row in windows], which),
        "owner": taken_texts([row[4] for row in windows], which),
        **window_columns(values[2], values[1], chosen.timezone),
        "fetched_at": taken_times(times, which, chosen.timezone),
    }


def _names(chosen: WindowSelection, series_id: Numbers) -> Any:
    different, which = np.unique(series_id, return_inverse=True)
    return taken_texts([chosen.series[int(number)] for number in different], which)


def _times(stamps: Sequence[str], timezone: str) -> pd.DatetimeIndex:
    different = {text: place for place, text in enumerate(dict.fromkeys(stamps))}
    which = np.array([different[text] for text in stamps], dtype=np.int64)
    return taken_times([parse_time(text) for text in different], which, timezone)


def _texts(database: Database, copy_id: Numbers) -> dict[str, Any]:
    """Return the columns template, subject and snippet."""
    different, which = np.unique(copy_id, return_inverse=True)
    copies: dict[int, tuple[str | None, str | None, str | None]] = {}
    with database.reading() as connection:
        for start in range(0, len(different), _COPIES_AT_ONCE):
            part = different[start : start + _COPIES_AT_ONCE].tolist()
            wanted = sa.select(COPIES.c.id, COPIES.c.template, COPIES.c.subject, COPIES.c.snippet)
            copies |= {
                row[0]: (row[1], row[2], row[3]) for row in connection.execute(wanted.where(COPIES.c.id.in_(part)))
            }
    found = [copies[int(number)] for number in different]
    return {
        name: taken_texts([texts[at] for texts in found], which)
        for at, name in enumerate(("template", "subject", "snippet"))
    }
