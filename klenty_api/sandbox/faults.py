"""Faults on request, real down to the socket, so that every way of failing can be tried by hand and in tests."""

import random
import socket
import struct
import threading
import time
from dataclasses import asdict, dataclass, field
from typing import Any

KINDS = (
    "latency", "rate_limited", "server_error", "reset", "cut_json", "html", "slow_body", "wrong_key", "refused_json",
    "redirect", "missing",
)  # fmt: skip
_OPTIONS = {"seconds", "retry_after", "status", "after_processing"}


@dataclass
class Fault:
    """One fault: what, for which operation and cadence (None: all), how often (None: always)."""

    kind: str
    operation: str | None = None
    cadence: str | None = None
    times: int | None = None
    probability: float = 1.0
    options: dict[str, Any] = field(default_factory=dict)


class Faults:
    """The faults in force. Safe to use from many threads."""

    def __init__(self, seed: int = 7) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._rng = random.Random(seed)

    def add(
        self,
        kind: str,
        operation: str | None = None,
        cadence: str | None = None,
        times: int | None = None,
        probability: float = 1.0,
        **options: Any,
    ) -> Fault:
        """Let calls fail from now on. Options: `seconds` (latency, slow_body), `retry_after` (seconds or an HTTP date),
        `status` (server_error, html), `after_processing` (reset: the write is done, only its answer is lost).

        Raises ValueError for an unknown kind or option.

        Args:
            kind: of fault.
            operation: of one only.
            cadence: of one only.
            times: how often; None for always.
            probability: of each call.
        """
        if kind not in KINDS:
            raise ValueError(f"unknown fault {kind!r}; one of {', '.join(KINDS)}")
        if set(options) - _OPTIONS:
            raise ValueError(f"unknown option; one of {', '.join(sorted(_OPTIONS))}")
        fault = Fault(kind, operation, cadence, times, probability, options)
        with self._lock:
            self._faults.append(fault)
        return fault

    def add_text(self, text: str) -> Fault:
        """Return a fault from the command line: KIND[:OPERATION[:CADENCE]]."""
        kind, _, rest = text.partition(":")
        operation, _, cadence = rest.partition(":")
        return self.add(kind, operation or None, cadence or None)

    def clear(self) -> None:
        """Drop all faults."""
        with self._lock:
            self._faults.clear()

    def as_json(self) -> list[dict[str, Any]]:
        """Return the faults in force."""
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def for_call(self, operation: str, cadence: str | None) -> list[Fault]:
        """Return the faults that this call meets; those with a number of times are used up."""
        met = []
        with self._lock:
            for fault in list(self._faults):
                other = fault.operation not in {None, operation} or fault.cadence not in {None, cadence}
                if other or self._rng.random() >= fault.probability:
                    continue
                met.append(fault)
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._faults.remove(fault)
        return met


def reset(connection: socket.socket) -> None:
    """Break the connection with RST instead of a proper end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def drip(connection: socket.socket, head: bytes, body: bytes, seconds: float) -> None:
    """Send the body in small pieces over `seconds`.

    Args:
        connection: of the request.
        head: status line and headers.
        body: of the answer.
        seconds: for the whole body.
    """
    connection.sendall(head)
    pieces = max(1, min(len(body), int(seconds / 0.05)))
    size = -(-len(body) // pieces)
    for start in range(0, len(body), size):
        time.sleep(seconds / pieces)
        connection.sendall(body[start : start + size])
