"""Completed calls."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from klenty_api import encode
from klenty_api.decode import Json, as_flag, as_object, as_objects, first_of
from klenty_api.encode import Day
from klenty_api.endpoints.endpoint import Endpoint
from klenty_api.errors import ValidationError
from klenty_api.models import CallRecord
from klenty_api.operations import OPERATIONS, Call

FURTHEST_BACK = timedelta(days=29)
_ZONES = timedelta(days=1)  # today is another day elsewhere


class Calls(Endpoint):
    """Completed calls of the whole company, whatever user is in the path. Raises `KlentyError`."""

    def list(self, start: Day, end: Day) -> Iterator[CallRecord]:
        """Yield the calls from `start` to the day before `end`, each once.

        Klenty answers for at most 29 days before today, and was seen to refuse a start within the last six days or
        so: `RequestRefusedError` with code K2002.
        """
        first, last = encode.day(start), encode.day(end)
        if last < first:
            raise ValidationError("the end lies before the start")
        if first < datetime.now(UTC).date() - FURTHEST_BACK - _ZONES:
            raise ValidationError("Klenty lists calls of the last 29 days only")
        return self._pages({"startDate": first.isoformat(), "endDate": last.isoformat()})

    def _pages(self, query: dict[str, str]) -> Iterator[CallRecord]:
        seen: set[object] = set()
        page = 1
        while True:
            asked = query | {"page": str(page)}
            found, more = self._send(Call(OPERATIONS["list_calls"], self._path("calls"), _page, query=asked))
            fresh = [call for call in found if (call.id or repr(call.raw)) not in seen]
            seen.update(call.id or repr(call.raw) for call in fresh)
            yield from fresh
            if not more or not fresh:
                return
            page += 1


def _page(answer: Json) -> tuple[list[CallRecord], bool]:
    raw = as_object(answer)
    data = as_object(raw.get("data")) or raw
    more = as_flag(first_of(data, "hasMore")) or as_flag(first_of(raw, "hasMore")) or False
    return [CallRecord.read(item) for item in as_objects(data.get("callData"))], more
