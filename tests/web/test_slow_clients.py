"""Idle and half requests are closed, longest first; those that are answered are left alone."""

import asyncio
from types import SimpleNamespace

import pytest

from dashboard.web import slow_clients


class Connection:
    """A protocol of the server, as far as it is looked at."""

    def __init__(self, cycle=None):
        self.cycle = cycle
        self.transport = self
        self.aborted = False

    def is_closing(self):
        return self.aborted

    def abort(self):
        self.aborted = True


def waiting_for_body():
    return SimpleNamespace(response_complete=False, more_body=True)


def being_answered():
    return SimpleNamespace(response_complete=False, more_body=False)


def watch(connections, seconds):
    async def run():
        stop = asyncio.Event()
        task = asyncio.create_task(slow_clients.close_slow_clients(lambda: connections, stop))
        await asyncio.sleep(seconds)
        stop.set()
        await task

    asyncio.run(run())


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(slow_clients, "_LOOK_SECONDS", 0.01)


@pytest.mark.usefixtures("quick")
def test_late_requests_are_closed_and_answers_and_websockets_are_not(monkeypatch):
    monkeypatch.setattr(slow_clients, "HEAD_SECONDS", 0.0)
    monkeypatch.setattr(slow_clients, "BODY_SECONDS", 0.0)
    idle, half, answered = Connection(), Connection(waiting_for_body()), Connection(being_answered())
    kept_alive = Connection(SimpleNamespace(response_complete=True, more_body=False))
    websocket = SimpleNamespace(transport=None)
    watch([idle, half, answered, kept_alive, websocket], 0.1)
    assert [one.aborted for one in (idle, half, answered, kept_alive)] == [True, True, False, True]


@pytest.mark.usefixtures("quick")
def test_more_than_may_wait_make_room_at_once(monkeypatch):
    monkeypatch.setattr(slow_clients, "MOST_WAITING", 3)
    connections = [Connection() for _ in range(10)]
    watch(connections, 0.05)
    assert sum(one.aborted for one in connections) == 7


@pytest.mark.usefixtures("quick")
def test_within_the_limits_nobody_is_closed():
    connections = [Connection(), Connection(waiting_for_body())]
    watch(connections, 0.05)
    assert not any(one.aborted for one in connections)
