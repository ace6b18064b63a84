"""The client: who asks, with which key, and how a call is carried to its end."""

import logging
import math
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType
from typing import Any, Self, TypeVar, cast
from urllib.parse import urlsplit

from klenty_api import encode
from klenty_api.cancellation import current_scope
from klenty_api.endpoints.cadences import Cadences
from klenty_api.endpoints.calls import Calls
from klenty_api.endpoints.endpoint import Sender
from klenty_api.endpoints.engagements import Engagements
from klenty_api.endpoints.lists import Lists
from klenty_api.endpoints.prospects import Prospects
from klenty_api.endpoints.webhooks import Webhooks
from klenty_api.errors import (
    KlentyError,
    OutcomeUnknownError,
    RateLimitedError,
    ValidationError,
)
from klenty_api.operations import Call
from klenty_api.retries import Policy, backoff, may_repeat
from klenty_api.throttle import Throttle
from klenty_api.throttle_model import CallResult, Start
from klenty_api.transport import Timeouts, Transport

T = TypeVar("T")
log = logging.getLogger("klenty_api")

try:
    _VERSION = version("klenty-cadence-dashboard")
except PackageNotFoundError:
    _VERSION = "dev"


class Resources:
    """All groups of endpoints: `prospects`, `cadences`, `lists`, `webhooks`, `calls`, `engagements`."""

    def __init__(self, send: Sender, user: str) -> None:
        self.prospects = Prospects(send, user)
        self.cadences = Cadences(send, user)
        self.lists = Lists(send, user)
        self.webhooks = Webhooks(send, user)
        self.calls = Calls(send, user)
        self.engagements = Engagements(send, user)


