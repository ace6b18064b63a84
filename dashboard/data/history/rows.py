"""Reports as rows of the tables."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from operator import attrgetter
from typing import Any, NamedTuple

from dashboard.data.cadence_report import CadenceKey, CadenceReport
from dashboard.data.database.accounts import format_time
from dashboard.data.database.tables import EVENT_COUNTS, STEP_COUNTS
from dashboard.data.frames import engagement_counts
from dashboard.data.history.blobs import Packed, digest, pack_engagement, pack_steps
from dashboard.data.windows import Bucket, Window, bucket_of
from klenty_api import Step

_events = attrgetter(*EVENT_COUNTS)
_step_counts = attrgetter(*STEP_COUNTS)
_copy = attrgetter("template", "subject", "snippet")
_EPOCH = date(1970, 1, 1)
# Half an emoji and the sign that ends a text in C: no database takes both.
_UNSTORABLE = re.compile("[\ud800-\udfff\x00]")


class SeriesKey(NamedTuple):
    """What makes a series of an account: a cadence by its id, or by its name where it has none, and a zone."""

    cadence_id: str | None
    name: str | None
    timezone: str

    @classmethod
    def of(cls, key: CadenceKey, timezone: str) -> "SeriesKey":
        """Return the series that holds what is asked for `key`."""
        number = storable(key.id)
        return cls(number, None if number is not None else storable(key.name) or "", timezone)


class Copy(NamedTuple):
    """What an option said."""

    template: str | None
    subject: str | None
    snippet: str | None

    def stored(self) -> dict[str, Any]:
        """As it is stored, under a digest of it."""
        texts = Copy(*map(storable, self))
        return {"digest": digest(repr(tuple(texts)).encode()), **texts._asdict()}


@dataclass(frozen=True)
class Rows:
    """One report as it is stored, but for the numbers of its series and copies."""

    series: SeriesKey
    days: int
    first_day: int
    bucket: Bucket
    fetched_at: str
    seconds: float
    cadence: str
    created: str | None
    is_active: bool | None
    cadence_id: str | None
    owner: str | None
    engagement: Packed | None
    counts: tuple[int | None, ...] | None
    sources: tuple[str | None, str | None]
    steps: Packed | None
    step_rows: list[tuple[Any, ...]]
    option_rows: list[tuple[tuple[Any, ...], Copy]]


def rows_of(report: CadenceReport) -> Rows:
    """Return the rows of a report of which at least one answer arrived."""
    cadence, window = report.cadence, report.window
    counts: tuple[int | None, ...] | None = None
    sources: tuple[str | None, str | None] = (None, None)
    if report.engagement is not None:
        counts, sources = engagement_counts(report.engagement, report.steps)
    steps = report.steps
    return Rows(
        series=SeriesKey.of(CadenceKey.of(cadence), window.timezone),
        days=window.days,
        first_day=day_number(window.start),
        bucket=bucket_of(window, cadence.created),
        fetched_at=format_time(report.fetched_at),
        seconds=report.seconds,
        cadence=storable(cadence.name) or "",
        created=None if cadence.created is None else cadence.created.isoformat(),
        is_active=cadence.is_active,
        cadence_id=storable(cadence.id),
        owner=storable(cadence.owner),
        engagement=None if report.engagement is None else pack_engagement(report.engagement),
        counts=counts,
        sources=sources,
        steps=None if steps is None else pack_steps(steps),
        step_rows=[_step(place, step) for place, step in enumerate(steps or ())],
        option_rows=_options(steps or ()),
    )


def storable(text: str | None) -> str | None:
    """Return `text` with what no database takes replaced."""
    return text if text is None or not _UNSTORABLE.search(text) else _UNSTORABLE.sub("\ufffd", text)


def day_number(day: date) -> int:
    """Return a day as it is stored."""
    return (day - _EPOCH).days


def day_of(number: int) -> date:
    """Return the day behind `day_number`."""
    return _EPOCH + timedelta(days=number)


def window_of(first_day: int, days: int, timezone: str) -> Window:
    """Return the window behind its numbers.

    Args:
        first_day: number of a day.
        days: how many.
        timezone: in which days end.
    """
    start = _EPOCH + timedelta(days=first_day)
    return Window(start, start + timedelta(days=days - 1), timezone)


def _step(place: int, step: Step) -> tuple[Any, ...]:
    return place, step.step, storable(step.step_type), *_step_counts(step)


def _options(steps: Sequence[Step]) -> list[tuple[tuple[Any, ...], Copy]]:
    return [
        ((place, option_place, step.step, option.option, kind, *_events(option)), Copy(*_copy(option)))
        for place, step in enumerate(steps)
        for kind in (storable(step.step_type),)
        for option_place, option in enumerate(step.options)
    ]
