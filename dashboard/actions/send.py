"""Carry out one prepared call, once. Every write of the dashboard passes through `perform`.

It is the only place that calls `client.send`, so what must hold for every write belongs here and nowhere else:
the person's current role is checked, and the action log has the write before Klenty has it.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import uuid
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, Literal

from dashboard.actions.ledger import LedgerProblemError
from dashboard.actions.permissions import refusal
from dashboard.actions.shutdown import GATE, STOPPING
from dashboard.data.webhooks.url import masked_json
from klenty_api import KlentyError, RequestRefusedError, Webhook

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.actions.context import ActionContext
    from dashboard.actions.ledger import LedgerRun, RunRow
    from klenty_api import Call

log = logging.getLogger(__name__)

State = Literal["done", "refused", "unknown"]
_RENAMED: Final = " The cadence may have been renamed: reload the list and choose it again."
_LOG_OPEN: Final = " The action log could not record how it ended and shows *Outcome unknown*."


class AlreadySentError(RuntimeError):
    """The call was used before: nothing was sent this time."""


class OneTimeCall:
    """A call that can be sent once. Taking it is atomic, so two clicks or two threads cannot both send."""

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
        """Return the call, the first time only. Raises AlreadySentError every other time."""
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
    False when the call never got out. `answer` is what the client returned, `entry` its number in the action log.
    """

    state: State
    message: str
    operation: str
    what_to_check: str = ""
    left_machine: bool = True
    stops_all: bool = False
    attempts: int = 1
    answer: Any = None
    entry: int | None = None


class NotAllowedError(Exception):
    """The person may not do this now. The message is for people."""


def perform(
    context: ActionContext, once: OneTimeCall, subject: str, *, check: str = "", run: LedgerRun | None = None
) -> ActionResult:
    """Send a call, once, and return how it ended; KlentyErrors become results.

    What the person may not do now, and what the action log cannot take, is refused before anything is sent.

    Args:
        context: who sends, for which account, and where it is recorded.
        once: the call. It can be used a single time.
        subject: whom or what the call is about, for the action log.
        check: what to look at should the outcome stay unknown.
        run: the run that the call is part of; its entry is in the log already and ends with the run.

    Raises:
        AlreadySentError: the call was used before; nothing was sent.

    Any other exception leaves an open entry in the log, that is: outcome unknown.
    """
    call = once.take()
    with GATE.hold() as is_open:
        reason = "" if is_open else STOPPING
        may_not = refusal(context.person, call.operation.name, account=context.account.name, bulk=run is not None)
        reason = reason or may_not or ""
        entry: int | None = None
        if run is None:
            try:
                entry = context.ledger.begin(context.person, call.operation.name, subject, sent(call))
            except LedgerProblemError as problem:
                reason = reason or str(problem)
        result = refused(reason, call.operation.name) if reason else _send(context, call, check)
        return result if entry is None else _completed(context, entry, result)


def begin_run(context: ActionContext, operation: str, subject: str, about: Any, rows: Sequence[RunRow]) -> LedgerRun:
    """Record a run of many calls in the action log, with all its rows, before the first is sent; return it.

    Args:
        context: who sends, for which account, and where it is recorded.
        operation: the name of the operation that every call of the run carries out.
        subject: whom or what the run is about, for the action log.
        about: facts about the whole run, as JSON.
        rows: every row that will be sent.

    Raises:
        NotAllowedError: the person may not; the log notes it as refused.
        LedgerProblemError: the log cannot be written; nothing is sent.
    """
    if reason := refusal(context.person, operation, account=context.account.name, bulk=True):
        with contextlib.suppress(LedgerProblemError):
            context.ledger.end(
                context.ledger.begin(context.person, operation, subject, about), "refused", reason, attempts=0
            )
        raise NotAllowedError(reason)
    return context.ledger.run(context.ledger.begin(context.person, operation, subject, about, rows), context.person)


def sent(call: Call[Any]) -> dict[str, Any]:
    """Return what the log keeps of a call: method, path and body, without the key and secrets of webhook addresses."""
    return {"method": call.operation.method, "path": call.path, "body": masked_json(call.body)}


def _send(context: ActionContext, call: Call[Any], check: str) -> ActionResult:
    try:
        answer = context.client.send(call)
    except KlentyError as error:
        return _failed(error, call, check)
    return ActionResult("done", _accepted(answer), call.operation.name, answer=answer)


def refused(reason: str, operation: str) -> ActionResult:
    """Return the result of a call that was not sent, because of the person or the log."""
    return ActionResult("refused", reason, operation, left_machine=False, stops_all=True, attempts=0)


def _completed(context: ActionContext, entry: int, result: ActionResult) -> ActionResult:
    result = replace(result, entry=entry)
    check, attempts = result.what_to_check, result.attempts
    try:
        context.ledger.end(entry, result.state, result.message, what_to_check=check, attempts=attempts)
    except LedgerProblemError:
        log.warning("the action log could not take the end of entry %d; it reads outcome unknown", entry)
        return replace(result, message=result.message + _LOG_OPEN)
    return result


def _accepted(answer: Any) -> str:
    if isinstance(answer, Webhook) and answer.id:
        return f"Klenty accepted it. The webhook's id is {answer.id}."
    return "Klenty accepted it."


def _failed(error: KlentyError, call: Call[Any], check: str) -> ActionResult:
    unknown = error.outcome == "unknown"
    return ActionResult(
        state="unknown" if unknown else "refused",
        message=str(error) + (_RENAMED if _knows_no_name(error, call) else ""),
        operation=call.operation.name,
        what_to_check=check if unknown else "",
        left_machine=error.outcome != "not_sent",
        stops_all=_concerns_all(error),
        attempts=error.attempts,
    )


def _knows_no_name(error: KlentyError, call: Call[Any]) -> bool:
    is_refusal = isinstance(error, RequestRefusedError) and error.status == HTTPStatus.NOT_FOUND
    return is_refusal and isinstance(call.body, dict) and "cadenceName" in call.body


def _concerns_all(error: KlentyError) -> bool:
    """Return whether the next call would fail as well: a bad key, no network, a limit, a service that is down."""
    return error.outcome != "refused" or error.status in {401, 403, 429} or (error.status or 0) >= 500