class KlentyClient(Resources):
    """A client of Klenty's API for one user and key; use it as a context manager.

    Safe to use from many threads at once. At most `workers` calls are under way, and at most `calls_per_second` begin,
    whoever makes them; within that its `throttle` learns how fast Klenty may be asked (give clients of the same account
    the same one). `timeout` is (connect, read) and `deadline` the whole of one call with its repeats, in seconds;
    standing in line does not count. Neither repr, str nor pickle show the key. Raises `ValidationError` for a user that
    is no email address, an empty key, caps that are none, or a base URL that would send the key unencrypted to another
    machine.
    """

    def __init__(
        self,
        user: str,
        api_key: str,
        *,
        base_url: str = "https://api.klenty.com",
        timeout: tuple[float, float] = (10.0, 30.0),
        deadline: float = 60.0,
        workers: int = 16,
        calls_per_second: float | None = None,
        policy: Policy | None = None,
        throttle: Throttle | None = None,
    ) -> None:
        key = api_key.strip()
        if not key or not key.isascii() or not key.isprintable():
            raise ValidationError("the API key is empty or holds characters no key has")
        self.user = encode.email(user)
        self.base_url = _checked(base_url)
        if workers < 1 or (calls_per_second is not None and not 0 < calls_per_second < math.inf):
            raise ValidationError("workers and calls per second must be more than 0")
        self.workers = workers
        self._policy = policy or Policy()
        self.throttle = throttle or Throttle(
            workers=workers,
            calls_per_second=calls_per_second,
            longest_pause=self._policy.longest_retry_after,
        )
        self._timeouts = Timeouts(timeout[0], timeout[1], deadline)
        self._transport = Transport(
            self.base_url,
            key,
            user_agent=f"klenty-cadence-dashboard/{_VERSION}",
            workers=workers,
            timeouts=self._timeouts,
        )
        super().__init__(self.send, self.user)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.base_url!r})"

    def __reduce__(self) -> str:
        raise TypeError("a client holds a key and connections and cannot be pickled")

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def prepare(self, build: Callable[[Resources], T]) -> Call[T]:
        """The call that `build` would send, validated and not sent.

        `client.prepare(lambda api: api.cadences.start(email, name))` is shown to a person and then passed to `send`.
        """
        return cast("Call[T]", build(Resources(cast("Sender", _as_it_is), self.user)))

    def send(self, call: Call[T]) -> T:
        """Carry one call to its end: sent, repeated where that is safe and promising, decoded.

        Raises `KlentyError`; for a write whose effect is not known `OutcomeUnknownError`.
        """
        effort = _Effort(self._timeouts.call)
        while True:
            start = self._turn(call, effort)
            try:
                return call.decode(self._once(call, start, effort))
            except KlentyError as error:
                error.operation, error.attempts = call.operation.title, effort.sent
                wait = self._wait(error, call, effort)
                if wait is None:
                    failure = _final(error, call)
                    if failure is error:
                        raise
                    raise failure from error
            _sleep(wait)

    def _turn(self, call: Call[Any], effort: "_Effort") -> Start:
        """Stand in line; what a person waits for goes before the calls of a fan-out."""
        run = current_scope.get()
        try:
            return self.throttle.acquire(call.operation.name, urgent=run is None or call.operation.is_write, run=run)
        except KlentyError as error:
            error.operation, error.attempts = call.operation.title, effort.sent
            raise

    def _once(self, call: Call[Any], start: Start, effort: "_Effort") -> Any:  # any JSON
        """The one place where a call leaves this machine; `start` is its turn, and given back here."""
        effort.sent += 1
        started = time.monotonic()
        outcome = "broke off"
        verdict: CallResult = "failed"
        asked: float | None = None
        self.throttle.leaves(start)
        try:
            answer = self._transport.send(call, started + effort.left)
            outcome, verdict = "done", "accepted"
        except KlentyError as error:
            outcome = f"{type(error).__name__} {error.status or ''}".strip()
            verdict = "not_sent" if error.outcome == "not_sent" else "failed"
            if isinstance(error, RateLimitedError):
                verdict, asked = "refused", error.retry_after
            raise
        else:
            return answer
        finally:
            self.throttle.record_result(start, verdict, asked)
            seconds = time.monotonic() - started
            effort.left -= seconds
            log.debug("%s, attempt %d: %s in %.3f s", call.operation.name, effort.sent, outcome, seconds)

    def _wait(self, error: KlentyError, call: Call[Any], effort: "_Effort") -> float | None:
        """Seconds to sleep before standing in line again; None when the call is not sent again."""
        if not may_repeat(error, call.operation):
            return None
        if isinstance(error, RateLimitedError):
            # The throttle keeps everyone in line as long as Klenty asked; it counts here, but is not slept here.
            effort.refused += 1
            effort.left -= error.retry_after or 0.0
            too_long = (error.retry_after or 0.0) > self._policy.longest_retry_after or effort.left <= 0
            return None if too_long or effort.refused > self._policy.max_refusals else 0.0
        attempt = effort.sent - effort.refused
        if attempt >= self._policy.max_attempts:
            return None
        wait = backoff(attempt, error, self._policy)
        if wait is None or wait >= effort.left:
            return None
        run = current_scope.get()
        if run is not None and not run.budget.take():
            return None
        effort.left -= wait
        return wait


class _Effort:
    """What a call may still use up: `left` seconds, without standing in line; how often it was sent and refused."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds
        self.sent = 0
        self.refused = 0


def _sleep(seconds: float) -> None:
    run = current_scope.get()
    if run is None:
        time.sleep(seconds)
    else:
        run.sleep(seconds)


def _as_it_is(call: Call[Any]) -> Call[Any]:
    return call


def _final(error: KlentyError, call: Call[Any]) -> KlentyError:
    """The error to raise: for a write that may have been done, the one that says so."""
    if not call.operation.is_write:
        if error.outcome == "unknown":
            error.outcome = "refused"  # whatever became of it, asking changed nothing at Klenty
        return error
    unknown_bulk = isinstance(error, RateLimitedError) and not call.operation.sends_again_after_429
    if error.outcome != "unknown" and not unknown_bulk:
        return error
    return OutcomeUnknownError(
        error.message,
        operation=error.operation,
        status=error.status,
        code=error.code,
        detail=error.detail,
        attempts=error.attempts,
        outcome="unknown",
    )


def _checked(base_url: str) -> str:
    try:
        parts = urlsplit(base_url.strip())
    except ValueError:  # as for “https://[”
        raise ValidationError("the base URL must look like https://api.klenty.com") from None
    local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValidationError("the base URL must look like https://api.klenty.com")
    if parts.scheme == "http" and not local:
        raise ValidationError("the base URL must be https: the key would travel unencrypted")
    return base_url.strip().rstrip("/")
