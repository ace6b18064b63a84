"""Unknown limits, met over real HTTP: how long, how many refusals, is every call answered; and the price without any.

    python benchmarks/pacing.py [--part rate|cap|free|strays] [--latency 0.1] [--rounds 3]

The sandbox runs as a process of its own and counts what it refuses. See README.md beside this file.
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import requests

from klenty_api import KlentyClient, Throttle, fan_out
from klenty_api.throttle_model import Start

DAY = date(2026, 11, 2)


class NoThrottle(Throttle):
    """What a client without pacing costs."""

    def acquire(self, **_: Any) -> Start:
        return Start(0.0, 0)

    def record_result(self, *_: Any, **__: Any) -> None:
        pass


class Server:
    """The sandbox's own addresses."""

    def __init__(self, url: str, user: str, key: str) -> None:
        self.url, self.user, self.key = url, user, key

    def set_limit(self, **limit: Any) -> None:
        requests.delete(f"{self.url}/sandbox/limit", timeout=10)
        if limit:
            requests.post(f"{self.url}/sandbox/limit", json=limit, timeout=10).raise_for_status()

    def set_strays(self, share: float | None) -> None:
        """Let this share of calls be refused for a second whatever the rate; None lets none be."""
        requests.delete(f"{self.url}/sandbox/faults", timeout=10)
        faults = [{"kind": "latency", "seconds": 0.1}]
        if share is not None:
            faults.append({"kind": "rate_limited", "retry_after": 1, "probability": share})
        for fault in faults:
            requests.post(f"{self.url}/sandbox/faults", json=fault, timeout=10).raise_for_status()

    def counted(self) -> dict[str, Any]:
        return requests.get(f"{self.url}/sandbox/limit", timeout=10).json() or {}


@contextmanager
def serving(latency: float) -> Iterator[Server]:
    command = [sys.executable, "-m", "klenty_api.sandbox", "--port", "0", "--cadences", "3", "--latency", str(latency)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        said = "".join(process.stdout.readline() for _ in range(2))  # type: ignore[union-attr]
        values = dict(re.findall(r"(KLENTY_\w+)=(\S+)", said))
        yield Server(values["KLENTY_BASE_URL"], values["KLENTY_USER"], values["KLENTY_API_KEY"])
    finally:
        process.terminate()
        process.wait()


def ask(server: Server, calls: int, workers: int, throttle: Throttle | None = None) -> tuple[float, int, Throttle]:
    """Seconds, and how many of `calls` ended with their answer."""
    with KlentyClient(server.user, server.key, base_url=server.url, workers=workers, throttle=throttle) as client:
        began = time.perf_counter()
        outcomes = fan_out(
            lambda _: client.engagements.email("Inbound demo requests", DAY, DAY), range(calls), workers=workers
        )
        return time.perf_counter() - began, sum(outcome.ok for outcome in outcomes), client.throttle


def rate(server: Server, rounds: int) -> None:
    calls, ideal = 300, 280 / 20
    print(f"Unknown limit of 20 calls a second, {calls} calls, ideal {ideal:.1f} s, allowed {1.2 * ideal:.1f} s")
    for kind in ("token", "window"):
        for late in (False, True):
            for workers in (8, 32, 64):
                for _ in range(rounds):
                    server.set_limit(kind=kind, number=20, late=late)
                    seconds, answered, throttle = ask(server, calls, workers)
                    refused = server.counted()["refused"]
                    good = answered == calls and seconds <= 1.2 * ideal and refused < 10
                    print(
                        f"  {kind:6} refusals {'late ' if late else 'early'} {workers:2} workers: {answered} answered, "
                        f"{seconds:5.2f} s = {seconds / ideal:.2f} x ideal, {refused:2} refusals"
                        f"{'' if good else '   MISSED'}   {json.dumps(throttle.learned())}",
                        flush=True,
                    )


def cap(server: Server, rounds: int, latency: float) -> None:
    calls, ideal = 300, 300 * latency / 10
    print(f"Unknown cap of 10 in flight, {calls} calls, ideal {ideal:.1f} s, allowed {1.5 * ideal:.1f} s")
    for says in (False, True):
        for workers in (16, 32, 64):
            for _ in range(rounds):
                server.set_limit()
                known, _answered, _throttle = ask(server, calls, 10, NoThrottle(workers=10))
                server.set_limit(kind="in_flight", number=10, retry_after=says)
                seconds, answered, throttle = ask(server, calls, workers)
                good = answered == calls and seconds <= 1.5 * ideal
                print(
                    f"  Retry-After {'1   ' if says else 'none'} {workers:2} workers: {answered} answered, "
                    f"{seconds:5.2f} s = {seconds / ideal:.2f} x ideal, {server.counted()['refused']:2} refusals"
                    f"{'' if good else '   MISSED'}; told of it {known:.2f} s   {json.dumps(throttle.learned())}",
                    flush=True,
                )


def strays(server: Server) -> None:
    """Refusals that no rate explains, as when others use the company's key: 3,000 calls, 16 workers."""
    calls, workers = 3000, 16
    for share, ideal in ((0.01, 50.0), (0.05, 170.0)):
        server.set_limit()
        server.set_strays(share)
        seconds, answered, throttle = ask(server, calls, workers)
        good = answered == calls and seconds <= ideal / 0.8
        print(
            f"{share:.0%} refused whatever the rate: {answered} of {calls} answered, {seconds:.1f} s, allowed "
            f"{ideal / 0.8:.0f} s{'' if good else '   MISSED'}   {json.dumps(throttle.learned())}",
            flush=True,
        )
    server.set_strays(None)


def free(server: Server, rounds: int, latency: float) -> None:
    calls = 1400
    server.set_limit()
    for workers in (16, 32, 64):
        ideal = calls * latency / workers
        print(f"No limit, {calls} calls, {workers} workers, ideal {ideal:.2f} s; {rounds} rounds in turn")
        taken: dict[str, list[tuple[float, float]]] = {"without a throttle": [], "first run": [], "later run": []}
        known: object = None
        for _ in range(rounds):
            for name, some in taken.items():
                throttle = NoThrottle(workers=workers) if name == "without a throttle" else Throttle(workers=workers)
                if name == "later run":
                    throttle.remember(known)
                busy = time.process_time()
                seconds, _answered, throttle = ask(server, calls, workers, throttle)
                some.append((seconds, time.process_time() - busy))
                known = throttle.learned() if name == "first run" else known
        for name, some in taken.items():
            middle, best = statistics.median(seconds for seconds, _ in some), min(seconds for seconds, _ in some)
            busy = statistics.median(busy for _, busy in some) / calls * 1000
            print(
                f"  {name:16} median {middle:.2f} s = {middle / ideal:.3f} x ideal, best {best:.2f} s, "
                f"{busy:.2f} ms CPU a call",
                flush=True,
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--part", choices=["rate", "cap", "free", "strays"], action="append")
    parser.add_argument("--latency", type=float, default=0.1)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with serving(given.latency) as sandbox:
        parts = given.part or ["rate", "cap", "free", "strays"]
        if "rate" in parts:
            rate(sandbox, given.rounds)
        if "cap" in parts:
            cap(sandbox, given.rounds, given.latency)
        if "strays" in parts:
            strays(sandbox)
        if "free" in parts:
            free(sandbox, given.rounds, given.latency)
