"""The store: asks once, keeps what arrived and what failed, and lets one failure be one cadence's."""

import threading
from collections import Counter
from datetime import date, timedelta

import pytest

from dashboard.data.fetch import report_cache as reports
from dashboard.data.fetch.report_cache import ReportCache, cadence_from_name, list_cadences
from dashboard.data.history import History, HistoryArchive
from dashboard.data.windows import Window
from klenty_api import AuthenticationError, Cancelled
from klenty_api.sandbox import FAULT_KINDS

WINDOW = Window(date(2026, 11, 1), date(2026, 11, 20), "Europe/Berlin")
REPORTS = {"email_engagements", "stepwise_engagements"}


@pytest.fixture
def store(small_sandbox, make_client):
    return ReportCache(make_client(small_sandbox))


@pytest.fixture
def cadences(small_sandbox):
    return [cadence_from_name(name) for name in small_sandbox.cadence_names]


def asked(sandbox):
    return Counter(r.operation for r in sandbox.requests if r.operation in REPORTS)


def test_two_calls_a_cadence_and_none_again(small_sandbox, store, cadences):
    first = store.load(cadences, WINDOW)
    assert asked(small_sandbox) == {"email_engagements": 3, "stepwise_engagements": 3}
    again = store.load(cadences, [WINDOW])
    assert again == first
    assert sum(asked(small_sandbox).values()) == 6
    assert store.peek(cadences[0], WINDOW) is first[0] or store.peek(cadences[0], WINDOW) == first[0]
    body = next(r.body for r in small_sandbox.requests if r.operation == "email_engagements")
    assert body["startDate"] == "2026-10-31T23:00:00Z"
    assert body["endDate"] == "2026-11-20T22:59:59.999Z"


def test_reports_come_window_by_window_in_the_order_asked(store, cadences):
    windows = [WINDOW, WINDOW.back(WINDOW.days)]
    reports = store.load(cadences[::-1], windows)
    assert [(r.cadence.name, r.window) for r in reports] == [(c.name, w) for w in windows for c in cadences[::-1]]


def test_stale_answers_are_asked_again(small_sandbox, make_client, cadences):
    store = ReportCache(make_client(small_sandbox), fresh_for=timedelta(0))
    not_over_for_long = Window(WINDOW.start, date(2100, 1, 1), WINDOW.timezone)
    store.load(cadences[:1], not_over_for_long)
    store.load(cadences[:1], not_over_for_long)
    assert asked(small_sandbox)["email_engagements"] == 2


def test_cadences_of_one_name_share_one_answer(small_sandbox, store, cadences):
    twin = cadence_from_name(cadences[0].name or "")
    reports = store.load([cadences[0], twin, cadences[0]], WINDOW)
    assert len(reports) == 3
    assert asked(small_sandbox)["email_engagements"] == 1


def test_a_failure_is_kept_until_it_is_forgotten(small_sandbox, store, cadences):
    small_sandbox.faults.add("refused_json", operation="stepwise_engagements", cadence=cadences[1].name)
    good, partial, _ = store.load(cadences, WINDOW)
    assert (good.failed, good.partial) == (False, False)
    assert (partial.failed, partial.partial) == (False, True)
    assert partial.steps_error.code == "K5000"
    small_sandbox.faults.clear()
    count = sum(asked(small_sandbox).values())
    assert store.load(cadences, WINDOW)[1].partial
    assert sum(asked(small_sandbox).values()) == count
    store.forget_failures(cadences[1], WINDOW)
    assert not store.load(cadences, WINDOW)[1].partial
    assert sum(asked(small_sandbox).values()) == count + 2


@pytest.mark.parametrize("kind", [kind for kind in FAULT_KINDS if kind not in {"latency", "wrong_key"}])
def test_one_cadence_failing_in_any_way_leaves_the_others_right(small_sandbox, make_client, kind, cadences):
    client = make_client(small_sandbox, deadline=0.8, timeout=(0.5, 0.5))
    expected = {r.cadence.name: r.engagement for r in ReportCache(client).load(cadences, WINDOW)}
    small_sandbox.faults.add(kind, cadence=cadences[1].name, **({"seconds": 5} if kind == "slow_body" else {}))
    reports = ReportCache(client).load(cadences, WINDOW)
    assert [r.failed for r in reports] == [False, True, False]
    assert [r.engagement for r in reports] == [expected[cadences[0].name], None, expected[cadences[2].name]]
    assert str(reports[1].engagement_error).startswith("Email Engagements")


