"""The tables that BI tools read: one per entity, from the functions behind the pages.

Names are in snake_case, times in UTC, days are dates; rates are fractions. `TABLES` states what makes a row of each the
same, so that several exports can be laid over each other: a later row of the same key replaces an earlier one.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from dashboard.actions import ledger_queries
from dashboard.analysis import metrics
from dashboard.analysis.ab_tests import experiments
from dashboard.analysis.ab_tests import tables as verdict_tables
from dashboard.analysis.ab_tests.rules import RULES_NOTE, Rules
from dashboard.analysis.copy_changes import copy_changes
from dashboard.analysis.watch_list import watch_list
from dashboard.analysis.watch_list.alarms import DAYS_NEEDED
from dashboard.data import frames
from dashboard.data.cadence_report import CadenceReport
from dashboard.data.database.accounts import parse_time
from dashboard.data.database.tables import ACCOUNTS
from dashboard.data.fetch.lifetime import load_lifetime, read_days
from dashboard.data.fetch.report_cache import Progress
from dashboard.data.history import History
from dashboard.data.history import frames as stored
from dashboard.data.history.fetched import FetchedWindows, present_names, zones
from dashboard.data.history.goals import Goals
from dashboard.data.history.rows import Copy
from dashboard.data.windows import Window, preset_window
from dashboard.exports.tables import definitions, evaluate_tests
from dashboard.services.account import AccountServices
from dashboard.services.what_changed import range_changes
from klenty_api import Cadence

Mode = Literal["append", "upsert"]
_EVERYTHING: Final = 2**31 - 1
_CHANGE_DAYS: Final = 91
DATE: Final = pd.ArrowDtype(pa.date32())
_UTC: Final = "datetime64[us, UTC]"


@dataclass(frozen=True)
class Table:
    """What a table holds: the columns that make a row the same, and how a later export joins an earlier one.

    `append`: rows never change, so new ones are added. `upsert`: a row replaces the one with its key. `from_klenty`:
    some of its answers are asked of Klenty where they are not fresh, as the page does.
    """

    about: str
    key: tuple[str, ...]
    mode: Mode
    from_klenty: bool = False


_CADENCE: Final = ("account", "cadence_key")
_WINDOW: Final = (*_CADENCE, "timezone", "first_day", "last_day")
TABLES: Final[Mapping[str, Table]] = MappingProxyType(
    {
        "cadences": Table(
            "Every cadence that was ever listed, with its present name.", _CADENCE, "upsert", from_klenty=True
        ),
        "cadence_windows": Table("Counts and rates of a cadence in a window.", _WINDOW, "upsert"),
        "step_windows": Table(
            "Counts and rates of a step in a window; the rows of a window replace all its earlier ones.",
            (*_WINDOW, "place"),
            "upsert",
        ),
        "option_windows": Table(
            "Counts and rates of an option of a step in a window; the rows of a window replace all its earlier ones.",
            (*_WINDOW, "place"),
            "upsert",
        ),
        "copies": Table("What options said: template, subject, snippet.", ("copy_key",), "upsert"),
        "verdicts": Table(
            "The verdict on every A/B step, as of a day.",
            (*_CADENCE, "step", "judged_by", "as_of"),
            "upsert",
            from_klenty=True,
        ),
        "alerts": Table(
            "The alerts that stand on a day.",
            (*_CADENCE, "kind", "metric", "first_day", "last_day", "as_of"),
            "upsert",
            from_klenty=True,
        ),
        "changes": Table(
            "What changed: the list of cadences, copy, restated counts, and what Explore lists of 13 weeks.",
            ("change_id",),
            "append",
        ),
        "goals": Table(
            "Every change of a goal; the last one without an end is in force.", ("account", "goal_change"), "upsert"
        ),
        "actions": Table("What was sent to Klenty, without prospects and people.", ("account", "entry"), "upsert"),
        "definitions": Table("What every metric and column of verdicts means.", ("account", "metric"), "upsert"),
    }
)


@dataclass(frozen=True)
class Entities:
    """The tables that were asked for, and the answers of Klenty that did not come."""

    tables: Mapping[str, pd.DataFrame]
    failed: Sequence[CadenceReport]


def entity_tables(
    services: AccountServices,
    history: History,
    cadences: Sequence[Cadence],
    *,
    names: Sequence[str] = tuple(TABLES),
    since: datetime | None = None,
    now: datetime | None = None,
    progress: Progress | None = None,
) -> Entities:
    """Return the tables of an account.

    Args:
        services: The account's; cadences, verdicts and alerts ask Klenty what is not fresh, as the pages do.
        history: The account's history, for everything else.
        cadences: All cadences of the account.
        names: Which of `TABLES`.
        since: Windows, copies, actions and restated counts from this time (aware) on; without it all,
            and no restated counts, because there is nothing to compare with. The other tables are always whole.
        now: The present time (aware).
        progress: Told how many answers of Klenty are there.

    Raises:
        DatabaseError: The history cannot be read.
    """
    export = _Export(services, history, cadences, since, now or datetime.now(UTC), progress)
    found = {name: export.table(name) for name in names}
    return Entities(found, export.failed)


class _Export:
    """One export: what its tables share is read once."""

    def __init__(
        self,
        services: AccountServices,
        history: History,
        cadences: Sequence[Cadence],
        since: datetime | None,
        now: datetime,
        progress: Progress | None,
    ) -> None:
        self.services, self.history, self.since, self.now, self.progress = services, history, since, now, progress
        self.cadences = [cadence for cadence in cadences if cadence.name]
        self.timezone = services.settings.timezone
        self.today = now.astimezone(ZoneInfo(self.timezone)).date()
        self.account = services.account.user
        self.failed: list[CadenceReport] = []
        self._options: pd.DataFrame | None = None
        self._watched: list[CadenceReport] | None = None
        with history.database.reading() as connection:
            self.zones = zones(connection, history.account)
            ids = present_names(connection, history.account)
        self.keys = {name: number for number, name in ids.items()}
        self.keys |= {cadence.name or "": cadence.id for cadence in self.cadences if cadence.id}

    def table(self, name: str) -> pd.DataFrame:
        """Return one of `TABLES`, its key in front."""
        made: pd.DataFrame = getattr(self, f"_{name}")()
        key = TABLES[name].key
        account = pd.array([self.account] * len(made), "string")
        made = made if name == "copies" else made.assign(account=account)
        order = [*key, *(column for column in made if column not in key)]
        return made[order].reset_index(drop=True)

    def _cadences(self) -> pd.DataFrame:
        with self.history.database.reading() as connection:
            at = connection.scalar(sa.select(ACCOUNTS.c.listed_at).filter_by(id=self.history.account))
        listed_at = None if at is None else parse_time(at)
        listed = {_key(cadence): (cadence, True, listed_at) for cadence in self.cadences}
        gone = {
            _key(known.cadence): (known.cadence, False, known.last_listed) for known in self.history.unlisted_cadences()
        }
        now = frames.engagements_frame(self._watched_reports())
        people = dict(zip(now["cadence"], now["in_cadence_now"], strict=True))
        rows = [
            (key, cadence.id, cadence.name, cadence.owner, cadence.is_active, cadence.created, is_listed, last,
             people.get(cadence.name) if is_listed else None)
            for key, (cadence, is_listed, last) in {**gone, **listed}.items()
        ]  # fmt: skip
        columns = [
            "cadence_key", "cadence_id", "cadence", "owner", "is_active", "created_at", "is_listed", "last_listed_at",
            "in_cadence_now",
        ]  # fmt: skip
        frame = pd.DataFrame(rows, columns=columns)
        texts = dict.fromkeys(columns[:4], "string")
        frame = frame.astype({**texts, "is_active": "boolean", "is_listed": "boolean", "in_cadence_now": "Int64"})
        times = {name: _utc(frame[name]) for name in ("created_at", "last_listed_at")}
        return frame.assign(**times, read_at=_stamp(self.now, len(frame)))

    def _cadence_windows(self) -> pd.DataFrame:
        found = [stored.engagements(chosen) for chosen in self._fetched()]
        table = metrics.with_rates(_joined(found, frames.engagements_frame([])), "engagements")
        # It is about the moment at which it was asked, whatever the window: the table cadences has it.
        return self._of_windows(table.drop(columns="in_cadence_now"))

    def _step_windows(self) -> pd.DataFrame:
        found = [stored.steps(chosen) for chosen in self._fetched()]
        table = metrics.with_rates(_joined(found, frames.steps_frame([])), "steps")
        return self._of_windows(_with_place(table))

    def _option_windows(self) -> pd.DataFrame:
        table = metrics.with_rates(self._option_frame(), "options")
        return self._of_windows(table)

    def _copies(self) -> pd.DataFrame:
        table = self._option_frame()
        return table[["copy_key", "template", "subject", "snippet"]].drop_duplicates("copy_key")

    def _verdicts(self) -> pd.DataFrame:
        days = read_days(self.history, self.cadences, timezone=self.timezone, today=self.today)
        whole = load_lifetime(
            self.services.lifetime,
            self.cadences,
            timezone=self.timezone,
            today=self.today,
            days=days,
            progress=self.progress,
        )
        self.failed += [report for report in whole.reports if report.failed]
        judged = evaluate_tests(whole, Rules.from_json(self.services.notes.get(RULES_NOTE)))
        held = [item for found in judged.values() for item in experiments.winners(found)]
        table = verdict_tables.verdict_table([item for found in judged.values() for item in found], held)
        dates = ("decided_from", "decided_to", "copy_changed", "winner_since", "withdrawn_won_on")
        return self._as_of(_with_dates(table, dates))

    def _alerts(self) -> pd.DataFrame:
        now = frames.engagements_frame(self._watched_reports())
        window = preset_window("28d", self.today, self.timezone)
        daily = self.history.engagements(
            [cadence.name or "" for cadence in self.cadences],
            start=window.end - timedelta(days=DAYS_NEEDED - 1),
            end=window.end,
            timezone=self.timezone,
            bucket="day",
        )
        notes = self.services.notes
        levels = watch_list.Levels.from_json(notes.get(watch_list.LEVELS_NOTE))
        memory = watch_list.Memory.from_json(notes.get(watch_list.MEMORY_NOTE))
        found = [*watch_list.level_findings(now, levels), *watch_list.day_findings(daily, newest=window.end)]
        looked = watch_list.watch_list(found, memory, checked=set(now["cadence"]), today=window.end)
        # Who acknowledged it, and with which words, stays on the page.
        table = watch_list.findings_frame(looked).drop(columns=["acknowledged_by", "note"])
        table = table.assign(acknowledged_at=_utc(table["acknowledged_at"]))
        return self._as_of(_with_dates(table, ("since", "first_day", "last_day")))

    def _changes(self) -> pd.DataFrame:
        names = {cadence.name or "": None for cadence in self.cadences} | dict.fromkeys(self.keys)
        parts = [
            self._listing_changes(),
            self._copy_changes(list(names)),
            self._restated(list(names)),
            self._found_changes(),
        ]
        table = _joined(parts, parts[0])
        told = table.astype("string").fillna("").agg("\x1f".join, axis=1) if len(table) else pd.Series(dtype="string")
        digests = [hashlib.sha256(f"{self.account}\x1f{text}".encode()).hexdigest()[:32] for text in told]
        return table.assign(change_id=pd.array(digests, "string"))

    def _goals(self) -> pd.DataFrame:
        table = Goals(self.history.database, self.history.account).changes()
        return table.assign(set_at=_utc(table["set_at"]))

    def _actions(self) -> pd.DataFrame:
        ledger = self.services.ledger
        database = ledger.database()
        wanted = ledger_queries.Filter({ledger.account_id(database): self.account}, most=_EVERYTHING)
        found = ledger_queries.entries(database, wanted)
        if self.since is not None:
            newer = (found["time"] >= self.since) | (found["ended"] >= self.since)
            found = found[newer.fillna(value=False)]
        names = {"time": "at", "ended": "ended_at", "rows": "prospects"}
        table = found.rename(columns=names).assign(at=_utc(found["time"]), ended_at=_utc(found["ended"]))
        return table[["entry", "at", "operation", "role", "result", "attempts", "ended_at", "prospects"]]

    def _definitions(self) -> pd.DataFrame:
        return definitions(self.services.notes.facts())

    # What several tables share

    def _fetched(self) -> list[FetchedWindows]:
        history = self.history
        return [FetchedWindows.of(history.database, history.account, zone, self.since) for zone in self.zones]

    def _option_frame(self) -> pd.DataFrame:
        if self._options is None:
            found = [stored.options(chosen) for chosen in self._fetched()]
            table = _with_place(_joined(found, frames.options_frame([])))
            self._options = table.assign(copy_key=_copy_keys(table))
        return self._options

    def _watched_reports(self) -> list[CadenceReport]:
        """Return the answers that the page of alerts rests on, with who is in the cadences now."""
        if self._watched is None:
            window = preset_window("28d", self.today, self.timezone)
            store = self.services.reports
            self._watched = store.with_people_now(store.load(self.cadences, [window], progress=self.progress))
            self.failed += [report for report in self._watched if report.failed]
        return self._watched

    def _of_windows(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return windows with their days as dates, their instants in UTC, and the key of the cadence."""
        if self.since is not None:
            table = table[table["fetched_at"] >= self.since]
        key = table["cadence_id"].fillna("name:" + table["cadence"]).astype("string")
        first, last = _dates(table["first_day"]), _dates(table["last_day"])
        days = pd.array([(b - a).days + 1 for a, b in zip(first, last, strict=True)], "Int64")
        return table.assign(
            cadence_key=key,
            first_day=first,
            last_day=last,
            days=days,
            **{name: _utc(table[name]) for name in ("window_start", "window_end", "fetched_at")},
        )

    def _as_of(self, table: pd.DataFrame) -> pd.DataFrame:
        day = _dates(pd.Series([self.today] * len(table), dtype="object", index=table.index))
        return table.assign(cadence_key=self._keys_of(table["cadence"]), as_of=day)

    def _keys_of(self, names: pd.Series) -> pd.Series:
        return names.map(lambda name: self.keys.get(name) or f"name:{name}").astype("string")

    # Parts of the table of changes

    def _listing_changes(self) -> pd.DataFrame:
        found = self.history.listing_changes()
        return _change_rows(
            found.assign(
                cadence_key=found["cadence_id"],
                change=found["change"].str.replace(" ", "_"),
                at=_utc(found["at"]),
                not_before=_utc(found["not_before"]),
            )
        )

    def _copy_changes(self, names: Sequence[str]) -> pd.DataFrame:
        # One cadence at a time: all days of a large account are a million rows.
        parts = [copy_changes(self.history.option_days([name], timezone=self.timezone)) for name in names]
        found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["cadence", "day"])
        days = _dates(found["day"])
        return _change_rows(
            found.assign(
                cadence_key=self._keys_of(found["cadence"]), change="copy_changed", first_day=days, last_day=days
            )
        )

    def _found_changes(self) -> pd.DataFrame:
        """Return what else Explore lists of the last 13 weeks: options, splits, steps, silence, runs, alerts, notes."""
        window = Window(self.today - timedelta(days=_CHANGE_DAYS - 1), self.today, self.timezone)
        found = range_changes(self.history, window)
        found = found[~found["kind"].isin(["copy", "cadence"])]
        return _change_rows(
            found.assign(
                cadence_key=self._keys_of(found["cadence"]).mask(found["cadence"].eq("").to_numpy()),
                change=found["kind"], first_day=_dates(found["day"]), last_day=_dates(found["last"]),
                after=found["text"],
            )
        )  # fmt: skip

    def _restated(self, names: Sequence[str]) -> pd.DataFrame:
        if self.since is None:
            return _change_rows(pd.DataFrame({"cadence": []}))
        found = self.history.revisions(names, since=self.since, timezone=self.timezone)
        return _change_rows(
            found.assign(
                cadence_key=self._keys_of(found["cadence"]), change="restated", field=found["metric"],
                after=found["now"], at=_utc(found["now_at"]), not_before=_utc(found["before_at"]),
                first_day=_dates(found["window_start"]), last_day=_dates(found["window_end"]),
            )
        )  # fmt: skip


