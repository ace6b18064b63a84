"""Graceful shutdown: no new writes; those under way get their answer and their note in the action log."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from dashboard.actions.jobs import JOBS

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger(__name__)

LONGEST: Final = 75.0
"""Seconds: longer than a call to Klenty may take, shorter than systemd and the compose file wait before they kill."""
STOPPING: Final = "The dashboard is being stopped, so it was not sent. Try again in a minute."


class ShutdownGate:
    """Blocks new writes during shutdown and waits for those under way."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._under_way = 0
        self._closed = False

    @contextmanager
    def hold(self) -> Iterator[bool]:
        """Yield whether a write may be sent. Until the `with` ends, `close` waits for it."""
        with self._condition:
            is_open = not self._closed
            self._under_way += is_open
        try:
            yield is_open
        finally:
            with self._condition:
                self._under_way -= is_open
                self._condition.notify_all()

    def close(self, seconds: float) -> int:
        """Block new writes, wait at most `seconds` for those under way, and return how many are left."""
        with self._condition:
            self._closed = True
            self._condition.wait_for(lambda: not self._under_way, seconds)
            return self._under_way


GATE = ShutdownGate()


def finish(seconds: float = LONGEST) -> None:
    """Stop the runs after the call each is at, then let single writes end; wait at most `seconds`.

    What is not answered by then has outcome *unknown* in the action log.
    """
    end = time.monotonic() + seconds
    running = JOBS.stop_all()
    for job in running:
        job.wait(max(0.0, end - time.monotonic()))
    left = GATE.close(max(0.0, end - time.monotonic()))
    if running:
        log.info("%d runs were stopped after the call that was under way", len(running))
    if left:
        log.warning("%d writes had no answer when the dashboard had to stop; they read outcome unknown", left)
