"""Run long work in a thread of its own, for all sessions: it continues when the page that started it is left."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

T = TypeVar("T")
Report = Callable[[int, int, str], None]
"""`report(done, total, what)`: how far the work is, and what it is doing."""
Work = Callable[[Report, threading.Event], T]
"""The work itself; it ends early, with what it has, when the event is set."""

log = logging.getLogger("dashboard")


@dataclass(frozen=True)
class JobProgress:
    """How far a job is: `done` of `total`, and what it is doing. `failure` says why it broke, for people."""

    running: bool = False
    done: int = 0
    total: int = 0
    doing: str = ""
    failure: str = ""


class JobRunner(Generic[T]):
    """Runs one piece of work at a time. Safe for threads."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._progress = JobProgress()
        self._result: T | None = None
        self._thread: threading.Thread | None = None

    @property
    def progress(self) -> JobProgress:
        """How far it is."""
        with self._lock:
            return self._progress

    @property
    def result(self) -> T | None:
        """What the last work that did not fail returned."""
        with self._lock:
            return self._result

    @property
    def cancelled(self) -> bool:
        """Whether the current or last work was asked to stop."""
        return self._stop.is_set()

    def start(self, work: Work[T]) -> bool:
        """Start `work` unless something runs already; return whether it was started."""
        with self._lock:
            if self._progress.running:
                return False
            self._stop = threading.Event()
            self._progress = JobProgress(running=True)
            self._thread = threading.Thread(target=self._run, args=(work, self._stop), name=self._name, daemon=True)
            self._thread.start()
        return True

    def cancel(self) -> None:
        """Ask the work to stop; what it has by then is kept."""
        self._stop.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until nothing runs, at most `seconds`; return whether that is so."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)
        return thread is None or not thread.is_alive()

    def _run(self, work: Work[T], stop: threading.Event) -> None:
        failure, result = "", None
        try:
            result = work(self._report, stop)
        except Exception as error:  # no caller is left to raise it to: the page says it, and the log has the rest
            log.exception("%s failed", self._name)
            failure = f"It ended with an error this dashboard does not know ({type(error).__name__}); the log has it."
        with self._lock:
            if not failure:
                self._result = result
            self._progress = replace(self._progress, running=False, doing="", failure=failure)

    def _report(self, done: int, total: int, doing: str) -> None:
        with self._lock:
            self._progress = JobProgress(running=True, done=done, total=total, doing=doing)
