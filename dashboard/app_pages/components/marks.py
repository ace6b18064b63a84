"""Marks inside a line of Markdown."""

from typing import Final

from dashboard.charts.marks import Mark

_ENDINGS: Final = str.maketrans('"[]\\<`', "″()/‹′")


def inline(mark: Mark, hover: str = "") -> str:
    """Return the Markdown of a mark; `hover`, or else its text alternative, is shown under the pointer."""
    return f'![{_quiet(mark.alt)}]({mark.uri} "{_quiet(hover or mark.alt)}")'


def _quiet(text: str) -> str:
    """Return `text` without what ends an image's text or title in Markdown."""
    return " ".join(text.split()).translate(_ENDINGS)
