"""Carry out one prepared call, once. Every write of the dashboard passes through `perform`.

It is the only place that calls `client.send`, so whatever must hold for every write (who may do it, what is
recorded) belongs here and nowhere else.
"""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from klenty_api import KlentyError, Webhook

if TYPE_CHECKING:
    from klenty_api import Call, KlentyClient

State = Literal["done", "refused", "unknown"]


class AlreadySentError(RuntimeError):
    """The ticket was used before: nothing was sent this time."""


class Ticket:
    """The right to send one call once. Taking it is atomic, so two clicks or two threads cannot both send."""

    def __init__(self, call: Call[Any]) -> None:
        self.call = call
        self.token = uuid.uuid4().hex
        self._lock = threading.Lock()
        self._taken = False

    @property
    def taken(self) -> bool:
        """Whether the call was sent, or is being sent."""
        return self._taken

    def take(self) -> Call[Any]:
        """Give the call out, the first time only.

        Raises AlreadySentError every other time.
        """
        with self._lock:
            if self._taken:
                raise AlreadySentError
            self._taken = True
        return self.call

    def __repr__(self) -> str:
        return f"Ticket({self.call!r}, taken={self._taken})"


@dataclass(frozen=True, slots=True)
class ActionResult:
    """How a write ended.

    `state` is "done", "refused" (nothing was changed) or "unknown" (it may have been carried out);
    `message` says it in words and `what_to_check` what to look at when it is not known. `left_machine` is
    False when the call never got out. `answer` is what the client returned.
    """

    state: State
    message: str
    operation: str
    at: dt.datetime
    what_to_check: str = ""
    left_machine: bool = True
    stops_all: bool = False
    attempts: int = 1
    answer: Any = None


class Record(Protocol):
    """Where a write is written down: before it is sent, and when it has ended."""

    def begins(self, call: Call[Any]) -> None:
        """Note that `call` is about to be sent; until `ends` comes its outcome is unknown."""

    def ends(self, call: Call[Any], result: ActionResult) -> None:
        """Note how it ended."""


def perform(client: KlentyClient, ticket: Ticket, record: Record, *, check: str = "") -> ActionResult:
    """Send the ticket's call, once, and say how it ended; KlentyErrors become results.

    `check` is what to look at should the outcome stay unknown. Raises AlreadySentError, with nothing sent,
    when the ticket was used before. Any other exception leaves `record` with an open entry, that is:
    outcome unknown.
    """
    call = ticket.take()
    record.begins(call)
    try:
        answer = client.send(call)
    except KlentyError as error:
        result = _failed(error, call, check)
    else:
        result = ActionResult("done", _accepted(answer), call.operation.name, now(), answer=answer)
    record.ends(call, result)
    return result


def now() -> dt.datetime:
    """The present moment, aware, to the second."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def _accepted(answer: Any) -> str:
    if isinstance(answer, Webhook) and answer.id:
        return f"Klenty accepted it. The webhook's id is {answer.id}."
    return "Klenty accepted it."


def _failed(error: KlentyError, call: Call[Any], check: str) -> ActionResult:
    unknown = error.outcome == "unknown"
    return ActionResult(
        state="unknown" if unknown else "refused",
        message=str(error),
        operation=call.operation.name,
        at=now(),
        what_to_check=check if unknown else "",
        left_machine=error.outcome != "not_sent",
        stops_all=_concerns_all(error),
        attempts=error.attempts,
    )


def _concerns_all(error: KlentyError) -> bool:
    """Whether the next call would meet the same fate: a bad key, no network, a limit, a service down."""
    return error.outcome != "refused" or error.status in {401, 403, 429} or (error.status or 0) >= 500
