"""What changed in the account that this session sees, and notes of people on its days."""

from datetime import date
from typing import Final

import pandas as pd
import streamlit as st

from dashboard.analysis import what_changed
from dashboard.analysis.what_changed import Mark
from dashboard.app_pages.session import preferences, sign_in
from dashboard.app_pages.session.connection import account_in_force, account_services, connect
from dashboard.app_pages.session.filters import View
from dashboard.app_pages.session.memo import cached, cached_history_read
from dashboard.data.history import History
from dashboard.data.history.day_notes import DayNote, DayNotes
from dashboard.data.job_runner import JobRunner
from dashboard.data.roles import Role
from dashboard.services.what_changed import read_changes, read_notes

WRITES_NOTES: Final = Role.OPERATOR


def table(start: date, end: date, timezone: str) -> pd.DataFrame | None:
    """Return what changed from `start` to `end`, notes among it, newest first (`what_changed.COLUMNS`).

    None while there is no history. What is found by itself is at most ten minutes old; notes are those of now.

    Args:
        start: First day.
        end: Last day, included.
        timezone: In which days end.
    """
    notes = cached_history_read(read_notes)
    found = None if notes is None else _found(account_in_force(), start, end, timezone)
    if found is None or notes is None:
        return None
    return _together(found, notes, start, end)


@cached
def _together(found: pd.DataFrame, notes: pd.DataFrame, start: date, end: date) -> pd.DataFrame:
    return what_changed.together([found, notes], start, end)


@st.cache_resource(show_spinner=False, max_entries=32, ttl="10m", refresh_mode="background")
def _found(account: str, start: date, end: date, timezone: str) -> pd.DataFrame | None:
    return account_services(account).archive.read(lambda history: read_changes(history, timezone, start, end))


def marks(view: View, start: date, end: date, *, wait: bool = True) -> tuple[Mark, ...]:
    """Return days and words of what changed for the view's cadences; nothing while marks are switched off.

    Args:
        view: Whose cadences.
        start: First day of the chart.
        end: Its last day.
        wait: Whether to wait for what is not read yet. Else it is read in the background, for a later run.
    """
    if not preferences.marks() or not (wait or _is_read(account_in_force(), start, end, view.window.timezone)):
        return ()
    found = table(start, end, view.window.timezone)
    return () if found is None else what_changed.marks(found, view.names)


def _is_read(account: str, start: date, end: date, timezone: str) -> bool:
    job = _reading(account, start, end, timezone)
    if job.result is None:
        job.start(lambda _report, _stop: _found(account, start, end, timezone) is not None)
    return job.result is not None


@st.cache_resource(show_spinner=False, max_entries=32)
def _reading(account: str, start: date, end: date, timezone: str) -> JobRunner[bool]:  # noqa: ARG001  # the key
    return JobRunner("changes")


def note_history() -> pd.DataFrame | None:
    """Return every state of every note; None while there is no history."""
    return cached_history_read(_note_history)


def _note_history(history: History) -> pd.DataFrame:
    return DayNotes(history.database, history.account).changes()


def may_write() -> bool:
    """Return whether the visitor may write notes."""
    return sign_in.current().may(WRITES_NOTES)


def save(note: DayNote, number: int | None = None) -> None:
    """Keep a note, or another state of the note `number`.

    Raises:
        PermissionError: The visitor may not write notes at this moment.
        NoteError: It cannot be kept as it is.
        DatabaseError: The database cannot be used.
    """
    notes, person = _writable()
    notes.save(note, person=person, number=number)


def delete(number: int) -> None:
    """Take a note away; its trace stays. Raises as `save` does."""
    notes, person = _writable()
    notes.delete(number, person=person)


def _writable() -> tuple[DayNotes, str]:
    history = connect().history
    if history is None or not sign_in.may_now(WRITES_NOTES):
        raise PermissionError
    history.writes += 1  # what was read before is outdated
    return DayNotes(history.database, history.account), sign_in.current().email
