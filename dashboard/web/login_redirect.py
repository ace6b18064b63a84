"""Redirect to the requested page after sign-in.

The identity provider sends everyone back to one address, and Streamlit goes on to the start page from there. So the
address that a browser asked for first is kept in a cookie for a few minutes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders

from dashboard.settings import SettingsError, load_table
from dashboard.web.cookies import cookie_value, set_cookie

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE: Final = "klenty_came_for"
_CALLBACK: Final = "/oauth2callback"
_SECONDS: Final = 600
_LONGEST: Final = 2_000
# An address on this server and nowhere else: one slash, then no second one and nothing that browsers take for one.
_OURS: Final = re.compile(r"/(?![/\\])[!-\[\]-~]*")


class LoginRedirectMiddleware:
    """Middleware that remembers the page a browser asked for, and redirects to it after the sign-in."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        is_callback = scope["path"].endswith(_CALLBACK)
        target = _remembered(headers) if is_callback else _asked_for(scope, headers)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start" and target is not None:
                answered = MutableHeaders(scope=message)
                if is_callback and "location" in answered:
                    answered["location"] = target
                    answered.append("set-cookie", set_cookie(COOKIE, "", seconds=0))
                elif not is_callback and answered.get("content-type", "").startswith("text/html"):
                    answered.append("set-cookie", set_cookie(COOKIE, target, seconds=_SECONDS))
            await send(message)

        await self._app(scope, receive, answer)


def is_ours(target: str) -> bool:
    """Return whether `target` is an address on this server: a cookie must not lead elsewhere."""
    return len(target) <= _LONGEST and _OURS.fullmatch(target) is not None


def _asked_for(scope: Scope, headers: Headers) -> str | None:
    """Return the page that a browser asks for where people have to sign in; None for everything else."""
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
    target = cookie_value(headers, COOKIE)
    return target if is_ours(target) else None
