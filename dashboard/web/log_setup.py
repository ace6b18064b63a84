"""Configure logging: one format for the dashboard, Streamlit and the server, without secrets and email addresses."""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import time
import traceback
from collections import OrderedDict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from dashboard.data.webhooks.url import masked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

Shape = Literal["text", "json"]

_SHORTEST_SECRET: Final = 6
_REPEAT_SECONDS: Final = 60.0
_COMPARED: Final = 500  # letters of a message that make it the same
_REMEMBERED: Final = 200  # messages
_ADDRESS: Final = re.compile(r"[^\s@<>\"'(),;:=/\\\[\]{}|]{1,64}(?:@|%40)[\w.-]{1,255}", re.IGNORECASE)
_KEY_HEADER: Final = re.compile(r"(x-api-key['\"]?\s*[:=,]\s*['\"]?)[^\s'\",}]+", re.IGNORECASE)
_secrets: set[str] = set()


def keep_out(secrets: Iterable[str | None]) -> None:
    """Redact these texts in all logs from now on."""
    _secrets.update(secret for secret in secrets if secret and len(secret) >= _SHORTEST_SECRET)


def redacted(text: str) -> str:
    """Return `text` without known secrets, those of webhook addresses, keys in headers, and email addresses."""
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, "[secret]")
    text = masked(text)
    text = _KEY_HEADER.sub(r"\1[secret]", text)
    return _ADDRESS.sub("[email]", text)


class RedactedRecord(logging.LogRecord):
    """A log record with secrets and addresses redacted, also where a library's own handler formats it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.exc_info and self.exc_info[0] is not None:
            # Formatters take this text instead of making one of their own.
            self.exc_text = redacted("".join(traceback.format_exception(*self.exc_info)).rstrip())
        if self.stack_info:
            self.stack_info = redacted(self.stack_info)

    def getMessage(self) -> str:  # noqa: N802  # the standard library's name
        """Return the message with its values, redacted."""
        return redacted(super().getMessage())


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object a line: time, level, logger, message, traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_text:
            line["exception"] = record.exc_text
        return json.dumps(line, ensure_ascii=False)


class PropagatingLogger(logging.Logger):
    """A logger without own handlers, so that all records reach the root handler."""

    @property
    def propagate(self) -> bool:
        """Return True always; Streamlit would switch it off in each of its loggers."""
        return True

    @propagate.setter
    def propagate(self, wanted: bool) -> None: ...  # the standard library's shape

    def addHandler(self, hdlr: logging.Handler) -> None:  # noqa: N802  # the standard library's name
        """Add nothing."""


class OncePerMinute(logging.Filter):
    """Drops a message that was logged less than a minute ago, and counts what was dropped on its next line."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: OrderedDict[tuple[str, int, str], tuple[float, int]] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether `record` is to be written; always for what is no warning or error."""
        if record.levelno < logging.WARNING:
            return True
        message = record.getMessage()
        key = (record.name, record.levelno, message[:_COMPARED])
        with self._lock:
            now = self._clock()
            since, dropped = self._seen.get(key, (now - _REPEAT_SECONDS, 0))
            if now - since < _REPEAT_SECONDS:
                self._seen[key] = (since, dropped + 1)
                return False
            self._seen[key] = (now, 0)
            self._seen.move_to_end(key)
            while len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
        if dropped:
            record.msg, record.args = f"{message} (and {dropped:,} times more in the last minute)", None
        return True


def configure(shape: Shape) -> None:
    """Give all loggers of this process, also those made later, one handler and one format."""
    logging.setLogRecordFactory(RedactedRecord)
    logging.setLoggerClass(PropagatingLogger)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        JsonLines() if shape == "json" else logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    )
    handler.addFilter(OncePerMinute())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("dashboard").setLevel(logging.INFO)
    for name in list(logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        if logger.handlers:  # Streamlit gives each of its loggers a handler of its own
            logger.handlers.clear()
            logger.propagate = True
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("dashboard").critical("an error nobody expected", exc_info=(kind, error, trace))


def _uncaught_in_thread(found: threading.ExceptHookArgs) -> None:
    if found.exc_value is not None and not isinstance(found.exc_value, SystemExit):
        _uncaught(found.exc_type, found.exc_value, found.exc_traceback)
