"""What the deep check settled, kept beside the history, for programs without pages."""

from typing import Any

from dashboard.data.account_check.facts import NOTE, AccountFacts
from dashboard.data.database import DatabaseError
from dashboard.data.database.accounts import Notes
from dashboard.data.history import HistoryArchive


def noted(archive: HistoryArchive, name: str) -> Any:  # any JSON
    """What is noted about the account under `name`; None when nothing is, or the database cannot be used."""
    return archive.read(lambda history: Notes(history.database, history.account).get(name))


def known_facts(archive: HistoryArchive) -> AccountFacts:
    """What an earlier deep check settled; nothing while the history's database cannot be used."""
    kept = noted(archive, NOTE)
    return AccountFacts.from_json(kept.get("facts") if isinstance(kept, dict) else None)


def remember(archive: HistoryArchive, check: Any) -> bool:  # any JSON
    """Keep a whole deep check, as JSON, beside the history; says whether that was possible."""
    history = archive.history
    if history is None:
        return False
    try:
        Notes(history.database, history.account).put(NOTE, check)
    except DatabaseError:
        return False
    return True
