"""One connection to Klenty (or to the sandbox) for all sessions of this process."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from dashboard.actions.view import Choices
from dashboard.data.reports import ReportStore, list_cadences
from dashboard.settings import Settings, load_settings
from klenty_api import Cadence, KlentyClient, KlentyError

SANDBOX_VARIABLE = "KLENTY_SANDBOX"


@dataclass(frozen=True)
class Account:
    """Whose data the pages show."""

    label: str
    user: str
    base_url: str
    is_sandbox: bool


@dataclass(frozen=True)
class Connection:
    """The client, the store of its answers, and the account they belong to. Safe to use from all sessions."""

    account: Account
    client: KlentyClient
    store: ReportStore
    settings: Settings


@dataclass(frozen=True)
class Listing:
    """The account's cadences as `GET /cadences` named them, or why it did not."""

    cadences: tuple[Cadence, ...]
    error: KlentyError | None
    fetched_at: datetime


@st.cache_resource(show_spinner=False)
def connect() -> Connection:
    """The connection of this process, made on first use.

    Without credentials, or when the sandbox is asked for, a sandbox is started in this process and reached over
    HTTP like Klenty itself. Raises `SettingsError` when the settings contradict themselves.
    """
    settings = load_settings()
    if settings.has_credentials and not os.environ.get(SANDBOX_VARIABLE):
        user, key = settings.credentials()
        return _connection(Account(user, user, settings.base_url, is_sandbox=False), key, settings)
    from klenty_api.sandbox import Sandbox  # noqa: PLC0415  # only those who see the sandbox wait for it

    sandbox = Sandbox()
    sandbox.start()
    account = Account("Sandbox", sandbox.user, sandbox.base_url, is_sandbox=True)
    return _connection(account, sandbox.api_key, settings)


def _connection(account: Account, api_key: str, settings: Settings) -> Connection:
    client = KlentyClient(account.user, api_key, base_url=account.base_url, workers=settings.workers)
    return Connection(account, client, ReportStore(client), settings)


@st.cache_resource(show_spinner=False, ttl="10m")
def listing() -> Listing:
    """The cadences of the account, asked at most every ten minutes; a failure is kept until `forget_listing`."""
    try:
        found, error = tuple(list_cadences(connect().client)), None
    except KlentyError as failure:
        found, error = (), failure
    return Listing(found, error, datetime.now(UTC))


def forget_listing() -> None:
    """Ask for the cadences again on the next run."""
    listing.clear()


@st.cache_data(show_spinner=False, ttl="10m")
def list_names() -> list[str]:
    """Names of the account's prospect lists, for the forms; empty when the call fails (a name can be typed)."""
    try:
        return sorted({found.name for found in connect().client.lists.list() if found.name})
    except KlentyError:
        return []


def choices() -> Choices:
    """What exists in the account, for the fields of the action forms."""
    cadences = listing().cadences
    return Choices(
        cadences=sorted({cadence.name for cadence in cadences if cadence.name}),
        lists=list_names(),
        webhooks=connect().client.webhooks.list,
        owners=sorted({cadence.owner for cadence in cadences if cadence.owner}),
    )


def warm() -> None:
    """Import what every page needs and make the connection, before the first visitor asks."""
    import dashboard.charts  # noqa: F401, PLC0415
    from dashboard.analysis import proportions  # noqa: PLC0415

    connect()
    listing()
    proportions.warm()
