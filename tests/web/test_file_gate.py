"""Uploads need a page that asks and a role; downloads need the browser, and its person, of an open page."""

import asyncio
import re

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from dashboard.web import live_sessions
from dashboard.web.file_gate import COOKIE, MAX_BODY, FileGate
from dashboard.web.live_sessions import RESUMABLE_SECONDS, LiveSessions

BROWSER = "a-browser"


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def sessions(clock):
    return LiveSessions(clock)


@pytest.fixture
def ask(sessions):
    """`ask(method, path)` sends a request of `BROWSER` through the gate."""

    async def upload(request):
        return Response(status_code=int(request.headers.get("x-answer", "204")))

    async def media(_request):
        return PlainTextResponse("name,email", headers={"Cache-Control": "public"})

    async def page(_request):
        return HTMLResponse("page")

    routes = [
        Route("/{base:path}_stcore/upload_file/{session}/{file}", upload, methods=["PUT", "DELETE", "OPTIONS"]),
        Route("/media/{file}", media),
        Route("/static/media/{file}", media),
        Route("/", page),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(FileGate, sessions=sessions)])

    def run(method, path, *, browser=BROWSER, size=10, **headers):
        async def send():
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
                cookie = {"cookie": f"other=1; {COOKIE}={browser}"} if browser else {}
                sent = {"content-length": str(size)} if method == "PUT" else {}
                return await client.request(method, path, headers={**cookie, **sent, **headers})

        return asyncio.run(send())

    return run


def put(ask, file="f1", **options):
    return ask("PUT", f"/_stcore/upload_file/s1/{file}", **options).status_code


@pytest.fixture
def asking(sessions):
    """An open page of `BROWSER` that asks for a file, by someone who may send one."""
    sessions.connected("s1", BROWSER)
    sessions.admit("s1", lambda: True)
    sessions.allow_uploads("s1", lambda: True)


def test_before_a_page_asks_nothing_is_taken(ask, sessions):
    assert put(ask) == 403
    sessions.connected("s1", BROWSER)
    assert put(ask) == 403
    sessions.admit("s1", lambda: True)
    assert put(ask) == 403
    sessions.allow_uploads("s1", lambda: True)
    assert put(ask) == 204
    sessions.admit("s1", lambda: True)  # another page of the same visitor
    assert put(ask) == 403


@pytest.mark.usefixtures("asking")
@pytest.mark.parametrize("browser", ["", "another-browser"])
def test_only_the_browser_that_opened_the_page_uploads_into_it(ask, browser):
    assert put(ask, browser=browser) == 403
    assert ask("DELETE", "/_stcore/upload_file/s1/f1", browser=browser).status_code == 403
    assert ask("PUT", "/klenty/_stcore/upload_file/s1/f1", browser=browser).status_code == 403


@pytest.mark.usefixtures("asking")
def test_the_role_is_asked_for_at_each_upload(ask, sessions):
    allowed = [True]
    sessions.allow_uploads("s1", lambda: allowed[0])
    assert put(ask) == 204
    allowed[0] = False
    assert put(ask, "f2") == 403


@pytest.mark.usefixtures("asking")
def test_files_and_bytes_are_bounded(ask, sessions, monkeypatch):
    assert put(ask, size=MAX_BODY + 1) == 413
    for number in range(live_sessions.SESSION_FILES):
        assert put(ask, f"f{number}") == 204
    assert put(ask, "one-more") == 429
    assert ask("DELETE", "/_stcore/upload_file/s1/f0").status_code == 204
    assert put(ask, "one-more") == 204
    assert put(ask, "f1") == 204  # sent again: counted once
    monkeypatch.setattr(live_sessions, "ALL_BYTES", 60)
    sessions.connected("s2", BROWSER)
    sessions.allow_uploads("s2", lambda: True)
    assert ask("PUT", "/_stcore/upload_file/s2/f1", size=11).status_code == 429


@pytest.mark.usefixtures("asking")
def test_what_did_not_arrive_is_not_counted(ask, sessions):
    for number in range(20):
        assert put(ask, f"f{number}", **{"x-answer": "413"}) == 413
    assert put(ask) == 204


def test_files_are_for_browsers_with_an_open_page(ask, sessions, clock):
    assert ask("GET", "/media/x.csv").status_code == 403
    sessions.connected("s1", BROWSER)
    assert ask("GET", "/media/x.csv").status_code == 403  # nobody was admitted yet
    allowed = [True]
    sessions.admit("s1", lambda: allowed[0])
    answer = ask("GET", "/media/x.csv")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert ask("GET", "/media/x.csv", browser="").status_code == 403
    allowed[0] = False
    assert ask("GET", "/media/x.csv").status_code == 403
    allowed[0] = True
    sessions.disconnected("s1")
    assert ask("GET", "/media/x.csv").status_code == 200  # a short loss of the connection
    clock.now += RESUMABLE_SECONDS
    assert ask("GET", "/media/x.csv").status_code == 403


def test_a_page_that_ran_before_its_browser_was_known_is_open_all_the_same(ask, sessions):
    sessions.admit("s1", lambda: True)
    assert ask("GET", "/media/x.csv").status_code == 403
    sessions.connected("s1", BROWSER)
    assert ask("GET", "/media/x.csv").status_code == 200
    assert ask("GET", "/media/x.csv", browser="another").status_code == 403


def test_fonts_are_no_files_of_a_session(ask):
    assert ask("GET", "/static/media/SourceSans.woff2", browser="").status_code == 200


def test_each_browser_gets_a_cookie_of_its_own(ask):
    first, second = (ask("GET", "/", browser="").headers["set-cookie"] for _ in range(2))
    assert re.fullmatch(rf"{COOKIE}=[\w-]{{32}}; Path=/; HttpOnly; SameSite=Lax", first)
    assert first != second
    assert "set-cookie" not in ask("GET", "/").headers


def test_a_session_is_resumed_by_its_own_browser_only(sessions, clock):
    sessions.connected("s1", BROWSER)
    assert sessions.belongs("s1", BROWSER)
    assert not sessions.belongs("s1", "another")
    assert not sessions.belongs("unknown", BROWSER)
    sessions.connected("s2", "")
    assert not sessions.belongs("s2", "")  # without a cookie nobody can show that it is theirs
    sessions.disconnected("s1")
    sessions.connected("s1", BROWSER)
    clock.now += RESUMABLE_SECONDS + 1
    assert sessions.belongs("s1", BROWSER)
