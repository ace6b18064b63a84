"""Opens the history lazily, writes in a background thread, and degrades to no history on errors."""

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from dashboard.data.cadence_report import CadenceReport, Key
from dashboard.data.database import DatabaseError, DatabaseErrorKind
from dashboard.data.freshness import Freshness
from dashboard.data.history.history import History

T = TypeVar("T")

_REST_SECONDS = 60.0
_GATHER_SECONDS = 0.1  # a transaction for each report would cost more than asking for it
_MOST_IN_A_BATCH = 200
_MOST_WAITING = 1000
_MOST_UNWRITTEN = 5000  # as many as memory keeps
_WITHOUT = "Meanwhile the dashboard works without it: what Klenty answers is kept in memory only."


class HistoryArchive:
    """The history of one account, for a store of answers. Safe for threads; raises nothing about the database.

    `open_history` is called on first use, and again some time after it raised `DatabaseError`. What fails becomes
    `problem`; for a minute it is then not tried again, so that nobody waits for it. What could not be written waits for
    that: memory has it, so it would not be asked for again. Reports are written in batches by one thread of its own: a
    process that is killed loses what is in flight, at most.
    """

    def __init__(self, open_history: Callable[[], History], *, freshness: Freshness | None = None) -> None:
        self.freshness = freshness or Freshness()
        self._open = open_history
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        self._history: History | None = None
        self._reading = _Health()
        self._writing = _Health()
        self._waiting: list[CadenceReport] = []
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="history")
        self._drain: Future[None] | None = None
        self._hurry = threading.Event()

    @classmethod
    def over(cls, history: History) -> "HistoryArchive":
        """Return an archive around a history that is open already."""
        return cls(lambda: history, freshness=history.freshness)

    @property
    def history(self) -> History | None:
        """The history; None while the database cannot be used."""
        if self._reading.resting:
            return None
        if self._history is None:
            with self._opening:
                self._try_to_open()
        return self._history

    @property
    def problem(self) -> str | None:
        """Why the history cannot be read or written now, for people; None when it can. Tries again if need be."""
        if self.history is not None:
            self._write_soon()
        return f"{self.error} {_WITHOUT}" if self.error else None

    @property
    def error(self) -> DatabaseError | None:
        """What the database refused last; None when it did not."""
        return self._reading.problem or self._writing.problem

    def find(
        self, wanted: Iterable[Key], *, freshness: Freshness | None = None, only_steps: bool = False
    ) -> dict[Key, CadenceReport]:
        """Return the answers among `wanted` (cadence's name and window) that need not be asked again.

        By `freshness` instead of the settings'; with `only_steps` those count whose step-wise answer is there.

        Args:
            wanted: cadence and window.
            freshness: instead of the settings'.
            only_steps: whether the step-wise answer is enough.
        """
        return self.read(lambda history: history.find(wanted, freshness=freshness, only_steps=only_steps)) or {}

    def read(self, ask: Callable[[History], T]) -> T | None:
        """Return what `ask` reads from the history; None while it cannot be used."""
        history = self.history
        if history is None:
            return None
        try:
            found = ask(history)
        except DatabaseError as problem:
            self._reading.failed(problem)
            return None
        self._reading.works()
        return found

    def put(self, report: CadenceReport) -> None:
        """Have `report` written, soon; failures are not kept. Waits only when far too much is waiting already."""
        if report.failed:
            return
        with self._lock:
            self._waiting.append(report)
            del self._waiting[:-_MOST_UNWRITTEN]
            too_much = len(self._waiting) > _MOST_WAITING
        self._write_soon()
        if too_much:
            self.flush()

    def flush(self) -> None:
        """Wait until everything that was put is written, unless it cannot be."""
        with self._lock:
            drain = self._drain
            if drain is not None:
                self._hurry.set()
        if drain is not None:
            drain.result()

    def close(self) -> None:
        """Write what waits, and close the database."""
        self._write_soon()
        self._hurry.set()
        self._writer.shutdown()
        if self._history is not None:
            self._history.database.close()

    def _try_to_open(self) -> None:
        if self._history is not None or self._reading.resting:
            return
        try:
            self._history = self._open()
        except DatabaseError as problem:
            self._reading.failed(problem)
        else:
            self._reading.works()

    def _write_soon(self) -> None:
        """Begin to write what waits, unless that is being done or cannot be."""
        with self._lock:
            if self._waiting and self._drain is None and not (self._reading.resting or self._writing.resting):
                self._drain = self._writer.submit(self._write_all)

    def _write_all(self) -> None:
        try:
            while (batch := self._next_batch()) and self._write(batch):
                self._hurry.wait(_GATHER_SECONDS)
        except BaseException:
            self._pause([])
            raise

    def _next_batch(self) -> list[CadenceReport]:
        with self._lock:
            batch, self._waiting = self._waiting[:_MOST_IN_A_BATCH], self._waiting[_MOST_IN_A_BATCH:]
            if not batch:
                self._drain = None
                self._hurry.clear()
        return batch

    def _write(self, batch: list[CadenceReport]) -> bool:
        """Return whether they are written; if not, nothing more is until it is begun again."""
        history = self.history
        if history is None:
            self._pause(batch)
            return False
        try:
            history.save(batch)
        except DatabaseError as problem:
            self._writing.failed(problem)
            # For a reason that nobody knows it may be one of these that is refused: others must not wait behind it.
            self._pause([] if problem.kind is DatabaseErrorKind.OTHER else batch)
            return False
        self._writing.works()
        return True

    def _pause(self, unwritten: list[CadenceReport]) -> None:
        with self._lock:
            self._waiting = [*unwritten, *self._waiting]
            self._drain = None
            self._hurry.clear()


class _Health:
    """Whether something works, and until when it is left alone after it did not."""

    def __init__(self) -> None:
        self.problem: DatabaseError | None = None
        self._until = 0.0

    @property
    def resting(self) -> bool:
        return self.problem is not None and time.monotonic() < self._until

    def failed(self, problem: DatabaseError) -> None:
        self._until = time.monotonic() + _REST_SECONDS
        self.problem = problem

    def works(self) -> None:
        self.problem = None
