"""Filter what browsers send over the connection that runs their page, and resume only sessions of the same browser.

Streamlit answers more, and to everyone, before any sign-in: "clear the cache" would close the connections of all
accounts while people use them; other messages are for developers at their own machine. Frames that are no messages
end the connection here, without the traceback that Streamlit writes for each. Downloads are made here, too, so that the
page can say why one is refused.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

from google.protobuf.message import DecodeError
from starlette.datastructures import Headers
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from dashboard.web import downloads
from dashboard.web.cookies import cookie_value
from dashboard.web.file_gate import COOKIE
from dashboard.web.live_sessions import SESSIONS, LiveSessions

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

NEEDED: Final = frozenset({"rerun_script", "stop_script", "app_heartbeat", "file_urls_request"})
"""Running the page, stopping it, staying connected, and where an upload goes."""
NEEDED_OPERATIONS: Final = frozenset({"dataframe_chunk"})
"""The rest of a long table. A download that is made when it is clicked is answered here."""
_PROTOCOL_ERROR: Final = 1002
_RESUMED: Final = 3
"""Place of the session to resume among the protocols a browser offers: "streamlit", a token, the session."""


class WebSocketMessageFilter:
    """Middleware that drops what no page of this dashboard asks for."""

    def __init__(self, app: ASGIApp, sessions: LiveSessions = SESSIONS) -> None:
        self._app = app
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        browser = cookie_value(Headers(scope=scope), COOKIE)
        opened: list[str] = []

        async def watched(message: Message) -> None:
            if not opened and message["type"] == "websocket.send":
                started = ForwardMsg.FromString(message.get("bytes") or b"").new_session
                if session := started.initialize.session_id:
                    opened.append(session)
                    self._sessions.connected(session, browser)
            await send(message)

        try:
            await self._app(self._own_session_only(scope, browser), _needed(receive, send), watched)
        finally:
            for session in opened:
                self._sessions.disconnected(session)

    def _own_session_only(self, scope: Scope, browser: str) -> Scope:
        """Return `scope` without the session to resume where another browser opened that one."""
        name = b"sec-websocket-protocol"
        offered = [value.decode("latin-1") for key, value in scope["headers"] if key == name]
        protocols = [one.strip() for one in ",".join(offered).split(",")]
        if len(protocols) < _RESUMED or self._sessions.belongs(protocols[_RESUMED - 1], browser):
            return scope
        kept = ", ".join(protocols[: _RESUMED - 1]).encode("latin-1")
        headers = [(key, value) for key, value in scope["headers"] if key != name]
        return {**scope, "headers": [*headers, (name, kept)], "subprotocols": protocols[: _RESUMED - 1]}


def _needed(receive: Receive, send: Send) -> Receive:
    """Return `receive` without what no page asks for; a frame that is no message ends the connection."""
    making: set[asyncio.Task[None]] = set()

    async def hand_over(asked: BackMsg) -> None:
        message = await downloads.answer(asked)
        with contextlib.suppress(Exception):  # the browser has left
            await send({"type": "websocket.send", "bytes": message})

    async def needed() -> Message:
        while True:
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            asked = _parsed(message.get("bytes"))
            if asked is None:
                await send({"type": "websocket.close", "code": _PROTOCOL_ERROR})
                return {"type": "websocket.disconnect", "code": _PROTOCOL_ERROR}
            if asked.backend_operation_request.WhichOneof("payload") == "deferred_file":
                task = asyncio.create_task(hand_over(asked))
                making.add(task)
                task.add_done_callback(making.discard)
            elif _is_needed(asked):
                return message

    return needed


def is_needed(frame: bytes) -> bool:
    """Return whether a page asks for what is in `frame`."""
    asked = _parsed(frame)
    return asked is not None and _is_needed(asked)


def _parsed(frame: bytes | None) -> BackMsg | None:
    """Return the message in a binary frame; None for text frames and garbage."""
    if frame is None:
        return None
    message = BackMsg()
    try:
        message.ParseFromString(frame)
    except DecodeError:
        return None
    return message


def _is_needed(asked: BackMsg) -> bool:
    kind = asked.WhichOneof("type")
    if kind == "backend_operation_request":
        return asked.backend_operation_request.WhichOneof("payload") in NEEDED_OPERATIONS
    return kind in NEEDED
