"""User text in Markdown: shown as it is, whatever it contains.

Names of cadences, tags and Klenty's own messages are foreign text. Streamlit reads Markdown, coloured
directives, emoji shortcodes and HTML entities in most of its elements; inside a code span it reads none of
them.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHOWN = 120


def code(text: object, limit: int = _SHOWN) -> str:
    """Return `text` as an inline code span that no backtick, line break or length in it can break."""
    line = " ".join(str(text).split()) or " "
    if len(line) > limit:
        line = f"{line[: limit - 1]}…"
    longest = max((len(run) for run in re.findall(r"`+", line)), default=0)
    if not longest:
        return f"`{line}`"
    fence = "`" * (longest + 1)
    return f"{fence} {line} {fence}"


def codes(texts: Sequence[object], most: int = 5) -> str:
    """Return a few texts as code spans, and how many more there are."""
    shown = ", ".join(code(text) for text in texts[:most])
    return f"{shown} and {len(texts) - most:,} more" if len(texts) > most else shown


def count(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: `count(1, "row")` is "1 row", `count(2_000, "row")` is "2,000 rows".

    Args:
        number: how many.
        one: the noun.
        many: its plural; by default with an s.
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def as_json(value: Any) -> str:
    """Return a JSON value as people read it: indented, with its letters unescaped."""
    return json.dumps(value, indent=2, ensure_ascii=False)
