"""Verdicts as tables: a row per step, and columns beside the options; what each column means stands here, too."""

import math
from collections.abc import Collection, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from dashboard.analysis.ab_tests import wording as words
from dashboard.analysis.ab_tests.experiments import Experiment
from dashboard.analysis.ab_tests.verdicts import StepCounts
from dashboard.analysis.metrics import format_count

# name: (type, label, meaning)
_COLUMNS: Final[dict[str, tuple[str, str, str]]] = {
    "cadence": ("string", "Cadence", "The cadence's name."),
    "step": ("Int64", "Step", "The step's number."),
    "judged_by": ("string", "Judged by", "The events that decide: replies or positive_replies."),
    "verdict": (
        "string",
        "Verdict",
        "no_data, single_option, too_early, winner, no_practical_difference, leads or no_clear_leader.",
    ),
    "in_words": ("string", "In words", "The verdict in a sentence."),
    "verdict_option": ("Int64", "Winner or leader", "The option that wins or leads; empty for other verdicts."),
    "subject": ("string", "Its subject", "That option's subject."),
    "against": ("Int64", "Against", "The closest rival, which ratio, log_e and p_value refer to."),
    "leading_option": ("Int64", "Most likely best", "The option with the highest chance to be best."),
    "p_best": ("Float64", "Chance to be best", "The probability that an option's true rate is the highest."),
    "ratio": (
        "Float64",
        "Rate ÷ rival's",
        "The most likely rate of the leading option ÷ its rival's; empty when the rival had no event.",
    ),
    "ratio_low": ("Float64", "At least", "The least that ratio may be, however often one looks."),
    "ratio_high": ("Float64", "At most", "The most that ratio may be; empty when nothing limits it yet."),
    "expected_loss_per_1000": (
        "Float64",
        "Expected loss per 1,000",
        "Events lost per 1,000 mails, by what is known, when only that option is kept.",
    ),
    "waiting_cost_per_1000": (
        "Float64",
        "Cost of waiting per 1,000",
        "Events lost per 1,000 mails, by what is known, while the options share the mails as they did.",
    ),
    "more_mails": (
        "Int64",
        "More mails per option",
        "About how many more mails per option find a difference of +50 % with 80 % chance; empty when none are needed.",
    ),
    "days_needed": (
        "Int64",
        "Days",
        "more_mails at the present pace; empty when an option stands still or the pace is not known.",
    ),
    "mails_per_day": (
        "Float64",
        "Mails a day",
        "Mails a day of the slowest option at present; empty in its first two weeks.",
    ),
    "log_e": ("Float64", "log e", "Natural logarithm of the evidence that the leading option and its rival differ."),
    "p_value": ("Float64", "p", "The smallest of 1 and 1 ÷ e so far; valid however often one looks."),
    "holds_over_all": (
        "string",
        "Holds over all tests",
        "yes or no: does the winner hold although all tests of the account were looked at (e-BH at 10 %)?",
    ),
    "emails_sent": ("Int64", "Emails sent", "Emails sent by the options compared, in the days decided on."),
    "events": ("Int64", "Events", "Their replies, or positive replies, in the days decided on."),
    "option_counts": (
        "string",
        "Events of emails",
        "Each option's events of its emails, in the days decided on: “1: 21 of 1,000; 2: 52 of 1,000”.",
    ),
    "uneven_split": ("string", "Uneven split", "yes or no: were the mails split too unevenly for chance (p < 0.001)?"),
    "decided_on": ("string", "Decided on", "days: daily counts of the history. life: one answer for the whole life."),
    "decided_from": ("string", "From", "The first day that counts."),
    "decided_to": ("string", "To", "The last day that counts."),
    "copy_changed": ("string", "Copy changed", "The day on which the subject, snippet or template last changed."),
    "winner_since": ("string", "Winner since", "The day on which the winner had won, where daily counts tell it."),
    "next_step": ("string", "Suggested next step", "What to do next."),
}
_OF_OPTIONS: Final = (
    "verdict", "verdict_option", "p_best", "expected_loss_per_1000", "ratio", "ratio_low", "ratio_high", "log_e",
    "p_value", "more_mails", "decided_on", "decided_from", "decided_to", "winner_since",
)  # fmt: skip
LABELS: Final = {name: label for name, (_, label, _) in _COLUMNS.items()}
MEANINGS: Final = {name: meaning for name, (_, _, meaning) in _COLUMNS.items()}


