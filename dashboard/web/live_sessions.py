"""The browser sessions that are open now, and what each may do apart from running its page: upload, fetch a file.

Streamlit itself asks nobody: knowing a session's id is enough to resume it or to upload into it, and a download stays
readable without any cookie. Here each session belongs to the browser that opened it, and pages say, with a function
that is asked again at every request, whether its person may still be here.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

RESUMABLE_SECONDS: Final = 120.0
"""How long Streamlit keeps a session whose connection was lost."""
SESSION_FILES: Final = 5
SESSION_BYTES: Final = 30 * 1024 * 1024
ALL_BYTES: Final = 120 * 1024 * 1024


@dataclass
class _Session:
    browser: str
    may_enter: Callable[[], bool] | None = None
    may_upload: Callable[[], bool] | None = None
    files: dict[str, int] = field(default_factory=dict)
    ends_at: float | None = None


class LiveSessions:
    """Open sessions by their id. Safe for all threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions: dict[str, _Session] = {}

    def connected(self, session: str, browser: str) -> None:
        """Note that `browser` opened, or resumed, `session`."""
        with self._lock:
            self._forget_ended()
            known = self._sessions.get(session)
            if known is not None and known.browser in {"", browser}:
                # Without a browser: the page ran, and admitted its person, before this was told.
                known.browser, known.ends_at = browser, None
            else:
                self._sessions[session] = _Session(browser)

    def disconnected(self, session: str) -> None:
        """Note that the connection of `session` ended; it can be resumed for a while."""
        with self._lock:
            if (known := self._sessions.get(session)) is not None:
                known.ends_at = self._clock() + RESUMABLE_SECONDS

    def admit(self, session: str, may_enter: Callable[[], bool]) -> None:
        """Note at the start of a page run who may be here; an upload has to be allowed by the page once more."""
        with self._lock:
            known = self._sessions.setdefault(session, _Session(""))
            known.may_enter, known.may_upload = may_enter, None

    def allow_uploads(self, session: str, may_upload: Callable[[], bool]) -> None:
        """Let `session` upload while `may_upload` says so; called by the page that draws the input."""
        with self._lock:
            self._sessions.setdefault(session, _Session("")).may_upload = may_upload

    def belongs(self, session: str, browser: str) -> bool:
        """Return whether `session` was opened by `browser`."""
        with self._lock:
            self._forget_ended()
            known = self._sessions.get(session)
            return known is not None and bool(browser) and known.browser == browser

    def may_fetch(self, browser: str) -> bool:
        """Return whether a person whom some page of `browser` admitted may be here at this moment."""
        with self._lock:
            self._forget_ended()
            checks = [known.may_enter for known in self._sessions.values() if browser and known.browser == browser]
        return any(check() for check in checks if check is not None)

    def may_upload(self, session: str, browser: str) -> bool:
        """Return whether the page of `session` asked for a file and its person may send one at this moment."""
        if not self.belongs(session, browser):
            return False
        with self._lock:
            check = self._sessions[session].may_upload if session in self._sessions else None
        return check is not None and check()

    def reserve(self, session: str, file: str, size: int) -> bool:
        """Count `size` bytes for `file`; return False, and count nothing, beyond the limits.

        Args:
            session: its id.
            file: its id.
            size: in bytes.
        """
        with self._lock:
            self._forget_ended()
            known = self._sessions.get(session)
            if known is None:
                return False
            before = known.files.get(file, 0)
            files = known.files | {file: size}
            total = sum(sum(one.files.values()) for one in self._sessions.values()) - before + size
            if len(files) > SESSION_FILES or sum(files.values()) > SESSION_BYTES or total > ALL_BYTES:
                return False
            known.files[file] = size
            return True

    def release(self, session: str, file: str) -> None:
        """Count `file` no more: it was removed, or did not arrive."""
        with self._lock:
            if (known := self._sessions.get(session)) is not None:
                known.files.pop(file, None)

    def _forget_ended(self) -> None:
        now = self._clock()
        ended = [name for name, one in self._sessions.items() if one.ends_at is not None and one.ends_at <= now]
        for name in ended:
            del self._sessions[name]


SESSIONS: Final = LiveSessions()
"""Those of this process."""
