"""Completed calls."""

from collections.abc import Iterator
from datetime import date, timedelta

from klenty_api.decode import Json, as_flag, as_object, as_objects, first_of
from klenty_api.endpoints.endpoint import Resource
from klenty_api.errors import ValidationError
from klenty_api.models import CallRecord
from klenty_api.operations import OPERATIONS, Call

FURTHEST_BACK = timedelta(days=29)


class Calls(Resource):
    """Completed calls of the company, whoever is in the path (FACTS.md, “Transport”). Raises `KlentyError`."""

    def list(self, start: date, end: date) -> Iterator[CallRecord]:
        """Calls from `start` to the day before `end`, each once; Klenty answers for at most 29 days."""
        if end < start:
            raise ValidationError("the end lies before the start")
        if end - start > FURTHEST_BACK:
            raise ValidationError("Klenty lists calls of at most 29 days")
        return self._pages({"startDate": start.isoformat(), "endDate": end.isoformat()})

    def _pages(self, query: dict[str, str]) -> Iterator[CallRecord]:
        seen: set[object] = set()
        page = 1
        while True:
            found, more = self._send(
                Call(OPERATIONS["list_calls"], self._path("calls"), _page, query=query | {"page": str(page)})
            )
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
