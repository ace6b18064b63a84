"""Windows of days in a named zone. Klenty is asked with exact instants, because how it cuts days is not documented."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Final, Literal
from zoneinfo import ZoneInfo

from dashboard.data.account_check.facts import NOTHING_SETTLED, AccountFacts

Bucket = Literal["day", "week", "range", "life"]
Against = Literal["before", "year", "none"]

PRESETS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "today": "Today",
        "7d": "Last 7 days",
        "14d": "Last 14 days",
        "28d": "Last 28 days",
        "90d": "Last 90 days",
        "this_week": "This week",
        "last_week": "Last week",
        "this_month": "This month",
        "last_month": "Last month",
        "this_quarter": "This quarter",
        "last_quarter": "Last quarter",
        "12w": "Last 12 weeks",
        "year_to_date": "Year to date",
        "custom": "Custom",
    }
)
COMPARISONS: Final[Mapping[Against, str]] = MappingProxyType(
    {"before": "Period before", "year": "Same period a year ago", "none": "No comparison"}
)
MATURING_DAYS: Final = 7  # replies are found half an hour late and keep arriving for about a week
_LAST_MOMENT = time(23, 59, 59, 999_000)
_ROLLING_DAYS: Final = {"7d": 7, "14d": 14, "28d": 28, "90d": 90}
_CALENDAR_MONTHS: Final = {"this_month": 1, "last_month": 1, "this_quarter": 3, "last_quarter": 3, "year_to_date": 12}
_YEAR_OF_WEEKS: Final = 52 * 7  # the same weekdays a year earlier


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

    def back(self, days: int) -> "Window":
        """Return the window of equal length that many days earlier."""
        return Window(self.start - timedelta(days=days), self.end - timedelta(days=days), self.timezone)

    def short(self, *, year: int | None = None) -> str:
        """Return the days alone: "2–29 Nov 2026"; without the year where it is `year`, the one that goes without
        saying."""
        return format_days(self.start, self.end, year=year)

    def label(self) -> str:
        """As people read it: "27 Oct – 23 Nov 2026 (28 days, Europe/Berlin)"."""
        count = "1 day" if self.days == 1 else f"{self.days} days"
        return f"{self.short()} ({count}, {self.timezone})"


def format_days(start: date, end: date, *, year: int | None = None) -> str:
    """Return a range of days, both included: "2–29 Nov 2026", "27 Oct – 23 Nov 2026", "30 Dec 2025 – 5 Jan 2026".

    Args:
        start: First day.
        end: Last day.
        year: The year that goes without saying: "2–29 Nov" when both days lie in it.
    """
    last = f"{end.day} {end:%b}" if start.year == end.year == year else f"{end.day} {end:%b %Y}"
    if start == end:
        return last
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day}–{last}"
    first = f"{start.day} {start:%b}" if start.year == end.year else f"{start.day} {start:%b %Y}"
    return f"{first} – {last}"


def earlier_window(window: Window, against: Against = "before", *, preset: str = "custom") -> Window | None:
    """Return the period that `window` is compared with, or None where nothing is compared.

    Args:
        window: The range shown.
        against: "before": the period just before it; "year": the same period a year ago; "none".
        preset: The preset that `window` comes from. Months, quarters and the year to date are compared by dates
            (1–17 Nov with 1–17 Oct, the whole of February with the whole of January), and so is a custom range of
            whole months; every other range with one of equal length, a year ago on the same weekdays.
    """
    if against == "none":
        return None
    months = _CALENDAR_MONTHS.get(preset) or (_whole_months(window) if preset == "custom" else 0)
    if not months:
        return window.back(window.days if against == "before" else max(_YEAR_OF_WEEKS, -(-window.days // 7) * 7))
    if against == "year":
        months = -(-months // 12) * 12
    start, end = _months_earlier(window.start, months), _months_earlier(window.end, months)
    if _whole_months(window):
        end = end.replace(day=calendar.monthrange(end.year, end.month)[1])
    return Window(start, end, window.timezone)


def _whole_months(window: Window) -> int:
    """Return how many calendar months the window is exactly, or 0."""
    after = window.end + timedelta(days=1)
    if window.start.day != 1 or after.day != 1:
        return 0
    return (after.year - window.start.year) * 12 + after.month - window.start.month


def _months_earlier(day: date, months: int) -> date:
    """Return the same day of an earlier month, or that month's last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def comparison_weeks(now: Window, earlier: Window) -> tuple[tuple[Window, ...], ...]:
    """Return the whole weeks by which a change is judged, in three groups: before, now, earlier.

    Weeks of seven days are counted back from each period's end; the third group are the eight weeks before the
    earlier period.
    """
    before_it = earlier.start - timedelta(days=1)
    further = Window(before_it - timedelta(days=55), before_it, earlier.timezone)
    return tuple(
        tuple(
            Window(period.end - timedelta(days=7 * back + 6), period.end - timedelta(days=7 * back), period.timezone)
            for back in range(period.days // 7)
        )
        for period in (earlier, now, further)
    )


def maturing_since(window: Window, today: date, facts: AccountFacts = NOTHING_SETTLED) -> date | None:
    """Return the first day of `window` whose events are still arriving; None when all have arrived.

    Nothing matures in an account that is settled to count every event on its own date. Maturing days make a rate look
    worse than it will be, never better: so it may be called *up* or *normal* there, but not *down*.

    Args:
        window: the range.
        today: in the zone of the window.
        facts: what the account check settled.
    """
    first = today - timedelta(days=MATURING_DAYS)
    if facts.events_count_on_their_own_date or window.end < first:
        return None
    return max(first, window.start)


def _existing(moment: datetime) -> datetime:
    """Return `moment`, moved to what the clocks really showed when it falls into the hour that is skipped."""
    return datetime.fromtimestamp(moment.timestamp(), moment.tzinfo)


def preset_window(preset: str, today: date, timezone: str) -> Window:
    """Return the window of a preset.

    "Last N days" are the N complete days that end yesterday, "last week", "last 12 weeks", "last month" and "last
    quarter" the complete ones before the present one; "this …", "today" and "year to date" end today. Weeks begin on
    Monday. Raises KeyError for "custom" and unknown presets.

    Args:
        preset: a key of `PRESETS`.
        today: in the zone.
        timezone: IANA name of the zone in which days end.
    """
    yesterday, monday = today - timedelta(days=1), today - timedelta(days=today.weekday())
    month, quarter = today.replace(day=1), today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    first, last = {
        "today": (today, today),
        **{name: (today - timedelta(days=days), yesterday) for name, days in _ROLLING_DAYS.items()},
        "this_week": (monday, today),
        "last_week": (monday - timedelta(days=7), monday - timedelta(days=1)),
        "12w": (monday - timedelta(days=84), monday - timedelta(days=1)),
        "this_month": (month, today),
        "last_month": (_months_earlier(month, 1), month - timedelta(days=1)),
        "this_quarter": (quarter, today),
        "last_quarter": (_months_earlier(quarter, 3), quarter - timedelta(days=1)),
        "year_to_date": (today.replace(month=1, day=1), today),
    }[preset]
    return Window(first, last, timezone)


def buckets(start: date, end: date, bucket: Literal["day", "week"], timezone: str) -> list[Window]:
    """Return the days from `start` to `end`, or the ISO weeks (Monday to Sunday) that hold one of them, oldest first.

    A week is whole even where it reaches beyond the range: half a week is no point of a weekly line.

    Args:
        start: first day.
        end: last day, included.
        bucket: day or week.
        timezone: IANA name of the zone in which days end.
    """
    size = 1 if bucket == "day" else 7
    first = start if bucket == "day" else start - timedelta(days=start.weekday())
    starts = (first + timedelta(days=days) for days in range(0, (end - first).days + 1, size))
    return [Window(day, day + timedelta(days=size - 1), timezone) for day in starts]


def life(created: datetime, today: date, timezone: str) -> Window:
    """Return from the day a cadence was created to `today`.

    Args:
        created: aware.
        today: in the zone.
        timezone: IANA name of the zone in which days end.
    """
    return Window(min(_day(created, timezone), today), today, timezone)


def bucket_of(window: Window, created: datetime | None) -> Bucket:
    """Return which kind of window it is, for a cadence created at that time (None: not known)."""
    if window.days == 1:
        return "day"
    if window.days == 7 and window.start.weekday() == 0:
        return "week"
    if created is not None and _day(created, window.timezone) == window.start:
        return "life"
    return "range"


def _day(moment: datetime, timezone: str) -> date:
    return moment.astimezone(ZoneInfo(timezone)).date()
