"""The end of the process: nothing new is sent, and what is under way gets its answer and its note in the ledger."""

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
WORDS: Final = "The dashboard is being stopped, so it was not sent. Try again in a minute."


class ShutdownGate:
    """What every write passes on its way out. Once closed it lets nobody through any more."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._under_way = 0
        self._closed = False

    @contextmanager
    def passing(self) -> Iterator[bool]:
        """Around one write: whether it may go out. Until the `with` ends, `close` waits for it."""
        with self._condition:
            open_ = not self._closed
            self._under_way += open_
        try:
            yield open_
        finally:
            with self._condition:
                self._under_way -= open_
                self._condition.notify_all()

    def close(self, seconds: float) -> int:
        """Let nobody through from now on, and wait for those under way; says how many are left after `seconds`."""
        with self._condition:
            self._closed = True
            self._condition.wait_for(lambda: not self._under_way, seconds)
            return self._under_way


GATE = ShutdownGate()


def finish(seconds: float = LONGEST) -> None:
    """Stop the runs after the call each is at, then let single writes end; wait at most `seconds`.

    What is not answered by then stands in the ledger as outcome unknown, which is the truth about it.
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
