"""Cadences, or periods of one cadence, side by side on the same scales."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import pandas as pd

from dashboard.analysis.metrics import METRICS, Metric, denominator_label, events_and_trials, ratio
from dashboard.analysis.stats.change import Change, Chip, Weeks, compare_many
from dashboard.analysis.stats.proportions import wilson_columns
from dashboard.data.account_check.facts import NOTHING_SETTLED, AccountFacts
from dashboard.data.windows import Window, format_days, maturing_since

By = Literal["cadence", "period"]

_TYPES: Final = {
    "name": "string",
    "cadence": "string",
    "period": "string",
    "metric": "string",
    "value": "Float64",
    "low": "Float64",
    "high": "Float64",
    "events": "Int64",
    "trials": "Int64",
    "base": "string",
    "compared_by": "string",
}


def comparison(engagements: pd.DataFrame, metrics: Sequence[str], *, by: By = "cadence") -> pd.DataFrame:
    """Return one row per metric and row of `engagements`, in that order.

    Columns: name (what is compared: the cadence or the period; made unique), cadence, period, metric, value (a
    fraction for rates), low and high (Wilson 95 %; rates only), events, trials (empty for counts), base (what the
    trials are, in words), compared_by.

    Args:
        engagements: one row per cadence and window.
        metrics: keys of the registry.
        by: whether rows are called by their cadence or by their period.
    """
    if engagements.empty or not metrics:
        return pd.DataFrame({column: [] for column in _TYPES}).astype(_TYPES)
    names = row_names(engagements, by)
    periods = period_names(engagements)
    parts = [_measured(engagements, METRICS[key], names, periods, by) for key in metrics]
    return pd.concat(parts, ignore_index=True)


@dataclass(frozen=True)
class Difference:
    """What may be said of one cell of a comparison: its chip (None: nothing), and the difference in words."""

    chip: Chip | None
    words: str


def differences(
    frame: pd.DataFrame, *, weeks: Mapping[str, Weeks] | None = None, maturing: bool = False
) -> dict[tuple[str, str], Difference]:
    """Return what may be said of the rates of `comparison`, by metric and name; all cells are judged together.

    A cadence is held against all others of the frame added up, the later of two periods against the earlier one.

    Args:
        frame: Rows of `comparison`.
        weeks: Weekly counts of two periods by metric (`change.compare_periods`); empty for cadences.
        maturing: Replies of the later period are still arriving: a fall is not called one.
    """
    rates = frame[frame["low"].notna()]
    by_period = bool(frame["compared_by"].eq("period").any())
    pairs: list[tuple[str, str, tuple[int, int, int, int]]] = []
    for key, rows in rates.groupby("metric", sort=False):
        for at in range(len(rows)):
            others = rows.iloc[:at] if by_period else rows.drop(rows.index[at])
            if not others.empty:
                own = rows.iloc[at]
                rest = int(others["events"].sum()), int(others["trials"].sum())
                pairs.append((str(key), str(own["name"]), (*rest, int(own["events"]), int(own["trials"]))))
    weekly = [(weeks or {}).get(key, ()) for key, _, _ in pairs]
    changes = compare_many([counts for _, _, counts in pairs], weekly)
    return {
        (key, name): _of_periods(change, METRICS[key], maturing=maturing) if by_period else _of_cadences(change)
        for (key, name, _), change in zip(pairs, changes, strict=True)
    }


def _of_periods(change: Change, metric: Metric, *, maturing: bool) -> Difference:
    chip = change.chip(maturing=maturing, lower_is_better=metric.lower_is_better)
    return Difference(chip, f"Against the period before: {change.points}. {change.note}".strip())


def _of_cadences(change: Change) -> Difference:
    """Return cadences have other people in them, so a difference between two is no merit: its chip has no colour."""
    word = {"up": "higher", "down": "lower", "too little data": "too few"}.get(change.label)
    return Difference(Chip(word) if word else None, f"Against the others together: {change.points}.")


def row_names(frame: pd.DataFrame, by: By) -> pd.Series:
    """Return a name for every row: its cadence or its period. Equal ones of different cadences get " (2)", " (3)", …"""
    plain = frame["cadence"].astype("string").fillna("?") if by == "cadence" else period_names(frame)
    seen: dict[str, list[object]] = {}
    names = []
    for name, *identity in zip(plain, frame["cadence"], frame["cadence_id"], frame["window_start"], strict=True):
        # Rows of one cadence and window (its steps) share a name; a second cadence of that name gets a number.
        key = tuple(None if pd.isna(part) else part for part in identity)
        keys = seen.setdefault(name, [])
        if key not in keys:
            keys.append(key)
        number = keys.index(key)
        names.append(f"{name} ({number + 1})" if number else name)
    return pd.Series(pd.array(names, "string"), index=frame.index)


def period_names(frame: pd.DataFrame) -> pd.Series:
    """Return the window of every row as people read it: "27 Oct – 23 Nov 2026"."""
    names = [
        format_days(start.date(), end.date())
        for start, end in zip(frame["window_start"], frame["window_end"], strict=True)
    ]
    return pd.Series(pd.array(names, "string"), index=frame.index)


def about_periods(window: Window, earlier: Window | None, today: date, facts: AccountFacts = NOTHING_SETTLED) -> str:
    """Return which two periods the changes compare, and whether replies of the later one are still arriving.

    Args:
        window: the range shown.
        earlier: what it is compared with.
        today: in the zone of the window.
        facts: what the account check settled.
    """
    if earlier is None:
        return ""
    told = f"Changes compare {window.short()} with {earlier.short()}."
    if maturing_since(window, today, facts) is None:
        return told
    return f"{told} Replies to the newest emails are still arriving, so the newest days look worse than they are."


def _measured(engagements: pd.DataFrame, metric: Metric, names: pd.Series, periods: pd.Series, by: By) -> pd.DataFrame:
    part = pd.DataFrame({"name": names, "cadence": engagements["cadence"], "period": periods})
    part = part.assign(metric=metric.key, compared_by=by)
    if metric.kind == "count":
        return part.assign(value=engagements[metric.key]).reindex(columns=list(_TYPES)).astype(_TYPES)
    events, trials = events_and_trials(engagements, metric)
    bases = [denominator_label(metric, [source]) for source in engagements["contacted_source"]]
    part = part.assign(value=ratio(events, trials), events=events, trials=trials, base=bases)
    if metric.kind == "rate":
        low, high = wilson_columns(events, trials)
        part = part.assign(low=low, high=high)
    return part.reindex(columns=list(_TYPES)).astype(_TYPES)
