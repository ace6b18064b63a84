"""All accounts side by side on the Overview, for those who may see several."""

from typing import Final
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboard.app_pages.components import display
from dashboard.app_pages.session import account_picker, sign_in
from dashboard.app_pages.session.connection import connect
from dashboard.app_pages.session.filters import View
from dashboard.app_pages.session.text import plain
from dashboard.charts.text import unbroken
from dashboard.services.all_accounts import AccountSummary, summaries

_ONE: Final = "This account"
_ALL: Final = "All accounts"


def is_chosen() -> bool:
    """Draw the switch between one account and all, where there are several; return whether all are wanted."""
    if len(account_picker.known(sign_in.current())) < 2:
        return False
    picked = st.segmented_control(
        "Accounts", [_ONE, _ALL], default=_ONE, required=True, key="accounts", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    return picked == _ALL


def draw(view: View) -> None:
    """Draw a row for every account that the visitor may see."""
    found = summaries(connect().database(), account_picker.known(sign_in.current()), view.window, view.earlier)
    zone = ZoneInfo(view.window.timezone)
    for summary in found:
        _draw_row(summary, zone)
    table = pd.DataFrame([_row(summary, zone) for summary in found])
    st.caption(
        "Per email sent, over all cadences: sums of the single days that the history has. A person in two cadences "
        "counts in both."
    )
    display.download(table, key="all_accounts_csv", name="accounts")


def _draw_row(summary: AccountSummary, zone: ZoneInfo) -> None:
    synced = f"synced {summary.synced.astimezone(zone):%-d %b, %H:%M}" if summary.synced else "last sync not recorded"
    alerts = {None: "alerts not looked at yet", 1: "1 open alert"}.get(summary.alerts, f"{summary.alerts} open alerts")
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(width=280):
            st.markdown(f"**{plain(summary.label)}**  \n{plain(summary.sentence)}")
            st.caption(f"{alerts} · {synced} · {summary.days} of {summary.of_days} days kept")
        for card in summary.cards:
            notes = [*card.notes, f"{card.pair.events:,} of {card.pair.trials:,}." if card.pair else ""]
            st.metric(
                card.label, unbroken(card.value), help="  \n".join(plain(note) for note in notes if note), width=110
            )


def _row(summary: AccountSummary, zone: ZoneInfo) -> dict[str, object]:
    rates = {
        card.label: card.value if card.pair is None else f"{card.value} ({card.pair.events:,} of {card.pair.trials:,})"
        for card in summary.cards
    }
    return {
        "account": summary.label,
        "says": summary.sentence,
        "emails": summary.emails_sent,
        **rates,
        "alerts": summary.alerts,
        "synced": None if summary.synced is None else summary.synced.astimezone(zone),
        "days": f"{summary.days} of {summary.of_days}",
    }
