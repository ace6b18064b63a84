"""The head of a cadence's page: which one, previous and next, whose it is, and what to know about its data."""

from collections.abc import Sequence

import streamlit as st

from dashboard.analysis.data_quality.checks import DataWarning
from dashboard.app_pages.components import header
from dashboard.app_pages.components.display import plain
from dashboard.app_pages.session.connection import listing
from dashboard.app_pages.session.filters import View
from dashboard.data.cadence_report import CadenceReport
from klenty_api import Cadence

FOCUS = "focus"
_LAST = "cadence_shown_last"


def pick(view: View) -> tuple[Cadence, ...]:
    """Draw the name as title, with previous, next and a list; return the cadences of that name.

    A link may name a cadence of the account that is not among the chosen ones: it is shown all the same, and comes
    last, as the URL keeps no name that comes first. Without a
    link, the page opens with the cadence it showed last, unless others were chosen since.
    """
    known = {cadence.name: cadence for cadence in listing().cadences if cadence.name}
    last, chosen = st.session_state.get(_LAST, (None, []))
    is_kept = last in view.names or (last in known and chosen == view.names)
    if is_kept and FOCUS not in st.session_state and FOCUS not in st.query_params:
        st.session_state[FOCUS] = last
    asked = st.session_state.get(FOCUS) or st.query_params.get(FOCUS)
    names = view.names if not asked or asked in view.names or asked not in known else [*view.names, asked]
    title, controls = st.columns([3, 2], vertical_alignment="center")
    with controls, st.container(horizontal=True, wrap=False, vertical_alignment="center", horizontal_alignment="right"):
        before, after = st.empty(), st.empty()
        name = str(st.selectbox("Cadence", names, key=FOCUS, bind="query-params", label_visibility="collapsed"))
        st.session_state[_LAST] = (name, view.names)
        at = names.index(name)
        for place, label, other in ((before, "Previous", at - 1), (after, "Next", at + 1)):
            inside = 0 <= other < len(names)
            place.button(
                "",
                key=f"cadence_{label.lower()}",
                icon=":material/chevron_left:" if label == "Previous" else ":material/chevron_right:",
                help=f"{label} cadence" + (f": {plain(names[other], 80)}" if inside else ""),
                disabled=not inside,
                on_click=_go,
                args=(names[other] if inside else name,),
            )
    title.title(plain(name), anchor=False)
    if asked and asked not in names:
        st.info(
            plain(f"The link names “{asked}”, which this account's list does not hold and which is not chosen."),
            icon=":material/link_off:",
        )
    return tuple(cadence for cadence in view.cadences if cadence.name == name) or (known[name],)


def _go(name: str) -> None:
    st.session_state[FOCUS] = name
    st.query_params.pop("step", None)


def about(reports: Sequence[CadenceReport], warnings: Sequence[DataWarning]) -> None:
    """Draw state, owner, range and freshness of each cadence of the name in a line, with the notes on its data."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="cadence_about"):
        for report in reports:
            st.markdown(header.about_line(report), width="content")
        _notes(warnings)


def _notes(warnings: Sequence[DataWarning]) -> None:
    if not warnings:
        return
    grave = any(warning.severity == "warning" for warning in warnings)
    label = "1 note" if len(warnings) == 1 else f"{len(warnings)} notes"
    icon = ":material/warning:" if grave else ":material/info:"
    with st.popover(label, icon=icon, type="tertiary"):
        for warning in warnings:
            st.markdown(f"{':material/warning:' if warning.severity == 'warning' else ''} {plain(warning.text)}")