def verdict_table(experiments: Sequence[Experiment], held: Collection[Experiment]) -> pd.DataFrame:
    """A row per step judged; `held` are those of `experiments.winners`. Columns: `definitions`."""
    holding = {id(item) for item in held}
    return _frame([_row(item, holds=id(item) in holding) for item in experiments], list(_COLUMNS))


def with_verdicts(options: pd.DataFrame, experiments: Sequence[Experiment]) -> pd.DataFrame:
    """The tidy frame `options` with the verdict on its step as further columns; empty where a step has none.

    `p_best` and `expected_loss_per_1000` are the option's own.
    """
    rows = []
    for item in experiments:
        about, found = _row(item, holds=False), item.comparison
        for option, p_best, loss in zip(found.counts.options, found.p_best, found.expected_loss, strict=True):
            own = {"p_best": _number(p_best), "expected_loss_per_1000": _number(loss, 1000)}
            # Too early for a verdict is too early for chances.
            rows.append(about | {"option": option} | (own if found.leading is not None else {}))
    verdicts = _frame(rows, ["cadence", "step", "option", *_OF_OPTIONS])
    return options.merge(verdicts, on=["cadence", "step", "option"], how="left", validate="many_to_one")


def definitions() -> pd.DataFrame:
    """What every column means, in the columns of `metrics.definitions`."""
    rows = [
        {"metric": name, "label": label, "formula": meaning, "unit": "", "adds_up": "no", "note": _NOTE}
        for name, (_, label, meaning) in _COLUMNS.items()
        if name not in {"cadence", "step", "subject", "emails_sent"}
    ]
    empty = {"numerator": None, "denominator": None}
    return pd.DataFrame([row | empty for row in rows]).astype("string")


_NOTE: Final = (
    "Of an A/B step, judged over its life since the copy last changed, never over the range of the report. In "
    "options.csv by replies; in verdicts.csv see judged_by."
)


def _row(item: Experiment, *, holds: bool) -> dict[str, Any]:
    found = item.comparison
    named = item.rows
    subjects = dict(zip(named["option"], named["subject"], strict=True))
    return {
        "cadence": item.cadence,
        "step": item.step,
        "judged_by": item.events,
        "verdict": found.verdict,
        "in_words": words.headline(item),
        "verdict_option": found.option,
        "subject": subjects.get(found.option),
        "against": found.rival,
        "leading_option": found.leading,
        "p_best": found.chance,
        "ratio": _number(found.ratio),
        "ratio_low": _number(found.ratio_low),
        "ratio_high": _number(found.ratio_high),
        "expected_loss_per_1000": _number(found.loss, 1000),
        "waiting_cost_per_1000": _number(found.waiting_cost, 1000),
        "more_mails": found.more_mails,
        "days_needed": item.days_needed,
        "mails_per_day": item.pace,
        "log_e": found.log_e,
        "p_value": found.p_value,
        "holds_over_all": "yes" if holds else "no",
        "emails_sent": int(np.nansum(found.counts.sent)),
        "events": None if np.isnan(found.counts.events).any() else int(found.counts.events.sum()),
        "option_counts": _counts_in_words(found.counts),
        "uneven_split": "yes" if item.uneven else "no",
        "decided_on": item.basis,
        "decided_from": item.first.isoformat(),
        "decided_to": item.last.isoformat(),
        "copy_changed": item.tested.copy_changed and item.tested.copy_changed.isoformat(),
        "winner_since": found.won_on and found.won_on.isoformat(),
        "next_step": words.suggestion(item),
    }


def _counts_in_words(counts: StepCounts) -> str:
    """“1: 21 of 1,000; 2: 52 of 1,000”, of the options that sent mails."""
    parts = zip(counts.options, counts.events, counts.sent, strict=True)
    return "; ".join(
        f"{option}: {format_count(events)} of {format_count(sent)}" for option, events, sent in parts if sent
    )


def _number(value: float | None, times: float = 1.0) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value) * times


def _frame(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    types = {name: "Int64" if name == "option" else _COLUMNS[name][0] for name in columns}
    values = {name: pd.Series([row.get(name) for row in rows], dtype="object") for name in columns}
    return pd.DataFrame(values).astype(types)
