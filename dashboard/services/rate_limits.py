"""What was learned of an account's limits at Klenty, kept from run to run."""

import logging
from typing import Any

from dashboard.data.database import DatabaseError
from dashboard.data.database.accounts import Notes
from dashboard.data.history import HistoryArchive
from klenty_api import Throttle

NOTE = "pace"
log = logging.getLogger(__name__)


def keep_pace(throttle: Throttle, archive: HistoryArchive) -> None:
    """Let `throttle` begin with what earlier runs learned, and note what it learns from now on.

    Without a usable database it learns anew in every run, which costs a few refused calls and nothing else.
    """
    notes = _notes(archive)
    if notes is not None:
        try:
            throttle.remember(notes.get(NOTE))
        except DatabaseError as problem:
            log.warning("what is known of Klenty's limits could not be read: %s", problem)

    def note(learned: dict[str, Any]) -> None:
        place = _notes(archive)
        if place is None:
            return
        try:
            place.put(NOTE, learned)
        except DatabaseError as problem:
            log.warning("what was learned of Klenty's limits could not be kept: %s", problem)

    throttle.on_learned(note)


def _notes(archive: HistoryArchive) -> Notes | None:
    history = archive.history
    return None if history is None else Notes(history.database, history.account)
