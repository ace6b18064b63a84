"""Lists of prospects."""

from klenty_api.decode import Json, as_objects
from klenty_api.endpoints.endpoint import Resource
from klenty_api.models import ProspectList
from klenty_api.operations import OPERATIONS, Call


class Lists(Resource):
    """The account's lists. Raises `KlentyError`."""

    def list(self) -> list[ProspectList]:
        """All lists."""
        return self._send(Call(OPERATIONS["list_lists"], self._path("lists"), _lists))


def _lists(answer: Json) -> list[ProspectList]:
    return [ProspectList.read(raw) for raw in as_objects(answer)]
