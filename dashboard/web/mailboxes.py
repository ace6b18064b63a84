"""Which mailboxes there are: one for the account that the settings name, else for the sandbox."""

import os
from collections.abc import Sequence

from dashboard.data.database import Database
from dashboard.data.database.accounts import account_id
from dashboard.data.webhooks.address import secret_of
from dashboard.data.webhooks.store import Deliveries
from dashboard.settings import Settings, load_settings
from dashboard.web.receiver import Mailbox

SANDBOX_VARIABLE = "KLENTY_SANDBOX"
# The sandbox of a process has another port each time; what is sent to it belongs to one account all the same.
SANDBOX = {"base_url": "sandbox:", "user": "sandbox"}


def open_mailboxes() -> Sequence[Mailbox]:
    """The mailboxes of the settings in force. Raises `SettingsError` or `DatabaseProblem`."""
    settings = load_settings()
    return [mailbox(open_database(settings), settings)]


def open_database(settings: Settings) -> Database:
    """The database of the settings, for deliveries: each commit is on the disk when it returns."""
    return Database.open(settings.database_url, durable=True, busy_seconds=5.0)


def mailbox(database: Database, settings: Settings) -> Mailbox:
    """The mailbox of the account that `settings` name."""
    is_sandbox = bool(os.environ.get(SANDBOX_VARIABLE)) or not settings.has_credentials
    whose = SANDBOX if is_sandbox else {"base_url": settings.base_url, "user": settings.credentials()[0]}
    account = account_id(database, **whose)
    secret = settings.webhook_secret or secret_of(database, account)
    return Mailbox(Deliveries(database, account), secret, settings.webhook_days)
