"""How fast Klenty may be asked, learned from its answers: pure decisions on a clock that the caller reads.

Klenty documents no limit, and a refusal (429) does not say which one was met: calls *per time* or calls *in flight*.

- **Free.** All workers go. Until a first flight of calls was accepted whole, no more is sent: what is under way when
  a limit is met is refused, so the first flight bounds what learning it costs.
- **A refusal cuts**: everyone pauses for `Retry-After`. Refusals of calls sent before a cut belong to that cut.
- **Which limit?** If as many calls were accepted at once before, it was no limit on calls in flight. Otherwise a few
  at once try, as fast as answers come: refused again, it is a limit per time; accepted far beyond the number that was
  accepted in a second, it is one on calls in flight.
- **Calls per time**: one pace for all, from the *starts* that were accepted between two cuts. (Completions only begin
  to count when the pause has emptied the pipe: that estimate starts near 1/s and never recovers.) It stays
  just below it for a while, and then grows, first hardly, later fast, as CUBIC (RFC 9438) does beyond its plateau.
- **Calls in flight**: as many at once as were accepted at once, one more from time to time.
- **Latency** clearly beyond its floor: fewer in flight, as long as that makes answers faster.
"""

import math
import statistics
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

CallResult = Literal["accepted", "failed", "refused", "not_sent"]

FIRST_FLIGHT = 24
SECOND = 1.0  # limits are counted in seconds or more, and `Retry-After` comes in whole ones
BELOW = 0.955  # of an estimate: the pace to go on with, far enough below it for starts that arrive unevenly
GROWTH = 0.3  # of an estimate: so much faster after lingering twice as long as
LINGER = 15.0  # seconds of paced starts before the pace grows again
LONGEST_LINGER = 300.0
HELD = 4.0  # seconds after which a cut does not make the one before suspicious
SPACING = 0.001  # between starts while nothing is proven: no faster than threads get them out anyway
CATCH_UP = 0.025  # seconds that a worker who woke up late may make up for
ENOUGH = 3  # accepted starts that make an estimate
LATEST = 256  # starts of which it is kept when they ended
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 300.0
MOST_BARREN = 6  # cuts in a row without one accepted call: closed
FORGOTTEN_AFTER = 7 * 24 * 3600.0


@dataclass(slots=True, eq=False)
class Start:
    """One call on its way: when it left, between which cuts, and what became of it."""

    at: float
    number: int
    cycle: "Cycle"
    operation: str = ""
    ended_at: float = math.inf
    refused: bool = False


@dataclass(slots=True, eq=False)
class Cycle:
    """The starts between two cuts: how many were kept (not refused), and the last of them in full."""

    begun: float | None = None
    kept: int = 0
    cut_at: float | None = None
    latest: deque[Start] = field(default_factory=lambda: deque(maxlen=LATEST))

    def in_last_second(self) -> int:
        """Kept starts in the second before the cut."""
        since = (self.cut_at or 0.0) - SECOND
        return sum(since <= start.at for start in self.latest if not start.refused)

    def fastest(self) -> float:
        """Seconds that the fastest kept call took."""
        taken = [start.ended_at - start.at for start in self.latest if not start.refused]
        return min((seconds for seconds in taken if seconds < math.inf), default=0.0)

    def crowding(self) -> "Crowding":
        """How many kept calls were under way beside the refused ones, and beside the kept ones."""
        refused: list[int] = []
        kept: list[int] = []
        under_way: list[float] = []  # ends of kept calls
        in_order = sorted(self.latest, key=lambda start: start.at)
        for start in in_order:
            under_way = [end for end in under_way if end > start.at]
            (refused if start.refused else kept).append(len(under_way))
            if not start.refused:
                under_way.append(start.ended_at)
        first = _together(in_order)
        turned_away = sum(start.refused for start in first)
        return Crowding(refused, kept, len(first) - turned_away, turned_away)


