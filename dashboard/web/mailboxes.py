"""Which mailboxes there are: one for the account that the settings name, else for the sandbox."""

import functools
import os
import threading
from collections.abc import Sequence

from dashboard.data.database import Database
from dashboard.data.database.accounts import account_id
from dashboard.data.webhooks.address import secret_of
from dashboard.data.webhooks.store import Deliveries
from dashboard.settings import Settings, load_settings
from dashboard.web.receiver import Mailbox

_opening = threading.Lock()
SANDBOX_VARIABLE = "KLENTY_SANDBOX"
# The sandbox of a process has another port each time; what is sent to it belongs to one account all the same.
SANDBOX = {"base_url": "sandbox:", "user": "sandbox"}


def open_mailboxes() -> Sequence[Mailbox]:
    """The mailboxes of the settings in force. Raises `SettingsError` or `DatabaseProblem`."""
    settings = load_settings()
    return [mailbox(database(settings), settings)]


def database(settings: Settings) -> Database:
    """The database of the settings, for deliveries: each commit is on the disk when it returns."""
    with _opening:  # those who come first together open it once
        return _database(settings.database_url)


@functools.lru_cache(maxsize=1)  # a failure is not kept
def _database(url: str | None) -> Database:
    return Database.open(url, durable=True, busy_seconds=5.0)


def mailbox(kept: Database, settings: Settings) -> Mailbox:
    """The mailbox of the account that `settings` name."""
    is_sandbox = bool(os.environ.get(SANDBOX_VARIABLE)) or not settings.has_credentials
    whose = SANDBOX if is_sandbox else {"base_url": settings.base_url, "user": settings.credentials()[0]}
    account = account_id(kept, **whose)
    secret = settings.webhook_secret or secret_of(kept, account)
    return Mailbox(Deliveries(kept, account), secret, settings.webhook_days)
