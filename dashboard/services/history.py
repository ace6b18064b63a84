"""The databases of this process, and the history of an account in one of them."""

import tempfile
import threading
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Final

from dashboard.data.database import Database, DatabaseError, DatabaseErrorKind, default_url
from dashboard.data.freshness import Freshness
from dashboard.data.history.history import History
from dashboard.settings import Settings

BUSY_SECONDS: Final = 10.0
"""How long a visitor's write waits for other writers."""

_opening = threading.Lock()
_open: dict[str, Database] = {}


def open_database(settings: Settings, *, busy_seconds: float = BUSY_SECONDS) -> Database:
    """Return the database that the settings name, one object per process.

    Commits are on the disk when they return. `busy_seconds` is how long to wait for other writers; the first caller's
    counts. Raises `DatabaseError`, and tries again the next time.
    """
    return _opened(settings.database_url or default_url(), busy_seconds)


def open_history(
    settings: Settings, *, base_url: str, user: str, is_sandbox: bool, busy_seconds: float = BUSY_SECONDS
) -> History:
    """Return the history of an account. Raises `DatabaseError`.

    A sandbox's history is in a folder that is removed with this process, unless the settings name a database: its
    invented days move with the calendar, and it listens on another port each time.

    Args:
        settings: Name the database and the freshness of answers.
        base_url: Address of the account's API.
        user: The account's user.
        is_sandbox: Whether the account is a sandbox of this process.
        busy_seconds: How long to wait for other writers.
    """
    url = settings.database_url or (_sandbox_url() if is_sandbox else default_url())
    return History(_opened(url, busy_seconds), base_url=base_url, user=user, freshness=freshness_of(settings))


def freshness_of(settings: Settings) -> Freshness:
    """Return when answers are asked again, as the settings say."""
    return Freshness(timedelta(days=settings.settling_days), timedelta(minutes=settings.fresh_minutes))


def close_databases() -> None:
    """Close the connections of all databases of this process; a later use opens its own."""
    with _opening:
        for database in _open.values():
            database.close()


def discard_sandbox() -> None:
    """Remove the sandbox's history, if there is one."""
    if _folder_of_this_process.cache_info().currsize:
        with _opening:
            database = _open.pop(_sandbox_url(), None)
        if database is not None:
            database.close()
        _folder_of_this_process().cleanup()
        _folder_of_this_process.cache_clear()


def _opened(url: str, busy_seconds: float) -> Database:
    with _opening:  # callers that arrive together open it once
        if url not in _open:
            _open[url] = Database.open(url, durable=True, busy_seconds=busy_seconds)
        return _open[url]


def _sandbox_url() -> str:
    try:
        return f"sqlite:///{Path(_folder_of_this_process().name) / 'history.sqlite3'}"
    except OSError as error:
        raise DatabaseError(DatabaseErrorKind.NO_FOLDER, error.strerror or "") from None


@cache
def _folder_of_this_process() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="klenty-sandbox-", ignore_cleanup_errors=True)
