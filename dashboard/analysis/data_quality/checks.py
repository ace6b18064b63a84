"""Warnings about the data: what a reader should know before trusting a number. Nothing is corrected here."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

import pandas as pd

from dashboard.analysis.metrics import FIRST_STEP, METRICS, as_int, format_count, format_percent
from dashboard.data.account_check.facts import NOTHING_SETTLED, AccountFacts

FEWEST_EMAILS_FOR_TRACKING: Final = 20
LOW_COVERAGE: Final = 0.8

Severity = Literal["info", "warning"]
Row = dict[str, Any]


@dataclass(frozen=True)
class DataWarning:
    """One finding. `cadence` is its name; `step` and `option` say where, when it is one place. `text` is a
    sentence for people without the cadence's name; *info* explains a number, *warning* puts it in doubt."""

    code: str
    cadence: str
    step: int | None
    option: int | None
    text: str
    severity: Severity


def data_warnings(
    engagements: pd.DataFrame, steps: pd.DataFrame, options: pd.DataFrame, facts: AccountFacts = NOTHING_SETTLED
) -> list[DataWarning]:
    """Return everything odd in the three tidy frames, by cadence in their order; each finding once per cadence (and
    step), not once per row. With several windows each is checked for itself. What `facts` disprove is not said.

    Args:
        engagements: a tidy frame.
        steps: a tidy frame of the same windows.
        options: a tidy frame of the same windows.
        facts: what the account check settled.
    """
    by_step, by_option = _grouped(steps), _grouped(options)
    found = list(_same_names(engagements))
    for key, rows in _all_groups(engagements, steps, options).items():
        cadence, own_steps, own_options = key[0], by_step.get(key, []), by_option.get(key, [])
        for row in rows[:1]:
            for check in _ENGAGEMENT_CHECKS:
                found += check(cadence, row, facts)
            found += _steps_differ(cadence, row, own_steps)
        found += _opens_over_sends(cadence, rows, own_steps, own_options)
        found += _options_differ(cadence, own_steps, own_options)
        found += _step_rates_over_one(cadence, own_steps, facts)
    return list(dict.fromkeys(found))


Key = tuple[str, object, object]


def _grouped(frame: pd.DataFrame) -> dict[Key, list[Row]]:
    groups: dict[Key, list[Row]] = {}
    for row in frame.to_dict("records"):
        identity = row.get("cadence_id")
        known = None if identity is None or pd.isna(identity) else identity
        groups.setdefault((str(row["cadence"]), known, row["window_start"]), []).append(row)  # type: ignore[arg-type]
    return groups


def _all_groups(engagements: pd.DataFrame, *others: pd.DataFrame) -> dict[Key, list[Row]]:
    """Return engagement rows by cadence and window; cadences that only the other frames know come last, without
    rows."""
    groups = _grouped(engagements)
    for frame in others:
        for key in _grouped(frame):
            groups.setdefault(key, [])
    return groups


def _same_names(engagements: pd.DataFrame) -> Iterator[DataWarning]:
    repeated = engagements[engagements.duplicated(["cadence", "window_start"])]
    for name in repeated["cadence"].drop_duplicates():
        yield DataWarning(
            "same_name",
            str(name),
            None,
            None,
            "Two or more cadences have this name. Klenty is asked by name and answers for one of them or for all; "
            "totals count the answer once.",
            "warning",
        )


def _nothing_in_it(cadence: str, row: Row, facts: AccountFacts) -> Iterator[DataWarning]:
    counts = {key: as_int(row[key]) for key, metric in METRICS.items() if metric.kind == "count" and key in row}
    known = [value for key, value in counts.items() if value is not None and key != "unmarked_replies"]
    if not known:
        text = (
            "Klenty answered, but reported no count at all: nothing happened in this range, or Klenty knows no cadence "
            "of exactly this name. Its answer does not tell which."
        )
        if facts.unknown_name in {"zeros", "refused"}:
            text = "Klenty answered, but reported no count at all. A name that it does not know is answered otherwise."
        yield DataWarning("nothing_reported", cadence, None, None, text, "warning")
    elif not any(known):
        text = (
            "All counts are 0: no activity in this range, a cadence renamed since, or one that this user does not "
            "see. Klenty's answer does not tell which."
        )
        if not facts.zeros_may_be_a_wrong_name:
            text = (
                "All counts are 0: no activity in this range. A name that Klenty does not know is answered otherwise."
            )
        yield DataWarning("all_zero", cadence, None, None, text, "info")


