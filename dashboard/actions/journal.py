"""This visit's actions: what was sent, when, and how it ended.

Holds no key. An entry is made before its call is sent and completed afterwards; one that was never
completed reads "outcome unknown", which is the truth about it.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

import pandas as pd

from dashboard.actions.clock import now
from dashboard.data.webhooks.url import masked_json

if TYPE_CHECKING:
    import datetime as dt

    from dashboard.actions.send import ActionResult, State
    from klenty_api import Call

INTERRUPTED: Final = "No answer was recorded."
# How an action ended; a run of many may also have ended in part, or be under way.
STATE_WORDS: Final[dict[State | Literal["partly"], str]] = {
    "done": "Done",
    "partly": "Done in part",
    "refused": "Refused",
    "unknown": "Outcome unknown",
}
UNDER_WAY: Final = "Being sent"
_COLUMNS: Final = (
    "time", "account", "action", "for", "result", "message", "what_to_check", "attempts", "cadence_status",
    "prospect_status", "sent",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One action: when, on which account, for whom, what was sent and how it ended."""

    number: int
    at: dt.datetime
    account: str
    operation: str
    title: str
    subject: str
    sent: str
    state: State | Literal["partly", "sending"] = "unknown"
    message: str = INTERRUPTED
    what_to_check: str = ""
    attempts: int = 0
    changes_prospect: bool = False
    cadence_status: str = ""
    prospect_status: str = ""


class Journal:
    """Entries in the order they were made. Safe to use from several threads: jobs write to it as well."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[Entry] = []

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, oldest first."""
        with self._lock:
            return tuple(self._entries)

    def begin(self, **what: Any) -> Entry:
        """Add an entry whose outcome is not known yet; `what` are the fields of Entry but number and time."""
        with self._lock:
            entry = Entry(number=len(self._entries), at=now(), **what)
            self._entries.append(entry)
        return entry

    def change(self, number: int, **what: Any) -> Entry:
        """Replace fields of the entry `number`."""
        with self._lock:
            self._entries[number] = replace(self._entries[number], **what)
            return self._entries[number]

    def to_frame(self) -> pd.DataFrame:
        """One row per action: time (UTC), account, action, for, result, …, sent (method, path and body)."""
        rows = [
            (
                entry.at, entry.account, entry.title, entry.subject, words_of(entry.state), entry.message,
                entry.what_to_check, entry.attempts, entry.cadence_status, entry.prospect_status, entry.sent,
            )
            for entry in self.entries
        ]  # fmt: skip
        frame = pd.DataFrame(rows, columns=list(_COLUMNS))
        texts = {name: "string" for name in _COLUMNS if name not in {"time", "attempts"}}
        frame["time"] = pd.to_datetime(frame["time"], utc=True)
        return frame.astype({**texts, "attempts": "Int64"})


def words_of(state: State | Literal["partly", "sending"]) -> str:
    """How an action ended, as people read it."""
    return UNDER_WAY if state == "sending" else STATE_WORDS[state]


@dataclass(slots=True)
class JournalRecord:
    """One write's line in a journal, in the form `run.perform` asks for."""

    journal: Journal
    account: str
    title: str
    subject: str
    check: str = ""
    changes_prospect: bool = False
    entry: Entry | None = None

    def begins(self, call: Call[Any]) -> None:
        """Add the entry; until it is completed it says that the outcome is unknown."""
        self.entry = self.journal.begin(
            account=self.account,
            operation=call.operation.name,
            title=self.title,
            subject=self.subject,
            sent=sent_text(call),
            what_to_check=self.check,
            changes_prospect=self.changes_prospect,
        )

    def ends(self, call: Call[Any], result: ActionResult) -> None:
        """Complete it."""
        if self.entry is None:
            self.begins(call)
        assert self.entry is not None  # noqa: S101 - for the type checker; begins has just set it
        self.entry = self.journal.change(
            self.entry.number,
            state=result.state,
            message=result.message,
            what_to_check=result.what_to_check,
            attempts=result.attempts,
        )


def sent_text(call: Call[Any]) -> str:
    """Method, path and body on one line; neither the key nor the secret of a webhook address is in them."""
    return f"{call.operation.method} {call.path} {json.dumps(masked_json(call.body), ensure_ascii=False)}"
