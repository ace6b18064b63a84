"""When an answer is good enough not to be asked again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.data.windows import Window


@dataclass(frozen=True)
class Freshness:
    """Replies arrive, and are marked, for days after a window has ended: only then are its counts settled.

    An answer fetched later than `settling` after the end of its window is never asked again, any other one when it is
    older than `fresh`. So what was fetched before it had settled is asked once more afterwards.
    """

    settling: timedelta = timedelta(days=14)
    fresh: timedelta = timedelta(minutes=15)

    def lasts(self, window: Window, fetched_at: datetime, now: datetime) -> bool:
        """Whether the answer for `window` that came at `fetched_at` need not be asked again at `now` (both aware)."""
        return fetched_at >= self.needed(window, now)

    def needed(self, window: Window, now: datetime) -> datetime:
        """When an answer for `window` must have come, or later, to be good enough at `now`."""
        return min(window.last_instant + self.settling, now - self.fresh)
