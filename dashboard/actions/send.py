"""Carry out one prepared call, once. Every write of the dashboard passes through `perform`.

It is the only place that calls `client.send`, so whatever must hold for every write belongs here and nowhere else:
the person's role is asked for anew, and the ledger has the write before Klenty has it.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from dashboard.actions.clock import now
from dashboard.actions.ledger import LedgerProblemError
from dashboard.actions.permissions import refusal
from dashboard.actions.shutdown import GATE, WORDS
from dashboard.data.webhooks.url import masked_json
from klenty_api import KlentyError, Webhook

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from dashboard.actions.context import ActionContext
    from dashboard.actions.ledger import Run, RunRow
    from klenty_api import Call

log = logging.getLogger(__name__)

State = Literal["done", "refused", "unknown"]
_LEDGER_OPEN: Final = " The ledger could not be completed: there the outcome reads unknown."


class AlreadySentError(RuntimeError):
    """The ticket was used before: nothing was sent this time."""


class OneTimeCall:
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
        return f"OneTimeCall({self.call!r}, taken={self._taken})"


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
    """Where the visit notes a write: before it is sent, and when it has ended."""

    @property
    def subject(self) -> str:
        """Whom or what the write is about."""

    def begins(self, call: Call[Any]) -> None:
        """Note that `call` is about to be sent; until `ends` comes its outcome is unknown."""

    def ends(self, call: Call[Any], result: ActionResult) -> None:
        """Note how it ended."""


class NotAllowedError(Exception):
    """The person may not do this now. The message is for people."""


def perform(
    desk: ActionContext, ticket: OneTimeCall, record: Record, *, check: str = "", run: Run | None = None
) -> ActionResult:
    """Send the ticket's call, once, and say how it ended; KlentyErrors become results.

    What the person may not do now, and what the ledger cannot take, is refused before anything is sent. `check` is
    what to look at should the outcome stay unknown. `run` is the run that the call is part of: its entry stands in
    the ledger already and ends with the run. Raises AlreadySentError, with nothing sent, when the ticket was used
    before. Any other exception leaves ledger and `record` with an open entry, that is: outcome unknown.
    """
    call = ticket.take()
    record.begins(call)
    with GATE.passing() as may_pass:
        return _pass(desk, call, record, check, run, "" if may_pass else WORDS)


def _pass(
    desk: ActionContext, call: Call[Any], record: Record, check: str, run: Run | None, reason: str
) -> ActionResult:
    """Send `call` unless there is a `reason` not to, and note it before and after."""
    may_not = refusal(desk.person, call.operation.name, account=desk.account.name, bulk=run is not None)
    reason = reason or may_not or ""
    entry: int | None = None
    if run is None:
        try:
            entry = desk.ledger.begin(desk.person, call.operation.name, record.subject, sent(call))
        except LedgerProblemError as problem:
            reason = reason or str(problem)
    result = refused(reason, call.operation.name) if reason else _send(desk, call, check)
    if entry is not None:
        result = _completed(desk, entry, result)
    record.ends(call, result)
    return result


def begin_run(desk: ActionContext, operation: str, subject: str, about: Any, rows: Sequence[RunRow]) -> Run:
    """Enter a run of many calls into the ledger, with all its rows, before the first is sent.

    Raises NotAllowedError (which the ledger notes as refused) or LedgerProblemError; then there is no run.
    """
    if reason := refusal(desk.person, operation, account=desk.account.name, bulk=True):
        with contextlib.suppress(LedgerProblemError):
            desk.ledger.end(desk.ledger.begin(desk.person, operation, subject, about), "refused", reason, attempts=0)
        raise NotAllowedError(reason)
    return desk.ledger.run(desk.ledger.begin(desk.person, operation, subject, about, rows), desk.person)


def sent(call: Call[Any]) -> dict[str, Any]:
    """What is sent, as the ledger keeps it: method, path and body, without key and secrets of webhook addresses."""
    return {"method": call.operation.method, "path": call.path, "body": masked_json(call.body)}


def _send(desk: ActionContext, call: Call[Any], check: str) -> ActionResult:
    try:
        answer = desk.client.send(call)
    except KlentyError as error:
        return _failed(error, call, check)
    return ActionResult("done", _accepted(answer), call.operation.name, now(), answer=answer)


def refused(reason: str, operation: str) -> ActionResult:
    """The result of what was not sent, because of the person or the ledger."""
    return ActionResult("refused", reason, operation, now(), left_machine=False, stops_all=True, attempts=0)


def _completed(desk: ActionContext, entry: int, result: ActionResult) -> ActionResult:
    check, attempts = result.what_to_check, result.attempts
    try:
        desk.ledger.end(entry, result.state, result.message, what_to_check=check, attempts=attempts)
    except LedgerProblemError:
        log.warning("the ledger could not take the end of entry %d; it reads outcome unknown", entry)
        return replace(result, message=result.message + _LEDGER_OPEN)
    return result


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
