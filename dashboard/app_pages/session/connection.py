"""One connection for each Klenty account (or to the sandbox), for all sessions of this process."""

import importlib
import logging
import os
import pkgutil
from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.actions.context import ActionContext
from dashboard.actions.ledger import Ledger
from dashboard.app_pages.action_forms.sidebar import Choices
from dashboard.data.database import Database, DatabaseError
from dashboard.data.fetch.lifetime import lifetime_cache
from dashboard.data.fetch.report_cache import ReportCache, list_cadences
from dashboard.data.history import History, HistoryArchive
from dashboard.data.roles import Person
from dashboard.services.history import archive_of
from dashboard.services.rate_limits import keep_pace
from dashboard.settings import Settings, load_settings
from klenty_api import Cadence, KlentyClient, KlentyError

SANDBOX_VARIABLE = "KLENTY_SANDBOX"
_ACCOUNT_IN_FORCE = "account_in_force"
_BUSY_SECONDS = 10.0  # so long a write may wait for its line in the ledger
_CLEANER = Person("dashboard", None, signed_in=False)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Account:
    """Whose data the pages show; `name` is the one in the settings, empty for KLENTY_USER and the sandbox."""

    label: str
    user: str
    base_url: str
    is_sandbox: bool
    name: str = ""


@dataclass(frozen=True)
class Connection:
    """The client, its answers (of windows, of whole lives), their history, the ledger, and whose they are.

    Safe for all sessions.
    """

    account: Account
    client: KlentyClient
    store: ReportCache
    lives: ReportCache
    settings: Settings
    ledger: Ledger
    archive: HistoryArchive

    @property
    def history(self) -> History | None:
        """What Klenty answered so far; None while the database cannot be used."""
        return self.archive.history

    @property
    def history_problem(self) -> str | None:
        """Why answers are not kept, or not found again, now; None when they are."""
        return self.archive.problem

    @property
    def database(self) -> Database | None:
        """The database that outlives this process; None while it cannot be used."""
        history = self.archive.history
        return None if history is None else history.database

    def close(self) -> None:
        """Write what waits to be written, and close all connections."""
        self.archive.close()
        self.client.close()


@dataclass(frozen=True)
class Listing:
    """The account's cadences as `GET /cadences` named them, or why it did not."""

    cadences: tuple[Cadence, ...]
    error: KlentyError | None
    fetched_at: datetime


def use_account(name: str) -> None:
    """Let this session see the account `name` from now on. Whether the person may, is for the caller to check."""
    st.session_state[_ACCOUNT_IN_FORCE] = name


def account_in_force() -> str:
    """The name of the account that this session sees; empty for the one of KLENTY_USER and for the sandbox.

    Raises RuntimeError in a thread without a session when there are several: there it would be anybody's.
    """
    if get_script_run_ctx(suppress_warning=True) is None:
        if len(load_settings().account_names) > 1:
            raise RuntimeError("Whose account it is, is known in a session only: hand the connection to the thread.")
        return _first_account()
    return str(st.session_state.get(_ACCOUNT_IN_FORCE) or "")


def _first_account() -> str:
    """The account that visitors see first; by its own name, so that there is one connection to it."""
    return "" if os.environ.get(SANDBOX_VARIABLE) else next(iter(load_settings().account_names), "")


def connect() -> Connection:
    """The connection of the account that this session sees, made on first use.

    Without credentials, or when the sandbox is asked for, a sandbox is started in this process and reached over
    HTTP like Klenty itself. Raises `SettingsError` when the settings contradict themselves.
    """
    return _connect(account_in_force())


def connection_of(name: str) -> Connection:
    """The connection of the account `name`, for threads without a session. Raises as `connect` does."""
    return _connect(name)


def close_all() -> None:
    """Close the connections of all accounts; what is asked for later opens its own again."""
    _connect.clear()


