"""The line under a page's title: whose cadence, which days, how fresh."""

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard.app_pages.parts.show import plain
from dashboard.data.reports import CadenceReport


def about(report: CadenceReport) -> None:
    """Owner, active or not, created, range and freshness of one cadence."""
    cadence = report.cadence
    state = {True: ":green-badge[active]", False: ":gray-badge[finished]", None: ":gray-badge[state not reported]"}
    facts = [
        state[cadence.is_active],
        f"owned by {plain(cadence.owner)}" if cadence.owner else "owner not reported",
        f"created {cadence.created:%d %b %Y}" if cadence.created else "",
        report.window.label(),
        freshness([report]),
    ]
    st.markdown(" · ".join(fact for fact in facts if fact))


def freshness(reports: Sequence[CadenceReport]) -> str:
    """When the oldest of these answers came, in the page's zone."""
    if not reports:
        return ""
    oldest = min(report.fetched_at for report in reports)
    zone = reports[0].window.timezone
    minutes = int((datetime.now(UTC) - oldest).total_seconds() // 60)
    ago = "just now" if minutes < 1 else f"{minutes} min ago"
    return f"fetched {oldest.astimezone(ZoneInfo(zone)):%H:%M} ({ago})"
