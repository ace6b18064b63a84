"""Health, headers and protections of a real server, before and after it is warm."""

import asyncio
import http.client
import json
import threading

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from dashboard.services import readiness
from dashboard.web import health
from dashboard.web.security_headers import HEADERS, SecurityHeaders

EVERYTHING = ("/", "/healthz", "/readyz", "/webhook/klenty/x", "/favicon.png", "/_stcore/health", "/nowhere/at/all")


def ask(problems) -> tuple[httpx.Response, httpx.Response]:
    async def run():
        transport = httpx.ASGITransport(Starlette(routes=health.routes(problems)))
        async with httpx.AsyncClient(transport=transport, base_url="http://dashboard") as client:
            return await client.get("/healthz"), await client.get("/readyz")

    return asyncio.run(run())


def test_ready_means_that_nothing_is_wrong():
    alive, ready = ask(list)
    assert (alive.status_code, ready.status_code) == (200, 200)
    assert ready.json() == {"status": "ready"}
    alive, ready = ask(lambda: ["The disk is full."])
    assert (alive.status_code, ready.status_code) == (200, 503)
    assert ready.json()["reasons"] == ["The disk is full."]


def test_a_check_that_fails_or_hangs_is_not_ready_and_gives_nothing_away(monkeypatch):
    def fail():
        raise OSError("postgresql://sam:s3cret@db")

    _, ready = ask(fail)
    assert ready.status_code == 503
    assert "s3cret" not in ready.text
    monkeypatch.setattr(health, "CHECK_SECONDS", 0.01)
    release = threading.Event()
    try:
        _, ready = ask(lambda: release.wait(10) and [])
        assert ready.status_code == 503
        assert "in time" in ready.text
    finally:
        release.set()


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({}, []),
        ({"KLENTY_TIMEZONE": "Mars/Base"}, ["KLENTY_TIMEZONE"]),
        ({"KLENTY_DATABASE_URL": "postgresql://sam:s3cret@127.0.0.1:1/x"}, ["does not answer"]),
        ({"KLENTY_WEBHOOK_SECRET": "too-short"}, ["24 to 200"]),
    ],
)
def test_what_is_wrong_is_found_and_said_without_secrets(monkeypatch, tmp_path, env, words):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KLENTY_DATABASE_URL", f"sqlite:///{tmp_path / 'h.sqlite3'}")
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    said = " ".join(readiness.problems())
    assert bool(said) == bool(env)
    assert all(word in said for word in words)
    assert "s3cret" not in said
    assert "too-short" not in said


def test_a_server_answers_at_once_with_its_headers_and_protections(start_server, tmp_path):
    database = f"sqlite:///{tmp_path / 'history.sqlite3'}"
    with start_server(tmp_path, KLENTY_SANDBOX="1", KLENTY_DATABASE_URL=database) as server:
        assert json.loads(server.get("/healthz")[1]) == {"status": "alive"}
        for path in EVERYTHING:
            _, _, headers = server.get(path)
            for name, value in HEADERS.items():
                assert headers[name.lower()] == value, (path, name)
        assert server.get("/webhook/klenty/x")[0] == 405
        assert b"<html" not in server.get("/readyz")[1]
        assert _handshake(server.port, f"http://127.0.0.1:{server.port}") == 101
        assert _handshake(server.port, "https://evil.example.com") == 403
        assert _upload(server.port) == 403
        assert server.get("/_stcore/health")[0] == 200
    log = server.log.read_text()
    assert "Traceback" not in log


def _handshake(port: int, origin: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Origin": origin,
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }  # fmt: skip
    connection.request("GET", "/_stcore/stream", headers=headers)
    status = connection.getresponse().status
    connection.close()
    return status


def _upload(port: int) -> int:
    """A file posted by another site: without the token that only our own page knows."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    part = b'--x\r\nContent-Disposition: form-data; name="f"; filename="f.csv"\r\n\r\na,b\r\n--x--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=x", "Origin": "https://evil.example.com"}
    connection.request("PUT", "/_stcore/upload_file/some-session/some-file", part, headers)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize(
    ("public_url", "cookie", "said"),
    [
        ("https://company.com", "a=1; Path=/", "a=1; Path=/; Secure"),
        ("https://company.com", "a=1; SECURE; Path=/", "a=1; SECURE; Path=/"),
        ("https://company.com", "secure=1; Path=/", "secure=1; Path=/; Secure"),
        ("", "a=1; Path=/", "a=1; Path=/"),
    ],
)
def test_cookies_are_secure_where_the_public_address_is_https(monkeypatch, tmp_path, public_url, cookie, said):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KLENTY_PUBLIC_URL", public_url)

    async def page(_request):
        return PlainTextResponse("x", headers={"Set-Cookie": cookie})

    app = Starlette(routes=[Route("/", page)], middleware=[Middleware(SecurityHeaders)])

    async def ask():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
            return await client.get("/")

    answer = asyncio.run(ask())
    assert answer.headers["set-cookie"] == said
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
