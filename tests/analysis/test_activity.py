"""Deliveries beside Klenty's counts: never added up, and 0 only where 0 is known."""

from datetime import date

import pandas as pd

from dashboard.analysis.performance import webhook_activity
from dashboard.data.webhooks.store import COUNT_COLUMNS
from klenty_api import WEBHOOK_UPDATE_EVENTS


def counted(*rows):
    frame = pd.DataFrame(rows, columns=list(COUNT_COLUMNS))
    return frame.astype({"cadence": "string", "event": "string", "deliveries": "Int64", "repeats": "Int64"})


DAY = date(2026, 11, 24)
COUNTS = counted(
    (DAY, "A", "reply", 2, 1),
    (date(2026, 11, 25), "A", "reply", 3, 0),
    (DAY, "A", "odd", 9, 0),
    (DAY, "Gone", "open", 4, 0),
    (DAY, pd.NA, "open", 7, 0),
)
ENGAGEMENTS = pd.DataFrame({"cadence": ["A", "B", "B"], "replies": [6, pd.NA, pd.NA], "opens": [1, 2, 2]}).astype(
    {"replies": "Int64", "opens": "Int64"}
)


def test_each_count_is_next_to_the_other_and_unknown_is_not_zero():
    frame = webhook_activity.compared_with_klenty(COUNTS, ENGAGEMENTS, seen=["reply", "open"]).set_index("cadence")
    assert list(frame.index) == ["A", "B", "Gone"]
    assert frame["received_replies"].to_list() == [5, 0, 0]
    assert frame["replies"].to_list() == [6, pd.NA, pd.NA]
    assert frame["received_opens"].to_list() == [0, 0, 4]
    assert frame["received_bounces"].isna().all()  # this event never arrived: not 0
    assert frame["bounces"].isna().all()


def test_nothing_at_all_is_an_empty_frame_with_its_columns():
    frame = webhook_activity.compared_with_klenty(counted(), ENGAGEMENTS.head(0), seen=[])
    assert frame.empty
    assert "received_replies" in frame


def test_every_documented_event_has_its_words():
    assert set(webhook_activity.EVENT_NAMES) == set(WEBHOOK_UPDATE_EVENTS)
    assert webhook_activity.event_label("reply") == "Reply"
    assert webhook_activity.event_label("reply", many=True) == "Replies"
    assert webhook_activity.event_label("<b>odd</b>") == "<b>odd</b>"
