"""The store: what a call fetched is what it returns, and what a person cancelled is asked again."""

import threading
from datetime import date, timedelta

import pytest

from dashboard.data.fetch.report_cache import ReportCache, cadence_from_name
from dashboard.data.windows import Window
from klenty_api import AuthenticationError, Cancelled

WINDOW = Window(date(2026, 11, 1), date(2026, 11, 20), "Europe/Berlin")


@pytest.fixture
def cadences(small_sandbox):
    return [cadence_from_name(name) for name in small_sandbox.cadence_names]


def arrived(reports):
    return [report.engagement is not None and report.steps is not None for report in reports]


@pytest.mark.parametrize("limits", [{"fresh_for": timedelta(0)}, {"max_reports": 1}])
def test_what_was_fetched_is_returned_though_the_store_drops_it(small_sandbox, make_client, cadences, limits):
    store = ReportCache(make_client(small_sandbox), **limits)
    assert arrived(store.load(cadences, WINDOW)) == [True] * 3


def test_an_answer_found_at_the_start_is_returned_though_it_is_asked_again_meanwhile(
    small_sandbox, make_client, cadences
):
    store = ReportCache(make_client(small_sandbox))
    store.load(cadences[:1], WINDOW)
    reports = store.load(cadences, WINDOW, progress=lambda *_: store._kept.clear())
    assert arrived(reports) == [True] * 3


def test_a_cancelled_question_is_asked_again(small_sandbox, make_client, cadences):
    store = ReportCache(make_client(small_sandbox))
    cancel = threading.Event()
    cancel.set()
    reports = store.load(cadences, WINDOW, cancel=cancel)
    assert all(isinstance(report.engagement_error, Cancelled) for report in reports)
    assert store.peek(cadences[0], WINDOW) is None
    assert arrived(store.load(cadences, WINDOW)) == [True] * 3


def test_a_question_that_was_stopped_between_its_two_answers_is_asked_again(small_sandbox, make_client, cadences):
    store = ReportCache(make_client(small_sandbox))
    cancel = threading.Event()
    small_sandbox.faults.add("latency", "email_engagements", seconds=0.8)

    def progress(done, _total, _last):
        if any(request.operation == "email_engagements" for request in small_sandbox.requests):
            cancel.set()

    left = store.load(cadences, WINDOW, progress=progress, cancel=cancel)
    assert all(isinstance(report.engagement_error, Cancelled) for report in left)
    assert [store.peek(cadence, WINDOW) for cadence in cadences] == [None] * 3
    assert arrived(store.load(cadences, WINDOW)) == [True] * 3


def test_one_session_cancelling_leaves_the_other_its_answers(small_sandbox, make_client, cadences):
    store = ReportCache(make_client(small_sandbox, workers=1))
    cancel, other = threading.Event(), []
    small_sandbox.faults.add("latency", seconds=0.1)

    def ask_beside():
        other.extend(store.load(cadences, WINDOW))

    beside = threading.Thread(target=ask_beside)

    def progress(done, _total, _last):
        if done == 0 and not beside.ident:
            beside.start()
        elif done:
            cancel.set()

    mine = store.load(cadences, WINDOW, progress=progress, cancel=cancel)
    if not beside.ident:
        beside.start()
    beside.join()
    assert arrived(mine) != [True] * 3
    assert arrived(other) == [True] * 3


def test_after_a_refused_key_the_others_are_not_asked_on_every_rerun(small_sandbox, make_client, cadences):
    store = ReportCache(make_client(small_sandbox, workers=1))
    small_sandbox.faults.add("wrong_key")
    store.load(cadences, WINDOW)
    asked = len(small_sandbox.requests)
    again = store.load(cadences, WINDOW)
    assert len(small_sandbox.requests) == asked
    assert isinstance(again[0].engagement_error, AuthenticationError)


def test_those_who_wait_get_the_answer_even_where_nothing_is_kept(small_sandbox, make_client, cadences):
    store = ReportCache(make_client(small_sandbox), fresh_for=timedelta(0))
    small_sandbox.faults.add("latency", seconds=0.3)
    answers = []
    threads = [threading.Thread(target=lambda: answers.extend(store.load(cadences[:1], WINDOW))) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert arrived(answers) == [True] * 5
    assert sum(r.operation == "email_engagements" for r in small_sandbox.requests) == 1
