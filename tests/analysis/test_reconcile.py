"""Reconciliation and data health on frames with known faults, and on every cadence of the sandbox."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest

from dashboard.analysis.data_quality import findings, reconcile
from dashboard.analysis.data_quality.checks import percent_warnings, reading_warnings
from dashboard.data import answer_checks, frames
from dashboard.data.cadence_report import CadenceReport
from dashboard.data.fetch.report_cache import ReportCache, list_cadences
from dashboard.data.windows import Window
from klenty_api import Cadence, EmailEngagement, Step

WINDOW = Window(date(2026, 10, 1), date(2026, 10, 31), "Europe/Berlin")
COPY = {"subject": "Hi", "snippet": "…"}


def part(mails, **more):
    return {"mailCount": mails, "openCount": 0, "linkCount": 0, "replyCount": 0, "positiveReply": 0} | more


def report(engagement, steps, name="A", cadence_id="1"):
    cadence = Cadence(cadence_id, name, "sam@x.example", is_active=True, created=datetime(2026, 9, 1, tzinfo=UTC))
    return CadenceReport(
        cadence,
        WINDOW,
        None if engagement is None else EmailEngagement.read(engagement),
        None if steps is None else tuple(Step.read(step) for step in steps),
        None,
        None,
        datetime(2026, 11, 1, tzinfo=UTC),
        0.1,
    )


def step(number, mails, options, kind="mail", **more):
    return part(mails, **more) | {"stepNumber": number, "stepType": kind, "options": options}


def option(number, mails, **more):
    return part(mails, **more) | COPY | {"option": number}


def sums(*reports):
    found = reconcile.sums(
        frames.engagements_frame(reports), frames.steps_frame(reports), frames.options_frame(reports)
    )
    return found.set_index(["cadence", "count"])


ENGAGEMENT = {
    "prospectsAdded": 100, "inCadenceCount": 20, "prospectsCompleted": 40, "replyCount": 9, "bounceCount": 5,
    "unsubscribeCount": 2, "openCount": 50, "linkCount": 3, "mailSentCount": 150,
}  # fmt: skip


def test_three_answers_side_by_side():
    steps = [
        step(1, 100, [option(1, 60, replyCount=5), option(2, 30, replyCount=1)], replyCount=8),
        step(2, 0, [], kind="call"),
        step(3, 50, [option(1, 50, replyCount=1)], replyCount=1),
    ]
    found = sums(report(ENGAGEMENT, steps))
    row = found.loc["A", "emails_sent"]
    assert row[["cadence_answer", "sum_of_steps", "sum_of_options"]].tolist() == [150, 150, 140]
    assert row["agreement"] == "differ"
    row = found.loc["A", "replies"]
    assert row[["cadence_answer", "sum_of_steps", "sum_of_options"]].tolist() == [9, 9, 7]
    row = found.loc["A", "positive_replies"]  # the engagement answer has none: the two sums remain
    assert pd.isna(row["cadence_answer"])
    assert (row["sum_of_steps"], row["sum_of_options"], row["agreement"]) == (0, 0, "agree")
    row = found.loc["A", "negative_replies"]
    assert row[["cadence_answer", "sum_of_steps", "sum_of_options"]].isna().all()
    assert row["agreement"] == "not comparable"


def test_a_substitute_is_no_answer_and_a_missing_part_is_no_zero():
    without = {key: value for key, value in ENGAGEMENT.items() if key != "mailSentCount"}
    found = sums(report(without, [step(1, 100, [option(1, 100)]), step(2, 50, [])]))
    row = found.loc["A", "emails_sent"]
    assert pd.isna(row["cadence_answer"])  # the frame's 150 are the steps' own sum
    assert row["sum_of_steps"] == 150
    assert pd.isna(row["sum_of_options"])  # step 2 sent mails and names no option
    found = sums(report(ENGAGEMENT, [step(1, None, [option(1, 100)]), step(2, 50, [option(1, 50)])]))
    assert pd.isna(found.loc["A", "emails_sent"]["sum_of_steps"])
    assert found.loc["A", "emails_sent"]["agreement"] == "agree"  # 150 and 150 of the options
    assert sums(report(ENGAGEMENT, None)).loc["A", "replies"]["agreement"] == "not comparable"


def test_two_cadences_of_one_name_are_not_added_up():
    steps = [step(1, 150, [option(1, 150)])]
    found = sums(report(ENGAGEMENT, steps), report(ENGAGEMENT, steps, cadence_id="2"))
    assert found.loc["A"].loc["emails_sent", "sum_of_steps"].tolist() == [150, 150]


def test_prospects_that_are_elsewhere():
    reports = [
        report(ENGAGEMENT, None),
        report(ENGAGEMENT | {"inCadenceCount": 90}, None, "B", "2"),
        report({"prospectsAdded": 5}, None, "C", "3"),
    ]
    created = {"1": datetime(2026, 10, 5, tzinfo=UTC), "2": datetime(2026, 9, 1, tzinfo=UTC), "3": None}
    found = reconcile.prospects(frames.engagements_frame(reports), created).set_index("cadence")
    assert found.loc["A", "unexplained"] == 100 - 20 - 40 - 9 - 5 - 2
    assert found.loc["B", "unexplained"] == 24 - 70  # below zero is shown as it is
    assert pd.isna(found.loc["C", "unexplained"])
    assert found["whole_life"].fillna("?").tolist() == ["yes", "no", "?"]
    for word in ("Replied stopped", "Manually stopped", "Auto-reply stopped", "at the moment of the answer"):
        assert word in reconcile.prospects_note()


@pytest.mark.parametrize(
    ("percent", "replies", "mails", "odd"),
    [
        (13, 1, 8, False), (12, 1, 8, False), (14, 1, 8, True), ("13%", 1, 8, False), (0, 0, 0, False),
        (7, 3, 0, False), (3, 6, 200, False), (2, 6, 200, True), (0, 1, 300, False), (None, 6, 200, False),
    ],
)  # fmt: skip
def test_klentys_percents_against_its_counts(percent, replies, mails, odd):
    steps = [step(1, mails, [option(1, mails, replyCount=replies, replyPercent=percent)], replyCount=replies)]
    found = percent_warnings(answer_checks.percents_frame([report(None, steps)]))
    assert [(w.code, w.step, w.option) for w in found] == ([("percents_differ", 1, 1)] if odd else [])
    if odd:
        assert f"{replies} of {mails}" in found[0].text


@pytest.mark.parametrize(
    ("percent", "odd"),
    [(4, False), (50, False), (17, True), (0, True)],  # 4 of 100 emails, 4 of 8 replies, of neither
)
def test_percents_of_positive_replies_may_be_of_emails_or_of_replies(percent, odd):
    for name in ("positiveReply", "negativeReply"):
        counts = {name: 4, f"{name}Percent": percent, "replyCount": 8}
        found = percent_warnings(
            answer_checks.percents_frame([report(None, [step(1, 100, [option(1, 100, **counts)])])])
        )
        assert [w.code for w in found] == (["percents_differ"] if odd else [])


def test_opens_of_the_cadence_and_of_its_steps_are_two_units():
    steps = [step(1, 10, [option(1, 10, openCount=6)], openCount=6)]
    reports = [report(ENGAGEMENT | {"mailSentCount": 10, "openCount": 90}, steps)]
    parts = (frames.engagements_frame(reports), frames.steps_frame(reports), frames.options_frame(reports))
    opens = reconcile.sums(*parts).set_index("count").loc["opens"]
    assert (opens["cadence_answer"], opens["sum_of_steps"], opens["agreement"]) == (90, 6, "agree")
    assert not [w for w in findings.findings(*parts, *empty_checks()) if "opens 6" in w.text]


def empty_checks():
    return answer_checks.percents_frame([]), answer_checks.reading_frame([])


def test_two_spellings_that_differ_and_values_that_are_no_counts_are_told():
    steps = [step(1, 10, [option(1, 10, negativeReply=1, negetiveReply=2)], negativeReply=2, negetiveReply=2)]
    reports = [report(ENGAGEMENT | {"openCount": "many"}, steps)]
    found = reading_warnings(answer_checks.reading_frame(reports))
    assert [(w.step, w.option) for w in found] == [(None, None), (1, 1)]
    assert "openCount is not a count" in found[0].text
    assert "negativeReply and negetiveReply both came and differ" in found[1].text


def test_every_kind_of_finding_has_a_title_and_something_to_do(read_only_sandbox, make_client):
    client = make_client(read_only_sandbox)
    window = Window(date(2026, 6, 1), date(2026, 11, 20), "UTC")
    reports = ReportCache(client).load(list_cadences(client), window)
    found = findings.findings(
        frames.engagements_frame(reports),
        frames.steps_frame(reports),
        frames.options_frame(reports),
        answer_checks.percents_frame(reports),
        answer_checks.reading_frame(reports),
    )
    codes = {finding.code for finding in found}
    assert (
        {"same_name", "tracking_off", "opens_over_sends", "options_differ", "all_zero"}
        <= codes
        <= set(findings.CONCERNS)
    )
    grouped = findings.groups(found)
    graves = [group.severity == "warning" for group in grouped]
    assert graves == sorted(graves, reverse=True)
    assert sum(len(group.findings) for group in grouped) == len(found)
    table = findings.findings_frame(found)
    assert len(table) == len(found)
    assert table[["concern", "what_to_do", "finding"]].notna().all(axis=None)
    differing = reconcile.sums(
        frames.engagements_frame(reports), frames.steps_frame(reports), frames.options_frame(reports)
    ).query("agreement == 'differ'")
    assert set(differing["cadence"]) == {w.cadence for w in found if w.code in {"options_differ", "steps_differ"}}
    assert findings.findings_frame([]).empty
