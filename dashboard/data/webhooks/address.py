"""The address that Klenty sends to. Its last part is a secret: whoever knows it can post deliveries."""

import re
import secrets

from dashboard.data.database import Database
from dashboard.data.database.accounts import Notes
from dashboard.data.webhooks.delivery import PATH

_SECRET = "webhook_secret"  # noqa: S105  # the name of the note
_IN_TEXT = re.compile(re.escape(PATH) + r"[^\s\"'<>?#]+")


def secret_of(database: Database, account: int) -> str:
    """The account's secret, made on first use and kept in the database."""
    return str(Notes(database, account).settle(_SECRET, secrets.token_urlsafe(32)))


def address(public_url: str, secret: str) -> str:
    """The whole address below `public_url`."""
    return f"{public_url.rstrip('/')}{PATH}{secret}"


def masked(text: str) -> str:
    """`text` with the secret of every such address in it left out: for logs, records and screens."""
    return _IN_TEXT.sub(f"{PATH}…", text)
