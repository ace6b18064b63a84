"""What the deep check settled, kept beside the history, for programs without pages."""

from typing import Any

from dashboard.data.account_facts import NOTE, NOTHING_SETTLED, AccountFacts
from dashboard.data.database import DatabaseProblem
from dashboard.data.database.accounts import Notes
from dashboard.data.history import Archive


def known_facts(archive: Archive) -> AccountFacts:
    """What an earlier deep check settled; nothing while the history's database cannot be used."""
    history = archive.history
    if history is None:
        return NOTHING_SETTLED
    try:
        kept = Notes(history.database, history.account).get(NOTE)
    except DatabaseProblem:
        return NOTHING_SETTLED
    return AccountFacts.from_json(kept.get("facts") if isinstance(kept, dict) else None)


def remember(archive: Archive, check: Any) -> bool:  # any JSON
    """Keep a whole deep check, as JSON, beside the history; says whether that was possible."""
    history = archive.history
    if history is None:
        return False
    try:
        Notes(history.database, history.account).put(NOTE, check)
    except DatabaseProblem:
        return False
    return True
