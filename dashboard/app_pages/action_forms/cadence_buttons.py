"""Buttons on the page of a cadence that open its action forms in the sidebar, with the cadence filled in."""

from typing import Final

import streamlit as st

from dashboard.app_pages.action_forms.sidebar import open_form
from dashboard.app_pages.session import sign_in
from dashboard.data.roles import Role

_BUTTONS: Final = {
    "start_cadence": ("Start", ":material/play_arrow:", "Start this cadence for prospects"),
    "stop_cadence": ("Stop", ":material/stop:", "Stop this cadence for a prospect"),
    "resume_cadence": ("Resume", ":material/resume:", "Resume this cadence for a prospect"),
}


def cadence_buttons(name: str) -> None:
    """Draw the buttons for those who may send.

    Args:
        name: the cadence's exact name.
    """
    if not sign_in.current().may(Role.OPERATOR):
        return
    with st.container(horizontal=True, horizontal_alignment="right", gap="small", key="cadence_actions"):
        for key, (label, icon, help_text) in _BUTTONS.items():
            st.button(
                label,
                key=f"cadence_{key}",
                icon=icon,
                help=f"{help_text}: the form opens in the sidebar.",
                on_click=open_form,
                args=(key,),
                kwargs={"cadence": name},
            )
