"""Foreign origins and foreign names of hosts are refused before the application sees them."""

import asyncio
import socket

import pytest

from dashboard.web.origin_guard import OriginGuard


class App:
    """Records the scope it was given."""

    def __init__(self):
        self.scopes = []

    async def __call__(self, scope, receive, send):
        self.scopes.append(scope)
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def ask(monkeypatch, tmp_path):
    """`ask(host, origin, …)` sends one request through the guard; returns the status, or the WebSocket's close code."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KLENTY_PUBLIC_URL", raising=False)

    def no_network(*_args):
        raise AssertionError("nothing may be asked of others")

    monkeypatch.setattr(socket.socket, "connect", no_network)

    def run(host, origin=None, *, kind="http", method="GET", path="/"):
        app, sent = App(), []
        headers = [(b"host", host.encode())] + ([(b"origin", origin.encode())] if origin is not None else [])
        scope = {"type": kind, "method": method, "path": path, "headers": headers}

        async def receive():
            return {"type": f"{kind}.connect" if kind == "websocket" else "http.request", "body": b""}

        async def send(message):
            sent.append(message)

        asyncio.run(OriginGuard(app)(scope, receive, send))
        run.seen = dict(app.scopes[0]["headers"]) if app.scopes else None
        first = sent[0]
        return first.get("status", first.get("code", 101))

    return run


@pytest.mark.parametrize(
    ("host", "origin", "allowed"),
    [
        ("localhost:8501", None, True),
        ("localhost:8501", "http://localhost:8501", True),
        ("LOCALHOST:8501", "http://localhost:8501", True),
        ("127.0.0.1:8501", "http://127.0.0.1:8501", True),
        ("[::1]:8501", "http://[::1]:8501", True),
        ("localhost:8501", "http://localhost:3000", False),
        ("localhost:8501", "http://localhost", False),
        ("localhost:8501", "http://127.0.0.1:8501", False),
        ("localhost:8501", "https://evil.example", False),
        ("localhost:8501", "null", False),
        ("localhost:8501", "", False),
        ("localhost:8501", "http://[", False),
        ("localhost:8501", "http://localhost:8501.evil.example", False),
    ],
)
def test_a_websocket_needs_the_origin_of_its_host(ask, host, origin, allowed):
    assert ask(host, origin, kind="websocket", path="/_stcore/stream") == (101 if allowed else 1008)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8501", "127.0.0.1.nip.example", "", "localhost.evil.example", "[", "a@b"]
)
def test_a_name_that_was_pointed_here_is_refused(ask, host):
    assert ask(host) == 421
    assert ask(host, f"http://{host}", kind="websocket") == 1008


@pytest.mark.parametrize("host", ["10.1.2.3:8501", "[fe80::1]", "a.localhost", socket.gethostname()])
def test_addresses_and_the_machines_own_names_are_taken(ask, host):
    assert ask(host) == 200


def test_the_public_address_is_taken_whatever_the_proxy_calls_the_host(ask, monkeypatch):
    monkeypatch.setenv("KLENTY_PUBLIC_URL", "https://klenty.company.com:8443/klenty")
    assert ask("klenty.company.com") == 200
    assert ask("klenty.company.com", "https://klenty.company.com:8443", kind="websocket") == 101
    # Streamlit compares again, and would ask others about an origin that is not the host's.
    assert ask.seen[b"host"] == b"klenty.company.com:8443"
    assert ask("klenty.company.com", "https://other.company.com", kind="websocket") == 1008


def test_with_sign_in_any_name_will_do(ask, tmp_path):
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text('[auth]\nclient_id = "x"\n')
    assert ask("dashboard.internal") == 200
    assert ask("dashboard.internal", "https://evil.example", kind="websocket") == 1008


def test_other_sites_may_read_nothing_and_send_nothing(ask):
    assert ask("localhost", "https://evil.example", method="PUT") == 403
    assert ask("localhost", "https://evil.example") == 200
    assert b"origin" not in ask.seen  # so nothing allows that site to read the answer


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/klenty/readyz", "/webhook/klenty/x", "/klenty/WEBHOOK/klenty/x"]
)
def test_machines_may_use_any_name(ask, path):
    assert ask("dashboard-1:8501", "https://app.klenty.com", method="POST", path=path) == 200
