"""Klenty's answers as they came: when, how, and the raw JSON."""

from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboard.data.cadence_report import CadenceReport


def show(reports: list[CadenceReport]) -> None:
    """When and how each answer was fetched, and what Klenty sent for one of them."""
    st.dataframe(
        pd.DataFrame([_fetched(item) for item in reports]),
        hide_index=True,
        alt=f"When and how {len(reports)} cadences were fetched",
    )
    names = {f"{item.cadence.name} · {item.cadence.owner or 'owner not reported'}": item for item in reports}
    picked = st.selectbox("Raw answer of", list(names), key="raw")
    chosen = names.get(picked or "")
    if chosen is None:
        return
    left, right = st.columns(2)
    with left:
        st.markdown("**Email engagements**")
        st.json(dict(chosen.engagement.raw) if chosen.engagement else {"error": str(chosen.engagement_error)})
    with right:
        st.markdown("**Step-wise engagements**")
        st.json([dict(s.raw) for s in chosen.steps] if chosen.steps is not None else {"error": str(chosen.steps_error)})


def _fetched(item: CadenceReport) -> dict[str, object]:
    return {
        "Cadence": item.cadence.name,
        "Owner": item.cadence.owner,
        "Window": item.window.label(),
        "Fetched": item.fetched_at.astimezone(ZoneInfo(item.window.timezone)).isoformat(sep=" ", timespec="seconds"),
        "Seconds": round(item.seconds, 2),
        "Engagements": "came" if item.engagement else str(item.engagement_error),
        "Steps": "came" if item.steps is not None else str(item.steps_error),
    }
