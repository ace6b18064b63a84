"""This visit's actions as a table, with CSV, and a prospect's status read back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.actions.markdown import count
from dashboard.actions.prospect_status import ReadBack, read_back
from dashboard.app_pages.action_forms import confirm_dialog, session
from dashboard.exports.csv import to_csv

if TYPE_CHECKING:
    from klenty_api import KlentyClient

_FOUND = "actions.journal.found"


def render_journal() -> None:
    """Draw what was done in this visit, and let a prospect's status be read back."""
    journal = session.journal()
    if not journal.entries:
        st.info(
            "Nothing was changed in this visit. What you send from the sidebar or by bulk add appears here.",
            icon=":material/checklist:",
        )
        return
    frame = journal.to_frame()
    newest_first = frame.iloc[::-1]
    st.dataframe(
        newest_first,
        hide_index=True,
        column_config={
            "time": st.column_config.DatetimeColumn("Time (UTC)", format="HH:mm:ss", timezone="UTC"),
            "account": "Account",
            "action": "Action",
            "for": "For",
            "result": "Result",
            "message": "Message",
            "what_to_check": "What to check",
            "attempts": st.column_config.NumberColumn("Attempts", width="small"),
            "cadence_status": "Cadence status",
            "prospect_status": "Prospect status",
            "sent": "Sent",
        },
        alt=f"{count(len(frame), 'action')} of this visit, newest first",
    )
    st.download_button(
        "Actions as CSV",
        to_csv(frame),
        file_name="klenty-actions.csv",
        mime="text/csv",
        icon=":material/download:",
        key="actions.journal.csv",
        on_click="ignore",
    )
    if (client := session.client()) is not None:
        _status(client)


def _status(client: KlentyClient) -> None:
    changed = [entry.subject for entry in reversed(session.journal().entries) if entry.changes_prospect]
    prospects = list(dict.fromkeys(changed))
    if not prospects:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        email = st.selectbox("Prospect", prospects, key="actions.journal.who")
        asked = st.button("Read the status back", key="actions.journal.read", icon=":material/person_search:")
    if asked and email:
        with st.spinner("Asking Klenty …"):
            found = read_back(client, email)
        st.session_state[_FOUND] = found
        confirm_dialog.note_read_back(found)
        st.rerun()
    shown: ReadBack | None = st.session_state.get(_FOUND)
    if shown is not None:
        confirm_dialog.draw_read_back(shown)
