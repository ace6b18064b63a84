import threading
from collections.abc import Callable, Sequence

import pytest

from dashboard.actions.batch_jobs import BULK_WORDS
from dashboard.actions.jobs import BatchEnd, JobRow, Jobs, RowResult, SendJob, Snapshot, rows_frame

WAIT = 10


def items(number: int) -> list[JobRow]:
    return [JobRow(row + 2, f"p{row}@x.com") for row in range(number)]


def job(number: int, send: Callable[[Sequence[int]], BatchEnd], size: int = 2, **more: object) -> SendJob:
    return SendJob("bulk", "me@x.com", items(number), batch_size=size, send=send, **more)


def all_done(positions: Sequence[int]) -> BatchEnd:
    return BatchEnd(dict.fromkeys(positions, RowResult("done")))


def finished(one: SendJob) -> Snapshot:
    one.wait(WAIT)
    snapshot = one.snapshot()
    assert not snapshot.is_running
    return snapshot


def test_every_row_is_sent_once_in_order_and_told() -> None:
    sent: list[list[int]] = []
    told: list[int] = []

    def send(positions: Sequence[int]) -> BatchEnd:
        sent.append(list(positions))
        return all_done(positions)

    one = job(5, send, on_progress=lambda snapshot: told.append(snapshot.settled))
    assert one.start()
    snapshot = finished(one)
    assert sent == [[0, 1], [2, 3], [4]]
    assert snapshot.state == "finished"
    assert snapshot.settled == snapshot.total == 5
    assert told == [2, 4, 5, 5]
    assert snapshot.started_at is not None
    assert snapshot.ended_at is not None
    assert not one.start()
    assert len(sent) == 3


def test_starting_twice_at_once_sends_once() -> None:
    sent: list[int] = []
    gate = threading.Event()

    def send(positions: Sequence[int]) -> BatchEnd:
        sent.extend(positions)
        gate.wait(WAIT)
        return all_done(positions)

    one = job(4, send)
    barrier = threading.Barrier(8)
    started: list[bool] = []

    def click() -> None:
        barrier.wait(WAIT)
        started.append(one.start())

    clicks = [threading.Thread(target=click) for _ in range(8)]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join(WAIT)
    gate.set()
    finished(one)
    assert started.count(True) == 1
    assert sent == [0, 1, 2, 3]


def test_stop_ends_after_the_call_under_way_and_the_rest_goes_on_later() -> None:
    sent: list[int] = []
    under_way, gate = threading.Event(), threading.Event()

    def send(positions: Sequence[int]) -> BatchEnd:
        sent.extend(positions)
        under_way.set()
        gate.wait(WAIT)
        return all_done(positions)

    one = job(6, send)
    one.start()
    assert under_way.wait(WAIT)
    one.stop()
    assert one.snapshot().state == "stopping"
    assert not one.start()
    gate.set()
    snapshot = finished(one)
    assert (snapshot.state, snapshot.waiting, sent) == ("stopped", 4, [0, 1])
    assert one.start()
    snapshot = finished(one)
    assert (snapshot.state, sent) == ("finished", [0, 1, 2, 3, 4, 5])


def test_what_was_not_sent_waits_and_goes_on_what_is_unknown_is_never_resent() -> None:
    ends = iter(
        [
            BatchEnd({0: RowResult("done"), 1: RowResult("refused", "bad")}),
            BatchEnd({2: RowResult("unknown", "cut"), 3: RowResult("unknown", "cut")}, stop="The answer was cut."),
            BatchEnd({4: RowResult("waiting"), 5: RowResult("waiting")}, stop="No connection."),
            BatchEnd({4: RowResult("done"), 5: RowResult("exists")}),
        ]
    )
    sent: list[list[int]] = []

    def send(positions: Sequence[int]) -> BatchEnd:
        sent.append(list(positions))
        return next(ends)

    one = job(6, send)
    one.start()
    assert finished(one).message == "The answer was cut."
    assert one.snapshot().state == "interrupted"
    one.start()
    assert finished(one).message == "No connection."
    assert one.snapshot().waiting == 2
    one.start()
    snapshot = finished(one)
    assert [item.state for item in snapshot.items] == [
        "done",
        "refused",
        "unknown",
        "unknown",
        "done",
        "exists",
    ]
    assert (snapshot.state, snapshot.message) == ("finished", "")
    assert sent == [[0, 1], [2, 3], [4, 5], [4, 5]]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_crash_leaves_the_rows_in_flight_unknown() -> None:
    told: list[Snapshot] = []

    def send(positions: Sequence[int]) -> BatchEnd:
        raise RuntimeError("a bug")

    one = job(3, send, on_progress=told.append)
    one.start()
    snapshot = finished(one)
    assert [item.state for item in snapshot.items] == ["unknown", "unknown", "waiting"]
    assert snapshot.state == "interrupted"
    assert "a bug" not in snapshot.message
    assert told[-1] == snapshot


