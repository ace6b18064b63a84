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
        st.markdown(f"**{plain(summary.label)}:** {plain(summary.sentence)}")
    table = pd.DataFrame([_row(summary, zone) for summary in found])
    st.dataframe(
        table,
        key="all_accounts",
        hide_index=True,
        placeholder="–",
        column_config={
            "account": "Account",
            "emails": st.column_config.NumberColumn("Emails sent", format="localized"),
            "alerts": st.column_config.NumberColumn("Open alerts"),
            "synced": st.column_config.DatetimeColumn("Last sync", format="D MMM, HH:mm"),
            "days": st.column_config.TextColumn("Days kept", help="Of the range: days that the history has."),
        },
        alt=f"{len(found)} accounts",
    )
    st.caption(
        "Per email sent, over all cadences: sums of the single days that the history has. A person in two cadences "
        "counts in both."
    )
    display.download(table, key="all_accounts_csv", name="accounts")


def _row(summary: AccountSummary, zone: ZoneInfo) -> dict[str, object]:
    rates = {
        card.label: card.value
        if card.pair is None
        else f"{card.value} ({card.pair.events:,} of {card.pair.trials:,}){f' {card.chip.text}' if card.chip else ''}"
        for card in summary.cards
    }
    return {
        "account": summary.label,
        "emails": summary.emails_sent,
        **rates,
        "alerts": summary.alerts,
        "synced": None if summary.synced is None else summary.synced.astimezone(zone),
        "days": f"{summary.days} of {summary.of_days}",
    }
