"""Logs without secrets and without people: one shape for the dashboard, Streamlit and the server below it."""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from dashboard.data.webhooks.url import masked

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

Shape = Literal["text", "json"]

_SHORTEST_SECRET: Final = 6
_ADDRESS: Final = re.compile(r"[^\s@<>\"'(),;:=/\\\[\]{}|]{1,64}(?:@|%40)[\w.-]{1,255}", re.IGNORECASE)
_KEY_HEADER: Final = re.compile(r"(x-api-key['\"]?\s*[:=,]\s*['\"]?)[^\s'\",}]+", re.IGNORECASE)
_secrets: set[str] = set()


def keep_out(secrets: Iterable[str | None]) -> None:
    """Name texts that must never be logged from now on."""
    _secrets.update(secret for secret in secrets if secret and len(secret) >= _SHORTEST_SECRET)


def redacted(text: str) -> str:
    """`text` without the secrets that were named, those of webhook addresses, keys in headers, and email addresses."""
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, "[secret]")
    text = masked(text)
    text = _KEY_HEADER.sub(r"\1[secret]", text)
    return _ADDRESS.sub("[email]", text)


class RedactedRecord(logging.LogRecord):
    """A log record that says nothing it must not, whoever formats it: handlers of libraries, too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.exc_info and self.exc_info[0] is not None:
            # Formatters take this text instead of making one of their own.
            self.exc_text = redacted("".join(traceback.format_exception(*self.exc_info)).rstrip())
        if self.stack_info:
            self.stack_info = redacted(self.stack_info)

    def getMessage(self) -> str:  # noqa: N802  # the standard library's name
        """The message with its values, redacted."""
        return redacted(super().getMessage())


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and the traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_text:
            line["exception"] = record.exc_text
        return json.dumps(line, ensure_ascii=False)


class PassingOn(logging.Logger):
    """A logger that is born later: whatever its library wishes, it has no handler of its own but the one of all."""

    @property
    def propagate(self) -> bool:
        """Always; Streamlit would switch it off in each of its loggers."""
        return True

    @propagate.setter
    def propagate(self, wanted: bool) -> None: ...  # the standard library's shape

    def addHandler(self, hdlr: logging.Handler) -> None:  # noqa: N802  # the standard library's name
        """Nothing is added."""


def configure(shape: Shape) -> None:
    """Give all loggers of this process, also those made later, one handler and one shape."""
    logging.setLogRecordFactory(RedactedRecord)
    logging.setLoggerClass(PassingOn)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        JsonLines() if shape == "json" else logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    )
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
