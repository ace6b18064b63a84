"""How many emails a positive reply may take before a page says so: a setting of the account."""

from typing import Final

import streamlit as st

from dashboard.app_pages.session.account_notes import notes
from dashboard.app_pages.session.connection import account_in_force, account_services

NOTE: Final = "emails_per_positive_reply"
DEFAULT: Final = 200
LOWEST: Final = 10
HIGHEST: Final = 100_000


def step_cost() -> int:
    """Return the limit in force: emails for a positive reply; looked up once a minute."""
    return _in_force(account_in_force())


def set_step_cost(limit: int) -> None:
    """Keep another limit for everyone who sees this account. Raises ValueError outside `LOWEST` to `HIGHEST`."""
    if not LOWEST <= limit <= HIGHEST:
        raise ValueError(f"between {LOWEST:,} and {HIGHEST:,} emails")
    notes().put(NOTE, limit)
    _in_force.clear(account_in_force())


@st.cache_resource(show_spinner=False, ttl="1m")
def _in_force(account: str) -> int:
    kept = account_services(account).notes.get(NOTE)
    return kept if isinstance(kept, int) and LOWEST <= kept <= HIGHEST else DEFAULT
