"""Small facts of the account that outlive a visit: in the database, or for this process where there is none."""

from typing import Any, Protocol

import streamlit as st

from dashboard.app_pages.parts.connection import account_in_force


class Remembering(Protocol):
    """Facts by name, each any JSON."""

    def get(self, name: str) -> Any:  # any JSON
        """The fact noted under `name`; None when there is none."""

    def put(self, name: str, value: Any) -> None:  # any JSON
        """Note `value` under `name`."""


class Unwritten:
    """Facts that end with this process, because there is no database to keep them."""

    def __init__(self) -> None:
        self._facts: dict[str, Any] = {}

    def get(self, name: str) -> Any:  # any JSON
        """The fact noted under `name`; None when there is none."""
        return self._facts.get(name)

    def put(self, name: str, value: Any) -> None:  # any JSON
        """Note `value` under `name`."""
        self._facts[name] = value


def notes() -> Remembering:
    """Where the facts of the account that this session sees are kept."""
    return _notes(account_in_force())


@st.cache_resource(show_spinner=False)
def _notes(account: str) -> Remembering:  # noqa: ARG001  # the key
    return Unwritten()
