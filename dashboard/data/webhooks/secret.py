"""The secret in an account's webhook address."""

import secrets

from dashboard.data.database import Database
from dashboard.data.database.accounts import Notes

_NOTE = "webhook_address"


def secret_of(database: Database, account: int) -> str:
    """Return the account's secret, made on first use and kept in the database."""
    return str(Notes(database, account).settle(_NOTE, secrets.token_urlsafe(32)))
