"""What a browser may ask over the connection that runs its page: what the pages need, and nothing else.

Streamlit answers more, and to everyone, before any sign-in: “clear the cache” would close the connections of all
accounts under whoever uses them; others are for developers at their own machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from google.protobuf.message import DecodeError
from streamlit.proto.BackMsg_pb2 import BackMsg

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

NEEDED: Final = frozenset({"rerun_script", "stop_script", "app_heartbeat", "file_urls_request"})
"""Running the page, stopping it, staying connected, and where an upload goes."""
NEEDED_OPERATIONS: Final = frozenset({"deferred_file", "dataframe_chunk"})
"""Downloads that are made when they are clicked, and the rest of a long table."""


class WebSocketMessageFilter:
    """Middleware that drops what no page of this dashboard asks for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return

        async def needed() -> Message:
            while True:
                message = await receive()
                if message["type"] != "websocket.receive" or is_needed(message.get("bytes") or b""):
                    return message

        await self._app(scope, needed, send)


def is_needed(frame: bytes) -> bool:
    """Whether a page asks for this; what cannot be read is for Streamlit, which ends the connection."""
    try:
        asked = BackMsg.FromString(frame)
    except DecodeError:
        return True
    kind = asked.WhichOneof("type")
    if kind == "backend_operation_request":
        return asked.backend_operation_request.WhichOneof("payload") in NEEDED_OPERATIONS
    return kind in NEEDED
