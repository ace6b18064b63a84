"""Limits on request, as servers have them: so many calls a second, or so many at once; the rest is refused with 429."""

import math
import threading
import time
from collections import deque
from typing import Any

KINDS = ("token", "window", "in_flight")


class Limit:
    """One limit for all calls. Safe for threads.

    `kind`: "token" (a bucket of `number` calls that refills at `number` a second), "window" (at most `number` in any
    second), "in_flight" (at most `number` under way at once). A refusal says how long to wait in whole seconds, as
    servers do, unless `retry_after` is False; with `late` it takes as long as an answer. Raises ValueError.
    """

    def __init__(self, kind: str, number: int, *, retry_after: bool = True, late: bool = False) -> None:
        if kind not in KINDS:
            raise ValueError(f"unknown limit {kind!r}; one of {', '.join(KINDS)}")
        if isinstance(number, bool) or not isinstance(number, int) or number < 1:
            raise ValueError("the number of a limit is 1 or more")
        self.kind, self.number, self.retry_after, self.late = kind, number, retry_after, late
        self.accepted = self.refused = self.most_in_flight = 0
        self._lock = threading.Lock()
        self._inside = 0
        self._tokens, self._at = float(number), time.monotonic()
        self._window: deque[float] = deque()

    @classmethod
    def from_text(cls, text: str) -> "Limit":
        """Return a limit from the command line: KIND:NUMBER[:quiet], quiet for refusals without `Retry-After`."""
        kind, _, rest = text.partition(":")
        number, _, how = rest.partition(":")
        if not number.isdecimal() or how not in {"", "quiet"}:
            raise ValueError(f"a limit looks like token:20 or in_flight:10:quiet, not {text!r}")
        return cls(kind, int(number), retry_after=not how)

    def enter(self) -> dict[str, str] | None:
        """Let a call in (None; it must `leave`), or refuse it: the headers of the refusal."""
        with self._lock:
            wait = self._wait(time.monotonic())
            if wait is None:
                self.accepted += 1
                self._inside += 1
                self.most_in_flight = max(self.most_in_flight, self._inside)
                return None
            self.refused += 1
            return {"Retry-After": str(max(1, math.ceil(wait)))} if self.retry_after else {}

    def leave(self) -> None:
        """Note that a call that was let in is answered."""
        with self._lock:
            self._inside -= 1

    def as_json(self) -> dict[str, Any]:
        """Return the limit, and what it did so far."""
        with self._lock:
            return {name: value for name, value in vars(self).items() if not name.startswith("_")}

    def _wait(self, now: float) -> float | None:
        if self.kind == "in_flight":
            return None if self._inside < self.number else 1.0
        if self.kind == "token":
            self._tokens, self._at = min(self.number, self._tokens + (now - self._at) * self.number), now
            if self._tokens < 1:
                return (1 - self._tokens) / self.number
            self._tokens -= 1
            return None
        while self._window and self._window[0] <= now - 1:
            self._window.popleft()
        if len(self._window) >= self.number:
            return self._window[0] + 1 - now
        self._window.append(now)
        return None
