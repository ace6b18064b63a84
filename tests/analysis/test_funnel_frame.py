"""The funnel says what the counts say, on one base, and keeps apart what does not nest."""

import frames_by_hand as hand
import pandas as pd
import pytest

from dashboard.analysis.performance.funnel import STAGES, TOTAL_NAME, funnel, funnel_total, note
from dashboard.data.account_check.facts import AccountFacts

COLUMNS = [
    "cadence", "stage", "label", "unit", "count", "base_label", "base_count", "share", "stage_rate",
    "stage_rate_text", "note", "stage_group", "rate_metric", "rate_events", "rate_trials",
]  # fmt: skip


def stages(frame, cadence):
    return frame[frame["cadence"] == cadence].set_index("stage")


def test_one_row_per_cadence_and_stage_with_the_frames_own_counts():
    engagements = hand.odd_engagements()
    frame = funnel(engagements)
    assert list(frame.columns) == COLUMNS
    assert len(frame) == len(engagements) * len(STAGES)
    for row in engagements.to_dict("records"):
        own = stages(frame, row["cadence"])
        for stage in STAGES:
            count, expected = own.loc[stage.column, "count"], row[stage.column]
            assert (pd.isna(count) and pd.isna(expected)) or count == expected


def test_rates_follow_the_chosen_denominator_and_the_base_of_the_bars_does_not():
    plain = stages(funnel(hand.odd_engagements(), "email"), "Plain")
    assert plain.loc["replies", "stage_rate_text"] == "3.8 % (24 of 640 emails sent)"
    assert plain.loc["bounces", ["rate_metric", "rate_trials"]].tolist() == ["bounce_rate_sent", 640]
    assert plain.loc["bounces", "share"] == 9 / 300
    assert set(plain["base_count"]) == {300}


def test_what_the_account_has_disproved_is_not_said():
    known = AccountFacts(in_cadence_is_now=False, dated_by="send")
    plain = stages(funnel(hand.odd_engagements(), facts=known), "Plain")
    assert plain.loc["in_cadence_now", ["label", "stage_group", "note"]].tolist() == [
        "In cadence", "state", "Part of no rate.",
    ]  # fmt: skip
    assert "before the range" not in plain.loc["replies", "note"] + note(known)
    assert "before the range" in stages(funnel(hand.odd_engagements()), "Plain").loc["replies", "note"] + note()


def test_rates_and_base():
    plain = stages(funnel(hand.odd_engagements()), "Plain")
    assert set(plain["base_count"]) == {300}
    assert plain.loc["replies", "stage_rate_text"] == "8.0 % (24 of 300 prospects contacted)"
    assert plain.loc["positive_replies", "stage_rate_text"] == "41.7 % (10 of 24 replies)"
    assert plain.loc["bounces", "share"] == plain.loc["bounces", "stage_rate"] == 9 / 300
    assert plain.loc["unsubscribes", "share"] == 3 / 300


def test_no_share_and_no_rate_where_units_or_people_differ():
    plain = stages(funnel(hand.odd_engagements()), "Plain")
    for stage in ("prospects_added", "contacted", "completed", "in_cadence_now"):
        assert pd.isna(plain.loc[stage, "share"])
        assert pd.isna(plain.loc[stage, "stage_rate"])
    assert "opens" not in plain.index  # all opens are no count of people
    assert plain.loc["in_cadence_now", "stage_group"] == "now"


def test_without_contacted_there_is_no_base_and_added_does_not_replace_it():
    frame = stages(funnel(hand.odd_engagements()), "No denominator")
    assert frame["base_count"].isna().all()
    assert frame["base_label"].isna().all()
    assert frame["share"].isna().all()
    assert frame.loc["prospects_added", "count"] == 32
    assert pd.isna(frame.loc["replies", "stage_rate"])
    assert frame.loc["positive_replies", "stage_rate"] == 0.5


def test_nothing_reported_keeps_its_stages_empty():
    frame = stages(funnel(hand.odd_engagements()), "Nothing reported")
    assert list(frame.index) == [stage.column for stage in STAGES]
    assert frame["count"].isna().all()


def test_more_replies_than_contacted_is_said_not_clamped():
    frame = stages(funnel(hand.odd_engagements()), "Over 100")
    assert frame.loc["replies", "stage_rate_text"] == "150.0 % (12 of 8 prospects contacted)"


def test_the_substitute_is_named():
    frame = stages(funnel(hand.odd_engagements()), "Stand-in")
    assert "first-step emails" in frame.loc["contacted", "base_label"]
    total = funnel_total(hand.odd_engagements())
    assert set(total["base_label"]) == {"prospects contacted (first-step emails standing in for some)"}


def test_the_total_sums_counts_and_pairs():
    rows = [
        hand.engagement("Both", contacted=200, replies=6, positive_replies=2, bounces=4),
        hand.engagement("Replies only", replies=50, positive_replies=10),
        hand.engagement("Contacted only", contacted=1000),
    ]
    total = stages(funnel_total(hand.frame("engagements", rows)), TOTAL_NAME)
    assert total.loc["contacted", "count"] == 1200
    assert total.loc["replies", "count"] == 56
    assert total.loc["replies", "stage_rate_text"] == "3.0 % (6 of 200 prospects contacted)"
    assert "over 1 of 2 cadences" in total.loc["replies", "note"]
    assert total.loc["positive_replies", "stage_rate_text"] == "21.4 % (12 of 56 replies)"
    assert total.loc["bounces", "share"] == 4 / 200
    assert pd.isna(total.loc["unsubscribes", "count"])


def test_the_total_counts_a_name_once_and_refuses_several_windows():
    twin = {**hand.engagement("One", **hand.PLAIN), "cadence_id": "another"}
    frame = hand.frame("engagements", [hand.engagement("One", **hand.PLAIN), twin])
    assert stages(funnel_total(frame), TOTAL_NAME).loc["replies", "count"] == 24
    earlier = hand.frame("engagements", [hand.engagement("One", hand.BEFORE, **hand.PLAIN)])
    with pytest.raises(ValueError, match="one window"):
        funnel_total(pd.concat([frame, earlier]))


@pytest.mark.parametrize("make", [funnel, funnel_total])
def test_no_cadences_no_rows(make):
    empty = make(hand.frame("engagements", []))
    assert list(empty.columns) == COLUMNS
    assert empty.empty
    assert dict(empty.dtypes) == dict(make(hand.odd_engagements()).dtypes)
