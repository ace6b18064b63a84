"""The rules that verdicts of this account follow, kept for everyone, and the form of those who may change them."""

from dataclasses import replace
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.analysis.ab_tests.rules import DEFAULTS, LIMITS, RULES_NOTE, Rules
from dashboard.app_pages.session import sign_in
from dashboard.app_pages.session.account_notes import notes
from dashboard.app_pages.session.connection import account_in_force, account_services
from dashboard.app_pages.session.text import plain
from dashboard.data.roles import Role


def in_force() -> Rules:
    """Return the account's rules, looked up once a minute; the defaults until someone sets others."""
    return _in_force(account_in_force())


@st.cache_resource(show_spinner=False, ttl="1m")
def _in_force(account: str) -> Rules:
    return Rules.from_json(account_services(account).notes.get(RULES_NOTE))


def changed() -> None:
    """Say which rules are not the defaults, and when they end with this process."""
    different = in_force().changed
    if different:
        kept = f" {notes().problem} They are kept until the dashboard is restarted." if notes().problem else ""
        st.caption(f":material/rule: {plain(f'Rules set for this account: {different}.{kept}')}")


def settings() -> None:
    """Draw the rules, which hold for everyone who sees this account, for those who may change settings."""
    if not sign_in.current().may(Role.ADMIN):
        return
    with st.popover("Rules", icon=":material/tune:", key="verdict_rules"):
        rules = in_force()
        with st.form("verdict_rules_form", border=False, enter_to_submit=False):
            left, right = st.columns(2)
            picked = {name: _field((left, right)[at % 2], rules, name) for at, name in enumerate(LIMITS)}
            st.caption("They decide on pages and in every file of this account. Choose them before a test begins.")
            with st.container(horizontal=True):
                saved = st.form_submit_button("Save for everyone", type="primary")
                reset = st.form_submit_button("Back to the defaults")
        if reset:
            _save(DEFAULTS)
        elif saved:
            _save(replace(rules, **picked))


def _field(place: DeltaGenerator, rules: Rules, name: str) -> Any:
    limit, value = LIMITS[name], getattr(rules, name)
    low, high, now = (limit.seen(number) for number in (limit.low, limit.high, value))
    number = place.number_input(
        f"{limit.label}{',' if limit.unit else ''}{limit.unit}",
        min_value=int(low),
        max_value=int(high),
        value=round(now),
        help=limit.meaning,
        # Another value kept is another field: what was typed before does not stay in it.
        key=f"verdict_rule_{name}_{now:g}",
    )
    return type(value)(limit.meant(number))


def _save(rules: Rules) -> None:
    if rules.problem:
        st.error(rules.problem, icon=":material/tune:")
    elif sign_in.may_now(Role.ADMIN):
        notes().put(RULES_NOTE, rules.as_json())
        _in_force.clear(account_in_force())
        st.rerun()
