"""The dashboard fetching the latest days by itself, where the settings ask for it."""

import logging
import threading
from datetime import timedelta

from dashboard.app_pages.session import connection
from dashboard.data.database import DatabaseError
from dashboard.data.fetch.sync import AutoSync
from dashboard.settings import load_settings
from klenty_api import KlentyError

log = logging.getLogger("dashboard")


def run(every: timedelta, stop: threading.Event) -> None:
    """Sync every account every so often, until `stop` is set. What fails is logged and tried again the next time."""
    syncs: dict[str, AutoSync] = {}
    while not stop.is_set():
        for name in load_settings().account_names or [""]:
            try:
                _once(name, every, syncs, stop)
            except (DatabaseError, KlentyError) as error:
                log.warning("the history could not be synced: %s", error)
            except Exception:  # whatever it was: it must not be the last sync of this process
                log.exception("the history could not be synced")
        stop.wait(every.total_seconds())


def _once(name: str, every: timedelta, syncs: dict[str, AutoSync], stop: threading.Event) -> None:
    link = connection.connection_of(name)
    history = link.history
    if history is None:
        log.warning("the history could not be synced: %s", link.history_problem)
        return
    if name not in syncs:
        syncs[name] = AutoSync(link.client, history, timezone=link.settings.timezone, every=every, store=link.store)
    done = syncs[name].once(stop)
    if done is not None:
        log.info("history synced: %d windows asked, %d there, %d failed", done.asked, done.there, len(done.failed))
