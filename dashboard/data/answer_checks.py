"""What an answer holds besides its counts, for checking them: Klenty's own percents, and what was odd in reading it."""

from collections.abc import Iterator, Sequence

import pandas as pd

from dashboard.data.cadence_report import CadenceReport
from klenty_api import Step, StepOption

_PLACE = {"cadence": "string", "cadence_id": "string", "step": "Int64", "option": "Int64"}
_PERCENT_TYPES = _PLACE | {
    "metric": "string",
    "reported_percent": "Float64",
    "events": "Int64",
    "emails_sent": "Int64",
    "replies": "Int64",
}
_READING_TYPES = _PLACE | {"report": "string", "note": "string"}


def percents_frame(reports: Sequence[CadenceReport]) -> pd.DataFrame:
    """Return Klenty's own percents with the counts they are of, one row per step or option and metric that arrived.

    Columns: cadence, cadence_id, step, option (empty for the step itself), metric (a count of the registry),
    reported_percent (as it arrived: 13 is 13 %), events, emails_sent, replies.
    """
    rows = [
        (
            report.cadence.name,
            report.cadence.id,
            step,
            option,
            metric,
            percent,
            getattr(part, metric),
            part.emails_sent,
            part.replies,
        )
        for report in reports
        for step, option, part in _parts(report)
        for metric, percent in part.reported_percents.items()
        if percent is not None
    ]
    return pd.DataFrame(rows, columns=list(_PERCENT_TYPES)).astype(_PERCENT_TYPES)


def reading_frame(reports: Sequence[CadenceReport]) -> pd.DataFrame:
    """Return what was odd in the answers while they were read: two spellings that differ, values that are no counts.

    Columns: cadence, cadence_id, step, option, report ("engagements" or "steps"), note.
    """
    rows: list[tuple[object, ...]] = [
        (report.cadence.name, report.cadence.id, None, None, "engagements", note)
        for report in reports
        if report.engagement is not None
        for note in report.engagement.warnings
    ]
    rows += [
        (report.cadence.name, report.cadence.id, step, option, "steps", note)
        for report in reports
        for step, option, part in _parts(report)
        for note in part.warnings
    ]
    return pd.DataFrame(rows, columns=list(_READING_TYPES)).astype(_READING_TYPES)


def _parts(report: CadenceReport) -> Iterator[tuple[int | None, int | None, Step | StepOption]]:
    for step in report.steps or ():
        yield step.step, None, step
        for option in step.options:
            yield step.step, option.option, option
