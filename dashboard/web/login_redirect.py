"""Shared links that survive the sign-in: whoever had to sign in first lands on the page that he came for.

The identity provider sends everyone back to one address, and Streamlit goes on to the start page from there. So the
address that a browser came in with waits in a cookie of its own for a few minutes.
"""

from __future__ import annotations

import re
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote

from starlette.datastructures import Headers, MutableHeaders

from dashboard.settings import SettingsError, load_table

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE: Final = "klenty_came_for"
_CALLBACK: Final = "/oauth2callback"
_SECONDS: Final = 600
_LONGEST: Final = 2_000
# An address on this server and nowhere else: one slash, then no second one and nothing that browsers take for one.
_OURS: Final = re.compile(r"/(?![/\\])[!-\[\]-~]*")


class LoginRedirectMiddleware:
    """Middleware that remembers the page a browser came for, and leads there after the sign-in."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        came_back = scope["path"].endswith(_CALLBACK)
        target = _remembered(headers) if came_back else _asked_for(scope, headers)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start" and target is not None:
                answered = MutableHeaders(scope=message)
                if came_back and "location" in answered:
                    answered["location"] = target
                    answered.append("set-cookie", _cookie("", 0))
                elif not came_back and answered.get("content-type", "").startswith("text/html"):
                    answered.append("set-cookie", _cookie(target, _SECONDS))
            await send(message)

        await self._app(scope, receive, answer)


def is_ours(target: str) -> bool:
    """Whether `target` is an address on this server, so that nobody is led elsewhere by a cookie."""
    return len(target) <= _LONGEST and _OURS.fullmatch(target) is not None


def _asked_for(scope: Scope, headers: Headers) -> str | None:
    """The page that a browser asks for, where people have to sign in; None for everything else."""
    if headers.get("sec-fetch-dest", "document") != "document" or "text/html" not in headers.get("accept", ""):
        return None
    try:
        if not load_table("auth"):
            return None
    except SettingsError:
        return None
    query = scope["query_string"].decode("latin-1")
    target = quote(scope["path"]) + (f"?{query}" if query else "")
    return target if is_ours(target) else None


def _remembered(headers: Headers) -> str | None:
    morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    target = unquote(morsel.value) if morsel else ""
    return target if is_ours(target) else None


def _cookie(value: str, seconds: int) -> str:
    return f"{COOKIE}={quote(value, safe='')}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax"