def _key(cadence: Cadence) -> str:
    return cadence.id or f"name:{cadence.name}"


_CHANGE_TYPES: Final[Mapping[str, Any]] = {
    "cadence_key": "string", "cadence": "string", "change": "string", "at": _UTC, "not_before": _UTC,
    "first_day": DATE, "last_day": DATE, "step": "Int64", "option": "Int64", "field": "string", "before": "string",
    "after": "string",
}  # fmt: skip


def _change_rows(found: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of `changes`, empty where a kind of change has none."""
    return pd.DataFrame(
        {
            name: (found[name] if name in found else pd.Series(pd.NA, index=found.index)).astype(kind)
            for name, kind in _CHANGE_TYPES.items()
        }
    )


def _joined(parts: Sequence[pd.DataFrame], empty: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of all parts. Windows of several zones have their days as each of them cut them."""
    dated = [_with_days(part) if "window_start" in part else part for part in (*parts, empty)]
    filled = [part for part in dated[:-1] if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else dated[-1].iloc[:0]


def _with_days(part: pd.DataFrame) -> pd.DataFrame:
    days = {"first_day": part["window_start"].dt.date, "last_day": part["window_end"].dt.date}
    times = {name: _utc(part[name]) for name in ("window_start", "window_end", "fetched_at")}
    return part.assign(**days, **times)


def _with_place(table: pd.DataFrame) -> pd.DataFrame:
    """Return steps or options with their places in the answer for their window, counted from 0."""
    window = ["cadence_id", "cadence", "timezone", "window_start", "window_end"]
    return table.assign(place=table.groupby(window, dropna=False, sort=False).cumcount().astype("Int64"))


def _copy_keys(options: pd.DataFrame) -> Any:
    """Return the key of each option's copy, as the view `bi_copies` has it."""
    texts = options[["template", "subject", "snippet"]].astype("object")
    texts = texts.where(texts.notna(), None)
    rows = list(texts.itertuples(index=False, name=None))
    keys = {row: Copy(*row).stored()["digest"].hex() for row in set(rows)}
    return pd.array([keys[row] for row in rows], "string")


def _dates(column: pd.Series) -> pd.Series:
    """Return days (dates, texts or times in their own zone) as dates."""
    if isinstance(column.dtype, pd.DatetimeTZDtype) or pd.api.types.is_datetime64_dtype(column.dtype):
        column = column.dt.date
    elif isinstance(column.dtype, pd.StringDtype):
        column = pd.to_datetime(column).dt.date
    values = [None if pd.isna(value) else value for value in column]
    return pd.Series(values, dtype=DATE, index=column.index)


def _with_dates(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    return table.assign(**{name: _dates(table[name]) for name in names})


def _utc(column: pd.Series) -> pd.Series:
    return pd.to_datetime(column, utc=True).astype(_UTC)


def _stamp(now: datetime, rows: int) -> pd.Series:
    return pd.Series([now] * rows, dtype=_UTC)
