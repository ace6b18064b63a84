"""State of the action forms in the session: open dialog, filled-in forms, and what this visit sent.

Session state outlives a rerun and dies with the tab. None of it is bound to the URL.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.actions import catalogue
from dashboard.actions.catalogue import WebhookChoice
from dashboard.actions.jobs import SendJob
from dashboard.app_pages.session import connection
from klenty_api import KlentyError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dashboard.actions.catalogue import Action, Values
    from dashboard.actions.context import AccountLike
    from dashboard.actions.prospect_status import ReadBack
    from dashboard.actions.send import ActionResult, OneTimeCall
    from klenty_api import Call, Webhook

_SENT = "actions.sent"
_DIALOG = "actions.dialog"
_ERRORS = "actions.errors"
_ROUND = "actions.round"
_WEBHOOKS = "actions.webhooks"
_LAST = "actions.last"
_OPEN_JOBS = "actions.open_jobs"


@dataclass(frozen=True, slots=True)
class Choices:
    """What the forms offer. `webhooks` is asked only while a form needs it, and may raise KlentyError."""

    cadences: list[str]
    lists: list[str]
    webhooks: Callable[[], list[Webhook]]
    owners: list[str]
    bulk_page: str = "app_pages/import_prospects.py"


def choices() -> Choices:
    """Return what the forms offer in the account that this session sees."""
    cadences = connection.listing().cadences
    return Choices(
        cadences=sorted(cadence.name for cadence in cadences if cadence.name),  # repetitions are warned of
        lists=connection.list_names(),
        webhooks=connection.connect().client.webhooks.list,
        owners=sorted({cadence.owner for cadence in cadences if cadence.owner}),
    )


@dataclass(slots=True)
class Pending:
    """An action whose form was submitted: prepared, shown, and sent at most once."""

    action: Action
    values: Values
    once: list[OneTimeCall]
    subject: str
    warnings: list[str] = field(default_factory=list)
    result: ActionResult | None = None
    read_back: ReadBack | None = None
    look: Callable[[], ActionResult | None] | None = None
    """Asked right before sending: the result, if there is no need to send."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _claimed: bool = False

    @property
    def email(self) -> str:
        """The address under which Klenty has the prospect now: the new one, once an update may have changed it."""
        new = self.values.get("new_email") if self.result is not None and self.result.state == "done" else None
        return str(new or catalogue.each(self.action, self.values)[0]["email"])

    @property
    def calls(self) -> list[Call[Any]]:
        """What will be sent, in order."""
        return [one.call for one in self.once]

    def claim(self) -> bool:
        """Return True the first time only: the right to start the job that sends many calls."""
        with self._lock:
            first, self._claimed = not self._claimed, True
            return first

    def unclaim(self) -> None:
        """Give the right back: no job was started."""
        with self._lock:
            self._claimed = False

    @property
    def claimed(self) -> bool:
        """Whether its job was started, or its one call is being sent."""
        return self._claimed or any(one.taken for one in self.once)


def sent_entries() -> frozenset[int]:
    """Return the numbers in the action log of what this visit sent."""
    kept: frozenset[int] = st.session_state.get(_SENT, frozenset())
    return kept


def note_sent(entry: int | None) -> None:
    """Remember that this visit made the entry with this number in the action log."""
    if entry is not None:
        st.session_state[_SENT] = sent_entries() | {entry}


def dialog() -> Pending | SendJob | None:
    """Return what the open dialog is about."""
    shown: Pending | SendJob | None = st.session_state.get(_DIALOG)
    return shown


def open_dialog(about: Pending | SendJob) -> None:
    """Show the dialog on this and the next runs, until it is closed. The note about the last action goes."""
    st.session_state[_DIALOG] = about
    st.session_state.pop(_LAST, None)
    if isinstance(about, SendJob):
        follow(about)


def close_dialog() -> None:
    """Close the dialog. What was sent stays sent; what was not is dropped."""
    about = st.session_state.pop(_DIALOG, None)
    if isinstance(about, Pending) and about.result is not None:
        st.session_state[_LAST] = about
    if isinstance(about, SendJob):
        snapshot = about.snapshot()
        if not (snapshot.is_running or snapshot.waiting or snapshot.counts.get("unknown")):
            st.session_state[_OPEN_JOBS] = open_jobs() - {about.id}


def open_jobs() -> frozenset[str]:
    """Return the ids of the jobs that this visit started or took up."""
    kept: frozenset[str] = st.session_state.get(_OPEN_JOBS, frozenset())
    return kept


def follow(job: SendJob) -> None:
    """Show `job` in this visit: it was started or taken up here."""
    st.session_state[_OPEN_JOBS] = open_jobs() | {job.id}


def forget_forms() -> None:
    """Drop everything that was begun: open dialogs, filled-in forms, a chosen file. What was sent stays listed."""
    for key in [key for key in st.session_state if str(key).startswith("actions.") and key != _SENT]:
        del st.session_state[key]


def last() -> Pending | None:
    """Return the last action that was sent from a form and whose dialog was closed."""
    kept: Pending | None = st.session_state.get(_LAST)
    return kept


def forget_last() -> None:
    """Take the note about the last action away."""
    st.session_state.pop(_LAST, None)


def errors(action: Action) -> dict[str, str]:
    """Return what was wrong with the form of `action` when it was last submitted."""
    kept: dict[str, dict[str, str]] = st.session_state.get(_ERRORS, {})
    return kept.get(action.key, {})


def set_errors(action: Action, found: dict[str, str]) -> None:
    """Keep what is wrong with one form; the others' errors are forgotten."""
    st.session_state[_ERRORS] = {action.key: found}


def widget_key(action: Action, name: str, *more: str) -> str:
    """Return the key of one input. It changes when the form is emptied."""
    rounds: dict[str, int] = st.session_state.get(_ROUND, {})
    return ".".join(("actions", action.key, str(rounds.get(action.key, 0)), name, *more))


def empty_form(action: Action) -> None:
    """Give the form of `action` empty inputs on the next run, so that nothing is submitted twice by habit."""
    rounds: dict[str, int] = dict(st.session_state.get(_ROUND, {}))
    rounds[action.key] = rounds.get(action.key, 0) + 1
    st.session_state[_ROUND] = rounds


@dataclass(frozen=True, slots=True)
class KnownWebhooks:
    """The account's webhooks as last asked for, or why they did not come."""

    found: Sequence[WebhookChoice]
    error: KlentyError | None = None


def webhooks(account: AccountLike, choices: Choices) -> KnownWebhooks:
    """Return the account's webhooks, asked once and again after `forget_webhooks`."""
    kept = st.session_state.get(_WEBHOOKS)
    if kept is not None and kept[0] == account.user:
        known: KnownWebhooks = kept[1]
        return known
    try:
        known = KnownWebhooks(
            [WebhookChoice(one.id, one.event or "", one.url or "") for one in choices.webhooks() if one.id]
        )
    except KlentyError as error:
        known = KnownWebhooks([], error)
    st.session_state[_WEBHOOKS] = (account.user, known)
    return known


def forget_webhooks() -> None:
    """Ask for the webhooks again when they are next needed."""
    st.session_state.pop(_WEBHOOKS, None)
