"""When an answer is good enough not to be asked again."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dashboard.data.windows import Window

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far clocks of several machines may differ. An answer from later than that is from a clock that was wrong."""

_NEVER = datetime.max.replace(tzinfo=UTC)

AGES = (1, 2, 3, 5, 8, 13, 21)
"""Days after its last day at which a sync asks a window again: replies come ever more rarely."""


@dataclass(frozen=True)
class Freshness:
    """Replies arrive, and are marked, for days after a window has ended: only then are its counts settled.

    An answer fetched later than `settling` after the end of its window is never asked again, any other one when it is
    older than `fresh`. So what was fetched before it had settled is asked once more afterwards.
    """

    settling: timedelta = timedelta(days=14)
    fresh: timedelta = timedelta(minutes=15)

    def lasts(self, window: Window, fetched_at: datetime, now: datetime) -> bool:
        """Return whether the answer for `window` from `fetched_at` is good enough at `now` (both aware).

        Args:
            window: what the answer is about.
            fetched_at: when it arrived (aware).
            now: the moment of asking (aware).
        """
        return self.needed(window, now) <= fetched_at <= now + CLOCK_TOLERANCE

    def needed(self, window: Window, now: datetime) -> datetime:
        """Return when an answer for `window` must have come, or later, to be good enough at `now`."""
        return min(window.last_instant + self.settling, now - self.fresh)


@dataclass(frozen=True)
class ThinnedFreshness(Freshness):
    """The rule of a sync that runs again and again: a window that has ended is asked at certain ages only.

    The last time is after it has settled. When a number was fetched is shown with it, as always.
    """

    ages: tuple[int, ...] = AGES

    @classmethod
    def of(cls, rule: Freshness) -> "ThinnedFreshness":
        """Return the thinned rule with the times of another one."""
        return cls(rule.settling, rule.fresh)

    def needed(self, window: Window, now: datetime) -> datetime:
        """Return when an answer for `window` must have come, or later, to be good enough at `now`."""
        zone = ZoneInfo(window.timezone)
        settled = window.last_instant + self.settling
        # Counted from the end of its last day, which is the beginning of age 1.
        passed = [datetime.combine(window.end + timedelta(days=age), time(), zone) for age in self.ages]
        if settled > passed[-1]:
            passed.append(settled)
        passed = [moment for moment in passed if moment <= now]
        return min(settled, passed[-1]) if passed else super().needed(window, now)


@dataclass(frozen=True)
class AskedSince(Freshness):
    """Everything is asked again that was not asked since a certain time, as after the clock of a machine was wrong."""

    since: datetime = _NEVER

    def needed(self, window: Window, now: datetime) -> datetime:  # noqa: ARG002  # whatever the window
        """Return when an answer must have come, or later, to be good enough."""
        return self.since
