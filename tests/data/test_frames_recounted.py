"""The frames of every cadence of the sandbox, counted again from Klenty's own JSON; and odd answers."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest
import requests

from dashboard.data import frames
from dashboard.data.cadence_report import CadenceReport
from dashboard.data.fetch.report_cache import ReportCache, list_cadences
from dashboard.data.windows import Window
from klenty_api import Cadence, EmailEngagement, Step

WINDOW = Window(date(2026, 10, 1), date(2026, 11, 15), "America/New_York")
ENGAGEMENT = {
    "prospects_added": "prospectsAdded", "in_cadence_now": "inCadenceCount", "completed": "prospectsCompleted",
    "contacted": "contactedCount", "emails_sent": "mailSentCount", "opens": "openCount", "clicks": "linkCount",
    "replies": "replyCount", "positive_replies": "positiveCount", "negative_replies": "negativeCount",
    "unsubscribes": "unsubscribeCount", "bounces": "bounceCount",
}  # fmt: skip
STEP = {
    "emails_sent": "mailCount", "opens": "openCount", "clicks": "linkCount", "replies": "replyCount",
    "positive_replies": "positiveReply",
}  # fmt: skip


def ask(sandbox, path, name):
    """Klenty's JSON, asked without any code of this house."""
    answer = requests.post(
        f"{sandbox.base_url}/apis/v1/user/{sandbox.user}/{path}",
        headers={"x-API-key": sandbox.api_key},
        json={"startDate": "2026-10-01T04:00:00Z", "endDate": "2026-11-16T04:59:59.999Z", "cadenceName": name},
        timeout=10,
    ).json()
    return answer["data"] if isinstance(answer, dict) and "data" in answer else answer


def same(cell, value):
    """Whether a cell holds what Klenty said; one cadence of the sandbox says its numbers as texts."""
    if value is None:
        return bool(pd.isna(cell))
    return bool(cell == (value if isinstance(cell, str) else int(value)))


def counted(cell, value):
    """As `same`, for a count that may have come as a string."""
    return same(cell, None if value is None else int(value))


def negative(raw):
    return raw.get("negativeReply", raw.get("negetiveReply"))


@pytest.fixture(scope="module")
def reports(read_only_sandbox):
    from klenty_api import KlentyClient  # noqa: PLC0415

    with KlentyClient(
        read_only_sandbox.user, read_only_sandbox.api_key, base_url=read_only_sandbox.base_url, workers=8
    ) as client:
        return ReportCache(client).load(list_cadences(client), WINDOW)


def test_engagements_equal_klentys_json(read_only_sandbox, reports):
    frame = frames.engagements_frame(reports)
    assert len(frame) == len(reports) == len(read_only_sandbox.cadence_names)
    for row in frame.to_dict("records"):
        raw = ask(read_only_sandbox, "emailEngagements", row["cadence"])
        raw = raw[0] if isinstance(raw, list) else raw
        stands_in = {key for key in ("emails_sent", "contacted") if row[f"{key}_source"] != "reported"}
        assert all(ENGAGEMENT[key] not in raw for key in stands_in)
        assert all(same(row[key], raw.get(ENGAGEMENT[key])) for key in ENGAGEMENT.keys() - stands_in)
    assert frame["emails_sent"].sum() > 1000


def test_steps_and_options_equal_klentys_json_row_by_row(read_only_sandbox, reports):
    steps = iter(frames.steps_frame(reports).to_dict("records"))
    options = iter(frames.options_frame(reports).to_dict("records"))
    for report in reports:
        for raw in ask(read_only_sandbox, "stepWiseEngagements", report.cadence.name):
            row = next(steps)
            assert (row["cadence"], row["step"]) == (report.cadence.name, int(raw["stepNumber"]))
            assert row["step_type"] == {"mail": "email"}.get(raw["stepType"], raw["stepType"])
            assert all(counted(row[key], raw.get(theirs)) for key, theirs in STEP.items())
            assert counted(row["negative_replies"], negative(raw))
            for given in raw.get("options", []):
                row = next(options)
                assert (row["cadence"], row["step"], row["option"]) == (
                    report.cadence.name, int(raw["stepNumber"]), given["option"],
                )  # fmt: skip
                assert all(counted(row[key], given.get(theirs)) for key, theirs in STEP.items())
                assert counted(row["negative_replies"], negative(given))
                texts = {"subject": "subject", "snippet": "snippet", "template": "templateName"}
                assert all(same(row[key], given.get(theirs)) for key, theirs in texts.items())
    assert next(steps, None) is next(options, None) is None


def answered(engagement=None, steps=(), **cadence):
    about = {"id": None, "name": "A", "owner": None, "is_active": None, "created": None} | cadence
    window = about.pop("window", WINDOW)
    return CadenceReport(
        Cadence(**about), window, EmailEngagement.read(engagement or {}), tuple(Step.read(raw) for raw in steps),
        None, None, datetime(2026, 11, 16, tzinfo=UTC), 0.0,
    )  # fmt: skip


@pytest.mark.parametrize("value", [-1, 3.5, 10**30, "many", True, None, float("nan"), [], {}])
def test_what_is_no_count_is_empty_and_never_0(value):
    frame = frames.engagements_frame([answered({"replyCount": value})])
    assert frame["replies"].isna().all()
    assert str(frame["replies"].dtype) == "Int64"


def test_two_zones_are_told_in_universal_time_and_keep_their_moments():
    other = Window(WINDOW.start, WINDOW.end, "Asia/Tokyo")
    frame = frames.engagements_frame([answered(), answered(window=other)])
    assert frame["timezone"].tolist() == ["America/New_York", "Asia/Tokyo"]
    assert [moment.isoformat() for moment in frame["window_start"]] == [
        "2026-10-01T04:00:00+00:00",
        "2026-09-30T15:00:00+00:00",
    ]


@pytest.mark.parametrize("name", ["=1+1", "<b>", "א\u202eב", "x" * 10_000, "a\nb", "NA", "", None])
def test_texts_are_kept_as_they_arrived(name):
    made = frames.options_frame([answered(steps=[{"options": [{"subject": name, "mailCount": 0}]}], name=name)])
    (row,) = made.to_dict("records")
    assert same(row["subject"], name)
    assert same(row["cadence"], name)
    assert row["emails_sent"] == 0
