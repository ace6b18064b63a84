"""Which mailboxes there are: one for each account of the settings, or one for the sandbox."""

import functools
import os
import threading
from collections.abc import Sequence

from dashboard.data.database import Database, default_url
from dashboard.data.database.accounts import account_id
from dashboard.data.webhooks.secret import secret_of
from dashboard.data.webhooks.store import DeliveryStore
from dashboard.settings import Settings, load_settings
from dashboard.web.webhook_receiver import WebhookInbox

SANDBOX_VARIABLE = "KLENTY_SANDBOX"
_opening = threading.Lock()


def open_mailboxes() -> Sequence[WebhookInbox]:
    """The mailboxes of the settings in force. Raises `SettingsError` or `DatabaseError`."""
    settings = load_settings()
    kept = database(settings)
    if os.environ.get(SANDBOX_VARIABLE) or not settings.account_names:
        return [sandbox_mailbox(kept, settings)]
    return [mailbox(kept, settings, name) for name in settings.account_names]


def database(settings: Settings) -> Database:
    """The database of the settings, for deliveries: each commit is on the disk when it returns."""
    with _opening:  # those who come first together open it once
        return _database(settings.database_url or default_url())


@functools.lru_cache(maxsize=1)  # a failure is not kept
def _database(url: str) -> Database:
    return Database.open(url, durable=True, busy_seconds=5.0)


def mailbox(kept: Database, settings: Settings, name: str) -> WebhookInbox:
    """The mailbox of the account `name`. KLENTY_WEBHOOK_SECRET is the first account's; others have one of their own."""
    own = settings.of_account(name)
    user, _key = own.credentials()
    is_first = name in settings.account_names[:1]
    return _mailbox(kept, settings, own.base_url, user, settings.webhook_secret if is_first else None)


def sandbox_mailbox(kept: Database, settings: Settings) -> WebhookInbox:
    """The mailbox of the sandbox: the same invented company every time, whatever its port."""
    from klenty_api.sandbox.catalogue import SAM  # noqa: PLC0415  # only for those who see the sandbox

    return _mailbox(kept, settings, "sandbox", SAM, settings.webhook_secret)


def _mailbox(kept: Database, settings: Settings, base_url: str, user: str, secret: str | None) -> WebhookInbox:
    account = account_id(kept, base_url=base_url, user=user)
    return WebhookInbox(DeliveryStore(kept, account), secret or secret_of(kept, account), settings.webhook_days)
