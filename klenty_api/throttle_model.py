"""How fast Klenty may be asked, learned from its answers: pure decisions on a clock that the caller reads.

A refusal (429) pauses all calls as long as Klenty asks, and does not say what it counted. How calls continue depends on
what was accepted meanwhile:

- Most calls that left after the refused one were accepted: no rate explains it, so nothing slows down.
- Otherwise calls continue at a pace (CUBIC, as botocore uses it): below what was accepted, back to it within `PLATEAU`
  seconds, and slowly beyond. Refused again and again although slower: no rate explains it either.
- Refused only where more calls were under way than ever before: a few at once try first. If they get more than a pace
  would have let through, the limit is on calls under way, and as many as were accepted at once may go.
"""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_low
from typing import Any, Literal

CallResult = Literal["accepted", "failed", "refused", "not_sent"]

PLATEAU = 15.0  # seconds of use until the pace is back at what was accepted: the one figure to tune
DROP, GROWTH, SAFETY = 0.15, 0.3, 0.965  # slower after a refusal; faster after two plateaus; for uneven starts
FIRST_FLIGHT = 24  # calls under way at most until they were accepted: bounds what the first limit refuses
SOON = 3.0  # seconds: a refusal so soon after slowing down makes it doubtful that slowing down helps
ENOUGH = 3  # accepted calls that allow a conclusion
FIRST_PAUSE, LONGEST_PAUSE, MOST_BARREN = 0.5, 300.0, 6  # seconds; pauses without one accepted call: closed
FORGOTTEN_AFTER = 7 * 24 * 3600.0


@dataclass(slots=True, eq=False)
class Start:
    """One call on its way: when it left, between which pauses, and what became of it."""

    at: float
    cycle: int
    ended_at: float = math.inf
    refused: bool = False


