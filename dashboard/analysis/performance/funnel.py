"""The funnel of a cadence: stages beside one base, without pretending that they are nested.

Klenty counts people (added, contacted, completed, bounced, unsubscribed), replies, and a present state. Those
added in a range need not be those contacted in it, and a reply may answer an email sent before it. So the base is
the prospects *contacted* in the range (never those added), a share is given only to people who can have been
contacted, and a stage rate, over the chosen denominator, only where the registry has one.
"""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd

from dashboard.analysis.metrics import (
    FIRST_STEP,
    METRICS,
    Metric,
    Per,
    as_int,
    denominator_label,
    format_rate,
    in_account,
    rate_per,
)
from dashboard.analysis.performance.totals import Pair, one_row_per_name, pair_of
from dashboard.data.account_check.facts import NOTHING_SETTLED, AccountFacts

Row = dict[Hashable, Any]

TOTAL_NAME: Final = "All chosen cadences"
_PRESENT: Final = "The present state, whatever the range; part of no rate."
_MANY_REPLIES: Final = "Replies, not people: one person may reply more than once"


@dataclass(frozen=True)
class Stage:
    """One stage: its column, group (reach, exit, now), label, the registry's rate if it has one, and a note.

    The group "now" is called "state" in an account whose "in cadence" is not the present state.
    """

    column: str
    group: str
    label: str
    rate: str | None
    note: str


STAGES: Final = (
    Stage(
        "prospects_added",
        "reach",
        "Prospects added",
        None,
        "Added in the range; not necessarily those contacted in it, so it is no base of a rate.",
    ),
    Stage("contacted", "reach", "Prospects contacted", None, "The base of the shares."),
    Stage(
        "replies",
        "reach",
        "Replies",
        "reply_rate_contacted",
        f"{_MANY_REPLIES}, or to an email sent before the range.",
    ),
    Stage(
        "positive_replies",
        "reach",
        "Positive replies",
        "positive_of_replies",
        "Of all replies; unmarked ones count as not positive.",
    ),
    Stage(
        "completed",
        "exit",
        "Completed, no reply",
        None,
        "Went through the whole cadence without replying; mostly contacted before the range.",
    ),
    Stage("bounces", "exit", "Bounced", "bounce_rate", "Prospects whose email bounced."),
    Stage("unsubscribes", "exit", "Unsubscribed", "unsubscribe_rate", "Prospects who unsubscribed."),
    Stage(
        "in_cadence_now",
        "now",
        "In cadence now",
        None,
        _PRESENT,
    ),
)

_TYPES: Final = {
    "cadence": "string",
    "stage": "string",
    "label": "string",
    "unit": "string",
    "count": "Int64",
    "base_label": "string",
    "base_count": "Int64",
    "share": "Float64",
    "stage_rate": "Float64",
    "stage_rate_text": "string",
    "note": "string",
    "stage_group": "string",
    "rate_metric": "string",
    "rate_events": "Int64",
    "rate_trials": "Int64",
}
_REPORTED: Final = "prospects contacted"
_STAND_IN: Final = f"{_REPORTED} ({FIRST_STEP} standing in)"
_PARTLY_STAND_IN: Final = f"{_REPORTED} ({FIRST_STEP} standing in for some)"


def note(facts: AccountFacts = NOTHING_SETTLED, *, has_base: bool = True) -> str:
    """Return what has to be known of a funnel, without what the account has disproved."""
    text = "Counts of one range on one base; they are not nested. " if has_base else ""
    text += "Prospects added need not be those contacted"
    return (
        f"{text}, and a reply may answer an email sent before the range."
        if facts.events_of_earlier_emails
        else f"{text}."
    )


def _stage_note(stage: Stage, facts: AccountFacts) -> str:
    if stage.column == "replies" and not facts.events_of_earlier_emails:
        return f"{_MANY_REPLIES}."
    return "Part of no rate." if stage.group == "now" and facts.in_cadence_is_now is False else stage.note


def funnel(engagements: pd.DataFrame, per: Per = "contacted", facts: AccountFacts = NOTHING_SETTLED) -> pd.DataFrame:
    """Return one row per cadence and stage, its rate over the chosen denominator; without what `facts` disprove.

    Columns: cadence, stage (its column in `engagements`), label, unit, count, base_label and base_count (prospects
    contacted; empty when unknown), share (count ÷ base as a fraction; bounced and unsubscribed only), stage_rate with
    stage_rate_text ("3.0 % (6 of 200 emails sent)"), note; then stage_group (reach, exit, now) and the parts of the
    stage rate: rate_metric, rate_events, rate_trials. What was not reported is empty.

    Args:
        engagements: the tidy frame `engagements`, one window.
        per: the denominator that is asked for: prospects contacted or emails sent.
        facts: what the account check settled.
    """
    cadences: list[Row] = engagements.to_dict("records")
    return _frame([stage for row in cadences for stage in _stages(str(row["cadence"]), [row], per, facts)])


