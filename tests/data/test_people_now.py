"""The count "In cadence now" is about now: never older than the freshness, whatever range is shown."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from dashboard.data import frames
from dashboard.data.fetch.report_cache import ReportCache, cadence_from_name
from dashboard.data.history import History, HistoryArchive
from dashboard.data.windows import Window
from klenty_api import EmailEngagement

SETTLED = Window(date(2026, 9, 1), date(2026, 9, 30), "Europe/Berlin")


@pytest.fixture
def cadences(small_sandbox):
    return [cadence_from_name(name) for name in small_sandbox.cadence_names]


def calls(sandbox):
    return sum("engagements" in request.operation for request in sandbox.requests)


def aged(report, count, days=30):
    """An answer of a settled range that was received long ago, with other people in the cadence."""
    raw = dict(report.engagement.raw) | {"inCadenceCount": count}
    then = report.fetched_at - timedelta(days=days)
    return replace(report, engagement=EmailEngagement.read(raw), fetched_at=then)


def test_a_settled_range_shows_who_is_there_now(small_sandbox, make_client, cadences, database):
    history = History(database, base_url=small_sandbox.base_url, user=small_sandbox.user)
    client = make_client(small_sandbox)
    asked = ReportCache(client).load(cadences, SETTLED)
    history.save([aged(report, 1000) for report in asked])
    small_sandbox.requests.clear()
    store = ReportCache(client, archive=HistoryArchive.over(history))
    stored = store.load(cadences, SETTLED)
    assert calls(small_sandbox) == 0
    assert frames.engagements_frame(stored)["in_cadence_now"].tolist() == [1000] * 3
    shown = store.with_people_now(stored)
    now = [report.engagement.in_cadence_now for report in asked]
    assert frames.engagements_frame(shown)["in_cadence_now"].tolist() == now
    assert calls(small_sandbox) == 3  # one a cadence
    assert frames.engagements_frame(store.with_people_now(stored))["in_cadence_now"].tolist() == now
    assert calls(small_sandbox) == 3  # and none again while that is fresh
    columns = [name for name in frames.ENGAGEMENT_COLUMNS if name != "in_cadence_now"]
    assert frames.engagements_frame(shown)[columns].equals(frames.engagements_frame(stored)[columns])


def test_a_young_answer_of_any_window_will_do(small_sandbox, make_client, cadences, database):
    history = History(database, base_url=small_sandbox.base_url, user=small_sandbox.user)
    store = ReportCache(make_client(small_sandbox), archive=HistoryArchive.over(history))
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    store.load(cadences, Window(yesterday, yesterday, "Europe/Berlin"))
    fresh = store.load(cadences, SETTLED)
    count = calls(small_sandbox)
    assert [r.people_now for r in store.with_people_now(fresh)] == [None] * 3  # they are young themselves
    old = [aged(report, 1000) for report in fresh]
    other = ReportCache(make_client(small_sandbox), archive=HistoryArchive.over(history))  # another process
    assert None not in {r.people_now.people for r in other.with_people_now(old)}
    assert calls(small_sandbox) == count


def test_where_it_cannot_be_asked_nothing_is_claimed(small_sandbox, make_client, cadences):
    store = ReportCache(make_client(small_sandbox))
    old = [aged(report, 1000) for report in store.load(cadences, SETTLED)]
    store._kept.clear()
    small_sandbox.faults.add("refused_json")
    assert frames.engagements_frame(store.with_people_now(old))["in_cadence_now"].isna().all()
