"""Goals: what is due by the account's own weekdays, and the four words."""

import csv
import io
from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.analysis.goals import counts_of, pace, pace_table, period_of, sentence
from dashboard.data.goals import Goal, GoalKey

MONDAY = date(2026, 11, 2)


def days(weeks, *, until, week=(10, 10, 10, 10, 10, 0, 0)):
    """Equal weeks before the one of `until`, and its own days before it."""
    monday = until - timedelta(days=until.weekday())
    first = monday - timedelta(weeks=weeks)
    return {first + timedelta(days=k): week[k % 7] for k in range((until - first).days)}


@pytest.mark.parametrize(
    ("period", "day", "first", "last"),
    [
        ("week", date(2026, 11, 8), date(2026, 11, 2), date(2026, 11, 8)),
        ("month", date(2028, 2, 10), date(2028, 2, 1), date(2028, 2, 29)),
        ("quarter", date(2026, 12, 31), date(2026, 10, 1), date(2026, 12, 31)),
        ("quarter", date(2026, 5, 1), date(2026, 4, 1), date(2026, 6, 30)),
    ],
)
def test_periods_are_those_of_the_calendar(period, day, first, last):
    assert period_of(day, period) == (first, last)


def test_due_follows_the_accounts_own_weekdays():
    thursday = MONDAY + timedelta(days=3)
    own = days(8, until=thursday, week=(40, 0, 0, 30, 30, 0, 0))
    assert pace(100, "week", own, thursday).due == pytest.approx(40)
    assert pace(100, "week", own, thursday + timedelta(days=1)).due == pytest.approx(70)


def test_with_fewer_than_four_weeks_due_is_a_line_over_working_days_and_no_word_is_said():
    thursday = MONDAY + timedelta(days=3)
    found = pace(100, "week", days(3, until=thursday, week=(40, 0, 0, 30, 30, 0, 0)), thursday)
    assert found.due == pytest.approx(60)
    assert (found.done, found.word) == (40, "cannot tell yet")
    month = pace(220, "month", {}, date(2026, 11, 1))
    assert month.due == 0
    assert pace(220, "month", days(0, until=date(2026, 11, 7)), date(2026, 11, 7)).due == pytest.approx(220 * 5 / 21)


@pytest.mark.parametrize(
    ("target", "word"), [(200, "on pace"), (205, "on pace"), (400, "behind"), (190, "ahead"), (2_000, "behind")]
)
def test_the_word_follows_from_the_interval_of_the_end(target, word):
    today = date(2026, 11, 19)
    found = pace(target, "month", days(8, until=today), today)
    assert found.word == word
    assert found.low <= found.high
    assert (found.high < target) == (word == "behind")


def test_an_interval_that_holds_the_goal_and_much_less_says_nothing_yet():
    today = date(2026, 11, 3)
    wild = days(8, until=today)
    for number, day in enumerate(sorted(wild)):
        wild[day] = 0 if (number // 7) % 2 else 2 * wild[day]
    assert pace(200, "month", wild, today).word == "cannot tell yet"


def test_a_day_that_was_not_fetched_is_no_zero():
    today = MONDAY + timedelta(days=3)
    known = days(8, until=today)
    del known[MONDAY]
    found = pace(50, "week", known, today)
    assert (found.done, found.word, found.note) == (None, "cannot tell yet", "1 day of this week not fetched yet.")


def test_a_goal_that_is_reached_is_never_behind():
    today = MONDAY + timedelta(days=4)
    assert pace(40, "week", days(8, until=today), today).word == "ahead"
    assert pace(40, "week", days(0, until=today), today).word == "ahead"
    assert pace(110, "month", days(8, until=date(2026, 11, 19)), date(2026, 11, 19)).high is None


@given(
    st.integers(1, 10_000), st.sampled_from(["week", "month", "quarter"]), st.integers(0, 400),
    st.lists(st.integers(0, 500), min_size=7, max_size=7), st.integers(0, 20),
)  # fmt: skip
def test_whatever_the_counts_what_is_said_agrees_with_itself(target, period, day, week, weeks):
    today = date(2026, 1, 1) + timedelta(days=day)
    found = pace(target, period, days(weeks, until=today, week=week), today)
    assert 0 <= found.due <= target * (1 + 1e-9)
    assert found.first <= today <= found.last
    if found.word == "behind":
        assert found.high < target
        assert found.done < target
    if found.word == "on pace":
        assert found.low <= target <= found.high


def test_the_table_has_a_row_for_each_goal_and_takes_only_reported_counts():
    today = MONDAY + timedelta(days=2)
    known = days(8, until=today)
    frame = pd.DataFrame(
        [("owner", "ann@x.io", day, count, pd.NA) for day, count in known.items()],
        columns=["scope", "subject", "day", "replies", "positive_replies"],
    ).astype({"replies": "Int64", "positive_replies": "Int64"})
    goals = [
        Goal(GoalKey("owner", "ann@x.io", "replies", "week"), 50),
        Goal(GoalKey("owner", "ann@x.io", "positive_replies", "week"), 5),
        Goal(GoalKey("account", "", "replies", "month"), 5),
    ]
    table = pace_table(goals, frame, today)
    assert table["done"].tolist() == [20, pd.NA, pd.NA]
    assert table["pace"].tolist() == ["on pace", "cannot tell yet", "cannot tell yet"]
    assert counts_of(frame, "positive_replies") == {}
    assert pace_table([], frame, today).dtypes.equals(table.dtypes)
    assert next(csv.reader(io.StringIO(table.to_csv(index=False))))[:4] == ["scope", "subject", "metric", "period"]


def test_a_word_is_said_once_a_part_of_the_goal_is_due():
    first = date(2026, 11, 2)
    assert pace(10_000, "month", days(8, until=date(2026, 11, 1)), date(2026, 11, 1)).word == "cannot tell yet"
    assert pace(10_000, "week", days(8, until=first), first).word == "cannot tell yet"
    assert pace(10_000, "week", days(8, until=first + timedelta(days=1)), first + timedelta(days=1)).word == "behind"


def test_days_whose_replies_are_still_arriving_are_expected_to_end_as_usual():
    today = date(2026, 11, 20)
    known = days(12, until=today)
    late = {day: 0 if (today - day).days <= 7 else count for day, count in known.items()}
    assert pace(205, "month", late, today).word == "behind"
    assert pace(205, "month", late, today, maturing=7).word == "on pace"
    assert pace(205, "month", late, today, maturing=7).done == 90
    # What is in already is never expected to go away.
    burst = {day: 100 if (today - day).days <= 7 else count for day, count in known.items()}
    found = pace(2_000, "month", burst, today, maturing=7)
    assert found.low >= found.done > 600


def test_only_what_is_sure_is_in_the_sentence():
    today = date(2026, 11, 19)
    frame = pd.DataFrame(
        [("account", "", day, count) for day, count in days(12, until=today).items()],
        columns=["scope", "subject", "day", "emails_sent"],
    ).astype({"emails_sent": "Int64"})

    def said(target):
        return sentence(pace_table([Goal(GoalKey("account", "", "emails_sent", "month"), target)], frame, today))

    assert said(205) == ""
    assert said(400) == "Behind the goal with 130 of 400 emails sent this month, 248 due."
    assert said(130) == "Ahead of the goal with 130 of 130 emails sent this month, 80 due."
    assert sentence(pace_table([], frame, today)) == ""
