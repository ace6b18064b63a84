"""Deliveries on their way into the database: many requests wait, one thread writes them in batches."""

from __future__ import annotations

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Item = TypeVar("Item")

MOST_WAITING = 1_000
BATCH = 200


class Overloaded(Exception):
    """More is waiting than can be promised to be stored."""


class Inbox(Generic[Item]):
    """Stores what is put into it, in order, and says so only after `store` has returned.

    One write at a time: what arrives meanwhile becomes the next batch, so a burst costs few transactions, and the
    event loop never waits for the database. An exception of `store` is raised by `put` for each item of its batch.
    """

    def __init__(
        self, store: Callable[[Sequence[Item]], None], *, most_waiting: int = MOST_WAITING, batch: int = BATCH
    ) -> None:
        self._store = store
        self._batch = batch
        self._waiting: asyncio.Queue[tuple[Item, asyncio.Future[None]]] = asyncio.Queue(most_waiting)
        self._writer: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="webhook-inbox")

    def start(self) -> None:
        """Begin to store; to be called in the event loop that will `put`."""
        self._writer = asyncio.create_task(self._write(), name="webhook-inbox")

    async def put(self, item: Item) -> None:
        """Return when `item` is stored. Raises `Overloaded` at once when too many wait, else what `store` raised."""
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        try:
            self._waiting.put_nowait((item, stored))
        except asyncio.QueueFull:
            raise Overloaded from None
        # A sender that goes away does not take its delivery along.
        await asyncio.shield(stored)

    async def stop(self) -> None:
        """Store what still waits, then end."""
        if self._writer is None:
            return
        await self._waiting.join()
        self._writer.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._writer
        self._thread.shutdown()

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < self._batch and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            try:
                await loop.run_in_executor(self._thread, self._store, [item for item, _ in batch])
            except Exception as error:  # noqa: BLE001  # each sender gets it
                _settle(batch, error)
            else:
                _settle(batch, None)
            for _ in batch:
                self._waiting.task_done()


def _settle(batch: Sequence[tuple[object, asyncio.Future[None]]], error: Exception | None) -> None:
    for _, stored in batch:
        if stored.done():
            continue
        if error is None:
            stored.set_result(None)
        else:
            stored.set_exception(error)
            stored.exception()  # seen: a sender that went away leaves nobody to hear of it
