"""What the calls of one fan-out share: a budget of repeats, and that they can be stopped together."""

import threading
from contextvars import ContextVar

from klenty_api.errors import Cancelled
from klenty_api.retries import RetryBudget


class CancelScope:
    """A group of calls that can be stopped. Safe for threads."""

    def __init__(self, budget: RetryBudget) -> None:
        self.budget, self._stopped = budget, threading.Event()

    def stop(self) -> None:
        """Let nothing more of this scope be sent; what waits to be sent notices within a quarter of a second."""
        self._stopped.set()

    def check(self) -> None:
        """Raise `Cancelled` when the scope was stopped."""
        self.sleep(0)

    def sleep(self, seconds: float) -> None:
        """Wait; raise `Cancelled` when the scope was stopped, or is meanwhile."""
        if self._stopped.wait(seconds):
            raise Cancelled("not tried: the run was stopped")


current_scope: ContextVar[CancelScope | None] = ContextVar("cancel_scope", default=None)
