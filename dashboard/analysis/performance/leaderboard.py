"""Cadences or their owners in order of one rate, by what the counts support."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from dashboard.analysis.metrics import METRICS, events_and_trials, ratio
from dashboard.analysis.performance import ranking
from dashboard.analysis.stats.proportions import wilson_columns


def leaderboard(engagements: pd.DataFrame, rate: str, *, by: str = "cadence") -> pd.DataFrame:
    """Return a row for each cadence (or owner), the best first.

    Columns: `by`, owner, cadences, events and trials of the rate, value (a fraction), low and high (its Wilson 95 %
    interval), and score and label of `ranking.rank`. Rows that did not report both counts come last.

    Args:
        engagements: One window; cadences that share a name share Klenty's answer and count once.
        rate: Key of the registry.
        by: "cadence" or "owner"; of owners, sums over their cadences, without names that several owners share.
    """
    metric = METRICS[rate]
    once = engagements.drop_duplicates("cadence")
    events, trials = events_and_trials(once, metric)
    table = once[["cadence", "owner"]].assign(cadences=1, events=events, trials=trials)
    if by == "owner":
        own = table[~table["cadence"].isin(ranking.shared_names(engagements))].dropna(subset=["events", "trials"])
        own = own.assign(owner=own["owner"].fillna("owner not reported"))
        table = own.groupby("owner", as_index=False)[["cadences", "events", "trials"]].sum()
    low, high = wilson_columns(table["events"], table["trials"])
    names = {"label": "label", "low": "score_low", "high": "score_high"}
    ranked = ranking.rank(table, events="events", trials="trials").rename(columns=names)
    found = ranked.assign(value=ratio(table["events"], table["trials"]), low=low, high=high)
    return found.sort_values("score", ascending=False, kind="stable", na_position="last").reset_index(drop=True)


def weeks_of_each(engagements: pd.DataFrame, weeks: Sequence[tuple[date, date]], column: str) -> dict[str, list[float]]:
    """Return the counts of each cadence's weeks that are known, by name; only where there are at least two.

    Args:
        engagements: one row per cadence and week.
        weeks: first and last day of each, oldest first.
        column: the count.
    """
    starts = [start for start, _ in weeks]
    once = engagements.drop_duplicates(["cadence", "window_start"])
    known = once.assign(start=once["window_start"].dt.date).dropna(subset=[column])
    known = known[known["start"].isin(starts)].sort_values("start")
    lists = {str(name): [float(count) for count in rows[column]] for name, rows in known.groupby("cadence", sort=False)}
    return {name: counts for name, counts in lists.items() if len(counts) > 1}