def _tracking_off(cadence: str, row: Row, _: AccountFacts) -> Iterator[DataWarning]:
    sent, opens, replies = as_int(row["emails_sent"]), as_int(row["opens"]), as_int(row["replies"])
    enough = sent is None or sent >= FEWEST_EMAILS_FOR_TRACKING
    if opens == 0 and replies and enough:
        text = (
            f"No opens but {_many(replies, 'reply', 'replies')}: open tracking is probably off, so opens say nothing."
        )
        yield DataWarning("tracking_off", cadence, None, None, text, "info")


def _sentiment(cadence: str, row: Row, _: AccountFacts) -> Iterator[DataWarning]:
    replies, positive, negative = (as_int(row[key]) for key in ("replies", "positive_replies", "negative_replies"))
    if replies is None:
        return
    marked = (positive or 0) + (negative or 0)
    if marked > replies:
        text = (
            f"{format_count(marked)} replies are marked but only {format_count(replies)} were received: replies "
            "from before the range were probably marked in it. Sentiment is shown as counts, not as shares."
        )
        yield DataWarning("sentiment_over_replies", cadence, None, None, text, "warning")
    elif positive is not None and negative is not None and replies and marked / replies < LOW_COVERAGE:
        text = (
            f"Only {format_percent(marked / replies)} of replies are marked ({format_count(marked)} of "
            f"{format_count(replies)}): the positive ones may be more than counted."
        )
        yield DataWarning("low_coverage", cadence, None, None, text, "info")


def _rates_over_one(cadence: str, row: Row, facts: AccountFacts) -> Iterator[DataWarning]:
    for upper, lower in (("replies", "emails_sent"), ("bounces", "contacted"), ("unsubscribes", "contacted")):
        yield from _over_one(cadence, row, upper, lower, facts)


def _over_one(cadence: str, row: Row, upper: str, lower: str, facts: AccountFacts) -> Iterator[DataWarning]:
    events, trials = as_int(row[upper]), as_int(row[lower])
    if events is None or trials is None or events <= trials:
        return
    stand_in = lower == "contacted" and row.get("contacted_source") == "first_email_step"
    count = f"{format_count(events)} {METRICS[upper].label.lower()}"
    names = (
        _many(events, "reply", "replies") if upper == "replies" else count,
        FIRST_STEP if stand_in else METRICS[lower].label.lower(),
    )
    why = "events of earlier emails fall into this range" if facts.events_of_earlier_emails else "one may count twice"
    text = (
        f"{names[0]} against {format_count(trials)} {names[1]}: {why}. The rate is shown as it is, without an interval."
    )
    yield DataWarning("rate_over_100", cadence, as_int(row.get("step")), None, text, "info")


_ENGAGEMENT_CHECKS: Final[tuple[Callable[[str, Row, AccountFacts], Iterator[DataWarning]], ...]] = (
    _nothing_in_it,
    _tracking_off,
    _sentiment,
    _rates_over_one,
)


def _step_rates_over_one(cadence: str, steps: list[Row], facts: AccountFacts) -> Iterator[DataWarning]:
    for row in steps:
        yield from _over_one(cadence, row, "replies", "emails_sent", facts)


def _opens_over_sends(cadence: str, rows: list[Row], steps: list[Row], options: list[Row]) -> Iterator[DataWarning]:
    """Yield one finding per cadence and kind of event, naming every step that shows it."""
    for column in ("opens", "clicks"):
        places = {as_int(row["step"]) for row in (*steps, *options) if _over(row, column)}
        if not places and not any(_over(row, column) for row in rows):
            continue
        known = sorted(step for step in places if step is not None)
        where = f" in {_listed('step', known)}" if known else ""
        text = (
            f"More {column} than emails{where}: Klenty counts every {column[:-1]}, repeated ones included. "
            f"They are shown per email, not as a share."
        )
        step = known[0] if len(known) == 1 and len(places) == 1 else None
        yield DataWarning(f"{column}_over_sends", cadence, step, None, text, "info")


