"""Texts of people's, shown letter by letter."""

import re

from dashboard.charts.text import shorten, unbroken

_ADDRESS = re.compile(r"://|@|www\.")
_ESCAPED = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_{}[]()#+-.!|<>~$:&^="})


def plain(text: str, longest: int = 600) -> str:
    """Return `text` so that Markdown shows it letter by letter: names are people's, and hold anything.

    What would reverse the text around it is left out, and a name that would fill the page is cut to about `longest`.
    Addresses would become links whatever is escaped, so an invisible word joiner takes them apart.
    """
    apart = _ADDRESS.sub(lambda found: f"{found[0][:-1]}\u2060{found[0][-1]}\u2060", shorten(text, longest))
    return unbroken(apart.translate(_ESCAPED))
