"""Small facts about an account that outlive a visit: in the database, or in this process while there is none."""

import threading
import time
from collections.abc import Callable
from typing import Any, Final

from dashboard.data.account_check.facts import NOTE, AccountFacts
from dashboard.data.database import DatabaseError
from dashboard.data.database.accounts import Notes
from dashboard.data.history import HistoryArchive

_FACTS_SECONDS: Final = 60.0


class AccountNotes:
    """Facts of one account by name, each any JSON. Safe for threads.

    `problem` says why the last one was not kept in the database; empty otherwise. While the database cannot be used,
    what is noted is known to this process only.
    """

    def __init__(self, archive: HistoryArchive) -> None:
        self._archive = archive
        self._lock = threading.Lock()
        self._unwritten: dict[str, Any] = {}
        self._facts: tuple[float, AccountFacts] | None = None
        self.problem = ""

    def get(self, name: str) -> Any:  # any JSON
        """Return the fact noted under `name`, or None."""
        with self._lock:
            if name in self._unwritten:
                return self._unwritten[name]
            return self._try(lambda notes: notes.get(name))

    def put(self, name: str, value: Any) -> None:  # any JSON
        """Note `value` under `name`."""
        with self._lock:
            self._try(lambda notes: notes.put(name, value))
            if self.problem:
                self._unwritten[name] = value
            else:
                self._unwritten.pop(name, None)
            if name == NOTE:
                self._facts = None

    def facts(self) -> AccountFacts:
        """Return what the account check settled, read at most once a minute."""
        now = time.monotonic()
        known = self._facts
        if known is None or now >= known[0]:
            kept = self.get(NOTE)
            found = AccountFacts.from_json(kept.get("facts") if isinstance(kept, dict) else None)
            self._facts = known = (now + _FACTS_SECONDS, found)
        return known[1]

    def _try(self, use: Callable[[Notes], Any]) -> Any:  # any JSON
        history = self._archive.history
        if history is None:
            self.problem = self._archive.problem or "The database cannot be used."
            return None
        try:
            found = use(Notes(history.database, history.account))
        except DatabaseError as problem:
            self.problem = str(problem)
            return None
        self.problem = ""
        return found
