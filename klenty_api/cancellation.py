"""What the calls of one fan-out share: a budget of repeats, and that they can be stopped together."""

import threading
from contextvars import ContextVar

from klenty_api.errors import Cancelled
from klenty_api.retries import RetryBudget


class CancelScope:
    """A group of calls that can be stopped. Safe for threads."""

    def __init__(self, budget: RetryBudget) -> None:
        self.budget = budget
        self._stopped = threading.Event()
        self._waiting: set[threading.Event] = set()

    def stop(self) -> None:
        """Let nothing more of this scope be sent, and wake all of it that waits to be sent."""
        self._stopped.set()
        for event in self._waiting.copy():
            event.set()

    def check(self) -> None:
        """Raise `Cancelled` when the scope was stopped."""
        if self._stopped.is_set():
            raise Cancelled("not tried: the run was stopped")

    def wait(self, event: threading.Event, seconds: float | None) -> None:
        """Wait for `event`; raise `Cancelled` when the scope is stopped before or meanwhile."""
        self._waiting.add(event)
        try:
            if not self._stopped.is_set():
                event.wait(seconds)
        finally:
            self._waiting.discard(event)
        self.check()

    def sleep(self, seconds: float) -> None:
        """Wait; raise `Cancelled` when the scope is stopped meanwhile."""
        self._stopped.wait(seconds)
        self.check()


current_scope: ContextVar[CancelScope | None] = ContextVar("cancel_scope", default=None)
