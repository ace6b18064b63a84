"""Fetch the latest days without being asked, where the settings say so."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from dashboard.data.database import DatabaseError
from dashboard.data.fetch.sync import AutoSync
from dashboard.services.account import AccountServices
from dashboard.settings import load_settings
from klenty_api import KlentyError

log = logging.getLogger("dashboard")

SYNC_NOTE: Final = "sync"
"""What is noted of the sync: when it was done last, and since when it fails and why (UTC)."""


def run(every: timedelta, stop: threading.Event, account_of: Callable[[str], AccountServices]) -> None:
    """Sync every account again and again until `stop` is set. A failure is logged and tried again the next time.

    Args:
        every: How long to pause between two rounds.
        stop: Ends it, also in the middle of a round.
        account_of: Returns the services of an account by name.
    """
    syncs: dict[str, AutoSync] = {}
    while not stop.is_set():
        for name in load_settings().account_names:
            account = None
            try:
                account = account_of(name)
                _sync(account, every, syncs, stop)
            except (DatabaseError, KlentyError) as error:
                log.warning("the history could not be synced: %s", error)
                if account is not None:
                    note_sync(account, str(error))
            except Exception:  # any other one must not end the syncs of this process
                log.exception("the history could not be synced")
        stop.wait(every.total_seconds())


def _sync(account: AccountServices, every: timedelta, syncs: dict[str, AutoSync], stop: threading.Event) -> None:
    history = account.history
    if history is None:
        log.warning("the history could not be synced: %s", account.history_problem)
        return
    name = account.account.name
    if name not in syncs:
        syncs[name] = AutoSync(
            account.client, history, timezone=account.settings.timezone, every=every, store=account.reports
        )
    done = syncs[name].once(stop)
    if done is not None:
        note_sync(account)
        log.info("history synced: %d windows asked, %d there, %d failed", done.asked, done.there, len(done.failed))


def note_sync(account: AccountServices, problem: str = "") -> None:
    """Note that the account was synced now, or since when its sync fails and why."""
    now, known = datetime.now(UTC).isoformat(timespec="seconds"), account.notes.get(SYNC_NOTE) or {}
    if not problem:
        account.notes.put(SYNC_NOTE, {"done": now})
    elif "since" not in known:
        account.notes.put(SYNC_NOTE, known | {"since": now, "problem": problem})
