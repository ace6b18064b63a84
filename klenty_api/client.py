"""The client: who asks, with which key, and how a call is carried to its end."""

import logging
import time
from collections.abc import Callable
from contextvars import ContextVar
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType
from typing import Any, Self, TypeVar, cast
from urllib.parse import urlsplit

from klenty_api import writing
from klenty_api.cadences import Cadences
from klenty_api.calls import Calls
from klenty_api.engagements import Engagements
from klenty_api.errors import (
    KlentyError,
    OutcomeUnknownError,
    RateLimitedError,
    ValidationError,
)
from klenty_api.lists import Lists
from klenty_api.operations import Call
from klenty_api.prospects import Prospects
from klenty_api.resource import Sender
from klenty_api.retries import Policy, RetryBudget, may_repeat, wait_before
from klenty_api.transport import Timeouts, Transport
from klenty_api.webhooks import Webhooks

T = TypeVar("T")
log = logging.getLogger("klenty_api")
shared_budget: ContextVar[RetryBudget | None] = ContextVar("shared_budget", default=None)

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

    Safe to use from many threads at once: after construction nothing of it changes but the pool of connections,
    which is made for that. `workers` sizes the pool; `timeout` is (connect, read) and `deadline` the whole of one
    call with its repeats, in seconds. Neither repr, str nor pickle show the key. Raises `ValidationError` for a user
    that is no email address, an empty key, or a base URL that would send the key unencrypted to another machine.
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
        policy: Policy | None = None,
    ) -> None:
        key = api_key.strip()
        if not key or not key.isascii() or not key.isprintable():
            raise ValidationError("the API key is empty or holds characters no key has")
        self.user = writing.email(user)
        self.base_url = _checked(base_url)
        self.workers = workers
        self._policy = policy or Policy()
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
        until = time.monotonic() + self._timeouts.call
        attempt = 0
        while True:
            attempt += 1
            try:
                return call.decode(self._once(call, until, attempt))
            except KlentyError as error:
                error.operation, error.attempts = call.operation.title, attempt
                wait = self._wait(error, call, attempt, until)
                if wait is None:
                    failure = _final(error, call)
                    if failure is error:
                        raise
                    raise failure from error
            time.sleep(wait)

    def _once(self, call: Call[Any], until: float, attempt: int) -> Any:  # any JSON
        """The one place where a call leaves this machine."""
        started = time.monotonic()
        outcome = "done"
        try:
            return self._transport.send(call, until)
        except KlentyError as error:
            outcome = f"{type(error).__name__} {error.status or ''}".strip()
            raise
        finally:
            seconds = time.monotonic() - started
            log.debug("%s, attempt %d: %s in %.3f s", call.operation.name, attempt, outcome, seconds)

    def _wait(self, error: KlentyError, call: Call[Any], attempt: int, until: float) -> float | None:
        """Seconds until the next attempt; None when there is none."""
        if attempt >= self._policy.max_attempts or not may_repeat(error, call.operation):
            return None
        wait = wait_before(attempt, error, self._policy)
        if wait is None or time.monotonic() + wait >= until:
            return None
        budget = shared_budget.get()
        if budget is not None and not budget.take():
            return None
        return wait


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
