"""Names and subjects in figures, literally.

Plotly reads `<b>`, `<a href>` and entities in every text, "$…$" as LaTeX and `%{…}` in templates. Names come from
people, so they are escaped here and never put into a template; hover texts are plain `hovertext`.
"""

import html
import re
import textwrap
import unicodedata
from typing import Final

LABEL_LENGTH: Final = 24
_HOVER_WIDTH: Final = 44
_JOINER: Final = "\u200d"
_WIDEST: Final = 2.0  # in letters; the most that `_width` gives
_SKIN_TONES: Final = range(0x1F3FB, 0x1F400)
_FLAGS: Final = range(0x1F1E6, 0x1F200)
_PERCENT: Final = re.compile(r"(?<=\d) %")


def clean(text: object) -> str:
    """Return one line of printable text: white space folded, controls, direction overrides and lone surrogates gone."""
    kept = str(text)
    if not kept.isprintable():  # which nearly every text is: a page shows hundreds of them in every run
        kept = "".join(
            " " if character.isspace() else character
            for character in kept
            if character.isspace() or character == _JOINER or unicodedata.category(character) not in {"Cc", "Cf", "Cs"}
        )
    return " ".join(kept.split())


def literal(text: object) -> str:
    """Return `text` so that a figure shows exactly these characters (no tags, entities or LaTeX)."""
    return unbroken(html.escape(clean(text), quote=False)).replace("$", "&#36;")


def unbroken(text: str) -> str:
    """Return `text` with a narrow no-break space between every number and its "%"."""
    return _PERCENT.sub("\u202f%", text)


def shorten(text: object, length: int = LABEL_LENGTH) -> str:
    """Return `text` cut to the width of about `length` characters with "…", never inside an emoji or an accented
    letter."""
    whole = clean(text)
    if len(whole) * _WIDEST <= length or sum(map(_width, whole)) <= length:
        return whole
    end, room = 0, length - 1.0
    while end < len(whole) and room >= _width(whole[end]):
        room -= _width(whole[end])
        end += 1
    while end > 1 and _belongs_together(whole[end - 1], whole[end]):
        end -= 1
    return whole[:end].rstrip() + "…"


def wrapped(text: object, width: int = _HOVER_WIDTH) -> str:
    """Return `text` for a hover box: escaped, broken into lines that fit a narrow screen."""
    return "<br>".join(literal(line) for line in textwrap.wrap(clean(text), width)) or ""


def hover(*lines: object) -> str:
    """Return a hover text of several lines; empty ones are left out, the first is bold."""
    texts = [wrapped(line) for line in lines if line]
    return "<br>".join([f"<b>{texts[0]}</b>", *texts[1:]]) if texts else ""


def _width(character: str) -> float:
    """Return roughly how wide a character is, in average letters of the page's font."""
    if unicodedata.combining(character) or character == _JOINER:
        return 0.0
    if unicodedata.east_asian_width(character) in {"W", "F"}:
        return _WIDEST
    if character in "MW@%&":
        return 1.6
    return 1.2 if character.isupper() else 1.0


def _belongs_together(before: str, after: str) -> bool:
    return (
        unicodedata.combining(after) != 0
        or unicodedata.category(after) in {"Mn", "Me", "Mc"}
        or _JOINER in {before, after}
        or ord(after) in _SKIN_TONES
        or (ord(after) in _FLAGS and ord(before) in _FLAGS)
    )
