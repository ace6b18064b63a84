"""The files of a report by format: the one way for the pages and the command line."""

from collections.abc import Collection
from datetime import datetime
from typing import Final, Literal

from dashboard.exports import tables
from dashboard.exports.collect import Gathered, file_stem
from dashboard.exports.html import to_html
from dashboard.exports.review import about, failures, review, review_tables
from dashboard.exports.workbook import to_workbook

Format = Literal["html", "xlsx", "csv", "zip"]
TITLE: Final = "Cadence review"


def files(gathered: Gathered, formats: Collection[Format], *, made_at: datetime) -> dict[str, bytes]:
    """Return the files by name: a review pack (html), a workbook (xlsx), a file per table (csv), all of those in one
    (zip).

    Args:
        gathered: the reports.
        formats: which files.
        made_at: aware; said in the files.
    """
    asked = gathered.asked
    facts = {"account": asked.account, "base_url": asked.base_url}
    stem = file_stem(asked.window, asked.cadences)
    found: dict[str, bytes] = {}
    if "html" in formats:
        found[f"{stem}.html"] = to_html(review(gathered, made_at=made_at))
    if "xlsx" in formats:
        found[f"{stem}.xlsx"] = workbook(gathered, made_at=made_at)
    if "csv" in formats or "zip" in formats:
        csv = tables.report_files(gathered.reports, gathered.verdicts, **facts, per=asked.per, facts=asked.facts)
        found |= csv if "csv" in formats else {}
        found |= {f"{stem}.zip": tables.zipped(csv)} if "zip" in formats else {}
    return found


def workbook(gathered: Gathered, *, made_at: datetime) -> bytes:
    """Return every table of the review as one workbook; its first sheet says what was asked, when, and what is
    missing."""
    lines = [*about(gathered, made_at=made_at), *(("Missing", text) for text in failures(gathered))]
    return to_workbook(review_tables(gathered), title=TITLE, about=lines, facts=gathered.asked.facts)
