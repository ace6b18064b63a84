"""What people type, made into what the client takes: each function returns the value, or says what is wrong.

No problem text repeats what was typed: such texts end up in logs and on other people's screens.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from klenty_api import ValidationError, encode

MAX_TEXT = 500
MAX_EMAIL = 254
MAX_URL = 2_000
MAX_LONG_TEXT = 10_000

# Deliberately plain: one @, no spaces or separators, a domain with a dot and no empty label. Klenty decides
# the rest.
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"\\|]{1,64}@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W_][\w-]*[^\W_]")
_URL = re.compile(r"(?:https?://)?(?:[^\s/?#@.:]+\.)+[^\s/?#@.:]+(?::\d{1,5})?(?:[/?#]\S*)?", re.IGNORECASE)
_LOCAL_URL = re.compile(r"https?://(?:localhost|\[[0-9a-f:]+\])(?::\d{1,5})?(?:[/?#]\S*)?", re.IGNORECASE)
_NAMED = re.compile(r"[^<>]*<([^<>\s]+)>|([^\s()<>]+) +\([^()]*\)|[^()<>@]*\(([^()<>\s]+)\)")
# What is put around an address by mail programs and spreadsheets. An address ends in a letter or digit.
_WRAPPING = re.compile(r"^[<('\"\u201c\u201e\u2018\u00ab]+|[>)'\",;.\\\u201d\u201c\u2019\u00bb]+$")
_IN_BRACKETS = re.compile(r"<([^<>]*)>")


def clean_text(text: str) -> str:
    """Return `text` without blanks and invisible characters around it."""
    start, end = 0, len(text)
    while start < end and _means_nothing(text[start]):
        start += 1
    while end > start and _means_nothing(text[end - 1]):
        end -= 1
    return text[start:end]


def clean_email(text: str) -> str:
    """Return the one address in `text` as it is sent: without invisible characters, brackets, quotes and a name.

    A text that holds no address, or several, comes back trimmed, for `email_problem` to name.
    """
    visible = clean_text("".join(letter for letter in text if not _is_invisible(letter)))
    named = _NAMED.fullmatch(visible) if visible.count("@") == 1 else None
    bare = (named[1] or named[2] or named[3]) if named else visible
    return _WRAPPING.sub("", re.sub(r"(?i)^[<'\"]?mailto:", "", bare))


def _means_nothing(letter: str) -> bool:
    return letter.isspace() or _is_invisible(letter)


def _is_invisible(letter: str) -> bool:
    """Return whether it is a zero-width, direction or byte order mark, or a variation selector."""
    return unicodedata.category(letter) == "Cf" or letter == "\ufe0f"


def email_problem(text: str) -> str | None:
    """Return why `text` cannot be the address of a new prospect, or None."""
    if len(text) > MAX_EMAIL:
        return f"An email address has at most {MAX_EMAIL} characters."
    local = text.partition("@")[0]
    dots = ".." in local or local.startswith(".") or local.endswith(".")
    if dots or not _EMAIL.fullmatch(text):
        return "This is not an email address."
    return None


def known_email_problem(text: str) -> str | None:
    """Return why Klenty cannot hold a prospect under `text`, or None. Odd addresses it has can be reached, too."""
    try:
        encode.email(text)
    except ValidationError:
        return "This is not an email address."
    return None


def url_problem(text: str) -> str | None:
    """Return why `text` is no web address, or None. The document's own sample has no scheme, so none is required."""
    if len(text) > MAX_URL:
        return f"The address has more than {MAX_URL:,} characters."
    if not (_URL.fullmatch(text) or _LOCAL_URL.fullmatch(text)):
        return "This is not a web address. Example: https://example.com/klenty"
    return None


@dataclass(frozen=True, slots=True)
class EmailList:
    """Pasted addresses: the good ones once each in their order, and what was not taken."""

    emails: tuple[str, ...]
    bad_lines: tuple[int, ...]
    duplicates: int

    def problem(self) -> str | None:
        """Return what has to be put right before anything is sent, or None."""
        if self.bad_lines:
            lines = ", ".join(str(line) for line in self.bad_lines[:5])
            more = f" and {len(self.bad_lines) - 5} more" if len(self.bad_lines) > 5 else ""
            noun = "Line" if len(self.bad_lines) == 1 else "Lines"
            return f"{noun} {lines}{more}: not an email address."
        return None


def split_emails(text: str) -> EmailList:
    """Return addresses as pasted from anywhere: lines, commas, semicolons, spaces, `Name <address>`."""
    emails: dict[str, str] = {}
    bad: list[int] = []
    duplicates = 0
    for number, line in enumerate(text.splitlines(), start=1):
        for piece in _addresses(line):
            email = clean_email(piece)
            if email_problem(email):
                bad.append(number)
            elif email.casefold() in emails:
                duplicates += 1
            else:
                emails[email.casefold()] = email
    return EmailList(tuple(emails.values()), tuple(dict.fromkeys(bad)), duplicates)


def _addresses(line: str) -> list[str]:
    found: list[str] = []
    for part in re.split(r"[,;]", line):
        in_brackets = _IN_BRACKETS.findall(part)
        if in_brackets:
            found.extend(address.strip() for address in in_brackets)
        elif "@" in part or not _IN_BRACKETS.search(line):
            # Without an @, and beside a bracketed address, it is the first half of "Rivera, Sam <sam@…>".
            found.extend(part.split())
    return found


def split_tags(text: str) -> tuple[str, ...]:
    """Return the tags of `text`, each once, in order.

    The first of bar, line break, semicolon and comma that occurs separates them; the others belong to the tags.
    """
    separator = next((mark for mark in "|\n;," if mark in text), ",")
    tags = (clean_text(tag) for tag in text.split(separator))
    return tuple(dict.fromkeys(tag for tag in tags if tag))


def custom_fields(text: str) -> tuple[dict[str, str], str | None]:
    """Return lines of `name = value` as a mapping (no value: an empty text), and what is wrong with them, or None."""
    fields: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        name, equals, value = (clean_text(part) for part in line.partition("="))
        if not (name and equals):
            return {}, f"Line {number}: write it as name = value."
        if name in fields:
            return {}, f"Line {number}: this field is already given above."
        fields[name] = value
    return fields, None
