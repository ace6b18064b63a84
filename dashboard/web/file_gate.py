"""Uploads only where a page asked for a file, downloads only for a browser whose person may be here now."""

from __future__ import annotations

import asyncio
import re
import secrets
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

from dashboard.web.cookies import cookie_value, set_cookie
from dashboard.web.downloads import KEPT, KeptFiles
from dashboard.web.live_sessions import SESSION_BYTES, SESSIONS, LiveSessions

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE: Final = "klenty_browser"
MAX_BODY: Final = 11 * 1024 * 1024
"""The largest upload Streamlit takes (`server.maxUploadSize`), with the multipart lines around it."""
_UPLOAD: Final = re.compile(r"/_stcore/upload_file/([^/]+)/([^/]+)$")
_MEDIA: Final = re.compile(r"(?<!/static)/media/([^/]*)")  # files of sessions; /static/media/ holds the fonts


class FileGate:
    """Middleware that gives each browser a cookie of its own and checks it where files are sent and fetched."""

    def __init__(self, app: ASGIApp, sessions: LiveSessions = SESSIONS, kept: KeptFiles = KEPT) -> None:
        self._app = app
        self._sessions = sessions
        self._kept = kept

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        browser = cookie_value(Headers(scope=scope), COOKIE)
        if upload := _UPLOAD.search(scope["path"]):
            await self._upload(browser, upload[1], upload[2], scope, receive, send)
        elif media := _MEDIA.search(scope["path"]):
            await self._download(browser, media[1], scope, receive, send)
        else:
            await self._app(scope, receive, send if browser else _with_new_cookie(send))

    async def _upload(self, browser: str, session: str, file: str, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"]
        if method == "PUT":
            refusal = await self._upload_refusal(browser, session, file, Headers(scope=scope))
        else:
            refusal = None if self._sessions.belongs(session, browser) else _refused(403, "This is not your upload.")
            if method == "DELETE" and refusal is None:
                self._sessions.release(session, file)
        if refusal is not None:
            await refusal(scope, receive, send)
            return

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start" and method == "PUT" and message["status"] >= 400:
                self._sessions.release(session, file)
            await send(message)

        await self._app(scope, receive, watched)

    async def _upload_refusal(
        self, browser: str, session: str, file: str, headers: Headers
    ) -> PlainTextResponse | None:
        if not await asyncio.to_thread(self._sessions.may_upload, session, browser):
            return _refused(403, "No page of yours asks for a file, or your role does not include bulk import.")
        announced = headers.get("content-length", "")
        size = int(announced[:20]) if announced.isdecimal() else MAX_BODY
        if size > MAX_BODY:
            return _refused(413, "The file is too large.")
        if not self._sessions.reserve(session, file, size):
            return _refused(429, f"Too many files: at most {SESSION_BYTES // 1024**2} MB for one page.")
        return None

    async def _download(self, browser: str, name: str, scope: Scope, receive: Receive, send: Send) -> None:
        if not await asyncio.to_thread(self._sessions.may_fetch, browser):
            await _refused(403, "Open the page again and download the file from there.")(scope, receive, send)
            return

        async def uncached(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["cache-control"] = "no-store"
            await send(message)

        await (self._kept.response(name) or self._app)(scope, receive, uncached)


def _with_new_cookie(send: Send) -> Send:
    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if headers.get("content-type", "").startswith("text/html"):
                headers.append("set-cookie", set_cookie(COOKIE, secrets.token_urlsafe(24)))
        await send(message)

    return answer


def _refused(status: int, words: str) -> PlainTextResponse:
    return PlainTextResponse(words, status, {"Cache-Control": "no-store", "Connection": "close"})
