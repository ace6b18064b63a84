"""Put together everything that works with one Klenty account: client, caches, history, notes, action log."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Self

from dashboard.actions.ledger import Ledger
from dashboard.data.database import Database
from dashboard.data.fetch.lifetime import lifetime_cache
from dashboard.data.fetch.report_cache import ReportCache
from dashboard.data.history import History, HistoryArchive
from dashboard.services.account_notes import AccountNotes
from dashboard.services.history import BUSY_SECONDS, close_databases, freshness_of, open_database, open_history
from dashboard.services.rate_limits import keep_rate_limits
from dashboard.settings import Settings
from klenty_api import KlentyClient

SANDBOX_ADDRESS = "sandbox"
"""The base URL under which the sandbox's action log and webhooks are kept: it listens on another port each time."""


@dataclass(frozen=True)
class Account:
    """Whose data is shown; `name` is the one in the settings, empty for KLENTY_USER and the sandbox."""

    label: str
    user: str
    base_url: str
    is_sandbox: bool
    name: str = ""

    @property
    def lasting_url(self) -> str:
        """The address under which this account's records are found again by the next process."""
        return SANDBOX_ADDRESS if self.is_sandbox else self.base_url


@dataclass(frozen=True)
class AccountServices:
    """Everything that works with one account. Safe for threads; a context manager that closes it.

    `reports` caches the answers of windows, `lifetime` those of whole lives; `archive` is the history behind both,
    and `settings` are those of all accounts.
    """

    account: Account
    settings: Settings
    client: KlentyClient
    reports: ReportCache
    lifetime: ReportCache
    archive: HistoryArchive
    notes: AccountNotes
    ledger: Ledger
    _stop_sandbox: Callable[[], None]

    @property
    def history(self) -> History | None:
        """What Klenty answered so far; None while the database cannot be used."""
        return self.archive.history

    @property
    def history_problem(self) -> str | None:
        """Why answers are not kept, or not found again, now; None when they are."""
        return self.archive.problem

    def database(self) -> Database:
        """Return the database of the action log and the webhooks. Raises `DatabaseError`."""
        return self.ledger.database()

    def close(self) -> None:
        """Write what waits to be written, and close all connections."""
        self.archive.close()
        close_databases()
        self.client.close()
        self._stop_sandbox()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


def open_account(settings: Settings, name: str = "", *, busy_seconds: float = BUSY_SECONDS) -> AccountServices:
    """Return the services of an account; nothing is asked of Klenty yet.

    With `settings.is_sandbox` a sandbox is started in this process and reached over HTTP like Klenty itself. The
    database is opened on first use: without one, answers are kept in memory only.

    Args:
        settings: All settings.
        name: One of the named accounts; empty for the first.
        busy_seconds: How long writes wait for other writers of the database.

    Raises:
        SettingsError: There is no account of that name.
    """
    account, key, stop_sandbox = _sandbox() if settings.is_sandbox else _configured(settings, name)
    client = KlentyClient(
        account.user,
        key,
        base_url=account.base_url,
        workers=settings.workers,
        calls_per_second=settings.calls_per_second,
    )
    history = partial(
        open_history,
        settings,
        base_url=account.base_url,
        user=account.user,
        is_sandbox=account.is_sandbox,
        busy_seconds=busy_seconds,
    )
    archive = HistoryArchive(history, freshness=freshness_of(settings))
    notes = AccountNotes(archive)
    keep_rate_limits(client.throttle, notes)
    database = partial(open_database, settings, busy_seconds=busy_seconds)
    return AccountServices(
        account,
        settings,
        client,
        ReportCache(client, archive=archive),
        lifetime_cache(client, archive),
        archive,
        notes,
        Ledger(database, base_url=account.lasting_url, user=account.user),
        stop_sandbox,
    )


def _configured(settings: Settings, name: str) -> tuple[Account, str, Callable[[], None]]:
    name = name or settings.account_names[0]
    own = settings.of_account(name)
    user, key = own.credentials()
    return Account(f"{name} ({user})" if name else user, user, own.base_url, is_sandbox=False, name=name), key, _nothing


def _sandbox() -> tuple[Account, str, Callable[[], None]]:
    from klenty_api.sandbox import Sandbox  # noqa: PLC0415  # only those who see the sandbox wait for it

    sandbox = Sandbox()
    sandbox.start()
    return Account("Sandbox", sandbox.user, sandbox.base_url, is_sandbox=True), sandbox.api_key, sandbox.stop


def _nothing() -> None:
    pass
