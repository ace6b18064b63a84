"""Windows on every day on which any zone of the world changes its clocks."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.data.windows import PRESETS, Window, preset_window

FIRST, LAST = date(2024, 1, 1), date(2028, 12, 31)
MILLISECOND = timedelta(milliseconds=1)


@cache
def changes(zone):
    """The days before, on and after which the zone's offset at noon is another than the day before."""
    tz = ZoneInfo(zone)
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days)]
    offsets = [datetime(day.year, day.month, day.day, 12, tzinfo=tz).utcoffset() for day in days]
    return [days[i] for i in range(1, len(days)) if offsets[i] != offsets[i - 1]]


def test_a_day_ends_a_millisecond_before_the_next_begins_wherever_clocks_change():
    seen = 0
    for zone in sorted(available_timezones() - {"localtime"}):
        tz = ZoneInfo(zone)
        for change in changes(zone):
            for day in (change - timedelta(days=1), change, change + timedelta(days=1)):
                seen += 1
                window, after = Window(day, day, zone), Window(day + timedelta(days=1), day + timedelta(days=1), zone)
                first, last = window.first_instant.astimezone(UTC), window.last_instant.astimezone(UTC)
                assert after.first_instant.astimezone(UTC) - last == MILLISECOND, (zone, day)
                assert first.astimezone(tz).date() == last.astimezone(tz).date() == day, (zone, day)
                assert timedelta(hours=21) < last - first < timedelta(hours=27), (zone, day)
    assert seen > 3000  # the zones did change their clocks


@given(
    today=st.dates(date(2015, 1, 1), date(2099, 12, 31)), preset=st.sampled_from(sorted(PRESETS.keys() - {"custom"}))
)
def test_presets_are_whole_periods_or_end_today(today, preset):
    window = preset_window(preset, today, "Europe/Berlin")
    after = window.end + timedelta(days=1)
    if preset in {"today", "year_to_date"} or preset.startswith("this_"):
        assert window.end == today
    if preset.endswith("d"):
        assert (window.end, window.days) == (today - timedelta(days=1), int(preset.removesuffix("d")))
    if preset in {"last_month", "last_quarter"}:
        assert (window.start.day, after.day) == (1, 1)
        assert after == preset_window(preset.replace("last", "this"), today, "Europe/Berlin").start
    if preset in {"last_week", "12w"}:
        assert (window.start.weekday(), after) == (0, today - timedelta(days=today.weekday()))
        assert window.days == {"last_week": 7, "12w": 84}[preset]


@pytest.mark.parametrize("name", ["start", "end", "timezone"])
def test_a_window_cannot_be_changed_and_is_a_key(name):
    window = Window(FIRST, LAST, "UTC")
    with pytest.raises(AttributeError):
        setattr(window, name, None)
    assert {window: 1}[Window(FIRST, LAST, "UTC")] == 1
    assert Window(FIRST, LAST, "Asia/Tokyo") != window
