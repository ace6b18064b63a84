"""When a call may be sent again, and after how long: pure decisions (FACTS.md, “Repeating a call”)."""

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
    """How patient a client is. Times in seconds. A call refused by a rate limit (429) has not been attempted."""

    max_attempts: int = 4
    max_refusals: int = 8
    first_wait: float = 0.5
    longest_wait: float = 20.0
    longest_retry_after: float = 60.0


class RetryBudget:
    """How many repeats a run of many calls may spend in all, so that a failing service is not asked ever more."""

    def __init__(self, repeats: int) -> None:
        self._left = repeats
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Use up one repeat; False when none is left."""
        with self._lock:
            if self._left <= 0:
                return False
            self._left -= 1
            return True


def may_repeat(error: KlentyError, operation: Operation) -> bool:
    """Whether sending the call again is both promising and safe."""
    if isinstance(error, RateLimitedError):
        return operation.sends_again_after_429
    if not isinstance(error, ConnectionFailed | ServiceError | UnexpectedAnswerError):
        return False
    if error.outcome == "not_sent":
        return True
    lasting = isinstance(error, UnexpectedAnswerError) and not error.cut
    return operation.repeat.may_repeat and not lasting


def backoff(attempt: int, error: KlentyError, policy: Policy) -> float | None:
    """Seconds to wait before the next attempt; None when Klenty asks for a longer wait than the policy allows.

    Full jitter on the own backoff; on top of a `Retry-After` a little, so that threads do not wake together.
    """
    asked = error.retry_after if isinstance(error, RateLimitedError | ServiceError) else None
    if asked is not None:
        if asked > policy.longest_retry_after:
            return None
        return asked + random.uniform(0, 0.1 * asked + 0.1)  # noqa: S311  # not a secret
    ceiling = min(policy.longest_wait, policy.first_wait * 2 ** (attempt - 1))
    return random.uniform(0, ceiling)  # noqa: S311


def parse_retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Seconds that a `Retry-After` header asks for, whether as a number or as a date; None if unreadable."""
    if value is None:
        return None
    if value.strip().replace(".", "", 1).isdecimal():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - (now or datetime.now(UTC))).total_seconds())
