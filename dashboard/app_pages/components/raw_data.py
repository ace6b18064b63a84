"""What Klenty sent, as it was received: when, how, and the JSON."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboard.app_pages.session.text import plain
from dashboard.charts.text import clean
from dashboard.data.cadence_report import CadenceReport


def draw_raw_data(reports: Sequence[CadenceReport]) -> None:
    """Draw when and how each report was fetched, and the JSON of the one that is picked."""
    st.dataframe(
        pd.DataFrame([_row(report) for report in reports]),
        hide_index=True,
        alt=f"When and how {len(reports)} cadences were fetched",
    )
    labels = [clean(f"{report.cadence.name} · {report.cadence.owner or 'owner not reported'}") for report in reports]
    place = st.selectbox("Cadence", range(len(reports)), format_func=labels.__getitem__, key="raw")
    chosen = reports[place]
    totals, steps = st.columns(2)
    with totals:
        _json("Totals", dict(chosen.engagement.raw) if chosen.engagement else None, chosen.engagement_error)
    with steps:
        _json("Steps", None if chosen.steps is None else [dict(step.raw) for step in chosen.steps], chosen.steps_error)


def _json(title: str, content: object, error: object) -> None:
    st.markdown(f"**{title}**")
    if content is None:
        st.caption(plain(f"Not fetched: {error}"))
    else:
        st.json(content)


def _row(report: CadenceReport) -> dict[str, object]:
    fetched = report.fetched_at.astimezone(ZoneInfo(report.window.timezone))
    return {
        "Cadence": report.cadence.name,
        "Owner": report.cadence.owner,
        "Days": report.window.label(),
        "Fetched": fetched.isoformat(sep=" ", timespec="seconds"),
        "Seconds": round(report.seconds, 2),
        "Totals": "fetched" if report.engagement else str(report.engagement_error),
        "Steps": "fetched" if report.steps is not None else str(report.steps_error),
    }
