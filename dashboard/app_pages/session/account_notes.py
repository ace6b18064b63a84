"""Small facts of an account that outlive a visit: in the database, or for this process while there is none."""

import threading
from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard.app_pages.session.connection import Connection, account_in_force, connect
from dashboard.data.account_check.facts import NOTE, AccountFacts
from dashboard.data.database import DatabaseError
from dashboard.data.database.accounts import Notes


class Remembered:
    """Facts by name, each any JSON. `problem` says why the last one was not kept in the database; empty otherwise.

    Safe for threads. While the database cannot be used, what is noted is known to this process only.
    """

    def __init__(self, link: Connection) -> None:
        self._link = link
        self._lock = threading.Lock()
        self._here: dict[str, Any] = {}
        self.problem = ""

    def get(self, name: str) -> Any:  # any JSON
        """The fact noted under `name`; None when there is none."""
        with self._lock:
            if name in self._here:
                return self._here[name]
            return self._tried(lambda written: written.get(name))

    def put(self, name: str, value: Any) -> None:  # any JSON
        """Note `value` under `name`."""
        with self._lock:
            self._tried(lambda written: written.put(name, value))
            if self.problem:
                self._here[name] = value
            else:
                self._here.pop(name, None)

    def _tried(self, do: Callable[[Notes], Any]) -> Any:  # any JSON
        history = self._link.history
        if history is None:
            self.problem = self._link.history_problem or "The database cannot be used."
            return None
        try:
            done = do(Notes(history.database, history.account))
        except DatabaseError as problem:
            self.problem = str(problem)
            return None
        self.problem = ""
        return done


def notes() -> Remembered:
    """The facts of the account that this session sees."""
    return _notes(account_in_force())


@st.cache_resource(show_spinner=False)
def _notes(name: str) -> Remembered:  # noqa: ARG001  # the key
    return Remembered(connect())


def facts() -> AccountFacts:
    """What the deep check settled about the account that this session sees; looked up once a minute."""
    return _facts(account_in_force())


def forget_facts() -> None:
    """Look the facts up again on the next run."""
    _facts.clear(account_in_force())


@st.cache_resource(show_spinner=False, ttl="1m")
def _facts(name: str) -> AccountFacts:
    kept = _notes(name).get(NOTE)
    return AccountFacts.from_json(kept.get("facts") if isinstance(kept, dict) else None)
