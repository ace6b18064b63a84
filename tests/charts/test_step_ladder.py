"""The ladder of steps: each row's numbers are those of the frame, and odd frames are told as they are."""

import frames_by_hand as hand
import pandas as pd
import pytest

from dashboard.app_pages.components.step_copy import steps_of_one
from dashboard.charts.step_ladder import step_ladder


def ladder(*rows, options=()):
    steps = hand.frame("steps", [hand.step(number, kind, "C", hand.NOW, **counts) for number, kind, counts in rows])
    return step_ladder(steps_of_one(steps, hand.frame("options", list(options))))


def test_a_mail_has_its_reach_its_rate_and_the_positives_so_far():
    first, second = ladder(
        (1, "email", {"emails_sent": 200, "replies": 10, "positive_replies": 4}),
        (2, "email", {"emails_sent": 100, "replies": 2, "positive_replies": 1}),
    )
    assert (first.reach.text, first.reply_rate.text, first.positive.text) == ("200", "5.0 %", "4")
    assert (second.reach.text, second.reply_rate.text, second.positive.text) == ("100", "2.0 %", "5")
    assert "5.0 % (10 of 200 emails sent); 95 % interval 2.7 % to 9.0 %" in first.reply_rate.hover
    assert "1 from this step: 100 emails each" in second.positive.hover


def test_a_step_without_emails_says_what_it_is():
    rows = ladder((1, "email", {"emails_sent": 10}), (2, "call", {"calls": 95}), (3, "linkedin", {"completed": 231}))
    assert [row.reach.text for row in rows] == ["10", "95 calls", "231 done"]
    assert not rows[1].is_mail
    assert rows[1].reply_rate.mark is None


@pytest.mark.parametrize(
    ("counts", "rate", "positive"),
    [
        ({"emails_sent": 0, "replies": 0, "positive_replies": 0}, "", "0"),
        ({"emails_sent": 5, "replies": 9, "positive_replies": 1}, "9", "1"),  # no proportion
        ({"emails_sent": 5}, "not reported", "not reported"),
        ({}, "", "not reported"),
    ],
)
def test_what_is_no_rate_gets_none(counts, rate, positive):
    (row,) = ladder((1, "email", counts))
    assert row.reply_rate.text == rate
    assert row.reply_rate.mark is None
    assert row.positive.text == positive


def test_three_emails_do_not_set_the_scale():
    many, few = ladder(
        (1, "email", {"emails_sent": 400, "replies": 8, "positive_replies": 0}),
        (2, "email", {"emails_sent": 3, "replies": 2, "positive_replies": 0}),
    )
    assert "Z" in few.reply_rate.mark.svg  # an arrow: beyond the axis
    assert "Z" not in many.reply_rate.mark.svg


def test_an_empty_frame_is_an_empty_ladder_and_two_cadences_are_a_mistake():
    assert ladder() == []
    both = hand.frame("steps", [hand.step(1, "email", name, hand.NOW, emails_sent=1) for name in ("A", "B")])
    rated = pd.concat([steps_of_one(both, hand.frame("options", [])), steps_of_one(both, hand.frame("options", []))])
    with pytest.raises(ValueError, match="one cadence"):
        step_ladder(rated.assign(cadence=["A", "B"] * (len(rated) // 2)))