@dataclass(frozen=True)
class Crowding:
    """For refused and for kept starts, how many kept calls were under way when they left.

    `together` is how many kept ones certainly were under way at once, and `turned_away` how many were refused beside
    them.
    """

    refused: list[int]
    kept: list[int]
    together: int
    turned_away: int

    @property
    def at_once(self) -> int:
        """How many calls together were not refused; seen from here some seem under way that have ended at Klenty."""
        most = max(self.kept, default=0) + 1
        if len(self.refused) < ENOUGH:
            return most
        # Calls overtake each other on their way: the order in which they left makes it seem one or two fewer.
        return max(1, min(most, max(statistics.median_low(self.refused), self.together)))

    @property
    def explains(self) -> bool:
        """Whether refusals may come from the number in flight: few were kept where as many were under way."""
        fewest = min(self.refused, default=0)
        if self.turned_away >= ENOUGH:
            fewest = max(fewest, self.together)  # what overtook others seems to have met fewer
        as_crowded = sum(beside >= fewest for beside in self.kept)
        return fewest > 0 and as_crowded <= max(ENOUGH, len(self.kept) // 2)


class Pace:
    """What is known of the limits of one account. Not safe for threads: `Throttle` holds the lock.

    `workers` and `calls_per_second` are hard caps; `learned` is what `learned()` gave at an earlier time.
    """

    def __init__(
        self, *, workers: int, calls_per_second: float | None = None, longest_pause: float = 60.0,
        learned: object = None, wall: float = 0.0,
    ) -> None:  # fmt: skip
        self.workers = workers
        self.in_flight = 0
        self.known = 0  # grows with everything worth remembering
        self._cap = calls_per_second
        self._longest_pause = longest_pause
        self._estimate: float | None = None
        self._linger = LINGER
        self._paced_for = 0.0
        self._kept = self._kept_in = 0.0  # accepted starts at paces so far, and the seconds they took with the pauses
        self._width: int | None = None  # calls in flight that were accepted where more were refused
        self._width_since: float | None = None
        self._trying: int | None = None  # calls at once while it is open which limit was met
        self._trying_since = 0.0
        # Calls per second, and at once (None: hardly any), that were accepted when the doubt arose.
        self._doubt: tuple[float, int | None] = (0.0, None)
        self._proven = False
        self._flight: _FirstFlight | None = _FirstFlight()
        self._cycle = Cycle()
        self._resume_at = 0.0
        self._barren = 0
        self._next = 0.0
        self._last = 0.0
        self._numbers = 0
        self._crowd = Crowd(workers)
        self.remember(learned, wall)

    # What may be done now

    def ready_at(self, now: float) -> float:
        """When the next call may start; infinite when an answer has to come first."""
        if self._cycle.cut_at is not None and now >= self._resume_at:
            self._resume(now)
        if self.in_flight >= self._room():
            return math.inf
        at = max(self._resume_at, self._next)
        return max(at, self._flight.until) if self._flight else at

    def closed(self, now: float) -> float | None:
        """Seconds to wait when that is longer than anyone should stand in line; None when the line moves."""
        left = self._resume_at - now
        too_long = left > self._longest_pause or (self._barren >= MOST_BARREN and left > 0)
        return left if too_long else None

    def start(self, now: float, operation: str = "") -> Start:
        """A call leaves. To be called only when `ready_at` has come."""
        gap = self._gap(now)
        self._next = max(self._next, now - CATCH_UP) + gap if gap else now
        self._paced_for += min(now - self._last, 2 * gap)
        cycle = self._cycle
        idle = self.in_flight == 0 and now - self._last > max(SECOND, 3 * gap)
        if cycle.begun is None or (idle and cycle.kept >= ENOUGH):
            self._cycle = cycle = Cycle(begun=now)
        self._last = now
        self._numbers += 1
        made = Start(now, self._numbers, cycle, operation)
        cycle.kept += 1
        cycle.latest.append(made)
        self.in_flight += 1
        if self._flight:
            self._flight.left(now)
        return made

    def record_result(self, start: Start, now: float, verdict: CallResult, retry_after: float | None = None) -> None:
        """What became of a start. “failed”: answered, but not as hoped; “not_sent”: it never reached Klenty."""
        self.in_flight -= 1
        start.ended_at = now
        if verdict == "refused":
            self._refused(start, now, retry_after)
        elif verdict == "not_sent":
            start.cycle.kept -= 1
            if start in start.cycle.latest:  # by now so many others may have left that it is not
                start.cycle.latest.remove(start)
        else:
            self._barren = 0
        if verdict == "accepted":
            self._crowd.answered(start, now, self._numbers)
            self._widen(now)
            self._decide(now)
        if self._flight:
            self._flight.landed(now - start.at)
            if self._flight.over:
                self._flight, self._proven = None, self._cycle.cut_at is None
                self.known += self._proven

    # What was learned

    def pace(self) -> float | None:
        """Calls per second that all workers share; None when nothing limits them."""
        found = self._estimate
        if found is not None:
            found *= BELOW + GROWTH * max(0.0, self._paced_for / self._linger - 1) ** 3
        return min((limit for limit in (found, self._cap) if limit is not None), default=None)

    def width(self) -> int:
        """Calls that may be under way at once."""
        return min(self.workers, self._width or self.workers, self._crowd.width)

    def learned(self, wall: float) -> dict[str, Any]:
        """What is worth keeping for the next run, ready for JSON; `wall` is seconds since 1970."""
        pace = None if self._estimate is None else round(self._estimate, 4)
        return {"pace": pace, "in_flight": self._width, "proven": self._proven, "at": round(wall)}

    def remember(self, learned: object, wall: float) -> None:
        """Take up what an earlier run learned; what is old or is not such a note is passed over."""
        note: dict[Any, Any] = learned if isinstance(learned, dict) else {}
        at, pace, width = note.get("at"), note.get("pace"), note.get("in_flight")
        if not isinstance(at, int | float) or not 0 <= wall - at <= FORGOTTEN_AFTER:
            return
        if isinstance(pace, int | float) and 0 < pace < 1e6:
            self._estimate = float(pace)
        if isinstance(width, int) and width > 0:
            self._width = width
        if note.get("proven") is True or self._estimate is not None or self._width is not None:
            self._proven, self._flight = True, None

    # How it is learned

    def _room(self) -> int:
        if self._cycle.cut_at is not None:
            return self.workers  # the pause decides
        if self._trying is not None:
            return min(self._trying, self.width())
        return self.width()

    def _gap(self, now: float) -> float:
        pace = None if self._trying is not None else self.pace()
        if pace is None:
            pace = self._cap
        if pace is not None:
            return 1 / pace
        return 0.0 if self._proven and now >= self._resume_at + SECOND else SPACING

    def _refused(self, start: Start, now: float, retry_after: float | None) -> None:
        cycle = start.cycle
        start.refused = True
        cycle.kept -= 1
        if cycle is not self._cycle:
            return  # sent before the last cut, and answered after its pause
        if cycle.cut_at is None:
            cycle.cut_at = now
            self._flight = None
            self._barren += 1
            self._resume_at = now
        asked = FIRST_PAUSE * 2 ** (self._barren - 1) if retry_after is None else retry_after
        pause = min(max(asked, FIRST_PAUSE / 10 * 2 ** (self._barren - 1)), LONGEST_PAUSE)
        self._resume_at = max(self._resume_at, now + pause)

    def _resume(self, now: float) -> None:
        """The pause is over: by now it is known which starts of the cycle were accepted."""
        cycle = self._cycle
        self._next = now
        if cycle.kept < ENOUGH:
            # Too little to learn from: wait for more, with fewer at once. A pace that is known stays.
            cycle.cut_at = None
            if self._estimate is None and self._width is None:
                self._trying = cycle.crowding().at_once
                self._doubt, self._trying_since = (ENOUGH / SECOND, None), now
            return
        rate = _rate(cycle, self._resume_at)
        crowding = cycle.crowding()
        self._cycle = Cycle()
        if self._trying is not None:
            self._trying = None
            self._slow_down(max(rate, min(self._doubt[0], cycle.in_last_second())))
        elif self._width is not None and crowding.at_once >= 0.75 * self._width:
            soon = self._width_since is not None and now - self._width_since < HELD
            fewer = min(self._width - 1, crowding.at_once)
            self._width, self._width_since = max(1, int(0.7 * fewer) if soon else fewer), now
        elif crowding.explains and (self._estimate is None or (self._kept_in and rate < 0.7 * self._estimate)):
            # Nothing is known, or a pace is cut again and again and far from being kept: slower may not cure it.
            self._doubt = (rate, crowding.at_once)
            enough = math.ceil(1.1 * rate * cycle.fastest()) + 1
            self._trying = max(1, min(crowding.at_once // 2, max(50 // crowding.at_once, enough)))
            self._trying_since = now
        else:
            self._slow_down(rate, cycle)
        self.known += 1

    def _slow_down(self, rate: float, cycle: Cycle | None = None) -> None:
        """All share a pace from now on: just below what was accepted."""
        before, tried_more = self.pace(), self._paced_for > self._linger
        if cycle is None or before is None or self._estimate is None:
            self._kept = self._kept_in = 0.0
        else:
            busy = (cycle.cut_at or 0.0) - (cycle.begun or 0.0)
            once = self._kept_in == 0 or busy > HELD
            self._kept = cycle.kept + (0 if once else self._kept)
            self._kept_in = self._resume_at - (cycle.begun or 0.0) + (0.0 if once else self._kept_in)
            # Starts that arrive unevenly are refused now and then even at a pace that can be kept; cuts in quick
            # succession mean that it cannot, and then all of them together tell which can.
            rate = max(rate, min(0.95 * before, self._estimate)) if once else self._kept / self._kept_in
            rate = min(rate, before / BELOW)
        self._linger = min(2 * self._linger, LONGEST_LINGER) if tried_more else LINGER
        self._estimate, self._paced_for = rate, 0.0

    def _decide(self, now: float) -> None:
        """End a trial in which more was accepted than a limit per time would have let through."""
        if self._trying is None or self._cycle.begun is None or self._cycle.cut_at is not None:
            return
        rate, at_once = self._doubt
        answered = self._cycle.kept - self.in_flight
        seconds = now - self._cycle.begun
        if now - self._trying_since > SECOND and answered < 1.25 * rate * seconds:
            self._trying, self._trying_since = self._trying + 1, now  # too slow to meet either limit
        if answered > 1.1 * rate * (1 + seconds) + 2:
            self._trying = None
            if at_once is not None:
                self._estimate, self._width, self._width_since, self._proven = None, at_once, now, True
                self.known += 1

    def _widen(self, now: float) -> None:
        """Where a number in flight is the limit, try one more from time to time."""
        if self._width is None or self._width >= self.workers:
            return
        if self._width_since is None:
            self._width_since = now
        elif now - self._width_since > self._linger:
            self._width, self._width_since = self._width + 1, now
            self._linger = min(2 * self._linger, LONGEST_LINGER)


def _together(starts: Sequence[Start]) -> list[Start]:
    """Those of these, oldest first, that left long before the first answer came."""
    answers = [start.ended_at for start in starts if not start.refused]
    if not answers:
        return []
    middle = (starts[0].at + min(answers)) / 2
    return [start for start in starts if start.at < middle]


def _rate(cycle: Cycle, resume_at: float) -> float:
    """Accepted starts per second, as a limit per time would count them.

    A cut within a second was met by what a second allows: a pause beyond the whole second that servers round up to
    belongs to it. A later cut emptied a reserve that the pause fills again, so the pause belongs to it.
    """
    cut = cycle.cut_at or 0.0
    busy, pause = cut - (cycle.begun or 0.0), resume_at - cut
    if busy <= SECOND:
        return cycle.kept / max(SECOND, busy + pause - SECOND)
    kept = sum(not start.refused for start in cycle.latest)
    return kept / (cut - cycle.latest[0].at + pause)


class _FirstFlight:
    """The first calls of a client that knows nothing: when they have landed, the rest may follow."""

    def __init__(self) -> None:
        self.until = 0.0
        self.over = False
        self._first: float | None = None
        self._last = 0.0
        self._out = 0
        self._in = 0
        self._slowest = 0.0

    def left(self, now: float) -> None:
        """One more has left. A limit that refills meanwhile lets a few more through."""
        self._first = now if self._first is None else self._first
        self._last = now
        self._out += 1
        if self._out >= FIRST_FLIGHT * (1 + now - self._first):
            self.until = math.inf
            self._no_stragglers()

    def landed(self, seconds: float) -> None:
        """One was answered."""
        self._in += 1
        self._slowest = max(self._slowest, seconds)
        self.over = self.until > 0 and self._in >= self._out
        if self.until > 0:
            self._no_stragglers()

    def _no_stragglers(self) -> None:
        """Not longer than twice the slowest so far, once half have landed."""
        if 2 * self._in >= self._out:
            self.until = self._last + 2 * self._slowest


class Crowd:
    """Whether fewer calls at once would be answered faster."""

    def __init__(self, workers: int) -> None:
        self.width = workers
        self._workers = workers
        self._floor: dict[str, float] = {}
        self._since = 0  # starts up to this number were sent with another width
        self._ratios: list[float] = []
        self._crowded = False
        self._before: float | None = None  # the ratio that led to the last narrowing

    def answered(self, start: Start, now: float, latest: int) -> None:
        """Take note of one accepted answer; `latest` is the number of the last start."""
        seconds = max(now - start.at, 0.001)
        floor = self._floor.setdefault(start.operation, seconds)
        self._floor[start.operation] = min(floor, seconds)
        if start.number <= self._since:
            return
        # The constant keeps fast servers out of it, where the own machine's hiccups are a multiple of the floor.
        self._ratios.append((seconds + 0.1) / (min(floor, seconds) + 0.1))
        if len(self._ratios) >= max(8, self.width):
            self._judge(min(self._ratios), latest)

    def _judge(self, ratio: float, latest: int) -> None:
        """Even the fastest answer tells how long the queue is that all stand in."""
        self._ratios = []
        crowded, self._crowded = self._crowded, ratio > 2.5
        if self._before is not None and ratio > 0.9 * self._before:
            # Fewer made no difference: Klenty is slower for other reasons.
            self._floor = {name: floor * ratio for name, floor in self._floor.items()}
            self._resize(self._workers, None, latest)
        elif crowded and self._crowded:
            self._resize(max(1, int(0.7 * self.width)), ratio, latest)
        elif ratio < 1.5 and self.width < self._workers:
            self._resize(self.width + 1, None, latest)
        elif not self._crowded:
            self._before = None

    def _resize(self, width: int, before: float | None, latest: int) -> None:
        # What starts while the queue of before drains says nothing about the new width.
        self._since = latest + self.width
        self.width, self._before = width, before
