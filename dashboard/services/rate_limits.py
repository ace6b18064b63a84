"""Keep what was learned about an account's limits at Klenty from run to run."""

from functools import partial
from typing import Final

from dashboard.services.account_notes import AccountNotes
from klenty_api import Throttle

NOTE: Final = "pace"


def keep_rate_limits(throttle: Throttle, notes: AccountNotes) -> None:
    """Let `throttle` begin with what earlier runs learned, and note what it learns from now on.

    Without a usable database it learns again in every run, which costs a few refused calls and nothing else.
    """
    throttle.remember(notes.get(NOTE))
    throttle.on_learned = partial(notes.put, NOTE)
