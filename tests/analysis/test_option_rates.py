"""Used options, steps with a choice, and rates with intervals."""

import frames_by_hand as hand
import pandas as pd
import pytest

from dashboard.analysis.ab_tests.options import option_rates, steps_with_choice, used_options
from dashboard.analysis.stats.proportions import wilson


def rated(metric, options=None):
    frame = option_rates(hand.odd_options() if options is None else options, [metric])
    return {(row["step"], None if pd.isna(row["option"]) else row["option"]): row for row in frame.to_dict("records")}


def test_used_options_sent_at_least_one_email():
    used = used_options(hand.odd_options())
    assert list(zip(used["step"], used["option"], strict=True)) == [(1, 1), (1, 2), (3, 1), (3, 2), (7, 1)]


def test_only_steps_with_two_used_options_offer_a_choice():
    assert set(steps_with_choice(hand.odd_options())["step"]) == {1, 3}


def test_steps_of_different_cadences_and_windows_are_different_steps():
    one = hand.frame("options", [hand.option(1, 1, emails_sent=5)])
    other = hand.frame("options", [hand.option(1, 2, cadence="Other", emails_sent=5)])
    earlier = hand.frame("options", [hand.option(1, 2, where=hand.BEFORE, emails_sent=5)])
    assert steps_with_choice(pd.concat([one, other, earlier], ignore_index=True)).empty


def test_a_cadence_without_id_is_still_grouped():
    rows = [{**hand.option(1, number, emails_sent=5), "cadence_id": None} for number in (1, 2)]
    assert len(steps_with_choice(hand.frame("options", rows))) == 2


def test_rates_and_wilson_intervals_come_from_the_counts():
    row = rated("reply_rate")[1, 1]
    assert (row["events"], row["trials"], row["value"]) == (6, 200, 0.03)
    assert (row["low"], row["high"]) == pytest.approx(wilson(6, 200))


def test_an_option_without_emails_has_counts_but_no_rate():
    row = rated("reply_rate")[3, 3]
    assert (row["events"], row["trials"]) == (0, 0)
    assert pd.isna(row["value"])
    assert pd.isna(row["low"])
    assert pd.isna(rated("reply_rate")[7, None]["events"])


def test_a_rate_over_one_has_no_interval():
    row = rated("reply_rate")[7, 1]
    assert row["value"] == pytest.approx(5 / 3)
    assert pd.isna(row["low"])
    assert pd.isna(row["high"])


def test_opens_over_emails_anywhere_in_a_step_make_them_totals_for_the_whole_step():
    rows = rated("opens_per_email")
    assert rows[3, 1]["value"] == pytest.approx(400 / 120)
    for option in ((3, 1), (3, 2)):
        assert pd.isna(rows[option]["low"])
        assert pd.isna(rows[option]["high"])
    assert not pd.isna(rows[1, 1]["low"])
    assert not pd.isna(rated("reply_rate")[3, 2]["low"])


def test_several_metrics_stand_below_each_other():
    frame = option_rates(hand.odd_options(), ["reply_rate", "clicks_per_email"])
    assert len(frame) == 2 * len(hand.odd_options())
    assert frame["metric"].unique().tolist() == ["reply_rate", "clicks_per_email"]
    assert frame["value"].dtype == frame["low"].dtype == frame["high"].dtype == "Float64"


def test_no_options():
    empty = hand.frame("options", [])
    assert used_options(empty).empty
    assert steps_with_choice(empty).empty
    assert option_rates(empty, ["reply_rate"]).empty