def funnel_total(
    engagements: pd.DataFrame, per: Per = "contacted", facts: AccountFacts = NOTHING_SETTLED
) -> pd.DataFrame:
    """Return `funnel` of all cadences of one window together, under the name "All chosen cadences".

    Counts are summed over the cadences that reported them, rates over those that reported both parts; cadences
    that share a name count once. Raises ValueError for several windows.

    Args:
        engagements: the tidy frame `engagements`, one window.
        per: the denominator that is asked for: prospects contacted or emails sent.
        facts: what the account check settled.
    """
    if engagements.empty:
        return _frame([])
    return _frame(_stages(TOTAL_NAME, one_row_per_name(engagements).to_dict("records"), per, facts))


def _stages(name: str, rows: list[Row], per: Per, facts: AccountFacts) -> list[dict[str, object]]:
    base = _sum(rows, "contacted")
    shared = {"cadence": name, "base_label": _base_label(rows) if base is not None else None, "base_count": base}
    return [shared | _stage(_in_account(stage, facts), rows, per) for stage in STAGES]


def _in_account(stage: Stage, facts: AccountFacts) -> Stage:
    label = in_account(METRICS[stage.column], facts).label if stage.group == "now" else stage.label
    group = "state" if stage.group == "now" and facts.in_cadence_is_now is False else stage.group
    return replace(stage, label=label, group=group, note=_stage_note(stage, facts))


def _stage(stage: Stage, rows: list[Row], per: Per) -> dict[str, object]:
    metric = METRICS[rate_per(stage.rate, per)] if stage.rate else None
    pair = pair_of(rows, metric.key) if metric else None
    rate = _divided(pair)
    return {
        "stage": stage.column,
        "label": stage.label,
        "unit": METRICS[stage.column].unit,
        "count": _sum(rows, stage.column),
        # Of those contacted, how many left this way. Not for those who completed: most of them were contacted
        # before the range.
        "share": _divided(pair_of(rows, stage.rate)) if stage.rate and stage.group == "exit" else None,
        "stage_rate": rate,
        "stage_rate_text": _rate_text(pair, metric, rows) if pair and metric else None,
        "note": _note(stage, rows, pair),
        "stage_group": stage.group,
        "rate_metric": metric.key if metric else None,
        "rate_events": pair.events if pair else None,
        "rate_trials": pair.trials if pair else None,
    }


def _divided(pair: Pair | None) -> float | None:
    return pair.events / pair.trials if pair and pair.trials > 0 else None


def _rate_text(pair: Pair, metric: Metric, rows: list[Row]) -> str:
    sources = [row["contacted_source"] for row in rows if as_int(row["contacted"]) is not None]
    return format_rate(pair.events, pair.trials, metric, base=denominator_label(metric, sources))


def _note(stage: Stage, rows: list[Row], pair: Pair | None) -> str:
    reported = sum(as_int(row[stage.column]) is not None for row in rows)
    told = stage.note
    if stage.column == "contacted" and _base_label(rows) != _REPORTED:
        told += f" {FIRST_STEP.capitalize()} stand in where they are not reported."
    if pair is not None and pair.cadences < reported:
        told += f" The rate is over {pair.cadences} of {reported} cadences that report both parts."
    if 0 < reported < len(rows):
        told += f" Reported for {reported} of {len(rows)} cadences."
    return told


def _base_label(rows: list[Row]) -> str:
    """Return what the base is, with a word on those cadences whose first-step emails are used in its place."""
    sources = {row.get("contacted_source") for row in rows if as_int(row["contacted"]) is not None}
    if "first_email_step" not in sources:
        return _REPORTED
    return _STAND_IN if len(sources) == 1 else _PARTLY_STAND_IN


def _sum(rows: list[Row], column: str) -> int | None:
    known = [count for count in (as_int(row[column]) for row in rows) if count is not None]
    return sum(known) if known else None


def _frame(rows: list[dict[str, object]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(_TYPES)).astype(_TYPES)
