"""Cadences: listed, and started, stopped and resumed for a prospect."""

from klenty_api import encode
from klenty_api.decode import Json, as_objects
from klenty_api.endpoints.endpoint import Endpoint
from klenty_api.models import Cadence, WriteResult
from klenty_api.operations import OPERATIONS, Call


class Cadences(Endpoint):
    """A cadence is addressed by its name. All raise `ValidationError` before sending, else `KlentyError`.

    >>> client.cadences.start("ana@example.com", "No such cadence")
    Traceback (most recent call last):
    klenty_api.errors.UnknownItemError: Start Cadence: Klenty knows nothing of that name or id; it may have been ...
    """

    def list(self, username: str | None = None) -> list[Cadence]:
        """Return the company's cadences, or one user's. Also the cheap way to check a key.

        >>> [cadence.name for cadence in client.cadences.list(username="lena.brandt@sandbox.example")]
        ['Outbound – VP Sales, North America']
        """
        query = {"username": encode.email(username)} if username else {}
        return self._send(Call(OPERATIONS["list_cadences"], self._path("cadences"), _cadences, query=query))

    def start(self, email: str, cadence: str) -> WriteResult:
        """Start a cadence for a prospect ("Start Cadence"). Sends email; never retried automatically."""
        body = {"Email": encode.email(email), "cadenceName": encode.named(cadence, "the cadence's name")}
        return self._write("start_cadence", self._path("startcadence"), body)

    def stop(self, email: str, cadence: str) -> WriteResult:
        """Take a prospect out of this one cadence ("Stop Cadence for a prospect").

        An empty name is refused here, because Klenty would take the prospect out of all cadences.
        """
        body = {"Email": encode.email(email), "cadenceName": encode.named(cadence, "the cadence's name")}
        return self._write("stop_cadence", self._path("stopcadence"), body)

    def stop_all(self, email: str) -> WriteResult:
        """Take a prospect out of **all** cadences: the same address, without a cadence's name."""
        return self._write("stop_all_cadences", self._path("stopcadence"), {"Email": encode.email(email)})

    def resume(self, email: str) -> WriteResult:
        """Resume a paused cadence ("Resume cadence"). Sends email; never retried automatically.

        Klenty resumes what is Manually stopped, Auto-reply stopped, Calendly replied or Replied, and nothing else.
        """
        return self._write("resume_cadence", self._path("cadences", "resume"), {"Email": encode.email(email)})


def _cadences(answer: Json) -> list[Cadence]:
    return [Cadence.read(raw) for raw in as_objects(answer)]
