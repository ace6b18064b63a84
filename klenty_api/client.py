"""The client: who asks, with which key, and how a call is carried to its end."""

import logging
import math
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType
from typing import Any, Self, TypeVar, cast
from urllib.parse import urlsplit

import requests

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
    EnvironmentVariableError,
    KlentyError,
    OutcomeUnknownError,
    RateLimitedError,
    UnknownItemError,
    ValidationError,
)
from klenty_api.operations import GET, Call
from klenty_api.retries import Policy, backoff, may_repeat
from klenty_api.throttle import Throttle
from klenty_api.throttle_model import CallResult, Start
from klenty_api.transport import Timeouts, Transport, is_loopback

T = TypeVar("T")
log = logging.getLogger("klenty_api")

try:
    _VERSION = version("klenty-cadence-dashboard")
except PackageNotFoundError:
    _VERSION = "dev"


@dataclass(frozen=True, slots=True)
class CallEvent:
    """One attempt that ended, for logs and metrics: without key, addresses, or personal data.

    `result` is "done" or the name of the error; `seconds` is what the attempt took, without waiting in the queue.
    `silent_for` is how many seconds Klenty has answered nothing at all, None while it answers.
    """

    operation: str
    attempt: int
    result: str
    status: int | None
    seconds: float
    silent_for: float | None


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
    """A client of Klenty's API for one user and key; use it as a context manager, from as many threads as you like.

    >>> client = KlentyClient(sandbox.user, sandbox.api_key, base_url=sandbox.base_url)
    >>> client.cadences.list()[0].name
    'Inbound demo requests'

    At most `workers` calls are under way, and at most `calls_per_second` begin; within that it learns how fast Klenty
    may be asked. Neither repr, str nor pickle show the key.

    Args:
        user: email address of the Klenty user whose path is asked.
        api_key: the key, as copied from Klenty.
        base_url: where the API is; https, unless it is this machine.
        timeout: seconds for a connection, and between two bytes of an answer.
        deadline: seconds for one call with all its repeats; waiting in the queue does not count.
        workers: calls under way at once, at most.
        calls_per_second: calls that begin in a second, at most; None leaves it to what Klenty accepts.
        policy: how often and after what a call is repeated.
        throttle: give clients of the same account the same one.
        session: a session of your own; its proxies, certificates and adapters are used as they are. `deadline` then
            only limits each read.
        proxy: URL of a proxy to use instead of the one that the environment names.
        on_event: called with a `CallEvent` after each attempt, in the thread that made it; it must not raise.

    Raises:
        ValidationError: a user that is no email address, an empty key, caps that are none, or a base URL that would
            send the key unencrypted to another machine.
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
        session: requests.Session | None = None,
        proxy: str | None = None,
        on_event: Callable[[CallEvent], object] | None = None,
    ) -> None:
        key = api_key.strip() if isinstance(api_key, str) else ""
        if not key or not key.isascii() or not key.isprintable():
            raise ValidationError("the API key is empty or holds characters no key has")
        self.user = encode.email(user)
        self.base_url = _checked(base_url)
        if workers < 1 or (calls_per_second is not None and not 0 < calls_per_second < math.inf):
            raise ValidationError("workers and calls per second must be more than 0")
        self.workers = workers
        self._policy = policy or Policy()
        self.throttle = throttle or Throttle(
            workers=workers, calls_per_second=calls_per_second, longest_pause=self._policy.longest_retry_after
        )
        self._timeouts = Timeouts(timeout[0], timeout[1], deadline)
        self._on_event = on_event
        self._transport = Transport(
            self.base_url,
            key,
            user_agent=f"klenty-cadence-dashboard/{_VERSION}",
            workers=workers,
            session=session,
            proxy=proxy,
        )
        super().__init__(self.send, self.user)

    @classmethod
    def from_env(cls, **options: Any) -> Self:
        """Return a client made from the environment; `options` are as for the class and win.

        Reads KLENTY_USER, KLENTY_API_KEY, KLENTY_BASE_URL, KLENTY_WORKERS and KLENTY_CALLS_PER_SECOND. Raises
        `EnvironmentVariableError` naming the variable that is missing or is no number.
        """
        return cls(**_from_environment(options))

    def with_options(
        self,
        *,
        deadline: float | None = None,
        timeout: tuple[float, float] | None = None,
        policy: Policy | None = None,
        on_event: Callable[[CallEvent], object] | None = None,
    ) -> Self:
        """Return a client that differs in these and shares connections, throttle and all else with this one.

        >>> quick = client.with_options(deadline=5)
        >>> len(quick.lists.list()) > 0
        True

        Closing either closes the connections of both; a later call opens new ones.

        Args:
            deadline: seconds for a call with its repeats.
            timeout: seconds to connect and to wait for an answer.
            policy: how often and how long calls are repeated.
            on_event: called after every attempt.
        """
        connect, read = timeout or (self._timeouts.connect, self._timeouts.read)
        changed = {
            "_timeouts": Timeouts(connect, read, deadline or self._timeouts.call),
            "_policy": policy or self._policy,
            "_on_event": on_event or self._on_event,
        }
        other = type(self).__new__(type(self))
        other.__dict__.update(self.__dict__ | changed)
        Resources.__init__(other, other.send, other.user)
        return other

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(user={self.user!r}, base_url={self.base_url!r})"

    def __reduce__(self) -> str:
        raise TypeError("a client holds a key and connections and cannot be pickled")

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    @property
    def silent_for(self) -> float | None:
        """Seconds for which Klenty has answered nothing although it was asked; None while it answers.

        It becomes a number about eight seconds after the first of several unanswered calls, and may be read from
        another thread, such as the one that shows the progress of a fan-out.
        """
        return self.throttle.circuit.silent_for(time.monotonic())

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """Return the JSON of a GET that this library does not know, None for "nothing found". Raises `KlentyError`.

        >>> client.get("/lists")[0]["name"]
        'Default'

        Args:
            path: below `/apis/v1/user/{user}`, encoded.
            query: parameters, not encoded.
        """
        where = f"/apis/v1/user/{encode.segment(self.user)}/{encode.named(path, 'the path').lstrip('/')}"
        return self.send(Call(GET, where, lambda answer: answer, query=dict(query or {})))

    def prepare(self, build: Callable[[Resources], T]) -> Call[T]:
        """Return the call that `build` would send, validated and not sent.

        >>> call = client.prepare(lambda api: api.cadences.start("ana@example.com", "Inbound demo requests"))
        >>> call.body
        {'Email': 'ana@example.com', 'cadenceName': 'Inbound demo requests'}

        It can be shown to a person and then passed to `send`.
        """
        return cast("Call[T]", build(Resources(cast("Sender", lambda call: call), self.user)))

    def send(self, call: Call[T]) -> T:
        """Carry one call to its end: sent, repeated where that is safe and promising, decoded.

        Raises `KlentyError`; for a write that may have been done `OutcomeUnknownError`.
        """
        effort = _Effort(self._timeouts.call)
        scope, is_write = current_scope.get(), call.operation.is_write
        try:
            while True:
                start = self.throttle.acquire(urgent=scope is None or is_write, scope=scope)
                try:
                    return call.decode(self._attempt(call, start, effort))
                except KlentyError as error:
                    wait = self._wait(error, call, effort)
                    effort.may_be_done |= is_write and error.outcome == "unknown"
                    if wait is None:
                        raise
                if scope is None:
                    time.sleep(wait)
                else:
                    scope.sleep(wait)
        except KlentyError as failure:
            if effort.may_be_done and call.operation.gone_is_done and isinstance(failure, UnknownItemError):
                return call.decode({"status": True})  # an attempt without an answer did it
            told = failure.with_facts(operation=call.operation.title, attempts=effort.sent)
            final = _final(told, call, effort)
            raise final from None if type(final) is type(told) else told

    def _attempt(self, call: Call[Any], start: Start, effort: "_Effort") -> Any:  # any JSON
        """Send once, in the turn `start`: the one place where a call leaves this machine."""
        effort.sent += 1
        started = time.monotonic()
        timeouts = self._timeouts
        if not call.operation.is_write:
            patience = self.throttle.circuit.patience(effort.sent - effort.refused)
            timeouts = replace(timeouts, connect=min(timeouts.connect, patience), read=min(timeouts.read, patience))
        failure: KlentyError | None = None
        try:
            return self._transport.send(call, started + effort.left, timeouts)
        except KlentyError as error:
            failure = error
            raise
        finally:
            seconds = time.monotonic() - started
            effort.left -= seconds
            self._record(start, call, effort, failure, seconds)

    def _record(
        self, start: Start, call: Call[Any], effort: "_Effort", failure: KlentyError | None, seconds: float
    ) -> None:
        unanswered = failure is not None and failure.kind == "timeout"
        if isinstance(failure, RateLimitedError):
            self.throttle.record_result(start, "refused", retry_after=failure.retry_after)
        elif failure is None:
            self.throttle.record_result(start, "accepted")
        else:
            ended: CallResult = "not_sent" if failure.outcome == "not_sent" else "failed"
            self.throttle.record_result(start, ended, unanswered=unanswered)
        name, status = (type(failure).__name__, failure.status) if failure else ("done", None)
        log.debug("%s, attempt %d: %s %s in %.3f s", call.operation.name, effort.sent, name, status or "", seconds)
        if self._on_event is not None:
            self._on_event(CallEvent(call.operation.name, effort.sent, name, status, seconds, self.silent_for))

    def _wait(self, error: KlentyError, call: Call[Any], effort: "_Effort") -> float | None:
        """Return the seconds to sleep before the next attempt; None when the call is not sent again."""
        if not may_repeat(error, call.operation):
            return None
        if isinstance(error, RateLimitedError):
            # The throttle keeps everyone waiting as long as Klenty asked; it counts here, but is not slept here.
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
        scope = current_scope.get()
        if scope is not None and not scope.budget.take():
            return None
        effort.left -= wait
        return wait


class _Effort:
    """What a call may still use up: `left` seconds, without waiting in the queue; and what its attempts led to."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds
        self.sent = 0
        self.refused = 0
        self.may_be_done = False  # a write was sent and not answered: whatever follows, it may have been done