def test_a_bad_key_stops_the_run(small_sandbox, make_client, cadences):
    client = make_client(small_sandbox, workers=1)
    small_sandbox.faults.add("wrong_key")
    reports = ReportCache(client).load(cadences, WINDOW)
    assert isinstance(reports[0].engagement_error, AuthenticationError)
    assert isinstance(reports[2].engagement_error, Cancelled)
    assert sum(asked(small_sandbox).values()) == 1


def test_what_arrived_before_an_interruption_stays(small_sandbox, make_client, cadences):
    class ScriptStopped(BaseException):
        pass

    def progress(done, _total, last):
        if done:
            assert last is not None
            raise ScriptStopped

    store = ReportCache(make_client(small_sandbox, workers=1))
    with pytest.raises(ScriptStopped):
        store.load(cadences, WINDOW, progress=progress)
    assert any(store.peek(cadence, WINDOW) for cadence in cadences)
    assert [r.failed for r in store.load(cadences, WINDOW)] == [False] * 3


def test_equal_questions_at_the_same_time_are_asked_once(small_sandbox, store, cadences):
    small_sandbox.faults.add("latency", seconds=0.2)
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(store.load(cadences, WINDOW))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 6
    assert all(answer == answers[0] for answer in answers)
    assert asked(small_sandbox) == {"email_engagements": 3, "stepwise_engagements": 3}


def test_who_keeps_the_answer_elsewhere_shares_the_question_too(small_sandbox, store, cadences):
    small_sandbox.faults.add("latency", seconds=0.3)
    came = []
    threads = [
        threading.Thread(target=lambda: came.append(store.ask_once(cadences[0], WINDOW, keep=False))),
        threading.Thread(target=lambda: came.extend(store.load(cadences[:1], WINDOW))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert came[0] == came[1]
    assert asked(small_sandbox) == {"email_engagements": 1, "stepwise_engagements": 1}
    assert store.peek(cadences[0], WINDOW) == came[0]  # of the two, the page keeps it


def test_an_answer_that_is_kept_elsewhere_is_not_kept_here_and_failures_are_asked_again(small_sandbox, store, cadences):
    store.ask_once(cadences[0], WINDOW, keep=False)
    assert store.peek(cadences[0], WINDOW) is None
    small_sandbox.faults.add("refused_json", cadence=cadences[1].name)
    assert store.load(cadences[1:2], WINDOW)[0].failed
    small_sandbox.faults.clear()
    assert not store.ask_once(cadences[1], WINDOW, keep=False).failed


def test_what_another_process_fetched_during_a_long_load_is_not_asked(
    small_sandbox, make_client, database, cadences, monkeypatch
):
    monkeypatch.setattr(reports, "_LOOK_AGAIN_SECONDS", 0.0)
    history = History(database, base_url=small_sandbox.base_url, user=small_sandbox.user)
    other = ReportCache(make_client(small_sandbox))
    fetched = other.load(cadences, WINDOW)
    small_sandbox.requests.clear()

    def meanwhile(done, _total, _last):
        if done == 0:
            history.save(fetched[1:])

    small_sandbox.faults.add("latency", seconds=0.5)  # so that the first is under way when the others come
    store = ReportCache(make_client(small_sandbox, workers=1), archive=HistoryArchive.over(history))
    assert [report.steps for report in store.load(cadences, WINDOW, progress=meanwhile)] == [r.steps for r in fetched]
    assert asked(small_sandbox) == {"email_engagements": 1, "stepwise_engagements": 1}


def test_the_store_is_bounded(small_sandbox, make_client, cadences):
    store = ReportCache(make_client(small_sandbox), max_reports=2)
    reports = store.load(cadences[:2], WINDOW)
    store.load(cadences[2:], WINDOW)
    assert sum(store.peek(cadence, WINDOW) is not None for cadence in cadences) == 2
    assert not any(report.failed for report in reports)


def test_progress_is_told_to_the_end(store, cadences):
    told = []
    store.load(cadences, WINDOW, progress=lambda done, total, _last: told.append((done, total)))
    assert told[-1] == (3, 3)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_an_unknown_name_is_nothing_reported(store):
    (report,) = store.load([cadence_from_name("Nope")], WINDOW)
    assert not report.failed
    assert report.engagement.replies is None
    assert report.steps == ()


def test_cadences_are_listed_by_name_without_the_signs_in_front(read_only_sandbox, make_client):
    names = [cadence.name for cadence in list_cadences(make_client(read_only_sandbox))]
    assert len(names) == len(read_only_sandbox.cadence_names)
    assert names[0].startswith("Agencies")
    position = {name[:9]: index for index, name in enumerate(names)}
    assert position["=HYPERLIN"] == position["Inbound d"] - 1
