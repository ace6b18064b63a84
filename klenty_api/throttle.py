"""Queue of outgoing calls: one for each account and process."""

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from klenty_api.cancellation import CancelScope
from klenty_api.circuit import Circuit
from klenty_api.errors import KlentyError, NotAnsweringError, RateLimitedError
from klenty_api.throttle_model import CallResult, RateModel, Start

_NOTICE = 0.25  # seconds until a call that waits notices that its run was stopped


class _Ticket(threading.Event):
    """A place in the queue: set when its thread should look again, with `start` when its turn has come."""

    start: Start | None = None


class Throttle:
    """Decides when a call may start. Safe for threads; share one among all clients of an account.

    Within the hard caps `workers` (calls under way at once) and `calls_per_second` it learns what Klenty accepts
    (`throttle_model`), and notices when nothing is answered any more (`circuit`).
    """

    on_learned: Callable[[dict[str, Any]], object] = staticmethod(lambda _: None)
    """Called with `learned()` whenever there is news, in the thread of that call; must not raise."""

    def __init__(self, *, workers: int, calls_per_second: float | None = None, longest_pause: float = 60.0) -> None:
        self._model, self.circuit = RateModel(workers, calls_per_second, longest_pause), Circuit()
        self._told, self._lock = 0, threading.Lock()
        self._urgent, self._ordinary = deque[_Ticket](), deque[_Ticket]()

    def acquire(self, *, urgent: bool, scope: CancelScope | None) -> Start:
        """Block until a call may start. Call `record_result` with what is returned.

        Args:
            urgent: goes before all that are not, as for what a person waits for.
            scope: ends the waiting when it is stopped.

        Raises:
            Cancelled: the scope was stopped.
            RateLimitedError: Klenty asks for a longer pause than anyone should wait for.
            NotAnsweringError: Klenty has not answered for a while, and will be tried again later.
        """
        line, ticket = self._urgent if urgent else self._ordinary, _Ticket()
        line.append(ticket)
        try:
            while True:
                if scope is not None:
                    scope.check()
                with self._lock:
                    if (closed := self._closed()) is not None:
                        raise closed
                    wait = self._serve()
                    if ticket.start is not None:
                        return ticket.start
                    ticket.clear()
                    wait = wait if (self._urgent or self._ordinary)[0] is ticket else math.inf
                ticket.wait(min(wait, _NOTICE if scope else threading.TIMEOUT_MAX))
        except KlentyError:
            with self._lock:
                if ticket.start is None:
                    line.remove(ticket)
                else:
                    self._model.record(ticket.start, time.monotonic(), "not_sent")
                self._serve()
            raise

    def record_result(
        self, start: Start, result: CallResult, *, retry_after: float | None = None, unanswered: bool = False
    ) -> None:
        """Say what became of the call that took this turn; `unanswered` when no answer arrived in time.

        Args:
            start: what `acquire` returned.
            result: how the call ended.
            retry_after: seconds that a refusal asks for.
            unanswered: whether no answer arrived in time.
        """
        with self._lock:
            now = time.monotonic()
            self._model.record(start, now, result, retry_after)
            if unanswered or result != "not_sent":
                self.circuit.record(start.at, now, answered=not unanswered)
            self._serve()
            for ticket in (*self._urgent, *self._ordinary) if self._closed() else ():
                ticket.set()
            news, self._told = self._told != self._model.news, self._model.news
        if news:
            self.on_learned(self.learned())

    def remember(self, learned: object) -> None:
        """Take up what `learned()` gave in an earlier run; what is old, or no such note, is passed over."""
        with self._lock:
            self._model.remember(learned, time.time())

    def learned(self) -> dict[str, Any]:
        """Return what was learned of Klenty's limits, ready for JSON."""
        with self._lock:
            return self._model.learned(time.time())

    def _serve(self) -> float:
        """Give turns to all whose time has come, in one change of threads; return the seconds until the next."""
        now = time.monotonic()
        while line := self._urgent or self._ordinary:
            alone = self.circuit.silent and self._model.in_flight > 0
            wait = math.inf if alone else self._model.ready_at(now) - now
            line[0].set()
            if wait > 0:
                return wait
            line.popleft().start = self._model.start(now)
        return math.inf

    def _closed(self) -> KlentyError | None:
        now = time.monotonic()
        if (silent := self.circuit.closed(now, probing=self._model.in_flight > 0)) is not None:
            return NotAnsweringError(f"Klenty has not answered for {silent:.0f} s", kind="timeout")
        if (wait := self._model.closed(now)) is not None:
            return RateLimitedError(f"Klenty accepts no calls now; the next is tried in {wait:.0f} s", retry_after=wait)
        return None
