"""Base of all groups of operations: the user in the path, and how a call is sent."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from klenty_api import encode
from klenty_api.decode import as_object
from klenty_api.errors import UnexpectedAnswerError
from klenty_api.models import WriteResult
from klenty_api.operations import OPERATIONS, Call, Repeat

T = TypeVar("T")


class Sender(Protocol):
    """Sends a call and returns what its answer decodes to."""

    def __call__(self, call: Call[T], /) -> T:
        """Send `call`."""


class Endpoint:
    """A group of operations. `send` decides what becomes of a call: sent, or only shown."""

    def __init__(self, send: Sender, user: str) -> None:
        self._send = send
        self._user = user

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._user}>"

    def _path(self, *segments: str) -> str:
        return "/apis/v1/user/" + "/".join(encode.segment(part) for part in (self._user, *segments))

    def _write(self, name: str, path: str, body: Any, *, repeat: Repeat | None = None) -> WriteResult:
        operation = OPERATIONS[name]
        if repeat is not None:
            operation = replace(operation, repeat=repeat)
        return self._send(Call(operation, path, _result(name), body=body))


def _result(name: str) -> Callable[[Any], WriteResult]:
    def decode(answer: Any) -> WriteResult:  # any JSON
        # A refusal never comes this far; without a status nothing says that it was done.
        if as_object(answer).get("status") is None:
            raise UnexpectedAnswerError("the answer does not say whether it was done", outcome="unknown")
        return WriteResult(name, as_object(answer.get("details")) or None, answer)

    return decode
