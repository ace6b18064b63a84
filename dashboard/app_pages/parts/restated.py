"""Counts of the earlier period that Klenty now gives otherwise than it did before: kept apart from new ones."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import streamlit as st

from dashboard.analysis.metrics import METRICS, format_count
from dashboard.analysis.totals import moment
from dashboard.app_pages.parts import show
from dashboard.app_pages.parts.filters import View
from dashboard.app_pages.parts.kept import read_kept
from dashboard.data.history import History
from dashboard.data.windows import RIPENING_DAYS, Window

_A_WEEK = timedelta(days=7)  # what was seen at the last weekly review


def of_earlier_period(view: View, names: list[str]) -> pd.DataFrame | None:
    """What differs from what the earlier period showed a week ago; columns of `History.restated`.

    Only where its replies had arrived by then: a count that grew while they were arriving is not restated. None
    without a history, or while its database cannot be used.
    """
    return read_kept(_restated, tuple(names), view.compared.earlier)


def _restated(history: History, names: tuple[str, ...], window: Window) -> pd.DataFrame:
    found = history.restated(names, since=datetime.now(UTC) - _A_WEEK, timezone=window.timezone)
    same = (found["window_start"] == window.first_instant) & (found["window_end"] == window.last_instant)
    return found[same & (found["before_at"] > window.last_instant + timedelta(days=RIPENING_DAYS))]


def tell(found: pd.DataFrame | None) -> None:
    """Name every restated count, by cadence; silent when there is none."""
    if found is None or found.empty:
        return
    counts = "1 count" if len(found) == 1 else f"{len(found)} counts"
    with st.expander(f"{counts} of the earlier period restated by Klenty", icon=":material/history:"):
        st.caption("Klenty gave these otherwise before. Changes are measured against what it gives now.")
        for row in found.to_dict("records"):
            metric = METRICS[row["metric"]].label.lower()
            words = f"{metric} {format_count(row['now'])}, was {format_count(row['before'])}"
            st.markdown(f"**{show.plain(row['cadence'])}**: {words} on {moment(row['before_at'])}")
