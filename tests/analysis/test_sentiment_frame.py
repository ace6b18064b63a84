"""Sentiment: classes that add up where they can, and honest gaps where they cannot."""

import frames_by_hand as hand
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.analysis.performance.sentiment import CLASSES, TOTAL_NAME, lead_metric, sentiment, with_total

COUNT = st.none() | st.integers(0, 1_000_000)


def classes(cadence, frame=None):
    frame = sentiment(hand.odd_engagements()) if frame is None else frame
    return frame[frame["cadence"] == cadence].set_index("sentiment")


def test_four_classes_each_in_a_fixed_order():
    frame = sentiment(hand.odd_engagements())
    assert list(frame.columns) == ["cadence", "sentiment", "count", "replies", "share", "coverage"]
    assert list(frame["sentiment"][:4]) == list(CLASSES)
    assert len(frame) == 4 * len(hand.odd_engagements())


def test_all_reported():
    plain = classes("Plain")
    assert plain["count"].tolist() == [10, 8, 6, 0]
    assert plain["share"].tolist() == [10 / 24, 8 / 24, 6 / 24, 0]
    assert plain["coverage"].tolist() == [18 / 24] * 4


def test_not_reported_is_a_class_of_its_own():
    missing = classes("No sentiment")
    assert missing.loc["not_reported", ["count", "share"]].tolist() == [24, 1.0]
    assert missing.loc[["positive", "negative", "unmarked"], "count"].isna().all()
    assert missing["coverage"].isna().all()
    half = classes("Half sentiment")
    assert half.loc["positive", "count"] == 10
    assert pd.isna(half.loc["negative", "count"])
    assert half.loc["not_reported", "count"] == 14


def test_unknown_replies_leave_counts_but_no_shares():
    frame = classes("Replies unknown")
    assert frame.loc["positive", "count"] == 10
    assert frame.loc[["unmarked", "not_reported"], "count"].isna().all()
    assert frame["share"].isna().all()
    assert classes("Nothing reported")["count"].isna().all()


def test_marked_over_received_has_counts_and_no_shares():
    frame = classes("Over-marked")
    assert frame["count"].tolist() == [5, 1, -2, 0]
    assert frame["share"].isna().all()
    assert frame.loc["positive", "coverage"] == 1.5


def test_no_replies_no_shares():
    frame = classes("All zero")
    assert frame["count"].tolist() == [0, 0, 0, 0]
    assert frame["share"].isna().all()
    assert frame["coverage"].isna().all()


@given(COUNT, COUNT, COUNT)
def test_shares_add_up_to_one_or_are_absent(replies, positive, negative):
    row = hand.engagement("Any", replies=replies, positive_replies=positive, negative_replies=negative)
    frame = sentiment(hand.frame("engagements", [row])).set_index("sentiment")
    shares = frame["share"].dropna()
    if len(shares):
        assert sum(shares) == pytest.approx(1)
        assert all(0 <= share <= 1 for share in shares)
        assert frame["count"].dropna().sum() == replies
    if replies and positive is not None and negative is not None and positive + negative <= replies:
        assert len(shares) == 4


def test_the_total_is_over_cadences_that_report_all_three():
    frame = with_total(sentiment(hand.odd_engagements()))
    total = classes(TOTAL_NAME, frame)
    full = hand.odd_engagements().dropna(subset=["replies", "positive_replies", "negative_replies"])
    assert total.loc["positive", "count"] == sum(full["positive_replies"])
    assert total.loc["positive", "replies"] == sum(full["replies"])
    assert frame["cadence"].iloc[0] == TOTAL_NAME


def test_one_cadence_or_none_that_reports_gets_no_total():
    one = sentiment(hand.frame("engagements", [hand.engagement("One", **hand.PLAIN)]))
    assert with_total(one) is one
    silent = sentiment(hand.frame("engagements", [hand.engagement("One"), hand.engagement("Two", replies=3)]))
    assert TOTAL_NAME not in set(with_total(silent)["cadence"])
    empty = sentiment(hand.frame("engagements", []))
    assert with_total(empty).empty


def test_a_name_counts_once():
    rows = [hand.engagement("One", **hand.PLAIN), {**hand.engagement("One", **hand.PLAIN), "cadence_id": "other"}]
    rows.append(hand.engagement("Two", **hand.PLAIN))
    total = classes(TOTAL_NAME, with_total(sentiment(hand.frame("engagements", rows))))
    assert total.loc["positive", "replies"] == 48


def _marked(*rows):
    columns = ["cadence", "replies", "positive_replies", "negative_replies"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[1:], "Int64"))


def test_positive_replies_decide_where_seven_of_ten_replies_are_marked():
    assert lead_metric(_marked(("A", 10, 3, 4))) == "positive_replies"
    assert lead_metric(_marked(("A", 10, 3, 3))) == "replies"
    assert lead_metric(_marked(("A", 10, 5, 5), ("B", 10, 4, 0))) == "positive_replies"
    assert lead_metric(_marked(("A", 10, 5, 5), ("A", 10, 5, 5), ("B", 5, 0, 0))) == "replies"  # a name counts once
    assert lead_metric(_marked(("A", 10, 9, None), ("B", 10, 1, 1))) == "replies"  # half a marking is none
    assert lead_metric(_marked(("A", 0, 0, 0))) == lead_metric(_marked()) == "replies"
