"""Weeks of all chosen cadences in one row each."""

from datetime import date, timedelta

import frames_by_hand as hand

from dashboard.analysis.performance.weekly import weekly_counts

MONDAYS = [date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 16)]


def test_a_week_is_the_sum_of_the_cadences_that_answered():
    def week(cadence, monday, **counts):
        return hand.engagement(cadence, hand.window(monday + timedelta(days=6), 7), **counts)

    made = [
        week("A", MONDAYS[0], emails_sent=10), week("B", MONDAYS[0], emails_sent=5),
        week("A", MONDAYS[1], emails_sent=7), week("A", MONDAYS[1], emails_sent=7),
    ]  # fmt: skip
    found = weekly_counts(hand.frame("engagements", made), [(day, day + timedelta(days=6)) for day in MONDAYS])
    assert found["emails_sent"].fillna(-1).tolist() == [15, 7, -1]
    assert found["cadences"].tolist() == [2, 1, 0]
    assert found["start"].tolist() == MONDAYS
