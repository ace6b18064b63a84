"""The zone that days are cut in, and what rates are divided by."""

import streamlit as st

from dashboard.analysis.metrics import PER_LABELS
from dashboard.app_pages.session import preferences
from dashboard.app_pages.session.filters import View


def draw(view: View) -> None:
    """Draw both choices; they hold for this visit and for links that are copied from it."""
    st.markdown("Both hold for this visit, and travel in the links you copy.")
    st.selectbox(
        "Time zone",
        preferences.ZONES,
        index=preferences.ZONES.index(view.window.timezone),
        key="preference.tz.field",
        on_change=_chosen,
        args=("tz",),
        width=360,
        help="Days begin and end at midnight in this zone. Klenty is asked with exact instants.",
    )
    labels = list(PER_LABELS.values())
    st.selectbox(
        "Rates per",
        labels,
        index=labels.index(PER_LABELS[view.per]),
        key="preference.per.field",
        on_change=_chosen,
        args=("per",),
        width=360,
        help="Reply, bounce and unsubscribe rates: of the people contacted, or of the emails sent to them. Steps and "
        "options are always per email: Klenty counts no people there.",
    )


def _chosen(name: str) -> None:
    preferences.choose(name, st.session_state[f"preference.{name}.field"])
