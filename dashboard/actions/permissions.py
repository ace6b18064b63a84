"""Which role each write needs, and whether a person has it at this moment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from dashboard.data.roles import Role, accounts_of, role_now
from dashboard.settings import SettingsError, load_settings

if TYPE_CHECKING:
    from dashboard.data.roles import Person

ADMIN_OPERATIONS: Final = frozenset({"bulk_create", "add_webhook", "update_webhook", "delete_webhook"})


def needed_role(operation: str, *, bulk: bool = False) -> Role:
    """Return the least role that may carry out `operation`; `bulk` when it is one of many sent together."""
    return Role.ADMIN if bulk or operation in ADMIN_OPERATIONS else Role.OPERATOR


def refusal(person: Person, operation: str, *, account: str = "", bulk: bool = False) -> str | None:
    """Return why `person` may not carry this out now, or None; `account` is the name of the account, if it has one.

    Everything is asked again: the role, or the account, may just have been taken away.

    Args:
        person: as of this run of the page.
        operation: key of the action.
        account: its name, empty without one.
        bulk: whether it is one of many calls.
    """
    needed = needed_role(operation, bulk=bulk)
    try:
        now = replace(person, role=role_now(person))
        hidden = bool(account) and account not in accounts_of(now, load_settings())
    except SettingsError:
        return "The settings cannot be read now, so nobody's role is known. Nothing was sent."
    if not now.may(needed):
        return f"This needs the role {needed.word}. Nothing was sent."
    return "This account is not open to you any more. Nothing was sent." if hidden else None
