"""When deliveries are due: through changes of clock, short months, and missed times."""

from datetime import UTC, datetime

import pytest

from dashboard.data.schedule import Schedule


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "now", "latest", "following"),
    [
        (Schedule("day", 480, "Europe/Berlin"), "2026-11-24 07:30", "2026-11-24 07:00", "2026-11-25 07:00"),
        (Schedule("day", 480, "Europe/Berlin"), "2026-11-24 06:59", "2026-11-23 07:00", "2026-11-24 07:00"),
        (Schedule("day", 480, "Europe/Berlin"), "2026-11-24 07:00", "2026-11-24 07:00", "2026-11-25 07:00"),
        # 02:30 does not exist on 29 March: an hour later. On 25 October it comes twice: the first counts.
        (Schedule("day", 150, "Europe/Berlin"), "2026-03-29 12:00", "2026-03-29 01:30", "2026-03-30 00:30"),
        (Schedule("day", 150, "Europe/Berlin"), "2026-10-25 01:00", "2026-10-25 00:30", "2026-10-26 01:30"),
        (Schedule("week", 0, "UTC", 0), "2026-11-26 12:00", "2026-11-23 00:00", "2026-11-30 00:00"),
        (Schedule("week", 600, "America/New_York", 6), "2026-11-01 14:59", "2026-10-25 14:00", "2026-11-01 15:00"),
        (Schedule("month", 540, "UTC", 31), "2026-03-01 00:00", "2026-02-28 09:00", "2026-03-31 09:00"),
        (Schedule("month", 540, "UTC", 31), "2028-03-01 00:00", "2028-02-29 09:00", "2028-03-31 09:00"),
        (Schedule("month", 540, "UTC", 1), "2026-11-01 08:59", "2026-10-01 09:00", "2026-11-01 09:00"),
        (Schedule("day", 1439, "Pacific/Kiritimati"), "2026-11-24 09:58", "2026-11-23 09:59", "2026-11-24 09:59"),
        (Schedule("day", 0, "Pacific/Pago_Pago"), "2026-11-24 10:59", "2026-11-23 11:00", "2026-11-24 11:00"),
    ],
)
def test_the_moments_around_now(schedule, now, latest, following):
    assert schedule.latest(utc(now)) == utc(latest)
    assert schedule.following(utc(now)) == utc(following)


def test_a_year_of_days_is_due_once_a_day():
    schedule, moment, seen = Schedule("day", 150, "Europe/Berlin"), utc("2026-01-01 00:00"), []
    while len(seen) < 365:
        moment = schedule.following(moment)
        seen.append(moment)
    assert seen[-1] == utc("2026-12-31 01:30")
    assert len(set(seen)) == 365
