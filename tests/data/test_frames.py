"""Frames: the columns others rely on, empty for what was not reported, the source of what replaces it."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest

from dashboard.data import frames
from dashboard.data.cadence_report import CadenceReport
from dashboard.data.windows import Window
from klenty_api import Cadence, EmailEngagement, ServiceError, Step

WINDOW = Window(date(2026, 11, 2), date(2026, 11, 8), "Europe/Berlin")
STEPS = [
    {"stepNumber": 2, "stepType": "call", "mailCount": 0, "callCount": 4, "completedCalls": 3},
    {"stepNumber": 1, "stepType": "mail", "mailCount": 8, "replyCount": 2, "openCount": 20,
     "options": [{"option": 1, "mailCount": 5, "subject": "=1+1"}, {"option": 2}]},
    {"stepNumber": 3, "stepType": "mail", "mailCount": 4},
]  # fmt: skip


def report(answer, steps=STEPS, window=WINDOW, **cadence):
    about = {"id": "c1", "name": "A", "owner": "sam@x.io", "is_active": True, "created": None} | cadence
    return CadenceReport(
        Cadence(**about), window,
        None if answer is None else EmailEngagement.read(answer),
        None if steps is None else tuple(Step.read(raw) for raw in steps),
        ServiceError("no") if answer is None else None, ServiceError("no") if steps is None else None,
        datetime(2026, 11, 9, 8, tzinfo=UTC), 0.1,
    )  # fmt: skip


def test_columns_are_those_of_the_design():
    engagements = frames.engagements_frame([report({})])
    assert list(engagements.columns) == [
        "cadence", "cadence_id", "owner", "window_start", "window_end", "timezone", "prospects_added",
        "in_cadence_now", "completed", "contacted", "emails_sent", "opens", "clicks", "replies", "positive_replies",
        "negative_replies", "unmarked_replies", "unsubscribes", "bounces", "fetched_at", "emails_sent_source",
        "contacted_source",
    ]  # fmt: skip
    steps = frames.steps_frame([report({})])
    assert {"step", "step_type", "emails_sent", "completed", "tasks", "calls", "completed_calls"} <= set(steps.columns)
    options = frames.options_frame([report({})])
    assert {"option", "template", "subject", "snippet", "emails_sent", "negative_replies"} <= set(options.columns)


def test_nothing_gives_empty_frames_of_the_same_kind():
    for make in (frames.engagements_frame, frames.steps_frame, frames.options_frame):
        empty, full = make([]), make([report({})])
        assert len(empty) == 0
        assert list(empty.columns) == list(full.columns)
        kinds = {name: dtype.kind for name, dtype in full.dtypes.items()}
        assert {name: dtype.kind for name, dtype in empty.dtypes.items()} == kinds


def test_not_reported_is_empty_and_zero_is_zero():
    row = frames.engagements_frame([report({"replyCount": 0})]).iloc[0]
    assert row["replies"] == 0
    assert row["opens"] is pd.NA
    assert row["bounces"] is pd.NA


@pytest.mark.parametrize(
    ("answer", "steps", "sent", "source"),
    [
        ({"mailSentCount": 9}, STEPS, 9, "reported"),
        ({"mailSentCount": 0}, STEPS, 0, "reported"),
        ({}, STEPS, 12, "steps"),
        ({}, [], None, None),
        ({}, None, None, None),
        ({}, [{"stepNumber": 1, "stepType": "mail"}, {"stepNumber": 2, "mailCount": 3}], None, None),
    ],
)
def test_emails_sent_and_where_they_come_from(answer, steps, sent, source):
    row = frames.engagements_frame([report(answer, steps)]).iloc[0]
    assert (None if row["emails_sent"] is pd.NA else row["emails_sent"]) == sent
    assert (None if row["emails_sent_source"] is pd.NA else row["emails_sent_source"]) == source


def test_the_first_email_step_replaces_those_contacted_and_says_so():
    row = frames.engagements_frame([report({"prospectsAdded": 99})]).iloc[0]
    assert (row["contacted"], row["contacted_source"]) == (8, "first_email_step")
    row = frames.engagements_frame([report({"contactedCount": 5})]).iloc[0]
    assert (row["contacted"], row["contacted_source"]) == (5, "reported")
    assert frames.engagements_frame([report({"prospectsAdded": 99}, [])]).iloc[0]["contacted"] is pd.NA


@pytest.mark.parametrize(("marked", "unmarked"), [((2, 1), 2), ((4, 3), -2), ((2, None), None)])
def test_unmarked_replies_need_all_three_and_are_never_mended(marked, unmarked):
    answer = {"replyCount": 5, "positiveCount": marked[0], "negativeCount": marked[1]}
    value = frames.engagements_frame([report(answer)]).iloc[0]["unmarked_replies"]
    assert (None if value is pd.NA else value) == unmarked


def test_times_are_in_the_zone_of_the_window():
    row = frames.engagements_frame([report({})]).iloc[0]
    assert row["window_start"].isoformat() == "2026-11-02T00:00:00+01:00"
    assert row["window_end"].isoformat() == "2026-11-08T23:59:59.999000+01:00"
    assert row["fetched_at"].isoformat() == "2026-11-09T09:00:00+01:00"


def test_a_missing_answer_gives_no_row():
    reports = [report(None), report({}, None)]
    assert len(frames.engagements_frame(reports)) == 1
    assert len(frames.steps_frame(reports)) == 3
    assert len(frames.options_frame(reports)) == 2


def test_steps_and_options_keep_what_was_said():
    steps = frames.steps_frame([report({})])
    assert steps["step_type"].tolist() == ["call", "email", "email"]
    assert steps["calls"].tolist()[0] == 4
    options = frames.options_frame([report({})])
    assert options["subject"].tolist() == ["=1+1", pd.NA]
    assert options["emails_sent"].tolist() == [5, pd.NA]
