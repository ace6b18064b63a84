"""Names as Klenty has them: offered unchanged, and shown so that no two look the same."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dashboard.actions.markdown import code, codes, count

if TYPE_CHECKING:
    from collections.abc import Sequence

_MARKS: Final = {" ": "␣", "\t": "⇥", "\n": "↵", "\r": "↵"}
_ODD_BLANKS: Final = re.compile(r"^\s+|\s+$|\s{2,}|[^\S ]")
_JOINERS: Final = {"\u200d", "\ufe0f"}  # parts of emoji
_SHOWN: Final = 300


@dataclass(frozen=True, slots=True)
class PickedName:
    """A name chosen from a list: `value` is sent as it is, `label` is what the list shows."""

    value: str
    label: str


def visible(name: str) -> str:
    """Return `name` with outer, repeated and unusual blanks and invisible characters replaced by marks."""
    marked = _ODD_BLANKS.sub(lambda blanks: "".join(_MARKS.get(blank, _code_point(blank)) for blank in blanks[0]), name)
    return "".join(_code_point(letter) if _is_invisible(letter) else letter for letter in marked)


def name_code(name: str) -> str:
    """Return `name` for Markdown, with what cannot be seen made visible."""
    return code(visible(name), _SHOWN)


def picks(names: Sequence[str]) -> list[PickedName]:
    """Return what a list offers for `names`: each value once, sorted, under a label of its own."""
    values = sorted(set(names), key=lambda name: (name.strip().casefold(), name))
    alike = Counter(_drawn(value) for value in values)
    taken: set[str] = set()
    offered = []
    for value in values:
        label = visible(value)
        if alike[_drawn(value)] > 1:
            label = f"{label} ({'accents joined' if unicodedata.is_normalized('NFC', value) else 'accents apart'})"
        number, unique = 2, label
        while unique in taken:
            number, unique = number + 1, f"{label} ({number})"
        taken.add(unique)
        offered.append(PickedName(value, unique))
    return offered


def pick(names: Sequence[str], value: str) -> PickedName | None:
    """Return the entry of `picks` whose value is exactly `value`, or None."""
    return next((one for one in picks(names) if one.value == value), None)


def look_alike_warning(names: Sequence[str], value: str, what: str) -> str:
    """Return a warning when `names` holds others that can be taken for `value`, else an empty text.

    Args:
        names: the names the account has, with repetitions.
        value: the name that will be sent.
        what: what it names, such as "cadence".
    """
    same = names.count(value)
    others = sorted({name for name in names if name != value and _key(name) == _key(value)})
    texts = []
    if same > 1:
        texts.append(f"{same} {what}s have exactly this name. Klenty goes by the name alone and takes one of them.")
    if others:
        verb = "looks" if len(others) == 1 else "look"
        texts.append(
            f"{count(len(others), f'other {what}')} {verb} almost the same: {codes(list(map(visible, others)))}."
        )
        if not same:
            texts.append(f"None is exactly {name_code(value)}.")
    return " ".join(texts)


def _is_invisible(letter: str) -> bool:
    return unicodedata.category(letter) in {"Cc", "Cf", "Zl", "Zp"} and letter not in _JOINERS


def _code_point(letter: str) -> str:
    return f"‹U+{ord(letter):04X}›"


def _drawn(name: str) -> str:
    """Return what a screen draws of `name`."""
    return "".join(c for c in unicodedata.normalize("NFC", visible(name)) if c not in _JOINERS)


def _key(name: str) -> str:
    """Return what is left of `name` without case, blanks and invisible characters."""
    letters = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in letters if not (c.isspace() or _is_invisible(c) or c in _JOINERS))
