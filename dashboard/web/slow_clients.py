"""Close connections that ask nothing, so that a thousand of them hold nobody up.

Uvicorn waits without limit for the first request of a connection, and for the rest of one that was begun.
"""

from __future__ import annotations

import asyncio
import contextlib
import resource
import time
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

HEAD_SECONDS: Final = 15.0
BODY_SECONDS: Final = 120.0
MOST_WAITING: Final = 300
"""Connections that may be without a whole request at one time; the longest waiting ones make room."""
_LOOK_SECONDS: Final = 0.25

Phase = Literal["head", "body"]


async def close_slow_clients(connections: Callable[[], Iterable[Any]], stop: asyncio.Event) -> None:
    """Look at `connections` (uvicorn's protocols) until `stop` is set, and close those that keep others waiting."""
    waiting: dict[Any, tuple[Phase, float]] = {}
    while not stop.is_set():
        now = time.monotonic()
        found = {one: phase for one in list(connections()) if (phase := _phase(one)) is not None}
        waiting = {
            one: waiting[one] if one in waiting and waiting[one][0] == phase else (phase, now)
            for one, phase in found.items()
        }
        for one in _to_close(waiting, now):
            del waiting[one]
            one.transport.abort()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_SECONDS):
                await stop.wait()


def _to_close(waiting: dict[Any, tuple[Phase, float]], now: float) -> list[Any]:
    limits = {"head": HEAD_SECONDS, "body": BODY_SECONDS}
    late = [one for one, (phase, since) in waiting.items() if now - since > limits[phase]]
    rest = sorted((since, id(one), one) for one, (_, since) in waiting.items() if one not in late)
    return [*late, *(one for _, _, one in rest[: max(0, len(rest) - MOST_WAITING)])]


def _phase(connection: Any) -> Phase | None:
    """Return what the server waits for on `connection`; None while it answers, and for WebSockets."""
    if not hasattr(connection, "cycle") or connection.transport is None or connection.transport.is_closing():
        return None
    cycle = connection.cycle
    if cycle is None or cycle.response_complete:
        return "head"
    return "body" if cycle.more_body else None


def raise_file_limit() -> None:
    """Let this process open as many files and connections as the system allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(hard, 65_536) if hard != resource.RLIM_INFINITY else 65_536
    if soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
