"""How the watch list shows its findings, its levels, and what it could not look at."""

from collections.abc import Sequence
from typing import Final

import pandas as pd
import streamlit as st

from dashboard.analysis.metrics import METRICS
from dashboard.analysis.watch_list import watch_list
from dashboard.analysis.watch_list.watch_list import Acknowledgement, Finding
from dashboard.app_pages.components.display import plain
from dashboard.app_pages.session import sign_in
from dashboard.app_pages.session.account_notes import notes
from dashboard.app_pages.session.filters import current
from dashboard.app_pages.session.watch_list import Days, watcher
from dashboard.data.cadence_report import CadenceReport
from dashboard.data.roles import Role, role_now
from klenty_api import Cadence

_BADGES: Final = {"alert": ":red-badge[:material/error: alert]", "watch": ":orange-badge[:material/visibility: watch]"}


def card(finding: Finding) -> None:
    """One finding: what, where, since when, its counts, the rule that fired, and what can be done."""
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch", gap="small"):
            _text(finding)
        with st.container(horizontal=True, width="content"):
            _open(finding, "open")
            if sign_in.current().may(Role.OPERATOR):
                with st.popover("Acknowledge", icon=":material/done:", key=f"watch_ack_{finding.key}"):
                    _acknowledge(finding)


def seen(finding: Finding, by: Acknowledgement) -> None:
    """One acknowledged finding, by whom and with which note, and the way back."""
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch", gap="small"):
            _text(finding)
            note = f": {plain(by.note)}" if by.note else ""
            st.caption(f"Acknowledged by {plain(by.who)} on {by.at:%d %b %Y, %H:%M} UTC{note}")
        _open(finding, "seen")
        if sign_in.current().may(Role.OPERATOR):
            st.button("Reopen", key=f"watch_reopen_{finding.key}", on_click=_reopen, args=(finding,))


def _text(finding: Finding) -> None:
    st.markdown(f"{_BADGES[finding.severity]} **{plain(finding.cadence, 160)}**: {finding.title}")
    since = f" · listed since {finding.since:%d %b %Y}" if finding.since and finding.kind == "level" else ""
    st.markdown(f"{plain(finding.counts)}, {_when(finding)}{since}")
    st.caption(plain(finding.rule))


def _when(finding: Finding) -> str:
    if finding.kind == "day":
        return f"on {finding.last_day:%A, %d %b %Y}"
    return f"{finding.first_day:%d %b} to {finding.last_day:%d %b %Y}"


def _open(finding: Finding, key: str) -> None:
    if st.button(
        "Open",
        key=f"watch_{key}_{finding.key}",
        icon=":material/stacked_email:",
        help="Show this cadence on its page.",
        on_click=_choose,
        args=(finding.cadence,),
    ):
        st.switch_page("app_pages/cadence.py", query_params={"focus": finding.cadence})


def _choose(name: str) -> None:
    """The cadence may be none of the chosen ones: the page that is opened shows only those."""
    if name not in current().names:
        st.session_state["cadence"] = [*st.session_state.get("cadence", []), name]


def _acknowledge(finding: Finding) -> None:
    person = sign_in.current()
    with st.form(f"watch_form_{finding.key}", border=False, enter_to_submit=False):
        who = person.email or st.text_input("Your name", key=f"watch_who_{finding.key}", max_chars=80)
        note = st.text_area(
            "Note", key=f"watch_note_{finding.key}", max_chars=500, placeholder="What was done about it"
        )
        sent = st.form_submit_button("Acknowledge", type="primary")
    if not sent:
        return
    if not who.strip():
        st.error("Say who has seen it.", icon=":material/person:")
    elif _may(Role.OPERATOR):
        watcher().acknowledge(finding, who=who.strip(), note=note.strip())
        st.rerun()


def _reopen(finding: Finding) -> None:
    if _may(Role.OPERATOR):
        watcher().reopen(finding)


def _may(role: Role) -> bool:
    """Whether the visitor has the role at this moment: a page may have been open since before it was taken away."""
    now = role_now(sign_in.current())
    return now is not None and now >= role


def settings() -> None:
    """The levels, which hold for everyone who sees this account, for those who may change settings."""
    if not sign_in.current().may(Role.ADMIN):
        return
    with st.popover("Levels", icon=":material/tune:", key="watch_levels"):
        levels = watcher().levels()
        with st.form("watch_levels_form", border=False, enter_to_submit=False):
            picked: dict[str, float] = {}
            for events in watch_list.WATCHED:
                low, high = levels.of(events)
                st.markdown(f"**{METRICS[events].label}**")
                left, right = st.columns(2)
                for place, name, value in ((left, "watch", low), (right, "act", high)):
                    picked[f"{events}_{name}"] = place.number_input(
                        f"{name.capitalize()} from, %",
                        min_value=0.01,
                        max_value=99.0,
                        value=100 * value,
                        step=0.1,
                        format="%.2f",
                        key=f"watch_level_{events}_{name}",
                    )
            st.caption("The defaults are the field's convention, not a rule of the mailbox providers.")
            saved = st.form_submit_button("Save for everyone", type="primary")
        if saved:
            _save(watch_list.Levels(**{name: round(value / 100, 6) for name, value in picked.items()}))


def _save(levels: watch_list.Levels) -> None:
    if levels.problem:
        st.error(levels.problem, icon=":material/tune:")
    elif _may(Role.ADMIN):
        watcher().set_levels(levels)
        st.rerun()


def with_mails(cadences: Sequence[Cadence], engagements: pd.DataFrame) -> list[Cadence]:
    """The cadences, one of each name, whose single days can hold anything: not those with nothing in all the days."""
    counts = engagements[["emails_sent", *watch_list.WATCHED]].fillna(-1)  # not reported is not 0
    silent = set(engagements.loc[(counts == 0).all(axis=1), "cadence"])
    return list({cadence.name: cadence for cadence in cadences if cadence.name not in silent}.values())


def about_days(days: Days, *, running: bool, reports: Sequence[CadenceReport]) -> None:
    """What is known of single days, when it is not all."""
    if not days.missing or running:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(
            f"{days.missing:,} of {days.wanted:,} single days are not known, so alarms of days may be missing. "
            "Levels are complete.",
            width="stretch",
        )
        st.button(
            "Ask for them",
            key="watch_ask_days",
            icon=":material/refresh:",
            on_click=watcher().ask_again,
            args=([report.cadence for report in reports],),
        )


def not_kept() -> None:
    """Say when levels and acknowledgements end with this process, and why."""
    if notes().problem:
        st.warning(
            f"{notes().problem} Levels and acknowledgements are kept until the dashboard is restarted.",
            icon=":material/database_off:",
        )


def nothing_open(cadences: int, acknowledged: int) -> None:
    """The good news, with what it covers."""
    more = f" {acknowledged} were acknowledged." if acknowledged else ""
    st.success(
        f"No cadence is above a level, and no single day that is known stands out. {cadences} cadences were looked at."
        f"{more}",
        title="Nothing open",
        icon=":material/check_circle:",
    )
