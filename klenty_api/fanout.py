"""Many calls at once: bounded, in order, each with its own result or error."""

import contextlib
import contextvars
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from klenty_api.cancellation import CancelScope, current_scope
from klenty_api.errors import STOPS_EVERYTHING, KlentyError
from klenty_api.retries import RetryBudget

Item = TypeVar("Item")
T = TypeVar("T")

HEARTBEAT = 0.25
REPEATS_PER_ITEM = 1.0
FEWEST_REPEATS = 10


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What became of one item: a `value` or an `error`."""

    value: T | None = None
    error: KlentyError | None = None

    @property
    def ok(self) -> bool:
        """Whether there is a value."""
        return self.error is None


def fan_out(
    work: Callable[[Item], T],
    items: Sequence[Item],
    *,
    workers: int,
    progress: Callable[[int, int], object] | None = None,
    cancel: threading.Event | None = None,
    stop_on: tuple[type[KlentyError], ...] = STOPS_EVERYTHING,
) -> list[Outcome[T]]:
    """Do `work` for every item and return the outcomes in the order of the items.

    >>> names = [cadence.name for cadence in client.cadences.list()]
    >>> steps = fan_out(lambda name: client.engagements.stepwise(name, "2026-10-01", "2026-10-31"), names, workers=8)
    >>> all(outcome.ok for outcome in steps)
    True

    Args:
        work: called in a thread with a copy of the caller's context. A `KlentyError` becomes that item's outcome;
            other exceptions propagate.
        items: what to do it for; all share one budget of repeats.
        workers: how many at once, at most.
        progress: called in the caller's thread with (done, total) at every end and at least every quarter of a
            second. It may raise: then what has not begun is dropped and what is under way is not waited for.
        cancel: when set, items not begun, and those that wait to be sent, end as `Cancelled`.
        stop_on: errors after which the others cannot fare better: as if `cancel` were set.
    """
    scope = CancelScope(RetryBudget(max(FEWEST_REPEATS, int(REPEATS_PER_ITEM * len(items)))))
    executor = ThreadPoolExecutor(max(1, min(workers, len(items))), thread_name_prefix="klenty")
    ended: SimpleQueue[Future[Outcome[T]]] = SimpleQueue()

    def one(item: Item) -> Outcome[T]:
        current_scope.set(scope)
        try:
            if cancel is not None and cancel.is_set():
                scope.stop()
            scope.check()
            return Outcome(value=work(item))
        except KlentyError as error:
            if isinstance(error, stop_on):
                scope.stop()
            return Outcome(error=error)

    try:
        futures = [executor.submit(contextvars.copy_context().run, one, item) for item in items]
        for future in futures:  # not `futures.wait`, which looks at all that are open whenever one ends
            future.add_done_callback(ended.put)
        done = 0
        while done < len(futures):
            for future in _arrived(ended):
                future.result()
                done += 1
            if cancel is not None and cancel.is_set():
                scope.stop()
            if progress is not None:
                progress(done, len(futures))
        return [future.result() for future in futures]
    finally:
        scope.stop()
        executor.shutdown(wait=False, cancel_futures=True)


def _arrived(queue: SimpleQueue[T]) -> Iterator[T]:
    """Yield what is in the queue, waiting at most a heartbeat for the first."""
    with contextlib.suppress(Empty):
        yield queue.get(timeout=HEARTBEAT)
        while True:
            yield queue.get_nowait()
