"""Replies of the last twelve weeks, over as many weeks of the period before; what is missing arrives by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st

from dashboard.app_pages.components import display
from dashboard.app_pages.session import calculations, changes, sign_in, trend_windows, views
from dashboard.app_pages.session.filters import View
from dashboard.app_pages.session.trend_windows import Known, TrendBackfill
from dashboard.data.windows import Window, maturing_since


@dataclass(frozen=True)
class Weeks:
    """The weeks of a view, and those that they are drawn over."""

    view: View
    weeks: Sequence[Window]
    before: Sequence[Window]

    @property
    def spans(self) -> tuple[tuple[date, date], ...]:
        """First and last day of each week."""
        return spans(self.weeks)

    def fill(self) -> TrendBackfill:
        """Begin to fetch what is missing, unless it is much; return the job that does."""
        return trend_windows.fill_weeks(self.view, self.weeks, self.before)

    def known(self) -> Known:
        """Return what is known of the weeks at this moment."""
        return trend_windows.known(self.view.cadences, self.weeks, "week")


def last_weeks(view: View) -> Weeks:
    """Return the last twelve weeks of the view's cadences, whatever its range."""
    weeks = trend_windows.last_weeks(view)
    return Weeks(view, weeks, trend_windows.weeks_before(view, weeks))


def spans(windows: Sequence[Window]) -> tuple[tuple[date, date], ...]:
    """Return the first and the last day of each window."""
    return tuple((window.start, window.end) for window in windows)


def draw(
    shown: Weeks,
    key: str,
    *,
    is_coming: bool,
    goal: int | None = None,
    border: bool = True,
    fresh: str = "",
    opens_changes: bool = True,
) -> None:
    """Draw the replies of each week as a chart or a table.

    Args:
        shown: The weeks.
        key: Of the card.
        is_coming: Whether weeks are being fetched.
        goal: Replies a week that are aimed at, as a line.
        border: Whether the card has a border.
        fresh: When the answers arrived, for the hover.
        opens_changes: Whether there is a way from the marks of changes to their list; without it the chart does not
            wait for them either.
    """
    if views.is_opening():  # the click was in a fragment: only the whole page can lead elsewhere
        st.rerun()
    view, known = shown.view, shown.known()
    span = Window(shown.weeks[0].start, shown.weeks[-1].end, shown.weeks[0].timezone)
    before = None
    if shown.before:
        past = trend_windows.known(view.cadences, shown.before, "week").engagements
        before = calculations.weekly_counts(past, spans(shown.before))
    marks = changes.marks(view, span.start, span.end, wait=opens_changes)
    drawn = calculations.weekly_chart(
        calculations.weekly_counts(known.engagements, shown.spans),
        maturing_from=maturing_since(span, trend_windows.today(view), view.facts),
        missing=known.missing,
        is_coming=is_coming,
        before=before,
        goal=goal,
        marks=marks,
    )
    display.chart(drawn, key, border=border, fresh=fresh)
    if marks and opens_changes:
        st.button(
            "What changed, and the weeks before and after",
            key=f"{key}_changes",
            type="tertiary",
            icon=":material/arrow_drop_down:",
            on_click=views.open_place,
            args=("explore.py", {"explore": "Changes"}),
        )


def show(view: View, key: str, fresh: str) -> None:
    """Draw the last weeks of a view's cadences; again every few seconds while they are being fetched.

    Args:
        view: whose cadences.
        key: of the card.
        fresh: when the answers arrived.
    """
    shown = last_weeks(view)
    fill = shown.fill()
    was_filling = fill.job.progress.running

    def again() -> None:
        sign_in.recheck_role()
        if was_filling and not fill.job.progress.running:
            st.rerun()
        draw(shown, key, is_coming=was_filling, border=False, fresh=fresh)

    st.fragment(again, run_every="3s" if was_filling else None)()
