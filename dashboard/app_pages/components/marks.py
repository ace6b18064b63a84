"""Marks and chips inside a line of Markdown."""

from typing import Final

from dashboard.analysis.stats.change import Chip, Tone
from dashboard.app_pages.session.text import plain
from dashboard.charts.marks import Mark

_COLOURS: Final[dict[Tone, str]] = {"good": "green", "bad": "red", "neutral": "gray"}
_ENDINGS: Final = str.maketrans('"[]\\<`', "″()/‹′")


def inline(mark: Mark, hover: str = "") -> str:
    """Return the Markdown of a mark; `hover`, or else its text alternative, is shown under the pointer."""
    return f'![{_quiet(mark.alt)}]({mark.uri} "{_quiet(hover or mark.alt)}")'


def badge(chip: Chip | None) -> str:
    """Return the Markdown of a chip, coloured where it says what is proven; empty for None."""
    return f" :{_COLOURS[chip.tone]}-badge[{plain(chip.text)}]" if chip else ""


def _quiet(text: str) -> str:
    """Return `text` without what ends an image's text or title in Markdown."""
    return " ".join(text.split()).translate(_ENDINGS)
