"""Which of the configured Klenty accounts a session sees: those its person may see, one at a time."""

import streamlit as st

from dashboard.app_pages.action_forms import session
from dashboard.app_pages.session.connection import account_in_force, connect, use_account
from dashboard.data.roles import Person, accounts_of
from dashboard.settings import Settings, load_settings


def choose(person: Person) -> bool:
    """Put an account into force that `person` may see; False when there is none.

    Asked anew on every run, so that an account that was closed to someone is gone at once.
    """
    settings = load_settings()
    names = accounts_of(person, settings)
    if not names:
        return False
    asked = st.query_params.get("account")
    if asked is not None and asked not in {_label(name, settings) for name in names}:
        st.warning("The link names an account that is not open to you. You see another one.", icon=":material/lock:")
    _in_force(_pick(names, settings) if len(names) > 1 else names[0])
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


def _in_force(name: str) -> None:
    before = account_in_force()
    use_account(name)
    if before != name:
        # A form that was filled in for one account must not be sent to another.
        session.forget_forms()


def known(person: Person) -> dict[tuple[str, str], str]:
    """What each account that `person` may see is called, by address and user."""
    link = connect()
    if link.account.is_sandbox:
        return {("sandbox", link.account.user): link.account.label}
    settings = load_settings()
    found = [(name, settings.of_account(name)) for name in accounts_of(person, settings)]
    return {(one.base_url, str(one.user)): _label(name, settings) for name, one in found}
