"""What can go wrong when Klenty is asked, as a small tree.

    KlentyError
    ├── ValidationError (also ValueError)   the caller's mistake; nothing was sent
    ├── AuthenticationError                 the key was refused, for all calls alike
    ├── UnknownUserError                    the user in the path does not belong to the account
    ├── NotFoundError                       no such address: the base URL is probably wrong
    ├── RequestRefusedError                 Klenty understood and said no
    ├── RateLimitedError                    too many calls; `retry_after` says how long to wait
    ├── ServiceError                        Klenty's side failed (5xx, the network in front of it)
    ├── ConnectionFailed                    no connection, or it broke; `kind` says how
    │   └── DeadlineExceeded                the call took longer than its deadline
    ├── UnexpectedAnswerError               something answered, but not as Klenty's API does
    ├── OutcomeUnknownError                 a write was sent and its effect is not known; look before repeating
    └── Cancelled                           not tried, because the whole run was stopped

A message names the operation, the status, Klenty's code and text, the attempts, and whether the outcome is known.
It never holds the key, an address, an email or a whole body.
"""

from typing import Literal

Outcome = Literal["not_sent", "refused", "unknown"]
ConnectionKind = Literal["dns", "refused", "tls", "timeout", "other"]


class KlentyError(Exception):
    """Base of everything this library raises.

    Attributes: `operation` (vendor's heading), `status` (HTTP), `code` and `detail` (Klenty's, cut, without
    markup), `attempts` (how often it was sent), `outcome`: “not_sent” (nothing left this machine), “refused”
    (Klenty did not do it, or there was nothing to change) or “unknown” (it may have been done).
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
        outcome: Outcome = "not_sent",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.operation = operation
        self.status = status
        self.code = code
        self.detail = detail
        self.attempts = attempts
        self.outcome: Outcome = outcome

    @property
    def outcome_known(self) -> bool:
        """Whether it is sure that nothing was changed at Klenty."""
        return self.outcome != "unknown"

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
        return (_rebuild, (type(self), self.__dict__.copy()))


def _rebuild(kind: type[KlentyError], state: dict[str, object]) -> KlentyError:
    error = kind.__new__(kind)
    Exception.__init__(error, state["message"])
    error.__dict__.update(state)
    return error


class ValidationError(KlentyError, ValueError):
    """The call cannot be right as it is; nothing was sent."""


class AuthenticationError(KlentyError):
    """Klenty refuses the API key."""


class UnknownUserError(KlentyError):
    """The user in the address is not one of the account."""


class NotFoundError(KlentyError):
    """Nothing answers at that address."""


class RequestRefusedError(KlentyError):
    """Klenty answered that it did not do it, and why."""


class RateLimitedError(KlentyError):
    """Too many calls. `retry_after` is the wait Klenty asked for, in seconds, None if it did not say."""

    retry_after: float | None = None


class ServiceError(KlentyError):
    """Klenty, or the network in front of it, failed. `retry_after` as for `RateLimitedError`."""

    retry_after: float | None = None


class ConnectionFailed(KlentyError):
    """No connection, or it broke. `kind`: dns, refused, tls, timeout, other."""

    kind: ConnectionKind = "other"


class DeadlineExceeded(ConnectionFailed):
    """The call took longer than its deadline."""

    kind: ConnectionKind = "timeout"


class UnexpectedAnswerError(KlentyError):
    """Something answered, but not as Klenty's API does: a page, a redirect, cut or foreign JSON.

    `cut` says that the answer broke off, so that asking again is promising.
    """

    cut: bool = False


class OutcomeUnknownError(KlentyError):
    """A write was sent, no usable answer came, and repeating it is not safe. `__cause__` says what happened."""


class Cancelled(KlentyError):
    """Not tried, because the run it belonged to was stopped."""
