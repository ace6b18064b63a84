"""The five rates that a page leads with, each with the one chip that its counts carry."""

from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from dashboard.analysis.metrics import (
    METRICS,
    Metric,
    Per,
    denominator_label,
    format_rate,
    format_value,
    in_account,
    rate_per,
)
from dashboard.analysis.performance import totals
from dashboard.analysis.performance.totals import Pair
from dashboard.analysis.stats.change import Change, Chip
from dashboard.analysis.stats.proportions import wilson
from dashboard.analysis.watch_list.alarms import level_alarm
from dashboard.data.account_check.facts import NOTHING_SETTLED, AccountFacts

RATES: Final = {
    "reply_rate": "Reply rate",
    "positive_reply_rate": "Positive",
    "negative_of_replies": "Negative",
    "bounce_rate": "Bounced",
    "unsubscribe_rate": "Unsubscribed",
}


@dataclass(frozen=True)
class RateCard:
    """One rate of the range: its value in words, its chip, and what is behind both.

    `pair` holds the counts (None: not reported), `low` and `high` the 95 % interval, `change` the rate against the
    earlier period, `notes` the sentences for a hover.
    """

    rate: str
    label: str
    value: str
    chip: Chip | None
    pair: Pair | None
    low: float | None
    high: float | None
    change: Change | None
    notes: tuple[str, ...]


def rate_cards(
    now: pd.DataFrame,
    before: pd.DataFrame | None,
    *,
    per: Per,
    maturing: bool,
    levels: tuple[tuple[str, float], ...] = (),
    facts: AccountFacts = NOTHING_SETTLED,
    weeks: pd.DataFrame | None = None,
) -> list[RateCard]:
    """Return the cards of one window (`engagements` frame) over all its cadences.

    Args:
        now: The range shown.
        before: The period it is compared with; None where nothing is compared.
        per: The denominator that is asked for; the other one where the data cannot form it.
        maturing: Whether events of the range's newest days are still arriving.
        levels: Rate without its denominator, and the level above which it is a finding.
        facts: What the account check settled.
        weeks: Days and weeks of the history (`read_weeks`), which tell how much weeks differ by themselves.
    """
    once = totals.one_row_per_name(now)
    earlier = None if before is None or before.empty else totals.one_row_per_name(before)
    return [
        _card(key, _Frames(once, earlier, weeks), per, dict(levels).get(key), facts, maturing=maturing) for key in RATES
    ]


@dataclass(frozen=True)
class _Frames:
    now: pd.DataFrame
    before: pd.DataFrame | None
    weeks: pd.DataFrame | None


def _card(
    key: str,
    frames: _Frames,
    per: Per,
    level: float | None,
    facts: AccountFacts,
    *,
    maturing: bool,
) -> RateCard:
    rate, pair = _rate(key, frames.now, per)
    metric = in_account(METRICS[rate], facts)
    if pair is None:
        return RateCard(rate, RATES[key], "not reported", None, None, None, None, None, (metric.formula,))
    proportion = 0 <= pair.events <= pair.trials and pair.trials > 0
    low, high = wilson(pair.events, pair.trials) if proportion else (None, None)
    found = None if frames.before is None else totals.rate_change(rate, frames.now, frames.before, frames.weeks)
    earlier, change = found or (None, None)
    chip = change.chip(maturing=maturing, lower_is_better=metric.lower_is_better) if change else None
    if level is not None and level_alarm(pair.events, pair.trials, level) == "alert":
        chip = Chip(f"above {format_value(level, metric)}", "bad")
    value = pair.events / pair.trials if pair.trials else None
    card = RateCard(rate, RATES[key], format_value(value, metric), chip, pair, low, high, change, ())
    return replace(card, notes=_notes(card, metric, frames.now, earlier))


def _rate(key: str, now: pd.DataFrame, per: Per) -> tuple[str, Pair | None]:
    if key == "negative_of_replies":
        return key, totals.pair_total(now, key)
    other: Per = "email" if per == "contacted" else "contacted"
    wanted = rate_per(key, per)
    for rate in (wanted, rate_per(key, other)):
        if (pair := totals.pair_total(now, rate)) is not None:
            return rate, pair
    return wanted, None


def _notes(card: RateCard, metric: Metric, now: pd.DataFrame, earlier: Pair | None) -> tuple[str, ...]:
    pair = card.pair
    if pair is None:
        return (metric.formula, metric.help)
    notes = [
        f"{format_rate(pair.events, pair.trials, metric, base=denominator_label(metric, now['contacted_source']))}."
    ]
    if card.low is not None and card.high is not None:
        notes.append(f"95 % interval {format_value(card.low, metric)} to {format_value(card.high, metric)}.")
    if card.change is not None and earlier is not None:
        notes.append(f"Before: {format_rate(earlier.events, earlier.trials, metric)}. Change: {card.change.text}.")
        notes.append(card.change.note)
    if pair.cadences < len(now):
        notes.append(f"Reported for {pair.cadences} of {len(now)} cadences.")
    return tuple(note for note in (*notes, metric.formula, metric.help) if note)
