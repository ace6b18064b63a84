"""The queue of all calls: who goes first, who leaves it, and what reaches a real server."""

import threading
import time
from datetime import date

import pytest

from klenty_api import (
    Cancelled,
    KlentyError,
    OutcomeUnknownError,
    Policy,
    Prospect,
    RateLimitedError,
    Throttle,
    ValidationError,
    fan_out,
)
from klenty_api.cancellation import CancelScope
from klenty_api.retries import RetryBudget
from klenty_api.sandbox import Limit
from klenty_api.throttle_model import FIRST_FLIGHT

REPORT = '{"replyCount": 7}'


def report(client):
    return client.engagements.email("Website visitors", date(2026, 11, 2), date(2026, 11, 2)).replies


def until(condition, patience=5.0):
    """Wait until it holds; the rest of the test says what that means."""
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, "it never came to pass"
        time.sleep(0.002)


def standing(throttle):
    return len(throttle._urgent) + len(throttle._ordinary)


class Inside:
    """A reply that takes a little and counts how many are inside at once."""

    def __init__(self, reply):
        self.lock, self.now, self.most, self.reply = threading.Lock(), 0, 0, reply

    def __call__(self, connection):
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.005)
        with self.lock:
            self.now -= 1
        self.reply(connection)


@pytest.fixture
def in_thread():
    """CancelScope something beside the test and tell how it ended."""
    threads = []

    def go(work):
        ended = []

        def run():
            try:
                ended.append(work())
            except KlentyError as error:
                ended.append(error)

        threads.append(threading.Thread(target=run, daemon=True))
        threads[-1].start()
        return ended

    yield go
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()


def test_many_fan_outs_of_one_client_are_not_many_times_the_load(kit, in_thread):
    inside = Inside(kit.http(body=REPORT))
    with kit.loopback(inside) as server, kit.client(server, workers=4) as client:
        runs = [in_thread(lambda: fan_out(lambda _: report(client), range(12), workers=4)) for _ in range(10)]
        until(lambda: all(runs), 20)
        assert all(outcome.value == 7 for run in runs for outcome in run[0])
        assert len(server.requests) == 120
        assert inside.most <= 4


def test_clients_that_share_a_pacer_share_its_caps(kit, in_thread):
    inside, throttle = Inside(kit.http(body=REPORT)), Throttle(workers=3)
    with kit.loopback(inside) as server:
        clients = [kit.client(server, workers=8, throttle=throttle) for _ in range(3)]
        runs = [in_thread(lambda c=c: fan_out(lambda _: report(c), range(10), workers=8)) for c in clients]
        until(lambda: all(runs), 20)
        for client in clients:
            client.close()
    assert len(server.requests) == 30
    assert inside.most <= 3


def test_what_a_person_waits_for_goes_before_what_was_in_the_queue_earlier(in_thread):
    throttle, order = Throttle(workers=1), []
    held = throttle.acquire(urgent=False, scope=None)

    def stand(name, urgent):
        start = throttle.acquire(urgent=urgent, scope=None)
        order.append(name)
        throttle.record_result(start, "accepted")

    in_thread(lambda: stand("report 1", urgent=False))
    until(lambda: standing(throttle) == 1)
    in_thread(lambda: stand("report 2", urgent=False))
    until(lambda: standing(throttle) == 2)
    in_thread(lambda: stand("write", urgent=True))
    until(lambda: standing(throttle) == 3)
    assert order == []
    throttle.record_result(held, "accepted")
    until(lambda: len(order) == 3)
    assert order == ["write", "report 1", "report 2"]


def test_a_write_does_not_wait_behind_a_long_run(kit, in_thread):
    with (
        kit.loopback(kit.http(body='{"status": true, "replyCount": 7}')) as server,
        kit.client(server, workers=8, calls_per_second=20) as client,
    ):
        cancel = threading.Event()
        run = in_thread(lambda: fan_out(lambda _: report(client), range(500), workers=8, cancel=cancel))
        until(lambda: standing(client.throttle) >= 7)
        before = len(server.requests)
        client.cadences.start(kit.person, "Holiday")
        assert len(server.requests) - before <= 3
        cancel.set()
        until(lambda: run)


