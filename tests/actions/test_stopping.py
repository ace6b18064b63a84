"""The end of the process, seen by writes that come before, during and after it."""

import threading

import pytest

from dashboard.actions.shutdown import ShutdownGate

WAIT = 10


def test_a_closed_gate_waits_for_who_is_in_and_lets_nobody_in():
    gate, inside, leave, left = ShutdownGate(), threading.Event(), threading.Event(), []

    def write() -> None:
        with gate.hold() as may_pass:
            assert may_pass
            inside.set()
            leave.wait(WAIT)

    writer = threading.Thread(target=write)
    writer.start()
    assert inside.wait(WAIT)
    assert gate.close(0.01) == 1  # it does not wait for ever
    closer = threading.Thread(target=lambda: left.append(gate.close(WAIT)))
    closer.start()
    with gate.hold() as may_pass:
        assert not may_pass
    leave.set()
    for thread in (writer, closer):
        thread.join(WAIT)
    assert left == [0]


def test_a_write_that_raises_is_not_waited_for():
    gate = ShutdownGate()
    with pytest.raises(RuntimeError), gate.hold():
        raise RuntimeError
    assert gate.close(WAIT) == 0
