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
from klenty_api.errors import AuthenticationError, KlentyError, UnknownUserError
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
    stop_on: tuple[type[KlentyError], ...] = (AuthenticationError, UnknownUserError),
) -> list[Outcome[T]]:
    """Do `work` for every item with at most `workers` at once; outcomes come in the order of the items.

    A `KlentyError` becomes that item's outcome; other exceptions propagate. All items share one budget of
    repeats. `progress(done, total)` is called in the caller's thread, at every end and at least every quarter of a
    second; it may raise, as Streamlit does to stop a script: then what has not begun is dropped and what is under
    way is not waited for. After `cancel` is set, or an error of `stop_on` (the others cannot fare better), items not
    begun, and those that wait to be sent, end as `Cancelled`.
    """
    run = CancelScope(RetryBudget(max(FEWEST_REPEATS, int(REPEATS_PER_ITEM * len(items)))))
    executor = ThreadPoolExecutor(max(1, min(workers, len(items))), thread_name_prefix="klenty")

    def one(item: Item) -> Outcome[T]:
        if cancel is not None and cancel.is_set():
            run.stop()
        current_scope.set(run)
        try:
            run.check()
            return Outcome(value=work(item))
        except stop_on as error:
            run.stop()
            return Outcome(error=error)
        except KlentyError as error:
            return Outcome(error=error)

    try:
        futures = [executor.submit(contextvars.copy_context().run, one, item) for item in items]
        _follow(futures, progress, run, cancel)
        return [future.result() for future in futures]
    finally:
        run.stop()
        executor.shutdown(wait=False, cancel_futures=True)


def _follow(
    futures: list[Future[Outcome[T]]],
    progress: Callable[[int, int], object] | None,
    run: CancelScope,
    cancel: threading.Event | None,
) -> None:
    """Wait for all, telling how many are done; an exception of `work` or `progress` ends the waiting."""
    # Not `futures.wait`: it looks at all that are open whenever one ends, and there may be thousands.
    ended: SimpleQueue[Future[Outcome[T]]] = SimpleQueue()
    for future in futures:
        future.add_done_callback(ended.put)
    done = 0
    while done < len(futures):
        for future in _arrived(ended):
            future.result()
            done += 1
        if cancel is not None and cancel.is_set():
            run.stop()
        if progress is not None:
            progress(done, len(futures))


def _arrived(queue: SimpleQueue[T]) -> Iterator[T]:
    """What is in the queue, waiting at most a heartbeat for the first."""
    with contextlib.suppress(Empty):
        yield queue.get(timeout=HEARTBEAT)
        while True:
            yield queue.get_nowait()
