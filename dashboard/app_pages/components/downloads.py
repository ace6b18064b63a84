"""Files of a report, made when they are downloaded: the same that `klenty-dashboard report` writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

import streamlit as st

from dashboard.app_pages.session import sign_in
from dashboard.app_pages.session.connection import connect
from dashboard.app_pages.session.filters import View
from dashboard.app_pages.session.loaders import everyone
from dashboard.exports.collect import file_stem
from dashboard.services.account import AccountServices
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


def offer(view: View, key: str) -> None:
    """Draw a button for each kind of file. What a file needs beyond the page is fetched when it is clicked.

    `key` names the buttons.
    """
    source = _Source(view, connect(), everyone(view))
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
    from dashboard.exports.collect import asked_for, gather  # noqa: PLC0415
    from dashboard.exports.formats import files  # noqa: PLC0415

    view, link = source.view, source.link
    asked = asked_for(link, view.cadences, source.everyone, view.window, view.earlier, per=view.per, is_all=view.is_all)
    gathered = gather(asked, link.reports, link.lifetime, review=kind != "zip")
    (content,) = files(gathered, [kind], made_at=datetime.now(UTC)).values()
    return content
