"""Windows: whole days as a zone cuts them, sent as exact instants."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.data.account_check.facts import AccountFacts
from dashboard.data.windows import (
    COMPARISONS,
    PRESETS,
    Window,
    bucket_of,
    buckets,
    earlier_window,
    format_days,
    life,
    maturing_since,
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


@given(start=days, length=st.integers(1, 500), zone=st.sampled_from(ZONES))
def test_the_period_before_touches_and_does_not_overlap(start, length, zone):
    window = Window(start, start + timedelta(days=length - 1), zone)
    before = earlier_window(window, preset="28d")
    assert before.days == window.days
    gap = window.first_instant.astimezone(UTC) - before.last_instant.astimezone(UTC)
    assert gap == timedelta(milliseconds=1)


@given(start=days, length=st.integers(1, 900), preset=st.sampled_from(["28d", "custom"]))
def test_a_year_ago_never_overlaps_and_lies_a_year_back(start, length, preset):
    window = Window(start, start + timedelta(days=length - 1), "UTC")
    found = earlier_window(window, "year", preset=preset)
    assert found.end < window.start
    assert abs(found.days - window.days) <= 4
    if length < 360:
        assert 359 <= (window.start - found.start).days <= 367
    assert earlier_window(window, "none", preset=preset) is None


PRESET = st.sampled_from(sorted(PRESETS.keys() - {"custom"}))


@given(today=days, preset=PRESET, against=st.sampled_from(["before", "year"]))
def test_a_preset_is_compared_with_days_that_lie_before_it(today, preset, against):
    window = preset_window(preset, today, "UTC")
    found = earlier_window(window, against, preset=preset)
    assert found.end < window.start
    assert found.end <= found.start + (window.end - window.start) + timedelta(days=4)
    assert (found.start.day == 1) == (window.start.day == 1) or not preset.endswith(("month", "quarter", "date"))


def _range(text):
    return Window(*map(date.fromisoformat, text.split("/")), "UTC")


@pytest.mark.parametrize(
    ("preset", "shown", "before", "year"),
    [
        ("today", "2026-12-01/2026-12-01", "2026-11-30/2026-11-30", "2025-12-02/2025-12-02"),
        ("28d", "2026-11-03/2026-11-30", "2026-10-06/2026-11-02", "2025-11-04/2025-12-01"),
        ("90d", "2026-09-02/2026-11-30", "2026-06-04/2026-09-01", "2025-09-03/2025-12-01"),
        ("this_week", "2026-11-30/2026-12-01", "2026-11-28/2026-11-29", "2025-12-01/2025-12-02"),
        ("last_week", "2026-11-23/2026-11-29", "2026-11-16/2026-11-22", "2025-11-24/2025-11-30"),
        ("12w", "2026-09-07/2026-11-29", "2026-06-15/2026-09-06", "2025-09-08/2025-11-30"),
        ("this_month", "2026-11-01/2026-11-17", "2026-10-01/2026-10-17", "2025-11-01/2025-11-17"),
        ("this_month", "2026-03-01/2026-03-30", "2026-02-01/2026-02-28", "2025-03-01/2025-03-30"),
        ("this_month", "2026-02-01/2026-02-28", "2026-01-01/2026-01-31", "2025-02-01/2025-02-28"),
        ("last_month", "2026-11-01/2026-11-30", "2026-10-01/2026-10-31", "2025-11-01/2025-11-30"),
        ("last_month", "2024-02-01/2024-02-29", "2024-01-01/2024-01-31", "2023-02-01/2023-02-28"),
        ("this_quarter", "2026-10-01/2026-12-01", "2026-07-01/2026-09-01", "2025-10-01/2025-12-01"),
        ("last_quarter", "2026-07-01/2026-09-30", "2026-04-01/2026-06-30", "2025-07-01/2025-09-30"),
        ("year_to_date", "2026-01-01/2026-12-01", "2025-01-01/2025-12-01", "2025-01-01/2025-12-01"),
        ("custom", "2026-09-01/2026-10-31", "2026-07-01/2026-08-31", "2025-09-01/2025-10-31"),
        ("custom", "2026-09-01/2026-09-20", "2026-08-12/2026-08-31", "2025-09-02/2025-09-21"),
        ("28d", "2026-02-01/2026-02-28", "2026-01-04/2026-01-31", "2025-02-02/2025-03-01"),
    ],
)
def test_what_a_range_is_compared_with(preset, shown, before, year):
    assert earlier_window(_range(shown), "before", preset=preset) == _range(before)
    assert earlier_window(_range(shown), "year", preset=preset) == _range(year)
    assert set(COMPARISONS) == {"before", "year", "none"}


def test_the_newest_week_is_maturing_unless_events_count_on_their_own_date():
    today, window = date(2026, 12, 1), _range("2026-11-03/2026-11-30")
    assert maturing_since(window, today) == date(2026, 11, 24)
    assert maturing_since(_range("2026-11-28/2026-11-30"), today) == date(2026, 11, 28)
    assert maturing_since(_range("2026-11-01/2026-11-23"), today) is None
    assert maturing_since(window, today, AccountFacts(dated_by="send")) == date(2026, 11, 24)
    assert maturing_since(window, today, AccountFacts(dated_by="event")) is None


def test_an_instant_is_what_klenty_is_sent():
    window = Window(date(2026, 3, 29), date(2026, 3, 29), "Europe/Berlin")  # 23 hours long
    assert window.first_instant.astimezone(UTC) == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert window.last_instant.astimezone(UTC) == datetime(2026, 3, 29, 21, 59, 59, 999000, tzinfo=UTC)


TODAY = date(2026, 3, 4)  # a Wednesday


@pytest.mark.parametrize(
    ("preset", "days"),
    [
        ("today", "2026-03-04/2026-03-04"),
        ("7d", "2026-02-25/2026-03-03"),
        ("14d", "2026-02-18/2026-03-03"),
        ("28d", "2026-02-04/2026-03-03"),
        ("90d", "2025-12-04/2026-03-03"),
        ("this_week", "2026-03-02/2026-03-04"),
        ("last_week", "2026-02-23/2026-03-01"),
        ("this_month", "2026-03-01/2026-03-04"),
        ("last_month", "2026-02-01/2026-02-28"),
        ("this_quarter", "2026-01-01/2026-03-04"),
        ("last_quarter", "2025-10-01/2025-12-31"),
        ("12w", "2025-12-08/2026-03-01"),
        ("year_to_date", "2026-01-01/2026-03-04"),
    ],
)
def test_presets_are_complete_days(preset, days):
    assert preset_window(preset, TODAY, "UTC") == _range(days)
    assert preset in PRESETS


def test_custom_is_no_preset():
    with pytest.raises(KeyError):
        preset_window("custom", TODAY, "UTC")


def test_labels():
    assert Window(date(2026, 10, 27), date(2026, 11, 23), "UTC").label() == "27 Oct – 23 Nov 2026 (28 days, UTC)"
    assert Window(date(2025, 12, 30), date(2026, 1, 2), "UTC").label() == "30 Dec 2025 – 2 Jan 2026 (4 days, UTC)"
    assert Window(date(2026, 1, 2), date(2026, 1, 2), "UTC").label() == "2 Jan 2026 (1 day, UTC)"


@pytest.mark.parametrize(
    ("start", "end", "text", "short"),
    [
        (date(2026, 10, 27), date(2026, 11, 23), "27 Oct – 23 Nov 2026", "27 Oct – 23 Nov"),
        (date(2026, 11, 2), date(2026, 11, 29), "2–29 Nov 2026", "2–29 Nov"),
        (date(2026, 11, 3), date(2026, 11, 3), "3 Nov 2026", "3 Nov"),
        (date(2025, 12, 30), date(2026, 1, 5), "30 Dec 2025 – 5 Jan 2026", "30 Dec 2025 – 5 Jan 2026"),
        (date(2025, 11, 2), date(2025, 11, 29), "2–29 Nov 2025", "2–29 Nov 2025"),
        (date(2025, 11, 2), date(2026, 11, 29), "2 Nov 2025 – 29 Nov 2026", "2 Nov 2025 – 29 Nov 2026"),
    ],
)
def test_days_are_written_in_one_way_and_with_the_year_only_where_it_differs(start, end, text, short):
    assert format_days(start, end) == text
    assert Window(start, end, "UTC").short(year=2026) == short


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
    assert life(created, date(2026, 11, 2), "Europe/Berlin").days == 1  # created "tomorrow", as clocks may have it