def _over(row: Row, column: str) -> bool:
    events, sent = as_int(row[column]), as_int(row["emails_sent"])
    return events is not None and sent is not None and events > sent


_SUMMED: Final = ("emails_sent", "opens", "clicks", "replies", "positive_replies", "negative_replies")


def _options_differ(cadence: str, steps: list[Row], options: list[Row]) -> Iterator[DataWarning]:
    for step in steps:
        number = as_int(step["step"])
        own = [row for row in options if as_int(row["step"]) == number]
        gaps = list(_gaps(step, own)) if own and number is not None else []
        if gaps:
            text = f"The options of step {number} do not add up to the step: {_together(gaps)}."
            yield DataWarning("options_differ", cadence, number, None, text, "warning")


def _steps_differ(cadence: str, row: Row, steps: list[Row]) -> Iterator[DataWarning]:
    reported = dict(row)
    if row.get("emails_sent_source") == "steps":
        reported["emails_sent"] = None  # it is the steps' own sum
    reported["opens"] = None  # all opens; a step counts the emails that were opened
    gaps = list(_gaps(reported, steps)) if steps else []
    if gaps:
        text = f"The steps do not add up to the cadence: {_together(gaps)}."
        yield DataWarning("steps_differ", cadence, None, None, text, "warning")


def _gaps(whole_row: Row, parts: list[Row]) -> Iterator[str]:
    """Return "replies 5 against 6", for every count that all parts and the whole report and that differs."""
    for column in _SUMMED:
        total, counts = as_int(whole_row[column]), [as_int(row[column]) for row in parts]
        known = [count for count in counts if count is not None]
        if total is not None and len(known) == len(counts) and sum(known) != total:
            yield f"{METRICS[column].label.lower()} {format_count(sum(known))} against {format_count(total)}"


def percent_warnings(percents: pd.DataFrame) -> list[DataWarning]:
    """Return where Klenty's own percents are not its counts divided and rounded (columns: `data.cross_checks`).

    A half may be rounded either way. With no mails, or a count that did not come, there is nothing to hold a percent
    against. Percents of positive and negative replies may be of the emails or of the replies: Klenty does not say.
    """
    places: dict[tuple[str, int | None, int | None], list[str]] = {}
    for row in percents.to_dict("records"):
        events, sent = as_int(row["events"]), as_int(row["emails_sent"])
        bases = [sent, as_int(row["replies"])] if row["metric"] in _OF_REPLIES else [sent]
        percents_of = [100 * events / base for base in bases if base] if events is not None and sent else []
        if not percents_of or any(abs(row["reported_percent"] - expected) <= _ROUNDING for expected in percents_of):
            continue
        label = METRICS[row["metric"]].label.lower()
        told = f"{label} {row['reported_percent']:g} % against {format_count(events)} of {format_count(sent)}"
        places.setdefault((str(row["cadence"]), as_int(row["step"]), as_int(row["option"])), []).append(told)
    return [
        DataWarning(
            "percents_differ",
            cadence,
            step,
            option,
            f"Klenty's own percents do not follow from its counts: {_together(dict.fromkeys(told))}. Rates here come "
            "from the counts.",
            "warning",
        )
        for (cadence, step, option), told in places.items()
    ]


def reading_warnings(reading: pd.DataFrame) -> list[DataWarning]:
    """Return what was odd in Klenty's answers while they were read (columns: `data.cross_checks`)."""
    found = [
        DataWarning(
            "odd_answer",
            str(row["cadence"]),
            as_int(row["step"]),
            as_int(row["option"]),
            f"In Klenty's answer, {row['note']}.",
            "warning",
        )
        for row in reading.to_dict("records")
    ]
    return list(dict.fromkeys(found))


_ROUNDING: Final = 0.5 + 1e-9
_OF_REPLIES: Final = ("positive_replies", "negative_replies")


def _many(count: int, one: str, several: str) -> str:
    return f"{format_count(count)} {one if count == 1 else several}"


def _listed(noun: str, numbers: list[int]) -> str:
    if len(numbers) == 1:
        return f"{noun} {numbers[0]}"
    return f"{noun}s {_together(str(number) for number in numbers)}"


def _together(parts: Iterable[str]) -> str:
    items = list(parts)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
