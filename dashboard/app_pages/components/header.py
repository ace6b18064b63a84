"""The line under a page's title: whose cadence, which days, how fresh."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard.analysis.performance.compare import about_periods
from dashboard.app_pages.components.display import plain
from dashboard.app_pages.session.filters import View
from dashboard.data.cadence_report import CadenceReport
from dashboard.data.windows import Window, maturing_since

_TOGETHER = timedelta(hours=1)


def about_line(report: CadenceReport) -> str:
    """Return the Markdown of one cadence's state, owner, first day, range and time of fetch."""
    cadence = report.cadence
    state = {True: ":green-badge[active]", False: ":gray-badge[finished]", None: ":gray-badge[state not reported]"}
    facts = [
        state[cadence.is_active],
        plain(cadence.owner) if cadence.owner else "owner not reported",
        f"since {cadence.created.day} {cadence.created:%b %Y}" if cadence.created else "",
        report.window.label(),
        freshness([report]),
    ]
    return " · ".join(fact for fact in facts if fact)


def about_changes(view: View, fresh: str = "") -> None:
    """Say which two periods the changes compare, whether the newest days are among them, and when their answers
    arrived."""
    if view.earlier is None:
        return
    told = about_periods(view.window, view.earlier, _today(view.window), view.facts)
    note = f" The earlier one was {fresh}." if fresh else ""
    st.caption(f"{':material/hourglass_top: ' if maturing(view) else ''}{told}{note}")


def maturing(view: View) -> bool:
    """Return whether the range shown holds days whose replies are still arriving."""
    return maturing_since(view.window, _today(view.window), view.facts) is not None


def _today(window: Window) -> date:
    return datetime.now(ZoneInfo(window.timezone)).date()


def freshness(reports: Sequence[CadenceReport]) -> str:
    """Return when these answers arrived, in the page's zone: of the oldest, and of the newest where they are hours
    apart.

    Where none arrived, when they were asked for.
    """
    if not reports:
        return ""
    answers = [report.fetched_at for report in reports if not report.failed]
    came, what = answers or [report.fetched_at for report in reports], "fetched" if answers else "asked in vain"
    zone = ZoneInfo(reports[0].window.timezone)
    now = datetime.now(zone)
    oldest, newest = min(came).astimezone(zone), max(came).astimezone(zone)
    if newest - oldest < _TOGETHER:
        return f"{what} {_at(oldest, now)} ({_ago(now - oldest)})"
    return f"{what} between {_at(oldest, now)} and {_at(newest, now)} ({_ago(now - newest)})"


def _at(moment: datetime, now: datetime) -> str:
    if moment.date() == now.date():
        return f"{moment:%H:%M}"
    year = f" {moment.year}" if moment.year != now.year else ""
    return f"{moment.day} {moment:%b}{year}, {moment:%H:%M}"


def _ago(passed: timedelta) -> str:
    minutes = int(passed.total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 120:
        return f"{minutes} min ago"
    return f"{minutes // 60} hours ago" if minutes < 2 * 24 * 60 else f"{passed.days} days ago"
