"""Long sending in a thread of its own: with progress, a stop button, and never a row twice.

A Streamlit script may end or start again at any element it draws, so a script cannot send a thousand rows.
A job does, whatever becomes of the page; the page looks at its snapshots. It can be stopped between two
calls, and goes on later with the rows that were not sent yet. Rows whose outcome is unknown are never sent
again by themselves.
"""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal, Protocol

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

RowState = Literal["waiting", "sending", "done", "exists", "refused", "unknown", "missing", "left_out"]
JobState = Literal["ready", "running", "stopping", "checking", "stopped", "interrupted", "finished"]

RUNNING: Final[frozenset[JobState]] = frozenset({"running", "stopping", "checking"})
_KEPT_PER_ACCOUNT = 5


@dataclass(frozen=True, slots=True)
class JobRow:
    """One row of a job: its number in the file (or list), the email it is about, and what became of it."""

    number: int
    email: str
    state: RowState = "waiting"
    message: str = ""


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one item."""

    state: RowState
    message: str = ""


@dataclass(frozen=True, slots=True)
class BatchEnd:
    """What became of the items of one call, by position; `stop` says why the job must not go on by itself."""

    results: Mapping[int, RowResult]
    stop: str = ""


class NotWrittenError(Exception):
    """What is about to be sent cannot be written down, so it is not sent. The message is for people."""


class RowStatusSink(Protocol):
    """Where a job writes down what it does with its rows, by position."""

    def mark_sending(self, positions: Sequence[int]) -> None:
        """Note that these rows are about to be sent. Raises `NotWrittenError`: then they are not."""

    def mark_done(self, results: Mapping[int, RowResult]) -> None:
        """Note what became of rows."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A job as it is at one moment."""

    state: JobState
    message: str
    items: tuple[JobRow, ...]
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    counts: Mapping[RowState, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many items the job has to send; those left out from the start do not count."""
        return len(self.items) - self.counts.get("left_out", 0)

    @property
    def waiting(self) -> int:
        """How many were not sent yet."""
        return self.counts.get("waiting", 0)

    @property
    def settled(self) -> int:
        """How many were sent and answered for, one way or another."""
        return self.total - self.waiting - self.counts.get("sending", 0)

    @property
    def is_running(self) -> bool:
        """Whether its thread is at work."""
        return self.state in RUNNING


class SendJob:
    """Sends items in batches, one call after another.

    `send(positions)` carries out one call and says what became of each; `check_status(position)` reads back one
    item whose outcome is unknown. Both run in the job's thread and may raise: items in flight are then
    unknown and the job is interrupted. `on_progress(snapshot)` is called after every call and at the end, in the
    job's thread. `sink` is told of every row before and after it is sent; without one nothing is written down.
    """

    def __init__(
        self,
        kind: str,
        account: str,
        items: Sequence[JobRow],
        *,
        batch_size: int,
        send: Callable[[Sequence[int]], BatchEnd],
        check_status: Callable[[int], BatchEnd] | None = None,
        on_progress: Callable[[Snapshot], None] | None = None,
        sink: RowStatusSink | None = None,
    ) -> None:
        self.kind = kind
        self.account = account
        self.id = uuid.uuid4().hex
        self.title = ""
        self.entry: int | None = None
        self.work: object = None
        self._items = list(items)
        self._batch_size = batch_size
        self._send = send
        self._check_status = check_status
        self._on_progress = on_progress
        self._sink = sink
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._state: JobState = "ready"
        self._message = ""
        self._started_at: dt.datetime | None = None
        self._ended_at: dt.datetime | None = None
        self._thread: threading.Thread | None = None

    def snapshot(self) -> Snapshot:
        """Return the job as it is now."""
        with self._lock:
            items = tuple(self._items)
            return Snapshot(
                self._state,
                self._message,
                items,
                self._started_at,
                self._ended_at,
                Counter(item.state for item in items),
            )

    @property
    def can_check(self) -> bool:
        """Whether unknown items can be read back."""
        return self._check_status is not None

    def start(self) -> bool:
        """Send what is waiting. False when it is running already or nothing waits."""
        return self._launch("running", "waiting", self._send_all)

    def check(self) -> bool:
        """Read back every item whose outcome is unknown. False when running, or when there is none."""
        return self._check_status is not None and self._launch("checking", "unknown", self._check_all)

    def stop(self) -> None:
        """Send nothing after the call that is under way."""
        with self._lock:
            if self._state in RUNNING:
                self._stop.set()
                self._state = "stopping"

    def requeue_missing(self) -> int:
        """Let items that Klenty was seen not to have wait again; says how many."""
        with self._lock:
            if self._state in RUNNING:
                return 0
            missing = [position for position, item in enumerate(self._items) if item.state == "missing"]
            for position in missing:
                self._items[position] = replace(self._items[position], state="waiting", message="")
            if missing:
                self._state = "stopped"
            return len(missing)

    def wait(self, timeout: float | None = None) -> None:
        """Wait until the job's thread has ended."""
        if self._thread is not None:
            self._thread.join(timeout)

    def _launch(self, state: JobState, needs: RowState, work: Callable[[], str]) -> bool:
        with self._lock:
            if self._state in RUNNING or not any(item.state == needs for item in self._items):
                return False
            self._state = state
            self._message = ""
            self._stop.clear()
            self._started_at = self._started_at or dt.datetime.now(dt.UTC)
            self._thread = threading.Thread(target=self._run, args=(work,), name=f"job-{self.kind}", daemon=True)
        self._thread.start()
        return True

    def _run(self, work: Callable[[], str]) -> None:
        reason = "Something went wrong in the dashboard itself; its log says what."
        try:
            reason = work()
        finally:
            self._end(reason)

    def _end(self, reason: str) -> None:
        """Report the end first: nobody may see the job ended before its end is written down."""
        with self._lock:
            for position, item in enumerate(self._items):
                if item.state == "sending":
                    self._items[position] = replace(item, state="unknown", message="No answer was recorded.")
            waits = any(item.state == "waiting" for item in self._items)
            state: JobState = "interrupted" if reason else "stopped" if waits else "finished"
            self._message = reason
            self._ended_at = dt.datetime.now(dt.UTC)
        try:
            self._report(replace(self.snapshot(), state=state))
        finally:
            with self._lock:
                self._state = state

    def _send_all(self) -> str:
        """Send batch after batch; says why it cannot go on, or ""."""
        while not self._stop.is_set() and (batch := self._claim()):
            try:
                if self._sink is not None:
                    self._sink.mark_sending(batch)
            except NotWrittenError as problem:
                self._settle(dict.fromkeys(batch, RowResult("waiting")), noted=True)
                return str(problem)
            end = self._send(batch)
            self._settle(end.results)
            if end.stop:
                return end.stop
            self._report(self.snapshot())
        return ""

    def _check_all(self) -> str:
        assert self._check_status is not None  # noqa: S101 - `check` starts nothing without it
        with self._lock:
            unknown = [position for position, item in enumerate(self._items) if item.state == "unknown"]
        for position in unknown:
            if self._stop.is_set():
                break
            end = self._check_status(position)
            self._settle(end.results)
            if end.stop:
                return end.stop
        return ""

    def _claim(self) -> list[int]:
        """Return the next positions to send, marked as being sent: no other call can get them."""
        with self._lock:
            waiting = [position for position, item in enumerate(self._items) if item.state == "waiting"]
            batch = waiting[: self._batch_size]
            for position in batch:
                self._items[position] = replace(self._items[position], state="sending")
            return batch

    def _settle(self, results: Mapping[int, RowResult], *, noted: bool = False) -> None:
        if self._sink is not None and results and not noted:
            self._sink.mark_done(results)
        with self._lock:
            for position, result in results.items():
                self._items[position] = replace(self._items[position], state=result.state, message=result.message)

    def _report(self, snapshot: Snapshot) -> None:
        if self._on_progress is not None:
            self._on_progress(snapshot)


class Jobs:
    """The jobs of this process, so that a page that was reloaded finds its own again.

    A job belongs to an account, not to a browser tab. The newest few of each account are kept.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: list[SendJob] = []

    def add(self, job: SendJob) -> bool:
        """Keep `job`. False, and it is not kept, while another of its kind and account is running."""
        with self._lock:
            same = [kept for kept in self._jobs if (kept.kind, kept.account) == (job.kind, job.account)]
            if any(kept.snapshot().is_running for kept in same):
                return False
            for old in same[: max(0, len(same) - _KEPT_PER_ACCOUNT + 1)]:
                self._jobs.remove(old)
            self._jobs.append(job)
            return True

    def runs(self, account: str, kind: str) -> bool:
        """Return whether a job of this kind is running for the account."""
        return any(job.snapshot().is_running for job in self.of(account, kind))

    def running_entries(self) -> set[int]:
        """Return the numbers in the action log of the runs that are under way in this process."""
        with self._lock:
            return {job.entry for job in self._jobs if job.entry is not None and job.snapshot().is_running}

    def of(self, account: str, kind: str) -> list[SendJob]:
        """Return the jobs of an account, newest first."""
        with self._lock:
            return [job for job in reversed(self._jobs) if (job.kind, job.account) == (kind, account)]

    def stop_all(self) -> list[SendJob]:
        """Stop what is running, each after the call that is under way, without waiting; returns those jobs."""
        with self._lock:
            running = [job for job in self._jobs if job.snapshot().is_running]
        for job in running:
            job.stop()
        return running

    def forget(self, job: SendJob) -> None:
        """Drop a job that has ended; a running one stays."""
        with self._lock:
            if job in self._jobs and not job.snapshot().is_running:
                self._jobs.remove(job)


JOBS = Jobs()


def rows_frame(snapshot: Snapshot, words: Mapping[RowState, str]) -> pd.DataFrame:
    """Return one row per item, in the order of the file: row, email, result (in `words`), message."""
    items = sorted(snapshot.items, key=lambda item: item.number)
    return pd.DataFrame(
        {
            "row": pd.array([item.number for item in items], dtype="Int64"),
            "email": pd.array([item.email for item in items], dtype="string"),
            "result": pd.array([words[item.state] for item in items], dtype="string"),
            "message": pd.array([item.message for item in items], dtype="string"),
        }
    )
