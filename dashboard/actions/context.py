"""Who works on which account, with what: handed to everything that may change something in Klenty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from dashboard.actions.ledger import Ledger
    from dashboard.data.roles import Person
    from klenty_api import KlentyClient


class AccountLike(Protocol):
    """Whose data are shown: what the actions need to know of it."""

    @property
    def name(self) -> str:
        """Its name in the settings; empty for the one of KLENTY_USER and for the sandbox."""

    @property
    def user(self) -> str:
        """The account's user, as in Klenty's paths."""

    @property
    def label(self) -> str:
        """What the pages call it."""

    @property
    def is_sandbox(self) -> bool:
        """Whether it is the sandbox, so that nobody real is mailed."""


@dataclass(frozen=True, slots=True)
class ActionContext:
    """One person at one account: the client that sends, and the ledger in which every write is written down."""

    client: KlentyClient
    account: AccountLike
    person: Person
    ledger: Ledger
