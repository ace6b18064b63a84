"""A run of many calls: what its calls share, and how those that wait hear that it was stopped."""

import threading
from contextvars import ContextVar

from klenty_api.errors import Cancelled
from klenty_api.retries import RetryBudget


class CancelScope:
    """One fan-out: its budget of repeats, and whether it was stopped. Safe for threads."""

    def __init__(self, budget: RetryBudget) -> None:
        self.budget = budget
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._waiting: set[threading.Event] = set()

    @property
    def stopped(self) -> bool:
        """Whether nothing more of this run is to be sent."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """Send nothing more, and wake all who wait to send."""
        with self._lock:
            self._stopped.set()
            for event in self._waiting:
                event.set()

    def wait(self, event: threading.Event, timeout: float | None) -> None:
        """Wait for `event`; raises `Cancelled` when the run is stopped before or meanwhile."""
        with self._lock:
            self._waiting.add(event)
        try:
            if not self.stopped:
                event.wait(timeout)
        finally:
            with self._lock:
                self._waiting.discard(event)
        self.check()

    def sleep(self, seconds: float) -> None:
        """Wait; raises `Cancelled` when the run is stopped meanwhile."""
        self._stopped.wait(seconds)
        self.check()

    def check(self) -> None:
        """Raise `Cancelled` when the run is stopped."""
        if self.stopped:
            raise Cancelled("not tried: the run was stopped")


current_scope: ContextVar[CancelScope | None] = ContextVar("cancel_scope", default=None)
