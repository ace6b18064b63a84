"""Warnings: each oddity is found once, and nothing is found where nothing is odd."""

import frames_by_hand as hand
import pandas as pd
import pytest

from dashboard.analysis.data_quality import checks, findings
from dashboard.analysis.data_quality.checks import DataWarning, data_warnings

NO_STEPS, NO_OPTIONS = hand.frame("steps", []), hand.frame("options", [])
FINE = {**hand.PLAIN, "positive_replies": 12, "negative_replies": 10}


def found(*rows, steps=NO_STEPS, options=NO_OPTIONS):
    return data_warnings(hand.frame("engagements", list(rows)), steps, options)


def codes(*rows, **frames):
    return [warning.code for warning in found(*rows, **frames)]


def test_nothing_odd_nothing_said():
    assert found(hand.engagement("Fine", **FINE)) == []
    assert data_warnings(hand.frame("engagements", []), NO_STEPS, NO_OPTIONS) == []


@pytest.mark.parametrize(
    ("counts", "code"),
    [
        ({}, "nothing_reported"),
        (hand.ZEROS, "all_zero"),
        ({**FINE, "opens": 641}, "opens_over_sends"),
        ({**FINE, "clicks": 641}, "clicks_over_sends"),
        ({**FINE, "opens": 0}, "tracking_off"),
        ({**FINE, "positive_replies": 20, "negative_replies": 5}, "sentiment_over_replies"),
        ({**FINE, "positive_replies": 25, "negative_replies": None}, "sentiment_over_replies"),
        ({**FINE, "positive_replies": 1, "negative_replies": 1}, "low_coverage"),
        ({**FINE, "replies": 25, "positive_replies": 14, "negative_replies": 5}, "low_coverage"),
        ({**FINE, "bounces": 301}, "rate_over_100"),
    ],
)
def test_each_oddity_is_found_alone(counts, code):
    assert codes(hand.engagement("Odd", **counts)) == [code]


@pytest.mark.parametrize(
    "counts",
    [
        {**FINE, "opens": 640},
        {**FINE, "opens": None},
        {**FINE, "opens": 0, "replies": 0, "positive_replies": 0, "negative_replies": 0},
        {**FINE, "opens": 0, "emails_sent": 19, "replies": 2, "positive_replies": 1, "negative_replies": 1},
        {**FINE, "replies": 25, "positive_replies": 15, "negative_replies": 5},
        {**FINE, "positive_replies": None},
        {**FINE, "bounces": 300},
        {"in_cadence_now": 4},
    ],
)
def test_limits_belong_to_the_good_side(counts):
    assert [code for code in codes(hand.engagement("Edge", **counts)) if code != "clicks_over_sends"] == []


def test_cadences_of_one_name_are_found_once():
    twins = [{**hand.engagement("Twin", **FINE), "cadence_id": identity} for identity in ("a", "b", "c")]
    assert codes(*twins) == ["same_name"]
    earlier = hand.engagement("Twin", hand.BEFORE, **FINE)
    assert codes(twins[0], earlier) == []


def test_opens_over_sends_names_all_its_steps_in_one_sentence():
    steps = hand.frame("steps", [hand.step(n, emails_sent=10, opens=11, clicks=0, replies=0) for n in (4, 2, 9)])
    texts = [w.text for w in found(hand.engagement("Plain", **FINE), steps=steps) if w.code == "opens_over_sends"]
    assert len(texts) == 1
    assert "steps 2, 4 and 9" in texts[0]


def test_options_that_do_not_add_up_to_their_step():
    warnings = data_warnings(hand.frame("engagements", []), hand.odd_steps(), hand.odd_options())
    (gap,) = [warning for warning in warnings if warning.code == "options_differ"]
    assert (gap.step, gap.severity) == (1, "warning")
    assert "emails sent 290 against 300 and opens 200 against 210" in gap.text


def test_a_count_missing_in_an_option_is_not_a_gap():
    steps = hand.frame("steps", [hand.step(1, emails_sent=10, opens=0, replies=1)])
    options = hand.frame("options", [hand.option(1, 1, emails_sent=10), hand.option(1, 2, replies=1)])
    assert [w.code for w in data_warnings(hand.frame("engagements", []), steps, options)] == []


def test_steps_against_the_cadence():
    steps = hand.frame("steps", [hand.step(n, emails_sent=300, replies=10) for n in (1, 2)])
    (warning,) = found(hand.engagement("Plain", **FINE), steps=steps)
    assert warning.code == "steps_differ"
    assert "emails sent 600 against 640 and replies 20 against 24" in warning.text
    own_sum = hand.engagement("Plain", emails_sent_source="steps", **FINE)
    assert "emails sent" not in found(own_sum, steps=steps)[0].text


def test_windows_are_checked_for_themselves():
    steps = hand.frame("steps", [hand.step(1, where=hand.BEFORE, emails_sent=640, replies=23)])
    now = hand.engagement("Plain", **FINE)
    assert codes(now, steps=steps) == []
    assert codes(now, hand.engagement("Plain", hand.BEFORE, **FINE), steps=steps) == ["steps_differ"]


def test_replies_over_emails_in_a_step_name_the_step():
    warnings = data_warnings(hand.frame("engagements", []), hand.odd_steps(), NO_OPTIONS)
    (over,) = [warning for warning in warnings if warning.code == "rate_over_100"]
    assert over.step == 7
    assert "5 replies against 3 emails sent" in over.text


def test_odd_frames_of_every_kind_raise_nothing_and_repeat_nothing():
    names = list(hand.odd_engagements()["cadence"])
    steps = pd.concat([hand.odd_steps(name) for name in names], ignore_index=True)
    options = pd.concat([hand.odd_options(name) for name in names], ignore_index=True)
    warnings = data_warnings(hand.odd_engagements(), steps, options)
    assert len(warnings) == len(set(warnings))
    assert {warning.severity for warning in warnings} == {"info", "warning"}
    for warning in warnings:
        assert warning.cadence in names
        assert "<NA>" not in warning.text
        assert "nan" not in warning.text
        assert "None" not in warning.text


def test_one_step_is_singular_and_several_are_listed():
    assert checks._listed("step", [3]) == "step 3"
    assert checks._listed("step", [2, 3]) == "steps 2 and 3"


def test_a_kind_of_finding_is_as_grave_as_its_gravest():
    said = [
        DataWarning("low_coverage", name, None, None, "", grave) for name, grave in (("A", "info"), ("B", "warning"))
    ]
    mild = DataWarning("tracking_off", "C", None, None, "", "info")
    assert [(group.severity, group.cadences) for group in findings.groups([mild, *said])] == [
        ("warning", 2),
        ("info", 1),
    ]
    assert [group.severity for group in findings.groups([mild, said[0]])] == ["info", "info"]
