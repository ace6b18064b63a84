"""The page that someone arrived for, carried over the sign-in, and nowhere but to this server."""

import asyncio
from urllib.parse import quote

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.routing import Route

from dashboard.web import login_redirect
from dashboard.web.login_redirect import COOKIE, LoginRedirectMiddleware

HTML = {"Accept": "text/html,application/xhtml+xml", "Sec-Fetch-Dest": "document"}


class Browser:
    """Asks a small application behind the middleware, and keeps its cookies."""

    def __init__(self):
        async def page(_request):
            return HTMLResponse("<p>page</p>")

        async def back(_request):
            return RedirectResponse("/", 302)

        async def data(_request):
            return JSONResponse({})

        routes = [
            Route("/oauth2callback", back),
            Route("/api", data),
            Route("/{path:path}", page, methods=["GET", "POST"]),
        ]
        self._app = Starlette(routes=routes, middleware=[Middleware(LoginRedirectMiddleware)])
        self.cookies = httpx.Cookies()

    def ask(self, path, headers=HTML, method="GET"):
        async def run():
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://dashboard", cookies=self.cookies
            ) as client:
                answer = await client.request(method, path, headers=headers)
                self.cookies = client.cookies
                return answer

        return asyncio.run(run())

    def landing(self):
        return self.ask("/oauth2callback").headers["location"]


@pytest.fixture
def client(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text('[auth]\nclient_id = "x"\n')
    return Browser()


@pytest.mark.parametrize(
    "link", ["/", "/compare?range=Last+90+days&cadence=A%26B&cadence=%C3%A9", "/cadence", "/a/b%20c?x=;,%22y"]
)
def test_the_link_is_where_one_lands_once(client, link):
    answer = client.ask(link)
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=Lax" in answer.headers["set-cookie"]
    assert client.landing() == link
    assert client.landing() == "/"


def test_only_pages_that_people_open_are_remembered(client):
    client.ask("/api")
    client.ask("/watch", HTML | {"Sec-Fetch-Dest": "iframe"})
    client.ask("/watch", {"Accept": "application/json"})
    client.ask("/watch", method="POST")
    assert client.landing() == "/"


def test_without_sign_in_there_is_no_cookie(client, tmp_path):
    (tmp_path / ".streamlit" / "secrets.toml").write_text("")
    assert "set-cookie" not in client.ask("/watch").headers
    (tmp_path / ".streamlit" / "secrets.toml").write_text("[auth")
    assert "set-cookie" not in client.ask("/watch").headers


@pytest.mark.parametrize(
    "target",
    [
        "//evil.org",
        "/\\evil.org",
        "https://evil.org",
        "evil.org",
        "",
        "/x\r\nSet-Cookie: a=b",
        "/x\\y",
        "/é",
        "/" + "x" * 3000,
    ],
)
def test_a_planted_cookie_leads_nowhere_else(client, target):
    client.cookies.set(COOKIE, quote(target, safe=""), domain="dashboard")
    assert client.landing() == "/"


def test_an_address_may_be_as_long_as_it_may_be_and_no_longer():
    longest = "/" + "a" * (login_redirect._LONGEST - 1)
    assert login_redirect.is_ours(longest)
    assert not login_redirect.is_ours(longest + "a")
