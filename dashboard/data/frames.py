"""Tidy frames of the reports: one row per cadence, per step, per option (columns: docs/data-model.md).

Counts are nullable integers: what Klenty did not report is empty, never 0. Built from plain columnar lists, which
is an order of magnitude faster than normalising JSON.
"""

from collections.abc import Sequence
from itertools import chain, repeat
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from dashboard.data.cadence_report import CadenceReport
from klenty_api import EmailEngagement, Step, StepOption
from klenty_api.decode import repair_surrogates

_KEYS = ("cadence", "cadence_id", "owner", "window_start", "window_end", "timezone")
_EVENTS = ("emails_sent", "opens", "clicks", "replies", "positive_replies", "negative_replies")

ENGAGEMENT_COLUMNS = (
    *_KEYS, "prospects_added", "in_cadence_now", "completed", "contacted", "emails_sent", "opens", "clicks", "replies",
    "positive_replies", "negative_replies", "unmarked_replies", "unsubscribes", "bounces", "fetched_at",
    "emails_sent_source", "contacted_source",
)  # fmt: skip
STEP_COLUMNS = (*_KEYS, "step", "step_type", *_EVENTS, "completed", "tasks", "calls", "completed_calls", "fetched_at")
OPTION_COLUMNS = (*_KEYS, "step", "step_type", "option", "template", "subject", "snippet", *_EVENTS, "fetched_at")

_TEXTS = {
    "cadence", "cadence_id", "owner", "timezone", "step_type", "template", "subject", "snippet", "emails_sent_source",
    "contacted_source",
}  # fmt: skip
_NOW = 1  # the place of in_cadence_now among the counts of `engagement_counts`
_TIMES = {"window_start", "window_end", "fetched_at"}


def engagements_frame(reports: Sequence[CadenceReport]) -> pd.DataFrame:
    """Return one row per report whose engagement answer arrived.

    `emails_sent` is Klenty's own count, else the sum over the steps of the same window; `contacted` its own count,
    else the mails of the first mail step; the two `…_source` columns say which ("reported", "steps",
    "first_email_step"). `unmarked_replies` needs replies, positive and negative ones, and may be negative.
    """
    rows = []
    for report in reports:
        if report.engagement is None:
            continue
        counts, sources = engagement_counts(report.engagement, report.steps)
        if report.people_now is not None:
            counts = (*counts[:_NOW], report.people_now.people, *counts[_NOW + 1 :])
        rows.append((*_keys(report), *counts, report.fetched_at, *sources))
    return _frame(_transposed(rows, ENGAGEMENT_COLUMNS), ENGAGEMENT_COLUMNS, reports)


def steps_frame(reports: Sequence[CadenceReport]) -> pd.DataFrame:
    """Return one row per step of every report whose step-wise answer arrived."""
    steps = [step for report in reports for step in report.steps or ()]
    keys = _keys_of(reports, [len(report.steps or ()) for report in reports])
    return _frame(_transposed(steps, Step._fields) | keys, STEP_COLUMNS, reports)


def options_frame(reports: Sequence[CadenceReport]) -> pd.DataFrame:
    """Return one row per option of every step of every report whose step-wise answer arrived."""
    columns = option_columns([step for report in reports for step in report.steps or ()])
    keys = _keys_of(reports, [sum(len(step.options) for step in report.steps or ()) for report in reports])
    return _frame(columns | keys, OPTION_COLUMNS, reports)


def option_columns(steps: Sequence[Step]) -> dict[str, list[Any]]:
    """Return the options of these steps as plain lists by name, with the number and type of their step."""
    columns = _transposed([option for step in steps for option in step.options], StepOption._fields)
    sizes = [len(step.options) for step in steps]
    columns["step"] = _repeated([step.step for step in steps], sizes)
    columns["step_type"] = _repeated([step.step_type for step in steps], sizes)
    return columns


def engagement_counts(
    answer: EmailEngagement, steps: Sequence[Step] | None
) -> tuple[tuple[int | None, ...], tuple[str | None, str | None]]:
    """Return the counts of one row of engagements, in the order of the columns, and the two `…_source` columns."""
    sent, sent_source = _sent(answer, steps)
    contacted, contacted_source = _contacted(answer, steps)
    counts = (
        answer.prospects_added, answer.in_cadence_now, answer.completed, contacted, sent, answer.opens, answer.clicks,
        answer.replies, answer.positive_replies, answer.negative_replies, _unmarked(answer), answer.unsubscribes,
        answer.bounces,
    )  # fmt: skip
    return counts, (sent_source, contacted_source)


def _keys(report: CadenceReport) -> tuple[Any, ...]:
    cadence, window = report.cadence, report.window
    return cadence.name, cadence.id, cadence.owner, window.first_instant, window.last_instant, window.timezone


def _keys_of(reports: Sequence[CadenceReport], sizes: Sequence[int]) -> dict[str, list[Any]]:
    """Return the columns that a report's rows share, for so many rows of each."""
    rows = [(*_keys(report), report.fetched_at) for report in reports]
    shared = _transposed(rows, (*_KEYS, "fetched_at"))
    return {name: _repeated(values, sizes) for name, values in shared.items()}


def _repeated(values: Sequence[Any], sizes: Sequence[int]) -> list[Any]:
    return list(chain.from_iterable(map(repeat, values, sizes)))


def _transposed(rows: Sequence[tuple[Any, ...]], columns: Sequence[str]) -> dict[str, list[Any]]:
    values: list[Any] = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    return {column: list(data) for column, data in zip(columns, values, strict=True)}


def _sent(answer: EmailEngagement, steps: Sequence[Step] | None) -> tuple[int | None, str | None]:
    if answer.emails_sent is not None:
        return answer.emails_sent, "reported"
    counts = [step.emails_sent for step in steps or ()]
    known = [count for count in counts if count is not None]
    # A step without its count makes the sum too small, and a sum of nothing is no 0.
    return (sum(known), "steps") if known and len(known) == len(counts) else (None, None)


def _contacted(answer: EmailEngagement, steps: Sequence[Step] | None) -> tuple[int | None, str | None]:
    if answer.contacted is not None:
        return answer.contacted, "reported"
    mails = sorted((s for s in steps or () if s.step_type == "email" and s.step is not None), key=lambda s: s.step or 0)
    if mails and mails[0].emails_sent is not None:
        return mails[0].emails_sent, "first_email_step"
    return None, None


def _unmarked(answer: EmailEngagement) -> int | None:
    if answer.replies is None or answer.positive_replies is None or answer.negative_replies is None:
        return None
    return answer.replies - answer.positive_replies - answer.negative_replies


def _frame(data: dict[str, list[Any]], columns: Sequence[str], reports: Sequence[CadenceReport]) -> pd.DataFrame:
    zones = {report.window.timezone for report in reports}
    zone = ZoneInfo(zones.pop() if len(zones) == 1 else "UTC")
    return pd.DataFrame({column: _column(column, data[column], zone) for column in columns})


def _texts(data: list[str | None]) -> Any:
    try:
        return pd.array(data, dtype="string")
    except UnicodeEncodeError:  # half an emoji, where a text was cut in its middle: no encoding has it
        return pd.array([text and repair_surrogates(text) for text in data], dtype="string")


def _column(name: str, data: list[Any], zone: ZoneInfo) -> Any:
    if name in _TEXTS:
        return _texts(data)
    if name in _TIMES:
        return pd.to_datetime(pd.Series(data, dtype="object"), utc=True).dt.tz_convert(zone)
    return pd.array(data, dtype="Int64")
