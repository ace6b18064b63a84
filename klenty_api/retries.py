"""When a call may be sent again, and after how long: pure decisions (docs/klenty-api.md, "Repeating a call")."""

import random
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from klenty_api.errors import (
    ConnectionFailed,
    KlentyError,
    RateLimitedError,
    ServiceError,
    UnexpectedAnswerError,
)
from klenty_api.operations import Operation


@dataclass(frozen=True, slots=True)
class Policy:
    """How patient a client is. Times in seconds. A call refused by a rate limit (429) does not count as an attempt."""

    max_attempts: int = 4
    max_refusals: int = 8
    first_wait: float = 0.5
    longest_wait: float = 20.0
    longest_retry_after: float = 60.0


class RetryBudget:
    """Repeats that many calls may spend in all, so that a failing service is not asked ever more."""

    def __init__(self, repeats: int) -> None:
        self._left = repeats
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Use up one repeat; return False when none is left."""
        with self._lock:
            if self._left <= 0:
                return False
            self._left -= 1
            return True


def may_repeat(error: KlentyError, operation: Operation) -> bool:
    """Return whether sending the call again is both promising and safe."""
    if isinstance(error, RateLimitedError):
        return operation.sends_again_after_429
    if not isinstance(error, ConnectionFailed | ServiceError | UnexpectedAnswerError):
        return False
    if error.outcome == "not_sent":
        return True
    lasting = isinstance(error, UnexpectedAnswerError) and not error.cut
    return operation.repeat.may_repeat and not lasting


def backoff(attempt: int, error: KlentyError, policy: Policy) -> float | None:
    """Return the seconds to wait before the next attempt; None when Klenty asks for longer than the policy allows.

    Full jitter on the own backoff; on top of a `Retry-After` a little, so that threads do not wake together.

    Args:
        attempt: how many were made, refusals not counted.
        error: how the last one ended.
        policy: how long to wait at most.
    """
    if (asked := error.retry_after) is not None:
        if asked > policy.longest_retry_after:
            return None
        return asked + random.uniform(0, 0.1 * asked + 0.1)  # noqa: S311  # not a secret
    ceiling = min(policy.longest_wait, policy.first_wait * 2 ** (attempt - 1))
    return random.uniform(0, ceiling)  # noqa: S311


def parse_retry_after(value: str | None, said_at: str | None = None) -> float | None:
    """Return the seconds that a `Retry-After` header asks for, None if it cannot be read.

    Args:
        value: a number of seconds, or a date.
        said_at: the answer's `Date` header: a date is measured by the clock that wrote it, not by this machine's.
    """
    if value is None:
        return None
    if value.strip().replace(".", "", 1).isdecimal():
        return float(value)
    until = _parse_http_date(value)
    return (
        None if until is None else max(0.0, (until - (_parse_http_date(said_at) or datetime.now(UTC))).total_seconds())
    )


def _parse_http_date(value: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(value or "")
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
