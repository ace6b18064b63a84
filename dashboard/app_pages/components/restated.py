"""Counts that Klenty now gives otherwise than it did before: kept apart from new ones."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboard.analysis.metrics import METRICS, format_count
from dashboard.analysis.performance.compare import period_names
from dashboard.analysis.performance.totals import format_time
from dashboard.app_pages.components import display
from dashboard.app_pages.session.filters import View
from dashboard.app_pages.session.memo import cached, cached_history_read
from dashboard.data.history import History
from dashboard.data.windows import MATURING_DAYS, Window

_A_WEEK = timedelta(days=7)  # what was seen at the last weekly review
_MATURING = timedelta(days=MATURING_DAYS)


def of_earlier_period(view: View, names: list[str]) -> pd.DataFrame | None:
    """Return what differs from what the earlier period showed a week ago; columns of `History.revisions`.

    Only where its replies had arrived by then: a count that grew while they were arriving is not restated. None
    without a history, or while its database cannot be used.
    """
    return None if view.earlier is None else cached_history_read(_of_window, tuple(names), view.earlier)


def _of_window(history: History, names: tuple[str, ...], window: Window) -> pd.DataFrame:
    found = _matured(history.revisions(names, since=datetime.now(UTC) - _A_WEEK, timezone=window.timezone))
    return found[(found["window_start"] == window.first_instant) & (found["window_end"] == window.last_instant)]


def _since(history: History, names: tuple[str, ...], day: date, timezone: str) -> pd.DataFrame:
    return _matured(history.revisions(names, since=Window(day, day, timezone).last_instant, timezone=timezone))


def _matured(found: pd.DataFrame) -> pd.DataFrame:
    return found[found["before_at"] > found["window_end"] + _MATURING].reset_index(drop=True)


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
            st.markdown(f"**{display.plain(row['cadence'])}**: {words} on {format_time(row['before_at'])}")


def ask(view: View) -> None:
    """Let the visitor pick a day, and show which counts of any range, week or day are others than they were by then."""
    today = datetime.now(ZoneInfo(view.window.timezone)).date()
    day = st.date_input(
        "Since the end of", today - _A_WEEK, max_value=today, format="YYYY-MM-DD", key="restated_since", width=220
    )
    found = cached_history_read(_since, tuple(view.names), day, view.window.timezone)
    if found is None:
        st.info("Without the history nothing is known of what Klenty said before.", icon=":material/database_off:")
        return
    if found.empty:
        st.markdown(f"Nothing that was asked by {day:%-d %b %Y}, and again since, is counted otherwise now.")
        return
    shown = _in_words(found)
    st.dataframe(
        shown,
        key="restated",
        hide_index=True,
        column_config=display.column_config(shown.columns) | _COLUMNS,
        placeholder="not reported",
        alt=f"{len(found)} counts that Klenty gives otherwise than by {day:%-d %b %Y}",
    )
    display.download(found, key="restated_csv", name="restated")


@cached
def _in_words(found: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "cadence": found["cadence"],
            "days": period_names(found),
            "count": found["metric"].map(lambda name: METRICS[name].label),
            "before": found["before"],
            "now": found["now"],
            "before_at": found["before_at"],
            "now_at": found["now_at"],
        }
    )


_COLUMNS = {
    "days": st.column_config.TextColumn("Days"),
    "count": st.column_config.TextColumn("Count"),
    "before": st.column_config.NumberColumn("Was", format="localized"),
    "now": st.column_config.NumberColumn("Is now", format="localized"),
    "before_at": st.column_config.DatetimeColumn("Seen", format="D MMM YYYY, HH:mm", help="When it was given before."),
    "now_at": st.column_config.DatetimeColumn("Fetched", format="D MMM YYYY, HH:mm", help="When it was given last."),
}
