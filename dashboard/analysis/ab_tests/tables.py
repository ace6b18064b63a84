"""Verdicts as tables: a row per step, and columns for options; each column says what it means."""

import math
from collections.abc import Callable, Collection, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from dashboard.analysis.ab_tests import wording as words
from dashboard.analysis.ab_tests.experiments import Experiment
from dashboard.analysis.metrics import format_count


class Column(NamedTuple):
    """A column of the table of verdicts: its type, label, meaning, and the value for a test."""

    dtype: str
    label: str
    meaning: str
    value: Callable[[Experiment], Any]


def _finite(value: float | None, times: float = 1.0) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value) * times


def _iso(when: date | None) -> str | None:
    return None if when is None else when.isoformat()


def _yes(*, holds: bool) -> str:
    return "yes" if holds else "no"


def _subject(item: Experiment) -> Any:
    if item.comparison.option is None:
        return None
    rows = item.rows
    return dict(zip(rows["option"], rows["subject"], strict=True)).get(item.comparison.option)


def _events(item: Experiment) -> int | None:
    events = item.comparison.counts.events
    return None if np.isnan(events).any() else int(events.sum())


def _option_counts(item: Experiment) -> str:
    """Return "1: 21 of 1,000; 2: 52 of 1,000", of the options that sent mails."""
    counts = item.comparison.counts
    return "; ".join(
        f"{option}: {format_count(events)} of {format_count(sent)}"
        for option, events, sent in zip(counts.options, counts.events, counts.sent, strict=True)
        if sent
    )


_COLUMNS: Final = {
    "cadence": Column("string", "Cadence", "The cadence's name.", lambda i: i.cadence),
    "step": Column("Int64", "Step", "The step's number.", lambda i: i.step),
    "judged_by": Column("string", "Judged by", "What decides: replies or positive_replies.", lambda i: i.events),
    "verdict": Column(
        "string", "Verdict",
        "no_data, single_option, too_early, winner, no_practical_difference, leads or no_clear_leader.",
        lambda i: i.comparison.verdict,
    ),
    "proven": Column(
        "string", "Proven", "yes or no: has an option won by daily counts? By whole-life counts nothing is proven.",
        lambda i: _yes(holds=i.comparison.proven),
    ),
    "in_words": Column("string", "In words", "The verdict in a sentence; option 1 is A.", words.headline),
    "verdict_option": Column(
        "Int64", "Winner or leader", "The option that wins or leads; empty for other verdicts.",
        lambda i: i.comparison.option,
    ),
    "subject": Column("string", "Its subject", "That option's subject.", _subject),
    "leading_option": Column(
        "Int64", "Most likely best", "The winner, else the option with the highest chance to be best.",
        lambda i: i.comparison.leading,
    ),
    "p_best": Column(
        "Float64", "Chance to be best", "The probability that an option's true rate is the highest.",
        lambda i: i.comparison.chance,
    ),
    "against": Column(
        "Int64", "Against", "The option that ratio is against: the one that is least surely beaten.",
        lambda i: i.comparison.against,
    ),
    "ratio": Column(
        "Float64", "Rate ÷ other's",
        "Best guess of the leading option's rate ÷ the other's; empty when the other had no event.",
        lambda i: _finite(i.comparison.ratio),
    ),
    "ratio_low": Column(
        "Float64", "At least", "The least that ratio may be, however often one looks.",
        lambda i: _finite(i.comparison.ratio_low),
    ),
    "ratio_high": Column(
        "Float64", "At most", "The most that ratio may be; empty when nothing limits it yet.",
        lambda i: _finite(i.comparison.ratio_high),
    ),
    "expected_loss_per_1000": Column(
        "Float64", "Expected loss per 1,000",
        "Events lost per 1,000 mails, by what is known, when only that option is kept.",
        lambda i: _finite(i.comparison.loss, 1000),
    ),
    "waiting_cost_per_1000": Column(
        "Float64", "Cost of waiting per 1,000",
        "Events lost per 1,000 mails, by what is known, while the options share the mails as they did.",
        lambda i: _finite(i.comparison.waiting_cost, 1000),
    ),
    "more_mails": Column(
        "Int64", "More mails per option",
        "About how many more mails per option find a difference of +50 % with 4 chances in 5; empty when none are "
        "needed.",
        lambda i: i.comparison.more_mails,
    ),
    "days_needed": Column(
        "Int64", "Days", "more_mails at the present pace; empty when an option stands still or the pace is not known.",
        lambda i: i.days_needed,
    ),
    "mails_per_day": Column(
        "Float64", "Mails a day", "Mails a day of the slowest option at present; empty in its first two weeks.",
        lambda i: i.pace,
    ),
    "rival": Column(
        "Int64", "Rival", "The option that the evidence is weakest against; log_e and p_value refer to it.",
        lambda i: i.comparison.rival,
    ),
    "log_e": Column(
        "Float64", "log e",
        "Natural logarithm of today's evidence that the leading option beats its rival; below 0 it speaks against it.",
        lambda i: i.comparison.log_e,
    ),
    "p_value": Column(
        "Float64", "p", "The smallest of 1 and 1 ÷ e of any day so far; valid however often one looks.",
        lambda i: i.comparison.p_value,
    ),
    "holds_over_all": Column(
        "string", "Holds over all tests",
        "yes or no: does the winner hold although all tests of the account were looked at (e-BH at 10 %)? On average "
        "over many such lists at most one winner in ten is no better.",
        lambda _: "no",
    ),
    "emails_sent": Column(
        "Int64", "Emails sent", "Emails sent by the options compared, in the days decided on.",
        lambda i: int(np.nansum(i.comparison.counts.sent)),
    ),
    "events": Column("Int64", "Events", "Their replies, or positive replies, in the days decided on.", _events),
    "option_counts": Column(
        "string", "Events of emails",
        "Each option's events of its emails, in the days decided on: “1: 21 of 1,000; 2: 52 of 1,000”.",
        _option_counts,
    ),
    "uneven_split": Column(
        "string", "Uneven split", "yes or no: were the mails split too unevenly for chance (p < 0.001)?",
        lambda i: _yes(holds=i.uneven),
    ),
    "decided_on": Column(
        "string", "Decided on", "days: daily counts. life: one answer for the whole life, which proves nothing.",
        lambda i: i.basis,
    ),
    "decided_from": Column("string", "From", "The first day that counts.", lambda i: _iso(i.first)),
    "decided_to": Column("string", "To", "The last day that counts.", lambda i: _iso(i.last)),
    "copy_changed": Column(
        "string", "Copy changed", "The day on which the subject, snippet or template last changed, where one is known.",
        lambda i: _iso(i.tested.copy_changed),
    ),
    "copy_changes": Column(
        "Int64", "Changes of copy", "On how many days the copy is known to have changed.",
        lambda i: i.tested.copy_changes,
    ),
    "winner_since": Column(
        "string", "Winner since", "The day on which the winner had won, by daily counts.",
        lambda i: _iso(i.comparison.won_on),
    ),
    "withdrawn_option": Column(
        "Int64", "Withdrawn", "An option that had won and does no longer.", lambda i: i.comparison.withdrawn
    ),
    "withdrawn_won_on": Column(
        "string", "It had won on", "The day on which that option had won.",
        lambda i: _iso(i.comparison.withdrawn_won_on),
    ),
    "next_step": Column("string", "Suggested next step", "What to do next.", words.suggestion),
}  # fmt: skip
_OF_OPTIONS: Final = (
    "verdict", "proven", "verdict_option", "p_best", "expected_loss_per_1000", "ratio", "ratio_low", "ratio_high",
    "log_e", "p_value", "more_mails", "decided_on", "decided_from", "decided_to", "winner_since", "withdrawn_option",
)  # fmt: skip
LABELS: Final = {name: column.label for name, column in _COLUMNS.items()}
MEANINGS: Final = {name: column.meaning for name, column in _COLUMNS.items()}
_NOTE: Final = (
    "Of an A/B step, judged over its life since the copy last changed, never over the range of the report. In "
    "options.csv by replies; in verdicts.csv see judged_by."
)


