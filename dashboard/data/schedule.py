"""When something is due: every day, week or month at a time of a zone, through its changes of clock."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Every = Literal["day", "week", "month"]


@dataclass(frozen=True)
class Schedule:
    """A time of day in a zone, each day, on a day of the week (0: Monday) or of the month.

    A day that a month lacks is its last one. A time that the clock skips is as much later as the clock was put forward,
    and one that comes twice is the first.
    """

    every: Every
    minute: int
    timezone: str
    on_day: int = 0

    def latest(self, now: datetime) -> datetime:
        """Return the latest moment up to `now` (aware) at which it was due, in UTC."""
        day = now.astimezone(ZoneInfo(self.timezone)).date() + timedelta(days=1)
        while not (self._is_on(day) and self._moment(day) <= now):
            day -= timedelta(days=1)
        return self._moment(day)

    def following(self, now: datetime) -> datetime:
        """Return the first moment after `now` (aware) at which it is due, in UTC."""
        day = now.astimezone(ZoneInfo(self.timezone)).date() - timedelta(days=1)
        while not (self._is_on(day) and self._moment(day) > now):
            day += timedelta(days=1)
        return self._moment(day)

    def _is_on(self, day: date) -> bool:
        if self.every == "week":
            return day.weekday() == self.on_day
        if self.every == "month":
            last = (day + timedelta(days=1)).month != day.month
            return day.day == self.on_day or (last and self.on_day > day.day)
        return True

    def _moment(self, day: date) -> datetime:
        at = time(self.minute // 60, self.minute % 60)
        return datetime.combine(day, at, ZoneInfo(self.timezone)).astimezone(UTC)
