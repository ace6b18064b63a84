"""The state of an A/B test in a word or two, and what to do about it, as a list shows them."""

import math
from collections.abc import Sequence
from typing import Final, Literal

from dashboard.analysis.ab_tests import wording
from dashboard.analysis.ab_tests.experiments import LONGEST_WAIT, Experiment

Status = Literal[
    "proven", "withdrawn", "ahead", "leads", "alike", "undecided", "cannot_finish", "collecting", "nothing"
]

# In the order of a list: what asks for a decision first.
LABELS: Final[dict[Status, str]] = {
    "proven": "Proven",
    "withdrawn": "Withdrawn",
    "ahead": "Ahead",
    "leads": "Leads",
    "alike": "Alike",
    "undecided": "Undecided",
    "cannot_finish": "Cannot finish",
    "collecting": "Collecting",
    "nothing": "One option",
}
_IN_A_SUMMARY: Final[dict[Status, str]] = {
    "proven": "proven",
    "withdrawn": "withdrawn",
    "ahead": "ahead",
    "leads": "leading",
    "alike": "alike",
    "collecting": "collecting",
}
_OF_VERDICTS: Final[dict[str, Status]] = {
    "no_data": "nothing",
    "single_option": "nothing",
    "too_early": "collecting",
    "no_practical_difference": "alike",
    "leads": "leads",
}
_ACTIONS: Final[dict[Status, str]] = {
    "withdrawn": "Test anew",
    "ahead": "Check by days",
    "alike": "Keep either",
    "cannot_finish": "Pick one",
    "nothing": "Add an option",
}


def status_of(item: Experiment) -> Status:
    """Return the state of a test; only daily counts prove anything."""
    found = item.comparison
    if found.withdrawn is not None:
        return "withdrawn"
    if found.verdict == "winner":
        return "proven" if found.proven else "ahead"
    settled = _OF_VERDICTS.get(found.verdict)
    return "cannot_finish" if settled not in {"nothing", "alike"} and item.cannot_finish else settled or "undecided"


def in_order(tests: Sequence[Experiment]) -> list[Experiment]:
    """Return the tests with what asks for a decision first; of one state, more emails before fewer."""
    order = list(LABELS)
    return sorted(tests, key=lambda item: (order.index(status_of(item)), -item.comparison.counts.sent.sum()))


def summary(tests: Sequence[Experiment]) -> str:
    """Return how many tests are in which state: "1 proven · 6 undecided (4 cannot finish in 90 days)"."""
    states = [status_of(item) for item in tests]
    parts = {label: states.count(status) for status, label in _IN_A_SUMMARY.items()}
    stuck = states.count("cannot_finish")
    undecided = states.count("undecided") + stuck
    told = [f"{number} {label}" for label, number in parts.items() if number and label != "collecting"]
    if undecided:
        told.append(f"{undecided} undecided" + (f" ({stuck} cannot finish in {LONGEST_WAIT} days)" if stuck else ""))
    if parts["collecting"]:
        told.append(f"{parts['collecting']} collecting")
    return " · ".join(told) or "nothing to compare"


def action(item: Experiment) -> str:
    """Return what to do, in two or three words."""
    status = status_of(item)
    if status == "proven":
        return f"Keep {wording.option_name(item.comparison.leading)}"
    if item.finished and status in {"leads", "undecided", "cannot_finish", "collecting"}:
        return "Finished"
    if status in {"leads", "undecided", "collecting"}:
        return f"Wait {wording.duration(item.days_needed)}" if item.days_needed else "Wait"
    return _ACTIONS[status]


def interval_text(item: Experiment) -> str:
    """Return how much better the leading option may be: "at least +69 %" where proven, else "−24 % to +190 %"."""
    found = item.comparison
    if found.ratio_low is None or found.ratio_high is None:
        return "no difference known"
    low = wording.change(found.ratio_low, toward=-1)
    if status_of(item) == "proven":
        return f"at least {low}"
    if math.isinf(found.ratio_high):
        return f"{low} or more" if found.ratio_low > 0 else "anything is possible"
    return f"{low} to {wording.change(found.ratio_high, toward=1)}"
