"""The history that the settings name."""

import tempfile
from datetime import timedelta
from functools import cache
from pathlib import Path

from dashboard.data.database import Database, DatabaseError, DatabaseErrorKind
from dashboard.data.freshness import Freshness
from dashboard.data.history.archive import HistoryArchive
from dashboard.data.history.history import History
from dashboard.settings import Settings

VISITORS_WAIT = 5.0


def open_history(
    settings: Settings, *, base_url: str, user: str, is_sandbox: bool, busy_seconds: float = VISITORS_WAIT
) -> History:
    """The history of that account in the database of the settings. Raises `DatabaseError`.

    That of a sandbox lies in a folder that goes with this process, unless a database is named: its invented days move
    with the calendar, and it listens on another port each time. `busy_seconds` is how long to wait for other writers.
    """
    url = settings.database_url
    if is_sandbox and url is None:
        try:
            url = f"sqlite:///{Path(_folder_of_this_process().name) / 'history.sqlite3'}"
        except OSError as error:
            raise DatabaseError(DatabaseErrorKind.NO_FOLDER, error.strerror or "") from None
    database = Database.open(url, busy_seconds=busy_seconds)
    return History(database, base_url=base_url, user=user, freshness=freshness_of(settings))


def archive_of(settings: Settings, *, base_url: str, user: str, is_sandbox: bool) -> HistoryArchive:
    """`open_history`, opened on first use and never in the way."""
    return HistoryArchive(
        lambda: open_history(settings, base_url=base_url, user=user, is_sandbox=is_sandbox),
        freshness=freshness_of(settings),
    )


def freshness_of(settings: Settings) -> Freshness:
    """When answers are asked again, as the settings say."""
    return Freshness(timedelta(days=settings.settling_days), timedelta(minutes=settings.fresh_minutes))


def discard_sandbox() -> None:
    """Remove the sandbox's history, if there is one."""
    if _folder_of_this_process.cache_info().currsize:
        _folder_of_this_process().cleanup()
        _folder_of_this_process.cache_clear()


@cache
def _folder_of_this_process() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="klenty-sandbox-", ignore_cleanup_errors=True)
