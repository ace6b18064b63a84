"""What is noted about the account that this session sees."""

from dashboard.app_pages.session.connection import connect
from dashboard.data.account_check.facts import AccountFacts
from dashboard.services.account_notes import AccountNotes


def notes() -> AccountNotes:
    """Return the notes about the account that this session sees."""
    return connect().notes


def facts() -> AccountFacts:
    """Return what the account check settled about the account that this session sees."""
    return notes().facts()
