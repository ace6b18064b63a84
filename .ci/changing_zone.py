"""Print a POSIX rule for TZ under which this machine's clock goes back an hour in the coming night."""

from datetime import UTC, datetime, timedelta


def changing_zone(now: datetime) -> str:
    """Return a rule whose summer time began half a year before `now` and ends at 2:00 of the day after it."""
    tomorrow = now + timedelta(days=1)
    began = now - timedelta(days=180)
    return f"STD-1DST,{began.timetuple().tm_yday - 1}/2,{tomorrow.timetuple().tm_yday - 1}/2"


if __name__ == "__main__":
    print(changing_zone(datetime.now(UTC)))
