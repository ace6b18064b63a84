"""Metrics over days or weeks: a row for every window, those that are missing or still maturing among them."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import pandas as pd

from dashboard.analysis.metrics import METRICS, Per, events_and_trials, rate_per, ratio
from dashboard.analysis.stats.proportions import wilson_columns
from dashboard.data.account_check.facts import NOTHING_SETTLED, AccountFacts
from dashboard.data.windows import MATURING_DAYS

METRICS_OVER_TIME: Final = (
    "emails_sent", "replies", "reply_rate", "positive_replies", "positive_reply_rate", "prospects_added", "bounces",
    "bounce_rate", "unsubscribes", "unsubscribe_rate", "opens_per_email",
)  # fmt: skip
_TYPES: Final = {
    "cadence": "string",
    "metric": "string",
    "start": "object",
    "end": "object",
    "value": "Float64",
    "low": "Float64",
    "high": "Float64",
    "events": "Int64",
    "trials": "Int64",
    "state": "string",
    "fetched_at": "object",
}


def over(metric: str, per: Per, engagements: pd.DataFrame) -> str:
    """Return the rate of `metric` over the chosen denominator; over emails where no window has the prospects contacted.

    First-step emails do not replace them here: on a single day they are of other people than its replies.

    Args:
        metric: key of a metric.
        per: the denominator that is asked for: prospects contacted or emails sent.
        engagements: the windows that it is asked for.
    """
    known = engagements.empty or _reported(engagements)["contacted"].notna().any()
    return rate_per(metric, per if known else "email")


def _reported(engagements: pd.DataFrame) -> pd.DataFrame:
    """Return `engagements` without the prospects contacted that Klenty did not report itself."""
    reported = (engagements["contacted_source"] == "reported").fillna(value=False).astype(bool)
    return engagements.assign(contacted=engagements["contacted"].where(reported))


def largest_first(engagements: pd.DataFrame, names: Sequence[str]) -> tuple[str, ...]:
    """Return `names` in order of the emails that these windows hold; those that sent equally many stay in order."""
    once = engagements.drop_duplicates(["cadence", "window_start"])
    sent = once.groupby("cadence")["emails_sent"].sum()
    return tuple(sorted(dict.fromkeys(names), key=lambda name: -int(sent.get(name, 0))))


def trend(
    engagements: pd.DataFrame,
    names: Sequence[str],
    windows: Sequence[tuple[date, date]],
    metric: str,
    facts: AccountFacts = NOTHING_SETTLED,
) -> pd.DataFrame:
    """Return one row per cadence of `names` and window (first and last day), in that order.

    Columns: cadence, metric, start, end (dates), value (a fraction for rates; empty where Klenty reported no count or
    there is nothing to divide by), low and high (Wilson 95 %; rates only), events, trials (empty for counts),
    fetched_at, and state: "missing" when `engagements` holds no answer for the window, "running" when the answer
    arrived before the window's end, "maturing" when it arrived less than seven days after, else "final".
    Where `facts` settle that events count on their own date, nothing is maturing.

    Args:
        engagements: one row per cadence and window, as far as answers arrived.
        names: of the cadences.
        windows: first and last day of each.
        metric: key of a metric.
        facts: what the account check settled.
    """
    grid = pd.DataFrame(
        [(name, start, end) for name in dict.fromkeys(names) for start, end in windows],
        columns=["cadence", "start", "end"],
        dtype="object",
    )
    known = engagements.assign(
        start=engagements["window_start"].dt.date.astype("object"),
        end=engagements["window_end"].dt.date.astype("object"),
        **_measured(engagements, metric),
        state=_states(engagements, facts),
    )
    columns = ["cadence", "start", "end", "value", "low", "high", "events", "trials", "state", "fetched_at"]
    once = known[columns].drop_duplicates(["cadence", "start", "end"])
    found = grid.merge(once.astype({"cadence": "object"}), how="left", on=["cadence", "start", "end"])
    found = found.assign(metric=metric, state=found["state"].fillna("missing"))
    return found.reindex(columns=list(_TYPES)).astype(_TYPES)


def _measured(engagements: pd.DataFrame, metric: str) -> dict[str, pd.Series]:
    known = METRICS[metric]
    nothing = pd.Series(pd.NA, engagements.index, dtype="Float64")
    if known.kind == "count":
        counts = engagements[known.key].astype("Int64")
        none = nothing.astype("Int64")
        return {"value": counts.astype("Float64"), "low": nothing, "high": nothing, "events": counts, "trials": none}
    events, trials = events_and_trials(_reported(engagements), known)
    low, high = wilson_columns(events, trials) if known.kind == "rate" else (nothing, nothing)
    return {"value": ratio(events, trials), "low": low, "high": high, "events": events, "trials": trials}


def _states(engagements: pd.DataFrame, facts: AccountFacts) -> pd.Series:
    still_arriving = timedelta(days=0 if facts.events_count_on_their_own_date else MATURING_DAYS)
    age = engagements["fetched_at"] - engagements["window_end"]
    states = pd.Series("final", engagements.index, dtype="string")
    return states.mask(age < still_arriving, "maturing").mask(age < timedelta(0), "running")