def test_unknown_rows_are_looked_at_and_only_missing_ones_can_wait_again() -> None:
    sent: list[int] = []

    def send(positions: Sequence[int]) -> BatchEnd:
        sent.extend(positions)
        state = "unknown" if len(sent) <= 4 else "done"
        return BatchEnd(dict.fromkeys(positions, RowResult(state)))

    def look(position: int) -> BatchEnd:
        if position == 3:
            return BatchEnd({}, stop="No connection.")
        return BatchEnd({position: RowResult("missing" if position % 2 else "exists")})

    one = job(4, send, size=4, check_status=look)
    one.start()
    finished(one)
    assert not one.start()
    assert one.requeue_missing() == 0
    assert one.check()
    snapshot = finished(one)
    assert snapshot.message == "No connection."
    assert [item.state for item in snapshot.items] == ["exists", "missing", "exists", "unknown"]
    assert sent == [0, 1, 2, 3]
    assert one.requeue_missing() == 1
    one.start()
    finished(one)
    assert sent == [0, 1, 2, 3, 1]


def test_without_a_way_to_look_nothing_is_checked() -> None:
    one = job(1, lambda positions: BatchEnd({0: RowResult("unknown")}))
    one.start()
    finished(one)
    assert not one.can_check
    assert not one.check()


def test_jobs_belong_to_an_account_and_one_of_a_kind_runs_at_a_time() -> None:
    gate = threading.Event()

    def send(positions: Sequence[int]) -> BatchEnd:
        gate.wait(WAIT)
        return all_done(positions)

    jobs = Jobs()
    first, second = job(1, send), job(1, send)
    assert jobs.add(first)
    first.start()
    assert not jobs.add(second)
    jobs.forget(first)
    assert jobs.of("me@x.com", "bulk") == [first]
    assert jobs.of("you@x.com", "bulk") == jobs.of("me@x.com", "start_many") == []
    gate.set()
    finished(first)
    assert jobs.add(second)
    assert jobs.of("me@x.com", "bulk") == [second, first]
    jobs.forget(first)
    for _ in range(9):
        jobs.add(job(1, all_done))
    assert len(jobs.of("me@x.com", "bulk")) == 5


def test_the_report_has_a_line_per_row() -> None:
    one = job(2, lambda positions: BatchEnd({0: RowResult("done", "added"), 1: RowResult("refused", "no")}))
    one.start()
    frame = rows_frame(finished(one), BULK_WORDS)
    assert frame.to_dict("list") == {
        "row": [2, 3],
        "email": ["p0@x.com", "p1@x.com"],
        "result": ["Added", "Refused"],
        "message": ["added", "no"],
    }
    assert rows_frame(job(0, all_done).snapshot(), BULK_WORDS).empty


def test_stopping_all_waits_for_no_one_and_starts_nothing_new():
    gate, sent = threading.Event(), []

    def send(positions: Sequence[int]) -> BatchEnd:
        sent.extend(positions)
        gate.wait(WAIT)
        return all_done(positions)

    jobs, one, idle = Jobs(), job(5, send), SendJob("other", "me@x.com", items(2), batch_size=2, send=all_done)
    assert jobs.add(one)
    assert jobs.add(idle)
    one.start()
    assert jobs.stop_all() == [one]
    gate.set()
    snapshot = finished(one)
    assert (snapshot.state, snapshot.waiting, sent) == ("stopped", 3, [0, 1])
