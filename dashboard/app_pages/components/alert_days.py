"""What the alerts rest on: how to read them, which single days are known, and what could not be kept."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.analysis.watch_list import watch_list
from dashboard.app_pages.session.account_notes import notes
from dashboard.app_pages.session.watch_list import WatchedDays, watcher
from dashboard.data.cadence_report import CadenceReport
from klenty_api import Cadence


def how_to_read() -> None:
    """Draw how alerts are made and what they cannot see, one click away."""
    with st.popover("How to read", icon=":material/help:", type="tertiary"):
        st.markdown(watch_list.METHOD)
        st.markdown(watch_list.NOT_IN_THE_DATA)


def with_mails(cadences: Sequence[Cadence], engagements: pd.DataFrame) -> list[Cadence]:
    """Return the cadences, one of each name, whose single days can hold anything: not those with nothing at all."""
    counts = engagements[["emails_sent", *watch_list.WATCHED]].fillna(-1)  # not reported is not 0
    silent = set(engagements.loc[(counts == 0).all(axis=1), "cadence"])
    return list({cadence.name: cadence for cadence in cadences if cadence.name not in silent}.values())


def about_days(days: WatchedDays, *, running: bool, reports: Sequence[CadenceReport]) -> None:
    """Say which single days are not known, when it is not all, and offer to ask for them.

    Args:
        days: what is known of single days.
        running: whether more are being fetched.
        reports: of the same cadences.
    """
    if not days.missing or running:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(f"{days.missing:,} of {days.wanted:,} single days are not known; levels are complete.", width="stretch")
        st.button(
            "Ask for them",
            key="watch_ask_days",
            icon=":material/refresh:",
            on_click=watcher().ask_again,
            args=([report.cadence for report in reports],),
        )


def not_kept() -> None:
    """Say when what was marked as done ends with this process, and why."""
    if notes().problem:
        st.warning(
            f"{notes().problem} What is marked as done is kept until the dashboard is restarted.",
            icon=":material/database_off:",
        )


def nothing_open(cadences: int) -> None:
    """Draw the good news, with what it covers."""
    st.success(
        f"No cadence is above a level, and no day that is known stands out. {cadences} cadences were looked at.",
        title="Nothing open",
        icon=":material/check_circle:",
    )
