"""Which of the configured Klenty accounts a session sees: those its person may see, one at a time."""

from collections.abc import Callable

import streamlit as st

from dashboard.app_pages.session.connection import account_in_force, connect, use_account
from dashboard.data.roles import Person, accounts_of
from dashboard.settings import Settings, load_settings


def choose(person: Person, *, on_change: Callable[[], None]) -> bool:
    """Put an account into force that `person` may see, and return whether there is one.

    Asked in every run, so that an account that was closed to someone is gone at once. `on_change` is called when it is
    another account than before: a form that was filled in for one must not be sent to another.
    """
    settings = load_settings()
    names = accounts_of(person, settings)
    if not names:
        return False
    asked = st.query_params.get("account")
    if asked is not None and asked not in {_label(name, settings) for name in names}:
        st.warning("The link names an account that is not open to you. You see another one.", icon=":material/lock:")
    name = _pick(names, settings) if len(names) > 1 else names[0]
    if name != account_in_force():
        use_account(name)
        on_change()
    return True


def _pick(names: list[str], settings: Settings) -> str:
    with st.sidebar:
        return str(
            st.selectbox(
                "Account",
                names,
                key="account",
                bind="query-params",
                format_func=lambda name: _label(name, settings),
                help="Each Klenty account has its own cadences, history and ledger.",
            )
        )


def _label(name: str, settings: Settings) -> str:
    return name or str(settings.user)


def known(person: Person) -> dict[tuple[str, str], str]:
    """Return what each account that `person` may see is called, by address and user."""
    link = connect()
    if link.account.is_sandbox:
        return {("sandbox", link.account.user): link.account.label}
    settings = load_settings()
    found = [(name, settings.of_account(name)) for name in accounts_of(person, settings)]
    return {(one.base_url, str(one.user)): _label(name, settings) for name, one in found}