def test_a_stopped_run_leaves_the_line_at_once_and_nobody_else_does(in_thread):
    throttle, run = Throttle(workers=1), CancelScope(RetryBudget(0))
    held = throttle.acquire(urgent=False, scope=None)
    mine = in_thread(lambda: throttle.acquire(urgent=False, scope=run))
    other = in_thread(lambda: throttle.acquire(urgent=False, scope=None))
    until(lambda: standing(throttle) == 2)
    run.stop()
    until(lambda: mine)
    assert isinstance(mine[0], Cancelled)
    assert other == []
    with pytest.raises(Cancelled):
        throttle.acquire(urgent=False, scope=run)
    throttle.record_result(held, "accepted")
    until(lambda: other)
    throttle.record_result(other[0], "accepted")
    assert standing(throttle) == 0


@pytest.mark.parametrize("how", ["cancel", "progress"])
def test_a_run_that_waits_for_the_end_of_a_pause_can_be_stopped(kit, how):
    class ScriptStopped(BaseException):
        pass

    cancel = threading.Event()
    refused = kit.http(429, "{}", Retry_After="30")
    with kit.loopback(refused) as server, kit.client(server, workers=4, deadline=60.0) as client:

        def progress(done, total):
            if server.requests and standing(client.throttle) == 4:
                if how == "progress":
                    raise ScriptStopped
                cancel.set()

        began = time.monotonic()
        if how == "progress":
            with pytest.raises(ScriptStopped):
                fan_out(lambda _: report(client), range(50), workers=4, progress=progress)
            until(lambda: standing(client.throttle) == 0)
        else:
            outcomes = fan_out(lambda _: report(client), range(50), workers=4, progress=progress, cancel=cancel)
            assert {type(outcome.error) for outcome in outcomes} == {Cancelled}
        assert time.monotonic() - began < 10
        assert len(server.requests) <= 4


def test_a_refusal_uses_up_no_attempt(kit):
    refused = kit.http(429, "{}", Retry_After="0")
    with (
        kit.loopback(refused, refused, refused, kit.http(body=REPORT)) as server,
        kit.client(server, policy=Policy(max_attempts=1)) as client,
    ):
        assert report(client) == 7
        assert len(server.requests) == 4


def test_failures_after_a_refusal_have_all_their_attempts(kit):
    with (
        kit.loopback(kit.http(429, "{}", Retry_After="0"), kit.http(500, "{}"), kit.http(body=REPORT)) as server,
        kit.client(server, policy=Policy(max_attempts=2, first_wait=0.01)) as client,
    ):
        assert report(client) == 7
        assert len(server.requests) == 3


def test_refusals_without_end_end(kit):
    with kit.loopback(kit.http(429, "{}", Retry_After="0")) as server, kit.client(server, workers=8) as client:
        outcomes = fan_out(lambda _: report(client), range(200), workers=8)
        assert {type(outcome.error) for outcome in outcomes} == {RateLimitedError}
        assert len(server.requests) < 60  # not 200 × 8: when nothing at all is accepted, the line closes


def test_while_it_is_closed_nothing_is_sent_and_a_write_is_known_not_to_be_done(kit):
    with (
        kit.loopback(kit.http(429, "{}", Retry_After="3600"), kit.http(body='{"status": true}')) as server,
        kit.client(server) as client,
    ):
        with pytest.raises(RateLimitedError) as first:
            report(client)
        assert first.value.retry_after == 3600
        for write in (
            lambda: client.cadences.start(kit.person, "Holiday"),
            lambda: client.prospects.bulk_create([Prospect(email=kit.person)]),
        ):
            with pytest.raises(RateLimitedError) as caught:
                write()
            assert caught.value.outcome == "not_sent"
            assert caught.value.attempts == 0
            assert caught.value.operation
        assert len(server.requests) == 1


def test_a_refused_bulk_add_is_never_repeated_and_slows_the_others(kit):
    with (
        kit.loopback(kit.http(429, "{}", Retry_After="1"), kit.http(body=REPORT)) as server,
        kit.client(server) as client,
    ):
        began = time.monotonic()
        with pytest.raises(OutcomeUnknownError):
            client.prospects.bulk_create([Prospect(email=kit.person)])
        assert len(server.requests) == 1
        assert report(client) == 7
        assert time.monotonic() - began >= 1
        assert [request.path.rpartition("/")[2] for request in server.requests] == ["prospects", "emailEngagements"]


def test_waiting_in_the_queue_does_not_count_against_the_deadline_of_a_call(kit):
    with (
        kit.loopback(kit.http(body=REPORT)) as server,
        kit.client(server, workers=16, deadline=0.3, calls_per_second=20) as client,
    ):
        outcomes = fan_out(lambda _: report(client), range(20), workers=16)
        assert [outcome.value for outcome in outcomes] == [7] * 20


