"""Do the answers agree with each other, and where are the prospects? Shown as it is, never corrected."""

from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import pandas as pd

from dashboard.analysis.metrics import METRICS, as_int
from dashboard.data.account_check.facts import NOTHING_SETTLED, AccountFacts

COUNTS: Final = ("emails_sent", "opens", "clicks", "replies", "positive_replies", "negative_replies")
SUMS_NOTE: Final = (
    "Klenty answers three times for a cadence and a range: for the whole, for its steps, and for the options of the "
    "steps. Each is shown beside the others. Where they differ, none is corrected: figures of cadences come from the "
    "first, figures of steps and options from theirs. The cadence counts all opens, a step the emails that were "
    "opened: these are not held against each other."
)
_PARTS: Final = ("in_cadence_now", "completed", "replies", "bounces", "unsubscribes")
_PLACE: Final = {"cadence": "string", "cadence_id": "string", "owner": "string"}
Row = dict[Hashable, Any]


def prospects_note(facts: AccountFacts = NOTHING_SETTLED) -> str:
    """Return how far the rest of the prospects added can be trusted."""
    state = "“In cadence now” is the state at the moment of the answer, whatever the range"
    if facts.in_cadence_is_now is False:
        state = "“In cadence” changes with the range in this account"
    return (
        f"{state}, and prospects may have been added before it. So the rest only tells how many are elsewhere when the "
        "range covers the cadence's whole life; in a shorter range it can even be below zero. Statuses that neither "
        "report counts hold the rest: *Replied stopped* (a colleague replied), *Manually stopped*, *Auto-reply "
        "stopped*. A prospect who replied twice counts twice in replies."
    )


def sums(engagements: pd.DataFrame, steps: pd.DataFrame, options: pd.DataFrame) -> pd.DataFrame:
    """Return each count three times: as the cadence's answer has it, summed over its steps, summed over their options.

    Columns: cadence, cadence_id, owner, window_start, window_end, count, label, cadence_answer, sum_of_steps,
    sum_of_options, agreement ("agree", "differ", or "not comparable" when fewer than two are there). A sum is empty
    unless every part reports its count; a count that was taken from the steps is no answer of the cadence.

    Args:
        engagements: a tidy frame.
        steps: a tidy frame of the same windows.
        options: a tidy frame of the same windows.
    """
    by_step, by_option = _by_window(steps), _by_window(options)
    rows = []
    for row in engagements.to_dict("records"):
        key = _key(row)
        for count in COUNTS:
            told = as_int(row[count])
            if count == "emails_sent" and row.get("emails_sent_source") == "steps":
                told = None
            three = told, _sum(by_step.get(key, []), count), _sum_of_options(by_step, by_option, key, count)
            # All opens, where a step counts the emails that were opened: two units, which cannot agree.
            alike = three[1:] if count == "opens" else three
            rows.append((*_place(row), count, METRICS[count].label, *three, _agreement(alike)))
    columns = [
        "cadence", "cadence_id", "owner", "window_start", "window_end", "count", "label", "cadence_answer",
        "sum_of_steps", "sum_of_options", "agreement",
    ]  # fmt: skip
    types = _PLACE | dict.fromkeys(("count", "label", "agreement"), "string") | dict.fromkeys(columns[7:10], "Int64")
    return _typed(rows, columns, types, engagements)


def prospects(engagements: pd.DataFrame, created: Mapping[str, datetime | None] | None = None) -> pd.DataFrame:
    """Return where the prospects added are, as far as Klenty tells: added − in cadence − completed − replied − bounced
    − unsubscribed.

    Columns: cadence, cadence_id, owner, window_start, window_end, prospects_added, the five others, unexplained (empty
    unless all six are reported; may be negative), whole_life ("yes" when the cadence, by its id in `created`, is not
    older than the range; empty when that is not known). How far the rest can be trusted: `prospects_note`.
    """
    rows = []
    for row in engagements.to_dict("records"):
        added, parts = as_int(row["prospects_added"]), [as_int(row[part]) for part in _PARTS]
        known = [part for part in parts if part is not None]
        rest = None if added is None or len(known) < len(parts) else added - sum(known)
        rows.append((*_place(row), added, *parts, rest, _whole_life(row, created or {})))
    counts = ["prospects_added", *_PARTS, "unexplained"]
    columns = ["cadence", "cadence_id", "owner", "window_start", "window_end", *counts, "whole_life"]
    types = _PLACE | dict.fromkeys(counts, "Int64") | {"whole_life": "string"}
    return _typed(rows, columns, types, engagements)


def _whole_life(row: Row, created: Mapping[str, datetime | None]) -> str | None:
    began: datetime | None = None if pd.isna(row["cadence_id"]) else created.get(row["cadence_id"])
    return None if began is None else "yes" if began >= row["window_start"] else "no"


def _typed(
    rows: Sequence[tuple[Any, ...]], columns: list[str], types: Mapping[str, str], like: pd.DataFrame
) -> pd.DataFrame:
    times: dict[str, Any] = {name: like[name].dtype for name in ("window_start", "window_end")}
    return pd.DataFrame(rows, columns=columns).astype({**types, **times})


def _key(row: Row) -> tuple[str, object]:
    return str(row["cadence"]), row["window_start"]


def _place(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("cadence", "cadence_id", "owner", "window_start", "window_end"))


def _by_window(frame: pd.DataFrame) -> dict[tuple[str, object], list[Row]]:
    """Return rows by cadence and window; cadences that share a name share the answer, which is taken once."""
    groups: dict[tuple[str, object], list[Row]] = {}
    places = [name for name in ("cadence", "window_start", "step", "option") if name in frame]
    for row in frame.drop_duplicates(places).to_dict("records"):
        groups.setdefault(_key(row), []).append(row)
    return groups


def _sum(parts: list[Row], count: str) -> int | None:
    counts = [as_int(part[count]) for part in parts]
    known = [value for value in counts if value is not None]
    return sum(known) if known and len(known) == len(counts) else None


def _sum_of_options(
    by_step: dict[tuple[str, object], list[Row]],
    by_option: dict[tuple[str, object], list[Row]],
    key: tuple[str, object],
    count: str,
) -> int | None:
    """Return the sum over the options of the steps that sent mails; empty when one of those steps names no option."""
    options = by_option.get(key, [])
    named = {as_int(option["step"]) for option in options}
    sending = {as_int(step["step"]) for step in by_step.get(key, []) if as_int(step["emails_sent"])}
    return _sum(options, count) if sending <= named else None


def _agreement(three: tuple[int | None, ...]) -> str:
    known = [value for value in three if value is not None]
    if len(known) < 2:
        return "not comparable"
    return "agree" if len(set(known)) == 1 else "differ"
