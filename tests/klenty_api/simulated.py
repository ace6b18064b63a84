"""A discrete simulation of workers that ask and a server that limits: minutes of waiting in milliseconds."""

import heapq
import itertools
import math
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from klenty_api.throttle_model import RateModel

Limit = Callable[[float, int], float | None]  # (now, calls inside) → None: accepted; else the wait to ask for


def token_bucket(rate: float, burst: float | None = None) -> Limit:
    size = rate if burst is None else burst
    left, at = size, 0.0

    def limit(now: float, _: int) -> float | None:
        nonlocal left, at
        left, at = min(size, left + (now - at) * rate), now
        if left >= 1:
            left -= 1
            return None
        return math.ceil((1 - left) / rate)

    return limit


def sliding_window(calls: int, seconds: float = 1.0) -> Limit:
    accepted: deque[float] = deque()

    def limit(now: float, _: int) -> float | None:
        while accepted and accepted[0] <= now - seconds:
            accepted.popleft()
        if len(accepted) < calls:
            accepted.append(now)
            return None
        return max(1, math.ceil(accepted[0] + seconds - now))

    return limit


def in_flight(most: int, retry_after: float = -1) -> Limit:
    """A negative `retry_after`: the refusal does not say how long to wait."""
    return lambda _, inside: None if inside < most else retry_after


def unlimited(_now: float, _inside: int) -> None:
    return None


@dataclass
class SimulatedRun:
    model: RateModel
    done: int = 0
    refusals: int = 0
    seconds: float = 0.0
    started: list[float] = field(default_factory=list)
    accepted: list[float] = field(default_factory=list)
    most_inside: int = 0


def simulate(  # noqa: C901
    limit: Limit,
    *,
    calls: int,
    workers: int,
    latency: float | Callable[[float, int], float] = 0.1,
    late_refusals: bool = True,
    jitter: float = 0.0,
    oversleep: float = 0.0,
    cpu: float = 0.0015,
    model: RateModel | None = None,
    begin: float = 100.0,
    seed: int = 1,
    most_seconds: float = 600.0,
) -> SimulatedRun:
    """Let `workers` carry out `calls`; a start reaches the server after its turn on one processor (`cpu` each).

    `late_refusals`: a refusal takes as long as an answer. `jitter` is how unevenly starts arrive, `oversleep` how much
    too late a worker wakes up. Stops when all are done or time is up.
    """
    chance = random.Random(seed)
    model = model or RateModel(workers)
    run = SimulatedRun(model)
    events: list[tuple[float, int, Callable[[float], None]]] = []
    order = itertools.count()
    waiting, left, inside, processor = 0, calls, 0, begin
    wakes: set[float] = set()

    def at(when: float, what: Callable[[float], None]) -> None:
        heapq.heappush(events, (when, next(order), what))

    def wake(now: float) -> None:
        wakes.discard(now)

    def leave(now: float) -> None:
        nonlocal processor
        start = model.start(now)
        run.started.append(now)
        processor = max(processor, now) + cpu
        at(processor + chance.uniform(0, jitter), lambda then: arrive(then, start))

    def arrive(now, start):
        nonlocal inside
        wait = limit(now, inside)
        taken = latency(now, inside) if callable(latency) else latency
        if wait is None:
            inside += 1
            run.accepted.append(now)
            run.most_inside = max(run.most_inside, inside)
            at(now + taken, lambda then: answered(then, start))
        else:
            run.refusals += 1
            asked = None if wait < 0 else wait
            at(now + (taken if late_refusals else 0.001), lambda then: refused(then, start, asked))

    def answered(now, start):
        nonlocal inside, left, waiting
        inside -= 1
        model.record(start, now, "accepted")
        run.done += 1
        if left > 0:
            left -= 1
            waiting += 1

    def refused(now, start, asked):
        nonlocal waiting
        model.record(start, now, "refused", asked)
        waiting += 1

    now = begin
    waiting = min(workers, calls)
    left = calls - waiting
    at(begin, wake)
    while events and run.done < calls and now < begin + most_seconds:
        now, _, what = heapq.heappop(events)
        what(now)
        while waiting:
            ready = model.ready_at(now)
            if ready > now:
                if ready < math.inf and ready not in wakes:
                    late = ready + chance.uniform(0, oversleep)
                    wakes.add(ready)
                    at(late, lambda _, ready=ready: wake(ready))
                break
            waiting -= 1
            leave(now)
    run.seconds = now - begin
    return run
