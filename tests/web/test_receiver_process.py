"""The receiver in a real process that is killed, or stopped, in the middle of a burst: nothing answered 200 is lost."""

import http.client
import json
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from dashboard.data.database import Database
from dashboard.data.webhooks.store import DeliveryStore
from klenty_api.sandbox import Sandbox

SECRET = "a-secret-of-more-than-24-letters"
SENDERS = 8


@pytest.fixture
def env(read_only_sandbox: Sandbox, tmp_path):
    return {
        "KLENTY_USER": read_only_sandbox.user,
        "KLENTY_API_KEY": read_only_sandbox.api_key,
        "KLENTY_BASE_URL": read_only_sandbox.base_url,
        "KLENTY_DATABASE_URL": f"sqlite:///{tmp_path / 'history.sqlite3'}",
        "KLENTY_WEBHOOK_SECRET": SECRET,
    }


def body(number: int) -> bytes:
    fields = {"event": "reply", "email": f"prospect{number}@example.com", "cadenceName": "Partners"}
    return json.dumps(fields).encode()


def deliver(port: int, numbers, answered: list[int], enough: threading.Event, after: int) -> None:
    """Send each number twice over one connection, as long as there is someone to answer; note what was stored."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        for number in (number for number in numbers for _ in range(2)):
            try:
                connection.request("POST", f"/webhook/klenty/{SECRET}", body(number))
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                return
            if answer.status == 200:
                answered.append(number)
            if len(answered) >= after:
                enough.set()


def stored(env) -> dict[str, int]:
    """How often each prospect's delivery arrived, as the database has it."""
    database = Database.open(env["KLENTY_DATABASE_URL"])
    feed = DeliveryStore(database, 1).feed(limit=10_000)
    database.close()
    assert feed["prospect"].is_unique
    return {prospect: 1 + int(repeats) for prospect, repeats in zip(feed["prospect"], feed["repeats"], strict=True)}


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_that_was_answered_is_lost(start_server, env, tmp_path, how):
    answered, enough = [], threading.Event()
    with start_server(tmp_path, **env) as server:
        server.wait_for("/readyz")
        server.wait_for(f"/webhook/klenty/{SECRET}", 405)
        with ThreadPoolExecutor(SENDERS) as pool:
            for sender in range(SENDERS):
                pool.submit(deliver, server.port, range(sender, 4_000, SENDERS), answered, enough, 200)
            assert enough.wait(60)
            server.process.send_signal(how)
        assert server.process.wait(30) == -how
    found = stored(env)
    for number in set(answered):
        assert found.get(f"prospect{number}@example.com", 0) >= answered.count(number)
    # At most what was under way when it ended was stored without having been answered.
    assert 0 <= sum(found.values()) - len(answered) <= SENDERS
    log = server.log.read_text()
    assert ("the dashboard has stopped" in log) == (how is signal.SIGTERM)
    assert "Traceback" not in log
    assert SECRET not in log
    assert "example.com" not in log
