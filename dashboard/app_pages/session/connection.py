"""Which account this session sees, and its services: opened once, for all sessions of this process."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.actions.context import ActionContext
from dashboard.data.database import DatabaseError
from dashboard.data.fetch.report_cache import list_cadences
from dashboard.data.roles import Person
from dashboard.services.account import AccountServices, open_account
from dashboard.settings import load_settings
from klenty_api import Cadence, KlentyError

_ACCOUNT = "account_in_force"
_CLEANER = Person("dashboard", None, signed_in=False)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Listing:
    """The account's cadences as `GET /cadences` named them, or why it did not."""

    cadences: tuple[Cadence, ...]
    error: KlentyError | None
    fetched_at: datetime


def use_account(name: str) -> None:
    """Let this session see the account `name` from now on. The caller checks whether the person may."""
    st.session_state[_ACCOUNT] = name


def account_in_force() -> str:
    """Return the name of the account that this session sees; empty for KLENTY_USER's and for the sandbox.

    Raises RuntimeError in a thread without a session when there are several accounts.
    """
    if get_script_run_ctx(suppress_warning=True) is None:
        names = load_settings().account_names
        if len(names) > 1:
            raise RuntimeError("Whose account it is, is known in a session only: hand its services to the thread.")
        return names[0]
    return str(st.session_state.get(_ACCOUNT) or "")


def connect() -> AccountServices:
    """Return the services of the account that this session sees. Raises `SettingsError`."""
    return account_services(account_in_force())


@st.cache_resource(show_spinner=False, on_release=AccountServices.close)
def account_services(name: str) -> AccountServices:
    """Return the services of an account; without credentials, or when it is asked for, those of a sandbox.

    For threads without a session. Raises `SettingsError`.
    """
    return open_account(load_settings(), name)


def close_all() -> None:
    """Close the services of all accounts; a later use opens them again."""
    account_services.clear()


def action_context(person: Person) -> ActionContext:
    """Return what `person` acts with in the account that this session sees."""
    services = connect()
    _forget_old_entries(services.account.name)
    return ActionContext(services.client, services.account, person, services.ledger)


@st.cache_resource(show_spinner=False, ttl="24h")
def _forget_old_entries(name: str) -> None:
    """Remove what is older than the settings say from the action log of an account, once a day."""
    services = account_services(name)
    if services.settings.ledger_days is None:
        return
    try:
        services.ledger.purge(services.settings.ledger_days, _CLEANER)
    except DatabaseError as problem:
        log.warning("the ledger could not be cleared of old entries: %s", problem)


def listing() -> Listing:
    """Return the cadences of the account, asked at most every ten minutes; a failure lasts until `forget_listing`."""
    return listing_of(account_in_force())


def _listed(account: AccountServices) -> list[Cadence]:
    return list_cadences(account.client, account.archive)


@st.cache_resource(show_spinner=False, ttl="10m")
def listing_of(name: str) -> Listing:
    """Return the cadences of an account; for threads without a session."""
    try:
        found, error = tuple(_listed(account_services(name))), None
    except KlentyError as failure:
        found, error = (), failure
    return Listing(found, error, datetime.now(UTC))


def forget_listing() -> None:
    """Ask for the cadences again on the next run."""
    listing_of.clear(account_in_force())


def list_names() -> list[str]:
    """Return the names of the account's prospect lists; empty when the call fails (a name can be typed)."""
    return _list_names(account_in_force())


@st.cache_data(show_spinner=False, ttl="10m")
def _list_names(name: str) -> list[str]:
    try:
        return sorted({found.name for found in account_services(name).client.lists.list() if found.name})
    except KlentyError:
        return []
