"""What changed in an account, found in what is stored: copy, options, steps, cadences, days that are missing.

Every function returns a frame with the columns of `COLUMNS`. They say that something changed, never why a number did.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd
from scipy.stats import chi2_contingency

from dashboard.analysis.ab_tests.wording import option_name
from dashboard.analysis.copy_changes import copy_changes
from dashboard.analysis.metrics import METRICS
from dashboard.analysis.watch_list.watch_list import parts_of

COLUMNS: Final = ("day", "last", "kind", "cadence", "text", "author", "note")
KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "copy": "Copy",
        "option": "Options",
        "split": "Split",
        "step": "Steps",
        "cadence": "Cadences",
        "silence": "Silence",
        "import": "Imports",
        "alert": "Alerts",
        "gap": "Missing days",
        "note": "Notes",
    }
)
"""What each kind of change is called."""

SILENT_DAYS: Final = 5
"""Working days without an email after which a cadence has fallen silent."""
_ENOUGH_EMAILS: Final = 20  # of a step, for it to say something that an option had none among them
_WEEKLY_EMAILS: Final = 40  # of a step, for its split in a week to be held against another week's
_SPLIT_P: Final = 0.001
_SPLIT_SHARE: Final = 0.15
_LONGEST_GAP: Final = 14  # days: longer ones were not asked for, because the cadence rested
_FRIDAY: Final = 4
_MOST_IN_WORDS: Final = 3
_FIELDS: Final = {"template": "template", "subject": "subject", "snippet": "text"}
Row = tuple[date, str, str, str]
Mark = tuple[date, date, str]
"""First and last day of a change, and its words."""


def table(rows: Iterable[Row]) -> pd.DataFrame:
    """Return changes as a frame with `COLUMNS`: each of one day, without author and note; no cadence is all."""
    frame = pd.DataFrame([(row[0], *row, pd.NA, pd.NA) for row in rows], columns=list(COLUMNS), dtype="object")
    return frame.astype(dict.fromkeys(("kind", "cadence", "text", "author"), "string") | {"note": "Int64"})


def together(parts: Sequence[pd.DataFrame], start: date, end: date) -> pd.DataFrame:
    """Return the changes of several sources from `start` to `end`, the newest first.

    Args:
        parts: Frames with the columns of `COLUMNS`.
        start: First day.
        end: Last day, included.
    """
    found = pd.concat([part for part in parts if len(part)] or [table([])], ignore_index=True)
    is_within = [day <= end and last >= start for day, last in zip(found["day"], found["last"], strict=True)]
    within = found[np.array(is_within, dtype=bool)]
    by_name = within.sort_values(["cadence", "kind"], kind="stable")
    return by_name.sort_values("day", ascending=False, kind="stable", ignore_index=True)


def of_options(days: pd.DataFrame) -> pd.DataFrame:
    """Return changed copy, options that appeared or stopped, and changed splits.

    An option appeared, or stopped, when the step sent at least 20 emails without it. A split changed when two weeks of
    at least 40 emails differ beyond chance (p < 0.001) and by 15 points or more; the week of a change is left out.

    Args:
        days: cadence, step, option, day, the copy and emails_sent (`History.option_days`).
    """
    rows: list[Row] = [
        (change["day"].date(), "copy", change["cadence"],
         f"Step {change['step']}, {option_name(change['option'])}: another {_FIELDS[change['field']]}"
         + (f", “{change['after']}”" if change["field"] == "subject" else ""))
        for change in copy_changes(days).to_dict("records")
    ]  # fmt: skip
    sent = days[(days["emails_sent"] > 0).fillna(value=False).astype(bool)].dropna(subset=["step", "option"])
    columns = (sent[name].tolist() for name in ("cadence", "step", "option", "day", "emails_sent"))
    steps: dict[tuple[str, int], dict[int, dict[date, int]]] = {}
    for cadence, step, option, day, emails in zip(*columns, strict=True):
        own = steps.setdefault((cadence, step), {}).setdefault(option, {})
        own[day.date()] = own.get(day.date(), 0) + emails
    for (cadence, step), counts in steps.items():
        if len(counts) > 1:
            found = (*_appeared_or_stopped(counts), *_splits(counts))
            rows += [(day, kind, cadence, f"Step {step}{text}") for day, kind, text in found]
    return table(rows)


def _appeared_or_stopped(options: Mapping[int, Mapping[date, int]]) -> Iterable[tuple[date, str, str]]:
    everything = [(day, emails) for counts in options.values() for day, emails in counts.items()]
    for option, own in options.items():
        first, last = min(own), max(own)
        if sum(emails for day, emails in everything if day < first) >= _ENOUGH_EMAILS:
            yield first, "option", f", {option_name(option)}: first emails"
        if sum(emails for day, emails in everything if day > last) >= _ENOUGH_EMAILS:
            yield min(day for day, _ in everything if day > last), "option", f", {option_name(option)}: no more emails"


def _splits(options: Mapping[int, Mapping[date, int]]) -> Iterable[tuple[date, str, str]]:
    weeks: dict[date, dict[int, int]] = {}
    for option, counts in options.items():
        for day, emails in counts.items():
            week = weeks.setdefault(day - timedelta(days=day.weekday()), {})
            week[option] = week.get(option, 0) + emails
    before: dict[int, int] | None = None
    for monday, now in sorted(weeks.items()):
        if sum(now.values()) < _WEEKLY_EMAILS:
            continue
        if before is None or set(before) != set(now):  # an option more or less is a change of its own
            before = now if before is None else None
        elif len(now) > 1 and _differs([before[option] for option in now], list(now.values())):
            shares = ((option, 100 * emails / sum(now.values())) for option, emails in sorted(now.items()))
            told = ", ".join(f"{option_name(option)} {share:.0f} %" for option, share in shares)
            yield monday, "split", f": split now {told}"
            before = None
        else:
            before = {option: before[option] + emails for option, emails in now.items()}


def _differs(one: Sequence[int], other: Sequence[int]) -> bool:
    apart = max(abs(a / sum(one) - b / sum(other)) for a, b in zip(one, other, strict=True))
    return bool(apart >= _SPLIT_SHARE and chi2_contingency([one, other])[1] < _SPLIT_P)


def of_days(daily: pd.DataFrame) -> pd.DataFrame:
    """Return where a cadence fell silent for five working days, sent again or for the first time, and missing days.

    A day of which nothing is known is no silent day. Missing are days between two known ones, at most 14 together:
    longer ones were not asked for.

    Args:
        daily: `engagements` of single days, as far as they were asked for.
    """
    rows: list[Row] = []
    for cadence, part in daily.drop_duplicates(["cadence", "window_start"]).groupby("cadence", sort=False):
        days = [(stamp.date(), count) for stamp, count in zip(part["window_start"], part["emails_sent"], strict=True)]
        known = {day: int(count) for day, count in sorted(days) if not pd.isna(count)}
        rows += [(day, kind, str(cadence), text) for day, kind, text in (*_silences(known), *_gaps(sorted(known)))]
    return table(rows)


def _silences(known: Mapping[date, int]) -> Iterable[tuple[date, str, str]]:
    silent: list[date] = []
    sent_before, previous = False, None
    for day, count in known.items():
        if previous is not None and (day - previous).days > 1:
            silent, sent_before = [], False  # nobody knows what was on the days between
        previous = day
        if count == 0:
            silent += [day] if day.weekday() <= _FRIDAY else []
            if len(silent) == SILENT_DAYS and sent_before:
                yield silent[0], "silence", f"No emails for {SILENT_DAYS} working days or more"
            continue
        if len(silent) >= SILENT_DAYS:
            yield (day, "silence", "Sends again") if sent_before else (day, "cadence", "First emails")
        silent, sent_before = [], True


def _gaps(days: Sequence[date]) -> Iterable[tuple[date, str, str]]:
    for one, other in pairwise(days):
        missing = (other - one).days - 1
        if 0 < missing <= _LONGEST_GAP:
            yield one + timedelta(days=1), "gap", "1 day is missing" if missing == 1 else f"{missing} days are missing"


def of_steps(spans: pd.DataFrame) -> pd.DataFrame:
    """Return steps that were added to a cadence or removed from it, between the days that were asked for.

    Args:
        spans: cadence, step, first, last (days that list the step), cadence_first, cadence_last (days that list any).
    """
    rows: list[Row] = []
    for row in spans.to_dict("records"):
        if row["first"] > row["cadence_first"]:
            rows.append((row["first"], "step", row["cadence"], f"Step {row['step']} added"))
        if row["last"] < row["cadence_last"]:
            rows.append((row["last"] + timedelta(days=1), "step", row["cadence"], f"Step {row['step']} removed"))
    return table(rows)


def of_listings(changes: pd.DataFrame, timezone: str) -> pd.DataFrame:
    """Return renamed, new, switched and deleted cadences.

    Args:
        changes: `History.listing_changes`.
        timezone: in which days end.
    """
    days = changes["at"].dt.tz_convert(timezone).dt.date
    told = {
        "renamed": "Renamed from “{before}”",
        "owner": "Owner now {after}",
        "switched on": "Switched on",
        "switched off": "Switched off",
        "appeared": "New in the account",
        "no longer listed": "No longer listed by Klenty",
    }
    return table(
        (day, "cadence", row["cadence"], told[row["change"]].format(before=row["before"], after=row["after"]))
        for day, row in zip(days, changes.to_dict("records"), strict=True)
    )


def of_runs(entries: pd.DataFrame, timezone: str) -> pd.DataFrame:
    """Return bulk imports and starts for many, with how many rows each had; nothing about people.

    Args:
        entries: of the action log (`ledger_queries.entries`).
        timezone: in which days end.
    """
    runs = entries[entries["rows"].notna()]
    days = runs["time"].dt.tz_convert(timezone).dt.date
    words = {"bulk_create": "Import", "start_cadence": "Start for many"}
    return table(
        (day, "import", row["for"] if row["operation"] == "start_cadence" and not pd.isna(row["for"]) else "",
         f"{words.get(row['operation'], 'Run')}: {row['rows']:,} rows")
        for day, row in zip(days, runs.to_dict("records"), strict=True)
    )  # fmt: skip


def of_alerts(began: Mapping[str, date], ended: Iterable[tuple[str, date]]) -> pd.DataFrame:
    """Return alerts that began or ended.

    Args:
        began: `Memory.since`.
        ended: `Memory.ended`.
    """
    rows = []
    for day, key, word in (*((day, key, "begins") for key, day in began.items()), *((d, k, "ends") for k, d in ended)):
        metric, is_level, cadence = parts_of(key)
        told = f"alert {word}" if is_level else "unusually many"
        label = METRICS[metric].label if metric in METRICS else metric  # remembered by an earlier version
        rows.append((day, "alert", cadence, f"{label}: {told}"))
    return table(rows)


def marks(changes: pd.DataFrame, names: Sequence[str]) -> tuple[Mark, ...]:
    """Return days and words of the changes that concern these cadences, or all, oldest first: marks for a chart.

    Args:
        changes: columns of `COLUMNS`.
        names: of the cadences that the chart shows.
    """
    own = changes[changes["cadence"].isin(["", *names])].iloc[::-1]
    several = len(set(names)) > 1
    told = (
        f"{row['cadence']}: {row['text']}" if several and row["cadence"] else str(row["text"])
        for row in own.to_dict("records")
    )
    return tuple(zip(own["day"], own["last"], told, strict=True))


def in_words(marks: Sequence[Mark]) -> str:
    """Return the latest of these marks in a sentence; empty without any."""
    if not marks:
        return ""
    told = "; ".join(f"{day:%-d %b} {words}" for day, _, words in marks[-_MOST_IN_WORDS:])
    more = len(marks) - _MOST_IN_WORDS
    return f"Changed in these weeks: {told}{f'; and {more} more before' if more > 0 else ''}."
