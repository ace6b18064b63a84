"""The line in which every call to Klenty stands, whoever makes it: one for each account and process."""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from klenty_api.cancellation import CancelScope
from klenty_api.errors import RateLimitedError
from klenty_api.throttle_model import CallResult, Pace, Start


class _Ticket:
    """A place in the line, and the turn when it has come."""

    def __init__(self, operation: str) -> None:
        self.operation = operation
        self.called = threading.Event()
        self.start: Start | None = None


class Throttle:
    """Lets calls start when it is their turn. Safe for threads; share one among all clients of an account.

    Within the hard caps `workers` (calls under way at once) and `calls_per_second` it learns what Klenty accepts
    (`pacing`); `learned` is what `learned()` gave in an earlier run.
    """

    def __init__(
        self,
        *,
        workers: int,
        calls_per_second: float | None = None,
        longest_pause: float = 60.0,
        learned: object = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._pace = Pace(
            workers=workers,
            calls_per_second=calls_per_second,
            longest_pause=longest_pause,
            learned=learned,
            wall=wall(),
        )
        self._on_learned: Callable[[dict[str, Any]], object] | None = None
        self._told = self._pace.known
        self._clock, self._wall = clock, wall
        self._lock = threading.Lock()
        self._urgent: deque[_Ticket] = deque()
        self._ordinary: deque[_Ticket] = deque()

    def acquire(self, operation: str, *, urgent: bool, run: CancelScope | None) -> Start:
        """Wait for a turn and take it; whoever takes one must say how it `ended`.

        What a person waits for goes first (`urgent`). Raises `Cancelled` when `run` is stopped, and
        `RateLimitedError` when Klenty asks for a longer pause than anyone should stand in line for.
        """
        if run is not None:
            run.check()
        line = self._urgent if urgent else self._ordinary
        with self._lock:
            now = self._clock()
            self._refuse_when_closed(now)
            if not self._urgent and (urgent or not self._ordinary) and self._pace.ready_at(now) <= now:
                return self._pace.start(now, operation)
            ticket = _Ticket(operation)
            line.append(ticket)
        start: Start | None = None
        try:
            while start is None:
                with self._lock:
                    now = self._clock()
                    if ticket.start is None:
                        self._refuse_when_closed(now)
                        self._serve(now)
                    start = ticket.start
                    wait = self._pace.ready_at(now) - now if ticket is self._first() else float("inf")
                    ticket.called.clear()
                if start is None:
                    _wait(ticket.called, wait, run)
            return start
        finally:
            if start is None:
                self._leave(line, ticket)

    def leaves(self, start: Start) -> None:
        """The call goes out now: with many threads that is a while after its turn, and Klenty counts from here."""
        start.at = self._clock()

    def record_result(self, start: Start, verdict: CallResult, retry_after: float | None = None) -> None:
        """What became of the call that took this turn."""
        with self._lock:
            self._pace.record_result(start, self._clock(), verdict, retry_after)
            if verdict == "refused" and self._pace.closed(self._clock()) is not None:
                for ticket in (*self._urgent, *self._ordinary):
                    ticket.called.set()
            else:
                self._serve(self._clock())
            news = self._told != self._pace.known
            self._told = self._pace.known
        if news and self._on_learned is not None:
            self._on_learned(self.learned())

    def remember(self, learned: object) -> None:
        """Take up what `learned()` gave in an earlier run; what is old, or no such note, is passed over."""
        with self._lock:
            self._pace.remember(learned, self._wall())

    def on_learned(self, callback: Callable[[dict[str, Any]], object]) -> None:
        """Call `callback` with `learned()` whenever something worth keeping was learned.

        That happens in the thread whose call taught it; it must not raise.
        """
        self._on_learned = callback

    def learned(self) -> dict[str, Any]:
        """What was learned of Klenty's limits, ready for JSON."""
        with self._lock:
            return self._pace.learned(self._wall())

    def _first(self) -> _Ticket | None:
        line = self._urgent or self._ordinary
        return line[0] if line else None

    def _serve(self, now: float) -> None:
        """Give turns to all whose time has come; whoever is then first is called, to wait for its time.

        All at once: if each called the next, every turn would cost a change of threads.
        """
        while (first := self._first()) is not None:
            if self._pace.ready_at(now) <= now:
                (self._urgent or self._ordinary).popleft()
                first.start = self._pace.start(now, first.operation)
                first.called.set()
            else:
                first.called.set()
                return

    def _leave(self, line: deque[_Ticket], ticket: _Ticket) -> None:
        """Out of the line without a call, even when the turn has just come."""
        with self._lock:
            now = self._clock()
            if ticket.start is None:
                line.remove(ticket)
            else:
                self._pace.record_result(ticket.start, now, "not_sent")
            self._serve(now)

    def _refuse_when_closed(self, now: float) -> None:
        seconds = self._pace.closed(now)
        if seconds is not None:
            error = RateLimitedError(f"Klenty accepts no calls at present; the next is tried in {seconds:.0f} s")
            error.retry_after = seconds
            raise error


def _wait(event: threading.Event, seconds: float, run: CancelScope | None) -> None:
    timeout = None if seconds == float("inf") else seconds
    if run is None:
        event.wait(timeout)
    else:
        run.wait(event, timeout)
