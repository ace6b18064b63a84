"""Windows: whole days as a zone cuts them, sent as exact instants."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.data.windows import (
    PRESETS,
    RIPENING_DAYS,
    Window,
    bucket_of,
    buckets,
    comparison,
    life,
    preset_window,
)

# Zones with odd clocks: half hours, a skipped midnight (Beirut, Santiago, Havana), a doubled one (Havana), and
# Lord Howe's half-hour change.
ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Beirut", "America/Santiago", "America/Havana",
    "Australia/Lord_Howe", "Pacific/Apia", "Africa/Cairo",
)  # fmt: skip
days = st.dates(date(2015, 1, 2), date(2027, 12, 1))


@given(start=days, length=st.integers(1, 200), zone=st.sampled_from(ZONES))
def test_a_window_holds_just_the_moments_of_its_days(start, length, zone):
    window = Window(start, start + timedelta(days=length - 1), zone)
    first, last = window.first_instant, window.last_instant
    tz = ZoneInfo(zone)
    assert first.astimezone(UTC).astimezone(tz).date() in {start, start + timedelta(days=1)}  # a day may not exist
    before = (first.astimezone(UTC) - timedelta(milliseconds=1)).astimezone(tz)
    assert before.date() < start
    assert last.astimezone(UTC).astimezone(tz).time() >= time(23, 59, 59, 999000)
    after = (last.astimezone(UTC) + timedelta(milliseconds=1)).astimezone(tz)
    assert after.date() > window.end
    assert window.days == length


@given(start=days, length=st.integers(1, 100), zone=st.sampled_from(ZONES))
def test_the_window_before_touches_and_does_not_overlap(start, length, zone):
    window = Window(start, start + timedelta(days=length - 1), zone)
    before = window.previous()
    assert before.days == window.days
    gap = window.first_instant.astimezone(UTC) - before.last_instant.astimezone(UTC)
    assert gap == timedelta(milliseconds=1)


@given(start=days, length=st.integers(1, 200), age=st.integers(0, 40), ripened=st.booleans())
def test_periods_compared_are_of_equal_length_on_the_same_weekdays_and_share_no_day(start, length, age, ripened):
    window = Window(start, start + timedelta(days=length - 1), "UTC")
    today = window.end + timedelta(days=age)
    found = comparison(window, today, ripened=ripened)
    assert found.later.days == found.earlier.days == length
    assert found.earlier.end < found.later.start
    assert (found.later.start - found.earlier.start).days % 7 == 0
    assert (found.later.start - found.earlier.end).days <= 7  # the nearest such period
    youngest = (today - found.later.end).days
    assert youngest == (max(age, RIPENING_DAYS + 1) if ripened else age)


def test_the_comparison_of_the_last_28_days_leaves_out_the_last_seven():
    window = Window(date(2026, 10, 28), date(2026, 11, 24), "UTC")
    found = comparison(window, date(2026, 11, 25), ripened=True)
    assert (found.later.start, found.later.end) == (date(2026, 10, 21), date(2026, 11, 17))
    assert (found.earlier.start, found.earlier.end) == (date(2026, 9, 23), date(2026, 10, 20))
    assert comparison(window, date(2026, 12, 2), ripened=True).later == window


def test_an_instant_is_what_klenty_is_sent():
    window = Window(date(2026, 3, 29), date(2026, 3, 29), "Europe/Berlin")  # 23 hours long
    assert window.first_instant.astimezone(UTC) == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert window.last_instant.astimezone(UTC) == datetime(2026, 3, 29, 21, 59, 59, 999000, tzinfo=UTC)


TODAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("preset", "start", "end"),
    [
        ("7d", date(2026, 2, 22), date(2026, 2, 28)),
        ("14d", date(2026, 2, 15), date(2026, 2, 28)),
        ("28d", date(2026, 2, 1), date(2026, 2, 28)),
        ("90d", date(2025, 12, 1), date(2026, 2, 28)),
        ("this_month", date(2026, 3, 1), date(2026, 3, 1)),
        ("last_month", date(2026, 2, 1), date(2026, 2, 28)),
    ],
)
def test_presets_are_complete_days(preset, start, end):
    assert preset_window(preset, TODAY, "UTC") == Window(start, end, "UTC")
    assert preset in PRESETS


def test_custom_is_no_preset():
    with pytest.raises(KeyError):
        preset_window("custom", TODAY, "UTC")


def test_labels():
    assert Window(date(2026, 10, 27), date(2026, 11, 23), "UTC").label() == "27 Oct – 23 Nov 2026 (28 days, UTC)"
    assert Window(date(2025, 12, 30), date(2026, 1, 2), "UTC").label() == "30 Dec 2025 – 2 Jan 2026 (4 days, UTC)"
    assert Window(date(2026, 1, 2), date(2026, 1, 2), "UTC").label() == "2 Jan 2026 (1 day, UTC)"


def test_an_end_before_its_start_is_refused():
    with pytest.raises(ValueError, match="before"):
        Window(date(2026, 1, 2), date(2026, 1, 1), "UTC")


def test_where_the_last_hour_of_a_day_comes_twice_the_later_one_ends_it():
    window = Window(date(2026, 4, 4), date(2026, 4, 4), "America/Santiago")  # 25 hours long
    assert window.last_instant.astimezone(UTC) == datetime(2026, 4, 5, 3, 59, 59, 999000, tzinfo=UTC)
    assert window.first_instant.astimezone(UTC) == datetime(2026, 4, 4, 3, tzinfo=UTC)


def test_where_midnight_is_skipped_the_day_begins_at_the_first_moment_that_exists():
    window = Window(date(2026, 3, 29), date(2026, 3, 29), "Asia/Beirut")  # 23 hours long
    assert window.first_instant.isoformat() == "2026-03-29T01:00:00+03:00"


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 120))
def test_buckets_cover_the_range_without_a_gap_or_a_window_too_many(start, days):
    end = start + timedelta(days=days)
    singles = buckets(start, end, "day", "Europe/Berlin")
    assert [window.start for window in singles] == [start + timedelta(days=n) for n in range(days + 1)]
    assert all(bucket_of(window, None) == "day" for window in singles)
    weeks = buckets(start, end, "week", "Europe/Berlin")
    assert all(bucket_of(week, None) == "week" and week.start.isoweekday() == 1 for week in weeks)
    assert {week.start.isocalendar()[:2] for week in weeks} == {window.start.isocalendar()[:2] for window in singles}
    assert all(one.end + timedelta(days=1) == next_.start for one, next_ in pairwise(weeks))


def test_a_life_begins_on_the_day_of_its_zone():
    created = datetime(2026, 11, 2, 23, 30, tzinfo=UTC)
    window = life(created, date(2026, 11, 20), "Europe/Berlin")
    assert (window.start, window.end) == (date(2026, 11, 3), date(2026, 11, 20))
    assert bucket_of(window, created) == "life"
    assert bucket_of(window, None) == "range"
    assert life(created, date(2026, 11, 2), "Europe/Berlin").days == 1  # created “tomorrow”, as clocks may have it