class RateModel:
    """What is known of the limits of one account, within hard caps. Not safe for threads: `Throttle` holds the lock."""

    def __init__(self, workers: int, calls_per_second: float | None = None, longest_pause: float = 60.0) -> None:
        self.workers, self._cap, self._longest_pause = workers, calls_per_second, longest_pause
        self.in_flight = self.news = 0  # `news` grows with everything worth remembering
        self._rate: float | None = None  # accepted calls per second; None: no pace is needed
        self._used = self._last = self._next = 0.0  # seconds of paced calls since a refusal; latest and next start
        self._width, self._linger = workers, PLATEAU  # calls under way; seconds until one more is tried
        self._widened, self._narrowed = 0.0, -math.inf  # when
        self._trial: tuple[float, int, float] | None = None  # calls per second and at once, accepted before; since when
        self._proven, self._landed = False, 0  # whether the first flight is over; its accepted calls
        self._doubts, self._before, self._stray = 0, 0, False  # whether refusals come that no rate explains
        self._starts, self._cycle, self._kept, self._begun = deque[Start](maxlen=512), 0, 0, 0.0  # since the last pause
        self._cut_at: float | None = None
        self._resume_at, self._barren = 0.0, 0  # end of the pause; pauses in a row without one accepted call

    def ready_at(self, now: float) -> float:
        """Return when the next call may start; infinite when an answer has to come first."""
        if self._cut_at is not None and now >= self._resume_at:
            self._conclude(now, self._cut_at)
        if self.in_flight >= (1 if self._barren > 1 else self._width):
            return math.inf
        held = (
            not self._proven and len(self._starts) >= FIRST_FLIGHT
        )  # a call that hangs does not hold the others for long
        return max(self._resume_at, self._next, self._last + SOON if held else 0.0)

    def closed(self, now: float) -> float | None:
        """Return the seconds until the next call is tried when nobody should wait for it, else None."""
        left = self._resume_at - now
        return left if left > self._longest_pause or (self._barren >= MOST_BARREN and left > 0) else None

    def pace(self) -> float | None:
        """Return the calls per second at present, None without a bound."""
        share = DROP if self._used < PLATEAU else GROWTH
        paced = None if self._rate is None else self._rate * (1 + share * (self._used / PLATEAU - 1) ** 3)
        return min(filter(None, (paced, self._cap)), default=None)

    def learned(self, wall: float) -> dict[str, Any]:
        """Return what is worth keeping for a later run, ready for JSON."""
        width = self._width if self._trial is None and self._width < self.workers else None
        return {"pace": self._rate, "in_flight": width, "proven": self._proven, "at": wall}

    def remember(self, note: object, wall: float) -> None:
        """Take up what `learned` gave in an earlier run; what is old, or no such note, is passed over."""
        known = note if isinstance(note, dict) else {}
        at, pace, width = (_positive(known.get(name)) for name in ("at", "pace", "in_flight"))
        if known and 0 <= wall - at < FORGOTTEN_AFTER:
            self._proven = bool(pace or width or known.get("proven") is True)
            self._rate, self._width = pace or None, max(1, min(self.workers, int(width or self.workers)))

    def start(self, now: float) -> Start:
        """Record that a call leaves. To be called only when `ready_at` has come."""
        pace = self.pace()
        gap = 1 / pace if pace else 0.0
        self._next = max(self._next, now - gap / 2) + gap  # a late thread makes up for half a gap
        self._begun = self._begun if self._starts else now
        self._used, self._last = self._used + min(now - self._last, 2 * gap), now
        self.in_flight, self._kept = self.in_flight + 1, self._kept + 1
        self._starts.append(Start(now, self._cycle))
        return self._starts[-1]

    def record(self, start: Start, now: float, result: CallResult, retry_after: float | None = None) -> None:
        """Take note of how a call ended: "failed" was answered, "not_sent" never reached Klenty.

        Args:
            start: what `start` returned.
            now: seconds, on the clock of `start`.
            result: how it ended.
            retry_after: seconds that a refusal asks for.
        """
        self.in_flight -= 1
        start.ended_at, start.refused = now, result == "refused"
        if result in {"accepted", "failed"}:
            self._barren, self._landed = 0, self._landed + 1
            if not self._proven and self._landed >= FIRST_FLIGHT:
                self._proven, self.news = True, self.news + 1
            self._widen(now)
        elif start.cycle == self._cycle:  # else it was sent before the last pause, which counts it already
            self._kept -= 1
            if result == "not_sent":
                self._starts.remove(start)
                return
            if self._cut_at is None:
                self._cut_at, self._resume_at, self._proven, self._barren = now, now, True, self._barren + 1
            least = FIRST_PAUSE * 2 ** (self._barren - 1)
            pause = least if retry_after is None else max(retry_after, least / 5)
            self._resume_at = max(self._resume_at, now + min(pause, LONGEST_PAUSE))

    def _widen(self, now: float) -> None:
        """End a trial that got more than a pace lets through, or let one more call go after a while."""
        if self._trial is not None and self._cut_at is None:
            rate, at_once, began = self._trial
            seconds, answered = now - began, self._kept - self.in_flight
            if answered > 1.1 * rate * (1 + seconds) + 2:
                self._trial, self._width, self._widened, self.news = None, at_once, now, self.news + 1
            elif now - self._widened > 1 and answered < 1.25 * rate * seconds:
                self._width, self._widened = self._width + 1, now  # too slow to meet either limit
        elif self._rate is None and self._width < self.workers and now - self._widened > self._linger:
            self._width, self._widened = self._width + (self._widened > 0), now

    def _conclude(self, now: float, cut: float) -> None:
        """Decide after a pause how to continue from what was accepted before it."""
        self._cut_at = None
        free = self._rate is None and self._width == self.workers
        if self._kept < ENOUGH:  # too little to learn from: this cycle continues, with fewer at once
            if free and not self._stray:
                self._trial, self._width, self._widened = (float(ENOUGH), self.workers, now), 1, now
            return
        starts, kept = sorted(self._starts, key=lambda start: start.at), self._kept
        took = now - self._begun  # a cut within a second was met by what a second allows, which is left out
        rate = kept / (max(1.0, took - 1) if cut - self._begun <= 1 else took)
        self._starts.clear()
        self._cycle, self._kept, self._next = self._cycle + 1, 0, now
        after = starts[next((index for index, start in enumerate(starts) if start.refused), 0) :]
        accepted = len(after) - (refused := sum(start.refused for start in after))
        if self._stray and (refused < ENOUGH or refused <= accepted):
            return  # still none that a rate explains
        self._stray = False
        if self._trial is not None:
            suspected, at_once, _ = self._trial
            self._slow_down(max(rate, suspected) if at_once < self.workers else rate, kept)
        elif free and accepted >= max(ENOUGH, 3 * refused):
            self._ignore_refusals()
        elif free and (at_once := _limit_at_once(starts)):
            fastest = min(min(start.ended_at, now) - start.at for start in starts if not start.refused)
            self._trial, self._widened = (rate, at_once, now), now
            self._width = max(1, min(at_once // 2, max(50 // at_once, int(1.1 * rate * fastest) + 2)))
        elif self._rate is None and not free and now - self._narrowed >= SOON:
            self._linger, self.news = min(2 * self._linger, LONGEST_PAUSE), self.news + 1
            self._width, self._widened, self._narrowed = max(1, self._width - 1), now, now
        else:  # a pace is known, or needed because fewer at once did not help
            self._slow_down(rate, kept)

    def _slow_down(self, rate: float, kept: int) -> None:
        """Continue at a pace below `rate`, which was accepted; unless slowing down has not helped before."""
        before, self._trial, self._width = self.pace(), None, self.workers
        few = self._used < SOON or (self._used < PLATEAU and kept < 2 * self._before)
        self._doubts = self._doubts + 1 if self._rate is not None and few else max(0, self._doubts - 1)
        if self._doubts > 1:
            self._ignore_refusals()
            return
        if self._rate is None or before is None:
            self._before = kept
        else:  # starts that arrive unevenly are refused now and then at any pace
            rate = min(before, max(rate, self._rate) if self._used > SOON else rate)
        self._rate, self._used, self.news = SAFETY * rate, 0.0, self.news + 1

    def _ignore_refusals(self) -> None:
        self._stray, self._doubts, self._rate, self._width = True, 0, None, self.workers


def _limit_at_once(starts: Sequence[Start]) -> int:
    """Return how many calls were accepted at once where that number explains the refusals, else 0."""
    refused, kept, ends = list[int](), list[int](), list[float]()  # calls under way at each start; when they ended
    # Calls overtake each other on their way: the order of those that left together says nothing.
    together = (starts[0].at + min(start.ended_at for start in starts if not start.refused)) / 2
    for start in sorted(starts, key=lambda start: (max(start.at, together), start.refused)):
        ends = [end for end in ends if end > start.at]
        (refused if start.refused else kept).append(len(ends))
        if not start.refused:
            ends.append(start.ended_at)
    most, middle = max(kept) + 1, max(1, median_low(refused or [0]))
    if sum(beside >= middle for beside in kept) > max(ENOUGH, len(kept) // 2):
        return 0
    return most if len(refused) < ENOUGH else min(most, middle)


def _positive(value: object) -> float:
    return float(value) if isinstance(value, int | float) and value is not True and 0 < value < 1e12 else 0.0
