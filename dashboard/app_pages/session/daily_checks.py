"""Tests that lead by whole-life counts, checked day by day in the background."""

import threading
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard.app_pages.session import loaders
from dashboard.app_pages.session.connection import account_in_force, connect
from dashboard.app_pages.session.filters import View
from dashboard.app_pages.session.memo import cached_history_read
from dashboard.data.fetch.daily_steps import DailyStepsPlan, DailyStepsResult, fetch_daily_steps, plan_daily_steps
from dashboard.data.history import History
from dashboard.data.job_runner import JobRunner, Report
from klenty_api import Cadence, KlentyClient

_ASK_AGAIN: Final = timedelta(minutes=15)


class DailyChecks:
    """The check of one account's tests in this process, for all sessions. Continues when the page is left."""

    def __init__(self) -> None:
        self.job: JobRunner[DailyStepsResult] = JobRunner("daily checks")
        self._began = datetime.min.replace(tzinfo=UTC)

    @property
    def rested(self) -> bool:
        """Whether asking is due: it was not asked yet, or some time ago."""
        return datetime.now(UTC) - self._began > _ASK_AGAIN

    def begin(self, plan: DailyStepsPlan) -> None:
        """Ask for the days of the plan, unless that is being done."""
        link = connect()
        client, history = link.client, link.history
        if history is not None and self.job.start(lambda tell, stop: _fetch(client, history, plan, tell, stop)):
            self._began = datetime.now(UTC)


def _fetch(
    client: KlentyClient, history: History, plan: DailyStepsPlan, tell: Report, stop: threading.Event
) -> DailyStepsResult:
    try:
        return fetch_daily_steps(client, history, plan, progress=tell, cancel=stop)
    finally:
        loaders.forget_days()


def plan_of(view: View, tests: Mapping[str, set[int]]) -> DailyStepsPlan:
    """Return which days have to be asked for these tests (steps by cadence); none while there is no history."""
    wanted = tuple((name, tuple(sorted(steps))) for name, steps in sorted(tests.items()))
    known = tuple((c.id, c.name, c.owner, c.is_active, c.created) for c in loaders.everyone(view) if c.name in tests)
    zone = view.window.timezone
    return cached_history_read(_plan, known, wanted, zone, datetime.now(ZoneInfo(zone)).date()) or DailyStepsPlan()


def _plan(
    history: History,
    cadences: tuple[tuple[str | None, str | None, str | None, bool | None, datetime | None], ...],
    tests: tuple[tuple[str, tuple[int, ...]], ...],
    zone: str,
    today: date,
) -> DailyStepsPlan:
    known = [Cadence(*fields) for fields in cadences]
    return plan_daily_steps(history, known, dict(tests), timezone=zone, today=today)


def checks() -> DailyChecks:
    """Return the check of the account that this session sees."""
    return _checks(account_in_force())


@st.cache_resource(show_spinner=False, max_entries=64)
def _checks(account: str) -> DailyChecks:  # noqa: ARG001  # the key
    return DailyChecks()
