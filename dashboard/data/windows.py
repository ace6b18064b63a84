"""Windows of days in a named zone. Klenty is asked with exact instants, because how it cuts days is not documented."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Literal
from zoneinfo import ZoneInfo

Bucket = Literal["day", "week", "range", "life"]

PRESETS: Mapping[str, str] = MappingProxyType(
    {
        "7d": "Last 7 days",
        "14d": "Last 14 days",
        "28d": "Last 28 days",
        "90d": "Last 90 days",
        "this_month": "This month",
        "last_month": "Last month",
        "custom": "Custom",
    }
)
RIPENING_DAYS = 7  # replies are found half an hour late and keep arriving for about a week
_LAST_MOMENT = time(23, 59, 59, 999_000)


@dataclass(frozen=True, order=True)
class Window:
    """Whole days from `start` to `end`, both included, as `timezone` cuts them.

    Raises ValueError when the end lies before the start.
    """

    start: date
    end: date
    timezone: str

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError("the last day lies before the first")

    @property
    def first_instant(self) -> datetime:
        """The first moment of the first day, aware. Where the clock skips midnight, the first that exists."""
        naive = datetime.combine(self.start, time(), ZoneInfo(self.timezone))
        return _existing(naive)

    @property
    def last_instant(self) -> datetime:
        """23:59:59.999 of the last day, aware; the next window begins a millisecond later."""
        # fold=1: where the clock is set back at midnight, the last moment of the day is the later of the two.
        return datetime.combine(self.end, _LAST_MOMENT, ZoneInfo(self.timezone)).replace(fold=1)

    @property
    def days(self) -> int:
        """How many days, both ends included."""
        return (self.end - self.start).days + 1

    def previous(self) -> "Window":
        """The window of equal length that ends the day before this one begins."""
        return self.back(self.days)

    def back(self, days: int) -> "Window":
        """The window of equal length that many days earlier."""
        return Window(self.start - timedelta(days=days), self.end - timedelta(days=days), self.timezone)

    def label(self) -> str:
        """As people read it: “27 Oct – 23 Nov 2026 (28 days, Europe/Berlin)”."""
        last = f"{self.end.day} {self.end:%b %Y}"
        first = f"{self.start.day} {self.start:%b}"
        if self.start.year != self.end.year:
            first += f" {self.start.year}"
        days = last if self.start == self.end else f"{first} – {last}"
        count = "1 day" if self.days == 1 else f"{self.days} days"
        return f"{days} ({count}, {self.timezone})"


@dataclass(frozen=True)
class Comparison:
    """Two periods of equal length on the same weekdays, the later one first. They share no day."""

    later: Window
    earlier: Window


def comparison(window: Window, today: date, *, ripened: bool) -> Comparison:
    """What `window` is compared with: the nearest period before it that begins on the same weekday.

    Whole weeks lie between the two, because Mondays are not like Sundays; where the length is no multiple of seven,
    a few days between them belong to neither. With `ripened`, a window that reaches into the last `RIPENING_DAYS`
    days is first moved back until it no longer does: replies to those days' emails are still to come, so they would
    always look worse than the days before.
    """
    newest = today - timedelta(days=RIPENING_DAYS + 1)
    later = window.back(max(0, (window.end - newest).days)) if ripened else window
    return Comparison(later, later.back(-(-later.days // 7) * 7))


def is_ripening(window: Window, today: date) -> bool:
    """Whether the window holds days whose replies are still arriving."""
    return window.end >= today - timedelta(days=RIPENING_DAYS)


def _existing(moment: datetime) -> datetime:
    """`moment`, moved to what the clocks really showed when it falls into the hour that is skipped."""
    return datetime.fromtimestamp(moment.timestamp(), moment.tzinfo)


def preset_window(preset: str, today: date, timezone: str) -> Window:
    """The window of a preset: “last N days” are the N complete days that end yesterday; “this month” ends today.

    Raises KeyError for “custom” and unknown presets.
    """
    yesterday = today - timedelta(days=1)
    if preset == "this_month":
        return Window(today.replace(day=1), today, timezone)
    if preset == "last_month":
        end = today.replace(day=1) - timedelta(days=1)
        return Window(end.replace(day=1), end, timezone)
    days = {"7d": 7, "14d": 14, "28d": 28, "90d": 90}[preset]
    return Window(today - timedelta(days=days), yesterday, timezone)


def buckets(start: date, end: date, bucket: Literal["day", "week"], timezone: str) -> list[Window]:
    """The days from `start` to `end`, or the ISO weeks (Monday to Sunday) that hold one of them, oldest first.

    A week is whole even where it reaches beyond the range: half a week is no point of a weekly line.
    """
    size = 1 if bucket == "day" else 7
    first = start if bucket == "day" else start - timedelta(days=start.weekday())
    starts = (first + timedelta(days=days) for days in range(0, (end - first).days + 1, size))
    return [Window(day, day + timedelta(days=size - 1), timezone) for day in starts]


def life(created: datetime, today: date, timezone: str) -> Window:
    """From the day a cadence was created to `today`."""
    return Window(min(_day(created, timezone), today), today, timezone)


def bucket_of(window: Window, created: datetime | None) -> Bucket:
    """Which kind of window it is, for a cadence created at that time (None: not known)."""
    if window.days == 1:
        return "day"
    if window.days == 7 and window.start.weekday() == 0:
        return "week"
    if created is not None and _day(created, window.timezone) == window.start:
        return "life"
    return "range"


def _day(moment: datetime, timezone: str) -> date:
    return moment.astimezone(ZoneInfo(timezone)).date()