def verdict_table(experiments: Sequence[Experiment], held: Collection[Experiment]) -> pd.DataFrame:
    """Return a row per test (columns: `definitions`); `held` are those of `experiments.winners`."""
    holding = {id(item) for item in held}
    rows = [_row(item, _COLUMNS) | {"holds_over_all": _yes(holds=id(item) in holding)} for item in experiments]
    return _frame(rows, list(_COLUMNS))


def with_verdicts(options: pd.DataFrame, experiments: Sequence[Experiment]) -> pd.DataFrame:
    """Return the tidy frame `options` with the verdict on its step as further columns; empty where a step has none.

    `p_best` and `expected_loss_per_1000` are the option's own.
    """
    rows = []
    for item in experiments:
        about, found = _row(item, ["cadence", "step", *_OF_OPTIONS]), item.comparison
        for option, p_best, loss in zip(found.counts.options, found.p_best, found.expected_loss, strict=True):
            own = {"p_best": _finite(p_best), "expected_loss_per_1000": _finite(loss, 1000)}
            # Too early for a verdict is too early for chances.
            rows.append(about | {"option": option} | (own if found.leading is not None else {}))
    verdicts = _frame(rows, ["cadence", "step", "option", *_OF_OPTIONS])
    return options.merge(verdicts, on=["cadence", "step", "option"], how="left", validate="many_to_one")


def definitions() -> pd.DataFrame:
    """Return what every column means, in the columns of `metrics.definitions`."""
    rows = [
        {
            "metric": name, "label": column.label, "formula": column.meaning, "numerator": None, "denominator": None,
            "unit": "", "adds_up": "no", "note": _NOTE,
        }
        for name, column in _COLUMNS.items()
        if name not in {"cadence", "step", "subject", "emails_sent"}
    ]  # fmt: skip
    return pd.DataFrame(rows).astype("string")


def _row(item: Experiment, columns: Collection[str]) -> dict[str, Any]:
    return {name: _COLUMNS[name].value(item) for name in columns}


def _frame(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    types = {name: "Int64" if name == "option" else _COLUMNS[name].dtype for name in columns}
    values = {name: pd.Series([row.get(name) for row in rows], dtype="object") for name in columns}
    return pd.DataFrame(values).astype(types)
