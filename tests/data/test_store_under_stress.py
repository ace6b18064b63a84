"""The store with many sessions at once: nothing asked twice, nothing hangs, one session's end is not another's."""

import random
import threading
from collections import Counter
from datetime import date

import pytest

from dashboard.data.fetch.report_cache import ReportCache, cadence_from_name
from dashboard.data.windows import Window
from klenty_api import AuthenticationError, Cancelled

WINDOW = Window(date(2026, 11, 1), date(2026, 11, 20), "Europe/Berlin")


class ScriptStopped(BaseException):
    """As Streamlit's: no Exception."""


def together(*works, patience=20):
    """Run all at once; a thread that hangs fails the test instead of holding it."""
    threads = [threading.Thread(target=work, daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(patience)
    assert not any(thread.is_alive() for thread in threads), "a session hangs"


def asked(sandbox):
    return Counter(
        (r.operation, r.body["cadenceName"], r.body["startDate"])
        for r in sandbox.requests
        if "engagements" in r.operation
    )


@pytest.fixture
def cadences(small_sandbox):
    return [cadence_from_name(name) for name in small_sandbox.cadence_names]


def test_ten_sessions_with_their_own_choices_ask_each_question_once(small_sandbox, make_client, cadences):
    store = ReportCache(make_client(small_sandbox, workers=4))
    small_sandbox.faults.add("latency", seconds=0.02)
    windows = [WINDOW, WINDOW.back(WINDOW.days), WINDOW.back(2 * WINDOW.days)]
    answers = []

    def session(seed):
        rng = random.Random(seed)
        chosen, ranges = rng.sample(cadences, rng.randint(1, 3)), rng.sample(windows, rng.randint(1, 3))
        got = store.load(chosen, ranges)
        answers.append([(r.cadence.name, r.window) for r in got] == [(c.name, w) for w in ranges for c in chosen])
        answers.append(not any(r.failed or r.partial for r in got))

    together(*(lambda seed=seed: session(seed) for seed in range(10)))
    assert answers == [True] * 20
    assert set(asked(small_sandbox).values()) == {1}


def test_a_stopped_script_leaves_its_answers_to_those_who_wait_for_them(small_sandbox, make_client, cadences):
    store = ReportCache(make_client(small_sandbox))
    small_sandbox.faults.add("latency", seconds=0.3)
    under_way = threading.Event()
    answers = []

    def stopped(*_):
        under_way.set()
        raise ScriptStopped

    def first():
        with pytest.raises(ScriptStopped):
            store.load(cadences[:1], WINDOW, progress=stopped)

    def second():
        under_way.wait(10)
        answers.extend(store.load(cadences[:1], WINDOW))

    together(first, second)
    assert [report.failed or report.partial for report in answers] == [False]
    assert max(asked(small_sandbox).values()) <= 2  # one that was stopped between its two calls is asked whole again


def test_a_broken_client_hangs_nobody_and_is_asked_again(small_sandbox, make_client, cadences, monkeypatch):
    client = make_client(small_sandbox)
    store = ReportCache(client)
    real = client.engagements.email
    monkeypatch.setattr(client.engagements, "email", lambda *_: 1 / 0)
    ended = []

    def session():
        with pytest.raises(ZeroDivisionError):
            store.load(cadences, WINDOW)
        ended.append(True)

    together(*[session] * 4)
    assert len(ended) == 4
    monkeypatch.setattr(client.engagements, "email", real)
    assert not any(report.failed for report in store.load(cadences, WINDOW))


def test_a_refused_key_stops_every_session_early(small_sandbox, make_client, cadences):
    store = ReportCache(make_client(small_sandbox, workers=1))
    small_sandbox.faults.add("wrong_key")
    windows = [WINDOW]
    for _ in range(9):
        windows.append(windows[-1].back(windows[-1].days))
    answers = []
    together(*[lambda: answers.append(store.load(cadences, windows))] * 3)
    assert all(isinstance(r.engagement_error, AuthenticationError | Cancelled) for got in answers for r in got)
    assert len(small_sandbox.requests) <= 3


def test_progress_is_told_in_the_thread_that_asked_and_names_what_arrived(small_sandbox, make_client, cadences):
    store = ReportCache(make_client(small_sandbox))
    told = []
    store.load(
        cadences, WINDOW, progress=lambda done, total, last: told.append((threading.get_ident(), done, total, last))
    )
    assert {ident for ident, *_ in told} == {threading.get_ident()}
    assert {total for _, _, total, _ in told} == {3}
    assert told[-1][1] == 3
    assert told[-1][3].cadence in cadences


def test_cadences_of_one_name_keep_their_own_id_and_owner(small_sandbox, make_client):
    from dataclasses import replace  # noqa: PLC0415

    store = ReportCache(make_client(small_sandbox))
    name = small_sandbox.cadence_names[0]
    mine = replace(cadence_from_name(name), id="1", owner="a@x.io")
    hers = replace(cadence_from_name(name), id="2", owner="b@x.io")
    first, second = store.load([mine, hers], WINDOW)
    assert (first.cadence, second.cadence) == (mine, hers)
    assert first.engagement == second.engagement
    assert store.peek(hers, WINDOW).cadence == hers
    assert set(asked(small_sandbox).values()) == {1}