@st.cache_resource(show_spinner=False, on_release=Connection.close)
def _connect(name: str) -> Connection:
    settings = load_settings().of_account(name)
    if settings.has_credentials and not os.environ.get(SANDBOX_VARIABLE):
        user, key = settings.credentials()
        named = name if name in settings.accounts else ""
        label = f"{named} ({user})" if named else user
        return _connection(Account(label, user, settings.base_url, is_sandbox=False, name=named), key, settings)
    from klenty_api.sandbox import Sandbox  # noqa: PLC0415  # only those who see the sandbox wait for it

    sandbox = Sandbox()
    sandbox.start()
    account = Account("Sandbox", sandbox.user, sandbox.base_url, is_sandbox=True)
    return _connection(account, sandbox.api_key, settings)


def _connection(account: Account, api_key: str, settings: Settings) -> Connection:
    client = KlentyClient(
        account.user,
        api_key,
        base_url=account.base_url,
        workers=settings.workers,
        calls_per_second=settings.calls_per_second,
    )
    # The sandbox listens on another port each time, and is the same invented company.
    ledger = Ledger(database, base_url="sandbox" if account.is_sandbox else account.base_url, user=account.user)
    archive = archive_of(settings, base_url=account.base_url, user=account.user, is_sandbox=account.is_sandbox)
    keep_pace(client.throttle, archive)
    store, lives = ReportCache(client, archive=archive), lifetime_cache(client, archive)
    return Connection(account, client, store, lives, settings, ledger, archive)


@st.cache_resource(show_spinner=False)
def database() -> Database:
    """The database of this process, opened on first use. Raises `DatabaseError`, and is tried again next time."""
    return Database.open(load_settings().database_url, durable=True, busy_seconds=_BUSY_SECONDS)


def desk(person: Person) -> ActionContext:
    """What `person` works with: the connection of the account that this session sees, and its ledger."""
    link = connect()
    _forget_old_entries(link.account.name)
    return ActionContext(link.client, link.account, person, link.ledger)


@st.cache_resource(show_spinner=False, ttl="24h")
def _forget_old_entries(name: str) -> None:
    """Let the ledger of an account forget what is older than the settings say, once a day."""
    link = _connect(name)
    if link.settings.ledger_days is None:
        return
    try:
        link.ledger.purge(link.settings.ledger_days, _CLEANER)
    except DatabaseError as problem:
        log.warning("the ledger could not be cleared of old entries: %s", problem)


def listing() -> Listing:
    """The cadences of the account, asked at most every ten minutes; a failure is kept until `forget_listing`."""
    return _listing(account_in_force())


@st.cache_resource(show_spinner=False, ttl="10m")
def _listing(name: str) -> Listing:
    try:
        found, error = tuple(list_cadences(_connect(name).client)), None
    except KlentyError as failure:
        found, error = (), failure
    return Listing(found, error, datetime.now(UTC))


def forget_listing() -> None:
    """Ask for the cadences again on the next run."""
    _listing.clear(account_in_force())


@st.cache_data(show_spinner=False, ttl="10m")
def _list_names(name: str) -> list[str]:
    """Names of the account's prospect lists, for the forms; empty when the call fails (a name can be typed)."""
    try:
        return sorted({found.name for found in _connect(name).client.lists.list() if found.name})
    except KlentyError:
        return []


def choices() -> Choices:
    """What exists in the account, for the fields of the action forms."""
    cadences = listing().cadences
    return Choices(
        cadences=sorted({cadence.name for cadence in cadences if cadence.name}),
        lists=_list_names(account_in_force()),
        webhooks=connect().client.webhooks.list,
        owners=sorted({cadence.owner for cadence in cadences if cadence.owner}),
    )


def warm() -> None:
    """Import what every page needs and make the connection, before the first visitor asks."""
    from statsmodels.stats import multitest  # noqa: F401, PLC0415

    from dashboard.analysis.stats import proportions  # noqa: PLC0415
    from dashboard.app_pages import components, session  # noqa: PLC0415
    from dashboard.charts import chart  # noqa: PLC0415

    name = _first_account()
    _connect(name)
    _listing(name)
    proportions.warm()
    chart.warm()
    for package in (session, components):
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{package.__name__}.{module.name}")
