"""Requests that another site makes a browser send, refused before Streamlit sees them.

Streamlit compares origins too, but asks a third party for this machine's address before it says no, and takes every
`http://localhost:…` for its own page.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse

from dashboard.data.webhooks.url import PATH
from dashboard.settings import SettingsError, load_settings, load_table

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SAFE: Final = {"GET", "HEAD", "OPTIONS"}
_FOR_MACHINES: Final = ("/healthz", "/readyz")
_THIS_MACHINE: Final = {"localhost", socket.gethostname().casefold(), socket.getfqdn().casefold()}


class OriginGuard:
    """Middleware that refuses foreign origins, and names of hosts that are not this dashboard's."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or connection."""
        if scope["type"] not in {"http", "websocket"} or _is_for_machines(scope["path"]):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        public = _public_address()
        if not _is_ours(host, public):
            await _refuse(scope, receive, send, 421, _UNKNOWN_HOST)
            return
        same = origin is None or _is_same(origin, host, public)
        if not same and (scope["type"] == "websocket" or scope["method"] not in _SAFE):
            await _refuse(scope, receive, send, 403, "This page belongs to another site.")
            return
        await self._app(_settled(scope, origin), receive, send)


_UNKNOWN_HOST: Final = (
    "This dashboard does not know itself by the name in this address. Open it by its IP address or as localhost, "
    "or set KLENTY_PUBLIC_URL to the address that people use."
)


def _is_for_machines(path: str) -> bool:
    return path.endswith(_FOR_MACHINES) or PATH in path.casefold()


def _public_address() -> str:
    """Return the host, with the port if it is named, at which others reach this dashboard; empty when unknown."""
    try:
        return urlsplit(load_settings().public_url or "").netloc.casefold()
    except (SettingsError, ValueError):
        return ""


def _is_ours(host: str, public: str) -> bool:
    """Return whether a request for `host` is meant for this dashboard and no name that was pointed at it.

    With sign-in any name will do: another name's page has no cookie of a person who signed in here.
    """
    try:
        name = (urlsplit(f"//{host}").hostname or "").casefold().rstrip(".")
        if name in _THIS_MACHINE or name.endswith(".localhost"):
            return True
        if public and name == urlsplit(f"//{public}").hostname:
            return True
    except ValueError:
        return False
    try:
        ipaddress.ip_address(name)
    except ValueError:
        pass
    else:
        return True
    try:
        return bool(name) and bool(load_table("auth"))
    except SettingsError:
        return False


def _is_same(origin: str, host: str, public: str) -> bool:
    try:
        netloc = urlsplit(origin).netloc.casefold()
    except ValueError:
        return False
    return bool(netloc) and netloc in {host.casefold(), public}


def _settled(scope: Scope, origin: str | None) -> Scope:
    """Return `scope` as Streamlit needs no further question: the origin's host on connections, no origin elsewhere."""
    if origin is None:
        return scope
    if scope["type"] == "websocket":
        host = urlsplit(origin).netloc.encode("latin-1")
        headers = [(name, host if name == b"host" else value) for name, value in scope["headers"]]
    else:
        headers = [(name, value) for name, value in scope["headers"] if name != b"origin"]
    return {**scope, "headers": headers}


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, words: str) -> None:
    if scope["type"] == "websocket":
        closing: Message = {"type": "websocket.close", "code": 1008, "reason": ""}
        await receive()
        await send(closing)
        return
    await PlainTextResponse(words, status, {"Connection": "close"})(scope, receive, send)
