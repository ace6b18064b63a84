"""Make files when they are clicked, say at the button why one cannot be made, and keep each until it is fetched.

Streamlit itself says "Failed to generate file for download" whatever happened, writes a traceback for it, and drops a
finished file when two other visitors' pages end before the browser has fetched it.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from starlette.responses import Response
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import get_instance
from streamlit.runtime.media_file_storage import MediaFileStorageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.runtime.memory_media_file_storage import MemoryFile

log = logging.getLogger("dashboard")

KEPT_SECONDS: Final = 60.0
KEPT_FILES: Final = 20
NO_LONGER_OFFERED: Final = "This page offers the file no longer. Reload the page and download it again."


class DownloadRefusedError(Exception):
    """A file that must not, or cannot, be made. The message is for people."""


class KeptFiles:
    """Files that were made and are about to be fetched, by the last part of their address. Safe for all threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._files: OrderedDict[str, tuple[float, MemoryFile]] = OrderedDict()

    def keep(self, name: str, file: MemoryFile) -> None:
        """Keep `file` for a minute, or until newer ones need its place."""
        with self._lock:
            self._files.pop(name, None)
            self._files[name] = (self._clock() + KEPT_SECONDS, file)
            while len(self._files) > KEPT_FILES:
                self._files.popitem(last=False)
            self._forget_old()

    def response(self, name: str) -> Response | None:
        """Return the answer that hands over the file `name`; None where none is kept."""
        with self._lock:
            self._forget_old()
            if name not in self._files:
                return None
            _, file = self._files[name]
        shown = f"attachment; filename*=utf-8''{quote(file.filename or name, safe='')}"
        return Response(file.content, media_type=file.mimetype, headers={"Content-Disposition": shown})

    def _forget_old(self) -> None:
        while self._files and next(iter(self._files.values()))[0] <= self._clock():
            self._files.popitem(last=False)


KEPT: Final = KeptFiles()
"""Those of this process."""


async def answer(asked: BackMsg) -> bytes:
    """Make the file that a click asks for, and return the message that the browser waits for."""
    request = asked.backend_operation_request
    message = ForwardMsg()
    response = message.backend_operation_response
    response.request_id = request.request_id
    try:
        response.deferred_file.url = await asyncio.to_thread(_made, request.deferred_file.file_id)
    except DownloadRefusedError as problem:
        response.error_msg = str(problem)
    return bytes(message.SerializeToString())


def _made(file: str) -> str:
    """Make the file and return its address. Raises DownloadRefusedError with the reason."""
    manager = get_instance().media_file_mgr
    try:
        url = manager.execute_deferred(file)
    except MediaFileStorageError as problem:
        if isinstance(problem.__cause__, DownloadRefusedError):
            raise problem.__cause__ from None
        if problem.__cause__ is None:
            raise DownloadRefusedError(NO_LONGER_OFFERED) from None
        log.exception("a file for download could not be made")
        kind = type(problem.__cause__).__name__
        raise DownloadRefusedError(
            f"The file could not be made ({kind}). Reload the page and try again; the dashboard's log has the details."
        ) from None
    name = url.rpartition("/")[2]
    if (finished := manager.read_file(name)) is not None:
        KEPT.keep(name, finished)
    return url
