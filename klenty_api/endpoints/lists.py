"""Lists of prospects."""

from klenty_api.decode import Json, as_objects
from klenty_api.endpoints.endpoint import Endpoint
from klenty_api.models import ProspectList
from klenty_api.operations import OPERATIONS, Call


class Lists(Endpoint):
    """The account's lists. Raises `KlentyError`."""

    def list(self) -> list[ProspectList]:
        """Return all lists.

        >>> client.lists.list()[0].to_dict()["name"]
        'Default'
        """
        return self._send(Call(OPERATIONS["list_lists"], self._path("lists"), _lists))


def _lists(answer: Json) -> list[ProspectList]:
    return [ProspectList.read(raw) for raw in as_objects(answer)]
