"""Keeping RESULTS.md: every benchmark replaces its own section and leaves the others alone."""

import re
from collections.abc import Iterable
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")


def write_section(heading: str, lines: Iterable[str]) -> None:
    """Put `lines` under "## heading", in place of what stood there."""
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else "# What was measured\n"
    section = "\n".join([f"## {heading}", "", *lines]).rstrip() + "\n"
    found = re.compile(rf"^## {re.escape(heading)}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    known = found.search(text) is not None
    text = found.sub(lambda _: section + "\n", text) if known else f"{text.rstrip()}\n\n{section}"
    RESULTS.write_text(text.rstrip() + "\n", encoding="utf-8")
