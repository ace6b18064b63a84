"""The accounts that receive webhooks: each account of the settings, or the sandbox."""

from collections.abc import Sequence

from dashboard.data.database.accounts import account_id
from dashboard.data.webhooks.secret import secret_of
from dashboard.data.webhooks.store import DeliveryStore
from dashboard.services.account import SANDBOX_ADDRESS
from dashboard.services.history import open_database
from dashboard.settings import Settings, load_settings
from dashboard.web.webhook_receiver import WebhookInbox


def open_inboxes() -> Sequence[WebhookInbox]:
    """Return the inboxes of the settings in force. Raises `SettingsError` or `DatabaseError`."""
    settings = load_settings()
    return [open_inbox(settings, name) for name in settings.account_names]


def open_inbox(settings: Settings, name: str) -> WebhookInbox:
    """Return the inbox of an account, or of the sandbox: the same invented company whatever its port.

    KLENTY_WEBHOOK_SECRET belongs to the first account; others have a secret made for them. `settings` are those of all
    accounts. Raises `DatabaseError`.
    """
    database = open_database(settings)
    if settings.is_sandbox:
        from klenty_api.sandbox.catalogue import SAM  # noqa: PLC0415  # only those who see the sandbox wait for it

        base_url, user = SANDBOX_ADDRESS, SAM
    else:
        own = settings.of_account(name)
        base_url, (user, _key) = own.base_url, own.credentials()
    account = account_id(database, base_url=base_url, user=user)
    secret = settings.webhook_secret if name == settings.account_names[0] else None
    return WebhookInbox(DeliveryStore(database, account), secret or secret_of(database, account), settings.webhook_days)
