"""What can go wrong when Klenty is asked, as a small tree.

    KlentyError
    ├── ValidationError (also ValueError)   the caller's mistake; nothing was sent
    │   └── EnvironmentVariableError        a variable such as HTTPS_PROXY makes sending impossible; it is named
    ├── AuthenticationError                 the key was refused, for all calls alike
    ├── UnknownUserError                    the user in the path does not belong to the account
    ├── NotFoundError                       nothing of Klenty's answers there: the base URL is probably wrong
    ├── RequestRefusedError                 Klenty understood and said no
    │   └── UnknownItemError                it knows no such cadence, prospect or webhook (any more)
    ├── RateLimitedError                    too many calls; `retry_after` says how long to wait
    ├── ServiceError                        Klenty's side failed (5xx, the network in front of it)
    ├── ConnectionFailed                    no connection, or it broke; `kind` says how
    │   ├── DeadlineExceeded                the call took longer than its deadline
    │   └── NotAnsweringError               nothing has been answered for a while, so this was not tried
    ├── UnexpectedAnswerError               something answered, but not as Klenty's API does
    ├── OutcomeUnknownError                 a write was sent and its effect is not known; look before repeating
    └── Cancelled                           not tried, because the whole run was stopped

A message names the operation, the status, Klenty's code and text, the attempts, and whether the outcome is known.
It never holds the key, an address, an email or a whole body.
"""

from typing import Any, Final, Literal, Self

Effect = Literal["not_sent", "refused", "unknown"]
ConnectionKind = Literal["dns", "refused", "tls", "timeout", "other"]


class KlentyError(Exception):
    """Base of everything this library raises. Its facts are given at construction and do not change.

    Args:
        message: what happened, for people.
        operation: the vendor's heading of the operation.
        status: the HTTP status.
        code: Klenty's code, such as K2002.
        detail: Klenty's own words, cut, without markup.
        attempts: how often the call was sent.
        outcome: "not_sent" (nothing left this machine), "refused" (Klenty did not do it, or there was nothing to
            change) or "unknown" (it may have been done).
        retry_after: seconds that Klenty asks to wait, None if it did not say.
        kind: of a failed connection: dns, refused, tls, timeout, other.
        cut: whether the answer broke off, so that asking again is promising.
    """

    def __init__(
        self,
        message: str,
        *,
        operation: str | None = None,
        status: int | None = None,
        code: str | None = None,
        detail: str | None = None,
        attempts: int = 0,
        outcome: Effect = "not_sent",
        retry_after: float | None = None,
        kind: ConnectionKind | None = None,
        cut: bool = False,
    ) -> None:
        super().__init__(message)
        self.message: Final = message
        self.operation: Final = operation
        self.status: Final = status
        self.code: Final = code
        self.detail: Final = detail
        self.attempts: Final = attempts
        self.outcome: Final[Effect] = outcome
        self.retry_after: Final = retry_after
        self.kind: Final[ConnectionKind | None] = kind
        self.cut: Final = cut

    @property
    def outcome_known(self) -> bool:
        """Whether it is sure that nothing was changed at Klenty."""
        return self.outcome != "unknown"

    def facts(self) -> dict[str, Any]:
        """Return the facts by the names of the constructor's keywords."""
        names = ("operation", "status", "code", "detail", "attempts", "outcome", "retry_after", "kind", "cut")
        return {name: getattr(self, name) for name in names}

    def with_facts(self, **changed: Any) -> Self:
        """Return an equal error with some facts changed."""
        return type(self)(self.message, **(self.facts() | changed))

    def __str__(self) -> str:
        start = f"{self.operation}: {self.message}" if self.operation else self.message
        facts = [f"HTTP {self.status}" if self.status else "", self.code or "", self.detail or ""]
        said = ", ".join(fact for fact in facts if fact)
        parts = [f"{start} ({said})" if said else start]
        if self.attempts > 1:
            parts.append(f"Tried {self.attempts} times")
        if not self.outcome_known:
            parts.append("Whether it took effect is not known")
        return ". ".join(part.rstrip(".") for part in parts) + "."

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.message, self.facts())


def _rebuild(kind: type[KlentyError], message: str, facts: dict[str, Any]) -> KlentyError:
    return kind(message, **facts)


class ValidationError(KlentyError, ValueError):
    """The call cannot be right as it is; nothing was sent."""


class EnvironmentVariableError(ValidationError):
    """An environment variable makes sending impossible; the message names it. Nothing was sent."""


class AuthenticationError(KlentyError):
    """Klenty refuses the API key."""


class UnknownUserError(KlentyError):
    """The user in the address is not one of the account."""


class NotFoundError(KlentyError):
    """Nothing of Klenty's answers at that address (a 404 without a reason of Klenty's)."""


class RequestRefusedError(KlentyError):
    """Klenty answered that it did not do it, and why."""


class UnknownItemError(RequestRefusedError):
    """Klenty knows no such cadence, prospect or webhook: it may have been renamed or deleted (a 404 with a reason)."""


class RateLimitedError(KlentyError):
    """Too many calls. `retry_after` is the wait Klenty asked for, in seconds, None if it did not say."""


class ServiceError(KlentyError):
    """Klenty, or the network in front of it, failed. `retry_after` as for `RateLimitedError`."""


class ConnectionFailed(KlentyError):
    """No connection, or it broke. `kind`: dns, refused, tls, timeout, other."""


class DeadlineExceeded(ConnectionFailed):
    """The call took longer than its deadline."""


class NotAnsweringError(ConnectionFailed):
    """Not tried: several calls in a row had no answer, and a longer try had none either. Another follows soon."""


class UnexpectedAnswerError(KlentyError):
    """Something answered, but not as Klenty's API does: a page, a redirect, cut or foreign JSON."""


class OutcomeUnknownError(KlentyError):
    """A write was sent, no usable answer arrived, and repeating it is not safe. `__cause__` says what happened."""


class Cancelled(KlentyError):
    """Not tried, because the run it belonged to was stopped."""


STOPS_EVERYTHING = (AuthenticationError, UnknownUserError, NotAnsweringError)
"""Errors after which no other call can fare better."""
