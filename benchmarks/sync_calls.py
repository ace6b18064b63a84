"""Calls of a sync that runs every hour: at the ages of `ThinnedFreshness`, and every hour until a day has settled.

    python benchmarks/sync_calls.py [--cadences 500] [--active 200] [--weeks 6]

Simulated hour by hour, the last week counted: no call is made, so that weeks take seconds. Two calls a window, of the
days that a sync looks back over; one call a day for each cadence that tells whether it is silent. Ends with 1 when more
than a quarter of the calls are left, or when the last answer of a day is from before it settled.
"""

import argparse
import sys
from datetime import UTC, date, datetime, timedelta

from dashboard.data.freshness import Freshness, ThinnedFreshness
from dashboard.data.windows import Window

ZONE, DAYS_BACK = "Europe/Berlin", 28
FIRST = date(2026, 9, 7)


def asked_in_last_week(rule: Freshness, weeks: int) -> tuple[int, bool]:
    """Return how many windows of one cadence are asked in the last week, and whether settled days end settled."""
    start = datetime(2026, 9, 7, 0, 20, tzinfo=UTC)
    fetched: dict[date, datetime] = {}
    asked = 0
    for hour in range(24 * 7 * weeks):
        now = start + timedelta(hours=hour)
        yesterday = now.date() - timedelta(days=1)
        for back in range(DAYS_BACK):
            day = yesterday - timedelta(days=back)
            window = Window(day, day, ZONE)
            if day not in fetched or not rule.lasts(window, fetched[day], now):
                fetched[day] = now
                asked += hour >= 24 * 7 * (weeks - 1)
    oldest = [day for day in fetched if day <= FIRST + timedelta(days=7 * weeks - DAYS_BACK)]
    settled = all(fetched[day] >= Window(day, day, ZONE).last_instant + rule.settling for day in oldest)
    return asked, settled


def main() -> int:
    """Print the calls of both rules."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cadences", type=int, default=500)
    parser.add_argument("--active", type=int, default=200)
    parser.add_argument("--weeks", type=int, default=6)
    asked = parser.parse_args()
    every, _ = asked_in_last_week(Freshness(), asked.weeks)
    thinned, settled = asked_in_last_week(ThinnedFreshness(), asked.weeks)
    before, after = 2 * every * asked.active, 2 * thinned * asked.active + 7 * asked.cadences
    print(f"every hour until settled: {every:,} windows a cadence and week, {before:,} calls")
    print(f"thinned: {thinned:,} windows, {after:,} calls with a range a day for each cadence: {after / before:.1%}")
    print("the last answer of every day arrived after it had settled" if settled else "NOT every day ended settled")
    return 0 if settled and after <= before / 4 else 1


if __name__ == "__main__":
    sys.exit(main())
