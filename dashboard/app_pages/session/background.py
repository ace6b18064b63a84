"""Long reading in a thread of its own, for all sessions: it goes on whatever becomes of the page that began it."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import streamlit as st

from dashboard.app_pages.components.display import plain

T = TypeVar("T")
Tell = Callable[[int, int, str], None]
Work = Callable[[Tell, threading.Event], T]

log = logging.getLogger("dashboard")


@dataclass(frozen=True)
class Progress:
    """How far it is: `done` of `total`, and what it is at."""

    running: bool = False
    done: int = 0
    total: int = 0
    at: str = ""
    failure: str = ""


class Background(Generic[T]):
    """One piece of work at a time. The work gets `tell(done, total, what)` and an event that says *stop*."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._cancel = threading.Event()
        self._progress = Progress()
        self._result: T | None = None
        self._thread: threading.Thread | None = None

    @property
    def progress(self) -> Progress:
        """How far it is."""
        with self._lock:
            return self._progress

    @property
    def result(self) -> T | None:
        """What the last finished work returned."""
        with self._lock:
            return self._result

    @property
    def stopped(self) -> bool:
        """Whether a person stopped it the last time."""
        return self._cancel.is_set()

    def start(self, work: Work[T]) -> bool:
        """Begin, unless something runs already; returns whether it began."""
        with self._lock:
            if self._progress.running:
                return False
            self._cancel = threading.Event()
            self._progress = Progress(running=True)
            self._thread = threading.Thread(target=self._run, args=(work, self._cancel), name=self._name, daemon=True)
            self._thread.start()
        return True

    def cancel(self) -> None:
        """Ask it to stop; what it has got by then is kept."""
        self._cancel.set()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until nothing runs any more, at most `seconds`."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _run(self, work: Work[T], cancel: threading.Event) -> None:
        failure = ""
        result: T | None = None
        try:
            result = work(self._tell, cancel)
        except Exception as error:  # nobody waits for this thread: the page has to say it, and the log has the rest
            log.exception("%s failed", self._name)
            failure = f"It ended with an error this dashboard does not know ({type(error).__name__}); the log has it."
        with self._lock:
            if not failure:
                self._result = result
            self._progress = Progress(done=self._progress.done, total=self._progress.total, failure=failure)

    def _tell(self, done: int, total: int, at: str) -> None:
        with self._lock:
            self._progress = Progress(running=True, done=done, total=total, at=at)


def follow(job: Background[T], label: str, key: str) -> None:
    """A bar and a stop button while it runs; when it ends, the page is drawn once more."""
    if job.progress.failure:
        st.error(job.progress.failure, icon=":material/error:")
    if not job.progress.running:
        return

    def draw() -> None:
        now = job.progress
        if not now.running:
            st.rerun()
        share = now.done / now.total if now.total else 0.0
        at = f": {plain(now.at, 80)}" if now.at else ""
        with st.container(horizontal=True, vertical_alignment="center", key=key):
            st.progress(min(share, 1.0), text=f"{label}, {now.done:,} of {now.total:,}{at}")
            st.button("Stop", key=f"{key}_stop", icon=":material/stop_circle:", on_click=job.cancel)

    st.fragment(draw, run_every="1s")()
