"""Weekly counts of two periods from days and weeks of the history."""

from datetime import date, timedelta

import frames_by_hand as hand
import pandas as pd

from dashboard.analysis.performance.totals import changes, figures
from dashboard.analysis.performance.weeks import weekly_counts
from dashboard.data.windows import Window, comparison_weeks

NOW = Window(date(2026, 10, 27), date(2026, 11, 23), "Europe/Berlin")
EARLIER = NOW.back(28)


def rows(cadence, first, count, *, size=1, **counts):
    """`count` windows of `size` days one after the other, each with these counts."""
    return [
        hand.engagement(cadence, hand.window(first + timedelta(days=size * (number + 1) - 1), size), **counts)
        for number in range(count)
    ]


def test_weeks_are_counted_back_from_each_periods_end():
    odd = Window(date(2026, 11, 3), date(2026, 11, 20), "UTC")  # 18 days: two whole weeks and four days
    before, now, further = comparison_weeks(odd, odd.back(18))
    assert [(week.start.day, week.end.day) for week in now] == [(14, 20), (7, 13)]
    assert [week.end for week in before] == [date(2026, 11, 2), date(2026, 10, 26)]
    assert len(further) == 8
    assert further[0].end == odd.back(18).start - timedelta(days=1)
    assert all(week.days == 7 for group in (before, now, further) for week in group)
    day = Window(date(2026, 11, 3), date(2026, 11, 3), "UTC")
    assert [len(group) for group in comparison_weeks(day, day.back(1))] == [0, 0, 8]


def test_a_week_is_its_own_answer_or_its_seven_days_and_nothing_less():
    weeks = hand.frame(
        "engagements",
        [
            *rows("A", date(2026, 11, 17), 7, emails_sent=10, replies=1),
            *rows("A", date(2026, 11, 10), 6, emails_sent=10, replies=1),  # a day is missing
            *rows("A", date(2026, 11, 3), 1, size=7, emails_sent=90, replies=9),
            *rows("B", date(2026, 11, 17), 1, size=7, emails_sent=30, replies=None),
            *rows("B", date(2026, 11, 3), 1, size=7, emails_sent=30, replies=4),
        ],
    )
    found = weekly_counts(weeks, NOW, EARLIER, "reply_rate")
    assert found.of("A") == [[], [(7, 70), (9, 90)], []]
    assert found.of("B") == [[], [(4, 30)], []]
    assert found.total(["A", "B"]) == [[], [(13, 120)], []]  # weeks that are known of both
    assert found.of("nobody") == found.total([]) == [[], [], []]
    assert weekly_counts(None, NOW, EARLIER, "reply_rate").of("A") == []


def test_figures_and_changes_are_judged_by_the_weeks_of_the_history():
    now = hand.frame("engagements", [hand.engagement("A", emails_sent=1000, replies=60)])
    before = hand.frame("engagements", [hand.engagement("A", hand.BEFORE, emails_sent=1000, replies=30)])
    start = EARLIER.start
    uneven = [
        row
        for week, replies in enumerate((1, 14, 2, 13, 4, 30, 3, 23))
        for row in rows("A", start + timedelta(days=7 * week), 1, size=7, emails_sent=250, replies=replies)
    ]
    even = [
        row
        for week, replies in enumerate((8, 7, 8, 7, 15, 15, 15, 15))
        for row in rows("A", start + timedelta(days=7 * week), 1, size=7, emails_sent=250, replies=replies)
    ]

    def reply_figure(weeks, **how):
        found = figures(now, before, per="email", weeks=weeks, **how)
        return next(figure for figure in found if figure.metric == "replies")

    assert reply_figure(None).rate_change.basis == "counts"
    assert reply_figure(None).chip.tone == "neutral"
    steady, wild = (reply_figure(hand.frame("engagements", part)) for part in (even, uneven))
    assert (steady.rate_change.label, steady.chip.tone, steady.chip.text) == ("up", "good", "up 3.0 pt")
    assert (wild.rate_change.label, wild.chip.text) == ("no clear change", "normal")
    assert wild.rate_change.dispersion > 2
    row = changes(now, before, "reply_rate", weeks=hand.frame("engagements", uneven)).iloc[0]
    assert (row["change_label"], row["change_basis"]) == ("no clear change", "weeks")


def test_no_fall_is_told_while_replies_are_still_arriving():
    now = hand.frame("engagements", [hand.engagement("A", emails_sent=1000, replies=20, bounces=5)])
    before = hand.frame("engagements", [hand.engagement("A", hand.BEFORE, emails_sent=1000, replies=60, bounces=40)])
    final = {figure.metric: figure for figure in figures(now, before, per="email")}
    young = {figure.metric: figure for figure in figures(now, before, per="email", maturing=True)}
    for metric in ("replies", "bounces"):
        assert final[metric].rate_change.label == "down"
        assert young[metric].chip.text == "maturing"
        assert "down" not in young[metric].rate_change_text
    assert changes(now, before, "reply_rate", maturing=True)["change_label"].tolist() == ["maturing"]
    assert changes(before, now, "reply_rate", maturing=True)["change_label"].tolist() == ["up"]
    assert pd.isna(changes(now, before, "positive_reply_rate")["change_by"].iloc[0])
