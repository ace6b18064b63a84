"""Files of a report, made when they are downloaded: the same that `klenty-dashboard report` writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard.analysis.ab_tests.rules import RULES_NOTE, Rules
from dashboard.analysis.watch_list import watch_list
from dashboard.app_pages.session import sign_in
from dashboard.app_pages.session.account_notes import notes
from dashboard.app_pages.session.connection import connect
from dashboard.app_pages.session.filters import View
from dashboard.app_pages.session.loaders import everyone
from dashboard.data.fetch.lifetime import read_days
from dashboard.data.fetch.weeks import read_weeks
from dashboard.exports.collect import file_stem
from dashboard.services.account import AccountServices
from dashboard.services.account_notes import AccountNotes
from dashboard.services.goals import read_paces
from dashboard.services.what_changed import range_changes
from klenty_api import Cadence

if TYPE_CHECKING:  # what makes the files is imported when one is made
    from dashboard.exports.formats import Format

_OFFERED: Final[dict["Format", tuple[str, str, str, str]]] = {
    "html": (
        "Review pack",
        ":material/article:",
        "text/html",
        "Six pages for the meeting in one file, charts included. It opens offline and prints.",
    ),
    "xlsx": (
        "Workbook",
        ":material/table_view:",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "The same numbers, a sheet for every table.",
    ),
    "zip": ("Tables (CSV)", ":material/folder_zip:", "application/zip", "A CSV file for every table."),
}


@dataclass(frozen=True)
class _Source:
    """All that a file is made of. The thread that makes it has no access to the visit."""

    view: View
    link: AccountServices
    everyone: Sequence[Cadence]
    kept: AccountNotes


def offer(view: View, key: str) -> None:
    """Draw a button for each kind of file. What a file needs beyond the page is fetched when it is clicked.

    `key` names the buttons.
    """
    source = _Source(view, connect(), everyone(view), notes())
    with st.container(horizontal=True):
        for kind, (label, icon, mime, about) in _OFFERED.items():
            st.download_button(
                label,
                sign_in.guarded(partial(_made, kind, source)),
                file_name=f"{file_stem(view.window, view.cadences)}.{kind}",
                mime=mime,
                icon=icon,
                help=about,
                key=f"{key}_{kind}",
                on_click="ignore",
            )


def _made(kind: "Format", source: _Source) -> bytes:
    from dashboard.exports.collect import Asked, gather  # noqa: PLC0415
    from dashboard.exports.formats import files  # noqa: PLC0415

    view, link, kept = source.view, source.link, source.kept
    timezone = view.window.timezone
    today = datetime.now(ZoneInfo(timezone)).date()
    asked = Asked(
        link.account.label,
        link.account.base_url,
        view.cadences,
        source.everyone,
        view.window,
        view.earlier,
        today,
        view.per,
        levels=watch_list.Levels.from_json(kept.get(watch_list.LEVELS_NOTE)),
        rules=Rules.from_json(kept.get(RULES_NOTE)),
        memory=watch_list.Memory.from_json(kept.get(watch_list.MEMORY_NOTE)),
        facts=view.facts,
        days=read_days(link.history, source.everyone, timezone=view.window.timezone),
        unlisted=link.archive.read(lambda history: history.unlisted_cadences(view.window.first_instant)) or ()
        if view.is_all
        else (),
        changes=link.archive.read(lambda history: range_changes(history, view.window)),
        goals=link.archive.read(lambda history: read_paces(history, timezone, today, view.facts)),
        weeks=read_weeks(link.history, view.names, view.window, view.earlier),
    )
    gathered = gather(asked, link.reports, link.lifetime, review=kind != "zip")
    (content,) = files(gathered, [kind], made_at=datetime.now(UTC)).values()
    return content
