"""Roles by email address or domain, looked up for every run of a page and before every write.

The identity provider says who a person is, these settings what they may do. No answer is kept, so that removing an
address takes effect at once, also for an open page and a running bulk run.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Final

from dashboard.settings import NamedAccount, Settings, SettingsError, load_table, texts


class Role(IntEnum):
    """What a person may do; each role includes the ones below it."""

    VIEWER = 1
    OPERATOR = 2
    ADMIN = 3

    @property
    def word(self) -> str:
        """The name of the role in settings and on pages."""
        return self.name.lower()

    @property
    def meaning(self) -> str:
        """What it allows, in words."""
        return _MEANINGS[self]


_MEANINGS: Final = {
    Role.VIEWER: "sees reports",
    Role.OPERATOR: "sees reports and carries out single actions",
    Role.ADMIN: "does everything: reports, single actions, bulk runs, webhooks, settings",
}
_BY_WORD: Final = {role.word: role for role in Role}
NOBODY: Final = "none"
"""The word in the settings for people without a role although their domain has one."""


@dataclass(frozen=True, slots=True)
class Person:
    """A visitor, as of one run of a page. `role` is None for a person who may see nothing.

    Without sign-in there is no `email`, and the role follows from how the dashboard was started.
    """

    email: str
    role: Role | None
    signed_in: bool = True

    @property
    def label(self) -> str:
        """The person's name on pages and in the action log."""
        return self.email or "not signed in"

    def may(self, role: Role) -> bool:
        """Return whether the person has `role` or a higher one."""
        return self.role is not None and self.role >= role


@dataclass(frozen=True)
class RoleRules:
    """Roles by address (`ann@corp.com`) and by domain (`@corp.com`); the address counts before the domain."""

    roles: Mapping[str, Role | None]

    def role_of(self, email: str) -> Role | None:
        """Return the role of an address, or None. A domain's rule does not count for its subdomains."""
        address = _normal(email)
        name, at, domain = address.rpartition("@")
        if not (name and at and domain):
            return None
        return self.roles[address] if address in self.roles else self.roles.get(f"@{domain}")


def load_role_rules(environ: Mapping[str, str] | None = None, secrets_files: Sequence[Path] | None = None) -> RoleRules:
    """Return the roles in force, from [roles] in secrets.toml or KLENTY_ROLES_ADMIN, _OPERATOR, _VIEWER and _NONE.

    Raises `SettingsError` for an unknown role, for what is neither address nor domain, and for one named twice.
    """
    environ = os.environ if environ is None else environ
    table = load_table("roles", secrets_files)
    words = {*_BY_WORD, NOBODY}
    if unknown := sorted(set(table) - words):
        raise SettingsError(f"[roles] knows {', '.join(_BY_WORD)} and {NOBODY}, not {unknown[0]!r}.")
    roles: dict[str, Role | None] = {}
    for word in words:
        variable = f"KLENTY_ROLES_{word.upper()}"
        listed = environ[variable] if variable in environ else table.get(word)
        for pattern in patterns(texts(listed, f"{word} in [roles]"), "[roles]"):
            if pattern in roles:
                raise SettingsError(f"[roles] names {pattern} more than once.")
            roles[pattern] = _BY_WORD.get(word)
    return RoleRules(roles)


def patterns(listed: Sequence[str], place: str) -> list[str]:
    """Return addresses and domains (with an @ in front) in the form they are compared in.

    `place` names them in the `SettingsError` that anything else raises.
    """
    found = [_normal(text) for text in listed]
    for pattern in found:
        _name, at, domain = pattern.rpartition("@")
        if not at or "." not in domain or any(sign.isspace() or sign in "*@" for sign in domain):
            raise SettingsError(f"{place}: {pattern!r} is neither an address (ann@corp.com) nor a domain (@corp.com).")
    return found


def identify(claims: Mapping[str, object], rules: RoleRules) -> Person:
    """Return the person behind the claims of the identity provider.

    An email that the provider calls unverified gives no role; without a word about it, it counts.
    """
    email = str(claims.get("email") or "").strip()
    return Person(_normal(email), rules.role_of(email) if is_verified(claims) else None)


def is_verified(claims: Mapping[str, object]) -> bool:
    """Return whether the provider calls the email verified, or says nothing about it. Some send it as a text."""
    return str(claims.get("email_verified", True)).lower() == "true"


def role_now(person: Person) -> Role | None:
    """Return the person's current role, for a check right before sending. Never exceeds the role of this run."""
    if not person.signed_in or person.role is None:
        return person.role
    now = load_role_rules().role_of(person.email)
    return None if now is None else min(now, person.role)


def may_see(person: Person, account: NamedAccount) -> bool:
    """Return whether an account is shown to `person`, by its least role and by its people if any are named."""
    least = _BY_WORD.get(account.role or Role.VIEWER.word)
    if least is None:
        raise SettingsError(f"[accounts.{account.name}] role must be one of {', '.join(_BY_WORD)}.")
    if not person.may(least):
        return False
    allowed = patterns(account.people, f"[accounts.{account.name}] people")
    return (
        not allowed
        or not person.signed_in
        or RoleRules(dict.fromkeys(allowed, least)).role_of(person.email) is not None
    )


def accounts_of(person: Person, settings: Settings) -> list[str]:
    """Return the names of the accounts that `person` may see, the unnamed one of KLENTY_USER first as ""."""
    if person.role is None:
        return []
    return [name for name in settings.account_names if not name or may_see(person, settings.accounts[name])]


def _normal(address: str) -> str:
    """Return an address as it is compared. Only ASCII letters have a case here: some others would become them."""
    text = address.strip()
    return text.lower() if text.isascii() else text
