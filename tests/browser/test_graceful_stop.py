"""SIGTERM in the middle of a bulk run: the call under way is answered and noted, and nothing is sent after it."""

import signal
import socket
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import streamlit

from dashboard.actions.ledger import Ledger
from dashboard.actions.ledger_queries import load_run
from dashboard.data.database import Database
from klenty_api.sandbox import Sandbox

pytestmark = pytest.mark.browser
ROWS = 350


@pytest.fixture
def slow_sandbox():
    with Sandbox(cadences=2) as sandbox:
        sandbox.faults.add("latency", operation="bulk_create", seconds=2.0)
        yield sandbox


def bulk_calls(sandbox):
    return [request for request in list(sandbox.requests) if request.operation == "bulk_create"]


def hanging(url):
    """A client that asks for something large, does not read it, and does not go away."""
    files = Path(streamlit.__file__).with_name("static")
    largest = max(files.rglob("*.js"), key=lambda path: path.stat().st_size).relative_to(files)
    address = urlsplit(url)
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect((address.hostname, address.port))
    client.sendall(f"GET /{largest} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return client


def test_a_bulk_run_ends_with_its_call(browser, settle, start_dashboard, tmp_path, slow_sandbox):
    url = f"sqlite:///{tmp_path / 'history.sqlite3'}"
    env = {
        "KLENTY_USER": slow_sandbox.user,
        "KLENTY_API_KEY": slow_sandbox.api_key,
        "KLENTY_BASE_URL": slow_sandbox.base_url,
        "KLENTY_DATABASE_URL": url,
    }
    rows = "\n".join(f"Person {number},person{number}@bulk.example" for number in range(ROWS))
    with start_dashboard(tmp_path, **env) as running, browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{running.url}/import_prospects")
        settle(page)
        file = {"name": "people.csv", "mimeType": "text/csv", "buffer": f"FirstName,Email\n{rows}\n".encode()}
        page.locator("input[type=file]").set_input_files(file)
        page.get_by_role("button", name=f"Review and send {ROWS} rows").click()
        page.get_by_role("dialog").get_by_role("button", name=f"Add {ROWS} prospects to Klenty").click()
        while len(bulk_calls(slow_sandbox)) < 2:  # the second one waits for its answer
            page.wait_for_timeout(50)
        with closing(hanging(running.url)) as client:
            assert client.recv(9) == b"HTTP/1.1 "
            running.process.send_signal(signal.SIGTERM)
            assert running.process.wait(60) == -signal.SIGTERM
    log = running.log.read_text()
    assert "the dashboard has stopped" in log
    assert "1 runs were stopped after the call that was under way" in log
    before, cut_off, _ = log.partition("timeout graceful shutdown exceeded")
    assert cut_off
    assert "Traceback" not in before
    assert "bulk.example" not in log
    sent = bulk_calls(slow_sandbox)
    assert len(sent) == 2
    database = Database.open(url)
    stored = load_run(Ledger(lambda: database, base_url=slow_sandbox.base_url, user=slow_sandbox.user), 1)
    states = [item.state for item in stored.items]
    database.close()
    assert states == ["done"] * 200 + ["waiting"] * 150