def _final(error: KlentyError, call: Call[Any], effort: _Effort) -> KlentyError:
    """Return the error to raise: for a write that may have been done, the one that says so."""
    if not call.operation.is_write:
        # Whatever became of it, asking changed nothing at Klenty.
        return error if error.outcome_known else error.with_facts(outcome="refused")
    unknown_bulk = error.status == 429 and not call.operation.sends_again_after_429
    if error.outcome_known and not unknown_bulk and not effort.may_be_done:
        return error
    return OutcomeUnknownError(error.message, **(error.facts() | {"outcome": "unknown"}))


def _from_environment(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the constructor's arguments: the `options`, and what the environment gives besides."""
    found = dict(options)
    for name, argument, kind, needed in (
        ("KLENTY_USER", "user", str, True),
        ("KLENTY_API_KEY", "api_key", str, True),
        ("KLENTY_BASE_URL", "base_url", str, False),
        ("KLENTY_WORKERS", "workers", int, False),
        ("KLENTY_CALLS_PER_SECOND", "calls_per_second", float, False),
    ):
        value = os.environ.get(name, "").strip()
        if argument in options:
            continue
        if value:
            try:
                found[argument] = kind(value)
            except ValueError:
                raise EnvironmentVariableError(f"{name} is not a number") from None
        elif needed:
            raise EnvironmentVariableError(f"{name} is not set")
    return found


def _checked(base_url: str) -> str:
    try:
        parts = urlsplit(base_url.strip())
        _ = parts.port
    except (ValueError, AttributeError):  # as for "https://["
        raise ValidationError("the base URL must look like https://api.klenty.com") from None
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValidationError("the base URL must look like https://api.klenty.com")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValidationError("the base URL must be https: the key would travel unencrypted")
    return base_url.strip().rstrip("/")