def test_calls_per_second_hold_at_the_server(small_sandbox, make_client):
    client = make_client(small_sandbox, workers=16, calls_per_second=40)
    begun = time.time()  # the first call may reach the server late, the last one not early
    fan_out(lambda _: client.lists.list(), range(30), workers=16)
    at = [request.at for request in small_sandbox.requests]
    assert len(at) == 30
    assert max(at) - begun >= 0.9 * 29 / 40


@pytest.mark.parametrize("caps", [{"workers": 0}, {"calls_per_second": 0}, {"calls_per_second": float("nan")}])
def test_caps_that_are_none_are_refused(kit, caps):
    with kit.loopback(kit.http()) as server, pytest.raises(ValidationError):
        kit.client(server, **caps)


@pytest.mark.parametrize("kind", ["token", "window"])
def test_every_call_is_answered_under_an_unknown_limit(small_sandbox, make_client, kind):
    small_sandbox.limit = Limit(kind, 40)
    client = make_client(small_sandbox, workers=32)
    outcomes = fan_out(lambda _: client.lists.list(), range(100), workers=32)
    assert all(outcome.ok for outcome in outcomes)
    assert small_sandbox.limit.accepted == 100
    assert small_sandbox.limit.refused < 40


def test_a_cap_in_flight_is_learned_told_and_used_again(small_sandbox, make_client):
    small_sandbox.limit = Limit("in_flight", 5, retry_after=False)
    small_sandbox.faults.add("latency", seconds=0.15)
    notes = []
    client = make_client(small_sandbox, workers=16)
    client.throttle.on_learned = notes.append
    outcomes = fan_out(lambda _: client.lists.list(), range(50), workers=16)
    assert all(outcome.ok for outcome in outcomes)
    assert notes[-1] | {"at": 0} == client.throttle.learned() | {"at": 0}
    assert 3 <= notes[-1]["in_flight"] <= 6
    small_sandbox.limit = Limit("in_flight", 5, retry_after=False)
    again = make_client(small_sandbox, workers=16)
    again.throttle.remember(notes[-1])
    fan_out(lambda _: again.lists.list(), range(30), workers=16)
    assert small_sandbox.limit.refused <= 1


def test_the_first_flight_is_waited_for_and_then_all_go(kit):
    inside = Inside(kit.http(body=REPORT))
    with kit.loopback(inside) as server, kit.client(server, workers=40) as client:
        fan_out(lambda _: report(client), range(200), workers=40)
        assert client.throttle.learned()["proven"] is True
        assert len(server.requests) == 200
        assert inside.most <= 40
    assert FIRST_FLIGHT < 40


class SlowToWake(CancelScope):
    """A scope whose threads take a while to notice that their turn has come."""

    def __init__(self):
        super().__init__(RetryBudget(0))
        self.awake, self.asked = threading.Event(), False

    def check(self):
        if self.asked:
            self.awake.wait(5)
        self.asked = True
        super().check()


def test_nobody_overtakes_the_one_whose_turn_has_come(in_thread):
    throttle, order, slow = Throttle(workers=1), [], SlowToWake()

    def stand(name, scope):
        start = throttle.acquire(urgent=False, scope=scope)
        order.append(name)
        throttle.record_result(start, "accepted")

    held = throttle.acquire(urgent=False, scope=None)
    in_thread(lambda: stand("first", slow))
    until(lambda: standing(throttle) == 1)
    throttle.record_result(held, "accepted")  # the first one has its turn, and is slow to wake up
    assert standing(throttle) == 0
    in_thread(lambda: stand("second", None))
    until(lambda: standing(throttle) == 1)
    assert order == []
    slow.awake.set()
    until(lambda: len(order) == 2)
    assert order == ["first", "second"]


def test_a_turn_given_to_a_stopped_run_goes_to_the_next(in_thread):
    throttle, slow = Throttle(workers=1), SlowToWake()
    held = throttle.acquire(urgent=False, scope=None)
    stopped = in_thread(lambda: throttle.acquire(urgent=False, scope=slow))
    until(lambda: standing(throttle) == 1)
    throttle.record_result(held, "accepted")
    slow.stop()
    slow.awake.set()
    until(lambda: stopped)
    assert isinstance(stopped[0], Cancelled)
    following = in_thread(lambda: throttle.acquire(urgent=False, scope=None))
    until(lambda: following)
    assert throttle._model.in_flight == 1
