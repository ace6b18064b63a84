"""The gate in front of every page: who is there, and what they may see.

Sign-in is the identity provider's and Streamlit's; here it is only requested, and the role looked up on every run.
"""

import ipaddress
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.actions.permissions import refusal
from dashboard.app_pages.session.connection import account_in_force
from dashboard.app_pages.session.text import plain
from dashboard.data.roles import Person, Role, accounts_of, identify, is_verified, load_role_rules, role_now
from dashboard.settings import ALLOW_ACTIONS, SettingsError, load_settings, load_table
from dashboard.web.downloads import DownloadRefusedError
from dashboard.web.live_sessions import SESSIONS

log = logging.getLogger(__name__)

NOBODY = Person("", None, signed_in=False)

# Once sign-in was configured, it stays required while the process lives: a settings file that is lost or being
# replaced must not open the dashboard.
_REQUIRED = threading.Event()


def visitor() -> Person:
    """Return who is there in this run; without a role when not signed in, or not known. Raises `SettingsError`."""
    if not sign_in_is_required():
        may_act = not _reached_from_outside() or load_settings().allow_actions
        return Person("", Role.ADMIN if may_act else Role.VIEWER, signed_in=False)
    claims = st.user.to_dict()
    if claims.get("is_logged_in") is not True:
        return NOBODY
    return identify(claims, load_role_rules())


def reject(person: Person) -> None:
    """Draw the page for those who may see nothing: it says what is missing, and how to get it."""
    if person.role is not None:
        _no_account(person)
    elif person.signed_in:
        _unknown(person)
    else:
        _ask_to_sign_in()


def accept(person: Person) -> None:
    """Tell the page of this run, and the gate of its files, whose it is."""
    st.session_state["person"] = person
    SESSIONS.admit(_session_id(), partial(_is_unchanged, person, account_in_force()))


def allow_uploads() -> None:
    """Let the page of this run take files, for as long as its person may import in bulk. Call before the file input."""
    person, account = current(), account_in_force()
    SESSIONS.allow_uploads(_session_id(), lambda: refusal(person, "bulk_create", account=account, bulk=True) is None)


def _session_id() -> str:
    context = get_script_run_ctx(suppress_warning=True)
    return "" if context is None else context.session_id


def current() -> Person:
    """Return the person of this run, as the entry point accepted them."""
    person: Person = st.session_state["person"]
    return person


def may_now(least: Role) -> bool:
    """Return whether the person may do it at this moment: a page may be open since before a role was taken away."""
    role = role_now(current())
    return role is not None and role >= least


def recheck_role() -> None:
    """For fragments that run by themselves, past the gate: who lost their role, or the account, is led back to it."""
    if not _is_unchanged(current(), account_in_force()):
        st.rerun()


def guarded(make: Callable[[], bytes]) -> Callable[[], bytes]:
    """Return `make` for a download that is made when it is clicked, without a session and past the gate.

    It raises DownloadRefusedError, which the page shows at the button, for someone who lost their role, or the account,
    since the page was drawn.
    """
    person, account = current(), account_in_force()

    def made() -> bytes:
        if not _is_unchanged(person, account):
            raise DownloadRefusedError("Your role, or this account, was taken away. Reload the page.")
        return make()

    return made


def _is_unchanged(person: Person, account: str) -> bool:
    """Return whether `person` has the role of this run, and sees the account of that name, at this moment, too."""
    try:
        now = replace(person, role=role_now(person))
        return now == person and (not account or account in accounts_of(now, load_settings()))
    except SettingsError:
        return False


def sign_in_is_required() -> bool:
    """Return whether `[auth]` is, or once was, in the secrets: by our own reading of them or by Streamlit's."""
    note_configured_sign_in()
    if "is_logged_in" in st.user.to_dict():
        _REQUIRED.set()
    return _REQUIRED.is_set()


def note_configured_sign_in() -> bool:
    """Look for `[auth]` without a visitor, at the start of the process; says whether sign-in is required."""
    if load_table("auth"):
        _REQUIRED.set()
    return _REQUIRED.is_set()


def who(person: Person) -> None:
    """Say who is signed in, and the way out; nothing without sign-in."""
    if not person.signed_in or person.role is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"{plain(person.email)} · {person.role.word}", width="stretch", help=f"This role {person.role.meaning}."
        )
        st.button("Sign out", key="sign_out", type="tertiary", icon=":material/logout:", on_click=st.logout)


def public_access_warning(person: Person) -> None:
    """Draw a warning on every page when others can reach the dashboard and nobody has to sign in."""
    if person.signed_in or not _reached_from_outside():
        return
    acting = (
        "act on prospects, because actions were switched on nevertheless"
        if person.may(Role.OPERATOR)
        else f"see these reports; actions are switched off (`{ALLOW_ACTIONS}` would switch them on)"
    )
    st.warning(
        f"Everyone who reaches this address can {acting}. Set up `[auth]` in `secrets.toml`, or let the dashboard "
        "listen on 127.0.0.1 only.",
        title="No sign-in",
        icon=":material/no_encryption:",
    )


def warn_if_open() -> None:
    """Write to the log that the server is open to others without sign-in, if it is."""
    if not note_configured_sign_in() and not _is_loopback(_listens_on()):
        log.warning(
            "The dashboard listens on %s and nobody has to sign in: everyone who reaches it sees the reports. "
            "Actions are %s. Configure [auth] in secrets.toml, or listen on 127.0.0.1.",
            _listens_on() or "all addresses",
            "on" if load_settings().allow_actions else "off",
        )


def _reached_from_outside() -> bool:
    """Return whether others than this machine's users can be there: by the address listened on, or through a proxy."""
    headers = st.context.headers
    if any(name in headers for name in ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Forwarded", "Via")):
        return True
    host = urlsplit(f"//{headers['Host']}").hostname if "Host" in headers else "localhost"
    return not (_is_loopback(_listens_on()) and _is_loopback(host))


def _listens_on() -> str | None:
    """Return the address that the server listens on; None for all of them."""
    address: str | None = st.get_option("server.address")
    return address


def _is_loopback(address: str | None) -> bool:
    if not address:
        return False
    if address.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False


def _ask_to_sign_in() -> None:
    st.title("Klenty cadences")
    st.markdown("Sign in with your company's account to see the reports.")
    st.button("Sign in", key="sign_in", type="primary", icon=":material/login:", on_click=st.login)


def _unknown(person: Person) -> None:
    st.title("You have no access yet")
    who_is = f"You are signed in as {plain(person.email)}." if person.email else "The sign-in names no email address."
    if not is_verified(st.user.to_dict()):
        who_is += " The identity provider says that this address is not verified."
    st.markdown(
        f"{who_is} This dashboard has no role for you. Ask whoever runs it to add "
        "your address to its settings; then reload this page."
    )
    st.button("Sign out", key="sign_out", icon=":material/logout:", on_click=st.logout)


def _no_account(person: Person) -> None:
    st.title("No account is open to you")
    st.markdown(
        f"You are signed in as {plain(person.label)}, but none of the configured Klenty accounts is open to your "
        "role or address. Ask whoever runs this dashboard."
    )
    who(person)
