"""Positive replies added up by step, against plain sums, and where something is not reported."""

import frames_by_hand as hand
import pandas as pd
import pytest
from scipy.optimize import brentq

from dashboard.analysis.performance.step_value import COLUMNS, costly_steps, with_step_value

Z = 1.959963984540054


def steps(*rows, cadence="Plain", where=hand.NOW):
    made = [
        hand.step(number, kind, cadence, where, emails_sent=sent, positive_replies=positive)
        for number, kind, sent, positive in rows
    ]
    return hand.frame("steps", made)


def test_sums_go_by_step_whatever_the_order_of_the_rows():
    frame = steps((3, "email", 180, 3), (1, "email", 300, 9), (2, "call", 0, 0), (4, "email", 100, 0))
    found = with_step_value(frame)
    assert found["step"].tolist() == [3, 1, 2, 4]
    assert found["emails_so_far"].tolist() == [480, 300, 300, 580]
    assert found["positive_replies_so_far"].tolist() == [12, 9, 9, 12]
    assert found["emails_per_positive_reply"].tolist()[:2] == [60.0, pytest.approx(300 / 9)]
    assert found["emails_per_positive_reply"].isna().tolist() == [False, False, True, True]


@pytest.mark.parametrize(("positive", "sent"), [(3, 180), (1, 2), (50, 50), (12, 1_000_000)])
def test_the_interval_is_wilsons_turned_over(positive, sent):
    row = with_step_value(steps((1, "email", sent, positive))).iloc[0]

    def distance(emails):
        rate = 1 / emails
        return (rate - positive / sent) ** 2 - Z * Z * rate * (1 - rate) / sent

    each = sent / positive
    assert row["emails_per_positive_reply"] == each
    low = 1.0 if positive == sent else brentq(distance, 1.0 + 1e-12, each)
    assert row["emails_per_positive_reply_low"] == pytest.approx(low, rel=1e-6)
    assert row["emails_per_positive_reply_high"] == pytest.approx(brentq(distance, each * (1 + 1e-9), 1e9), rel=1e-6)


def test_no_reply_yet_has_a_least_number_of_emails_and_no_most():
    row = with_step_value(steps((1, "email", 200, 0))).iloc[0]
    assert row["emails_per_positive_reply_low"] == pytest.approx((200 + Z * Z) / (Z * Z))
    assert pd.isna(row["emails_per_positive_reply"])
    assert pd.isna(row["emails_per_positive_reply_high"])


def test_what_is_not_reported_stays_so_from_there_on():
    frame = steps((1, "email", 300, 9), (2, "email", 200, None), (3, "email", 100, 1), (4, "email", None, 2))
    found = with_step_value(frame)
    assert found["positive_replies_so_far"].tolist()[:1] == [9]
    assert found["positive_replies_so_far"].isna().tolist() == [False, True, True, True]
    assert found["emails_so_far"].isna().tolist() == [False, False, False, True]
    assert found["emails_per_positive_reply"].isna().tolist() == [False, True, False, True]


def test_a_call_of_which_nothing_is_reported_hides_nothing():
    rows = [(1, "email", 300, 9), (2, "call", None, None), (3, "email", 10, 1), (4, None, 5, 1), (5, None, None, None)]
    found = with_step_value(steps(*rows))
    assert found["positive_replies_so_far"].tolist() == [9, 9, 10, 11, 11]
    assert found["emails_so_far"].tolist() == [300, 300, 310, 315, 315]


def test_more_replies_than_emails_are_added_but_give_no_price():
    found = with_step_value(steps((1, "email", 3, 5), (2, "email", 0, 2)))
    assert found["positive_replies_so_far"].tolist() == [5, 7]
    assert found[[c for c in COLUMNS if "per_positive" in c]].isna().all().all()


def test_every_cadence_and_window_is_added_up_for_itself():
    parts = [
        steps((1, "email", 10, 1), (2, "email", 10, 1)),
        steps((1, "email", 20, 2), where=hand.BEFORE),
        steps((1, "email", 40, 4), cadence="Other"),
    ]
    found = with_step_value(pd.concat(parts, ignore_index=True))
    assert found["emails_so_far"].tolist() == [10, 20, 20, 40]


def test_odd_and_empty_frames_keep_their_rows():
    for frame in (hand.odd_steps(), hand.odd_steps().iloc[:0]):
        found = with_step_value(frame)
        pd.testing.assert_frame_equal(found[frame.columns], frame)
        assert [found[name].dtype for name in COLUMNS] == ["Int64", "Int64", "Float64", "Float64", "Float64"]
        assert not any(value != value for name in COLUMNS for value in found[name].dropna())  # noqa: PLR0124  # NaN


# ---- from where on a further step costs too much


def test_the_mark_is_before_the_step_from_which_a_reply_takes_too_many_emails():
    found = costly_steps(
        steps((1, "email", 300, 9), (2, "email", 200, 2), (3, "call", 0, 0), (4, "email", 280, 1)), 200
    )
    assert (found.step, found.emails, found.positive_replies, found.per_reply) == (4, 280, 1, 280)
    assert found.low < 200 < found.high


def test_all_later_steps_count_together():
    found = costly_steps(steps((1, "email", 300, 9), (2, "email", 150, 0), (3, "email", 120, 0)), 200)
    assert (found.step, found.emails, found.positive_replies, found.per_reply) == (2, 270, 0, None)
    assert found.high is None


@pytest.mark.parametrize(
    "rows",
    [
        [(1, "email", 900, 0)],  # without its first step there is no cadence
        [(1, "email", 900, 0), (2, "email", 150, 0)],  # too few to say that 200 are not enough
        [(1, "email", 300, 9), (2, "email", 400, 2)],  # just 200 each
        [(1, "email", 300, 9), (2, "email", 400, None)],
        [(1, "email", 300, 9), (2, "email", 400, 500)],
        [(1, "email", 300, 9), (2, "call", 0, 0)],
        [],
    ],
)
def test_nothing_is_marked_where_the_counts_do_not_say_so(rows):
    assert costly_steps(steps(*rows), 200) is None


def test_a_cheap_step_after_a_dear_one_keeps_both():
    assert costly_steps(steps((1, "email", 300, 9), (2, "email", 250, 0), (3, "email", 100, 5)), 200) is None
