"""The check day by day of tests that lead by whole-life counts, followed on the page."""

from collections.abc import Sequence

import streamlit as st

from dashboard.analysis.ab_tests import experiments
from dashboard.analysis.ab_tests.experiments import Experiment
from dashboard.app_pages.components import background_job
from dashboard.app_pages.session import daily_checks
from dashboard.app_pages.session.filters import View
from dashboard.data.fetch.daily_steps import DailyStepsPlan


def draw(view: View, tests: Sequence[Experiment]) -> None:
    """Draw how far the check is; start it where it takes few calls, else offer it with their number.

    Args:
        view: Its zone cuts the days.
        tests: All tests of the account; those that an option wins by whole-life counts are checked.
    """
    check = daily_checks.checks()
    ahead = experiments.ahead_by_life(tests)
    if not ahead and not check.job.progress.running:
        return
    plan = daily_checks.plan_of(view, ahead)
    if plan.calls and not check.job.progress.running:
        if plan.needs_consent or check.job.cancelled:
            st.button(
                _offer(plan), icon=":material/calendar_view_day:", on_click=check.begin, args=(plan,), key="check"
            )
        elif check.rested:
            check.begin(plan)
    background_job.follow(check.job, f"Checking day by day ({_size(plan)})", "daily_check")
    _explain(check)


def _explain(check: daily_checks.DailyChecks) -> None:
    """Say what did not come the last time."""
    done = check.job.result
    if done is None or check.job.progress.running:
        return
    if done.refused is not None:
        st.warning(f"The check day by day ended: {done.refused}. What came is kept.", icon=":material/key_off:")
    elif done.failed:
        st.caption(f":material/info: {done.failed:,} days did not come; they are asked again in a quarter of an hour.")


def _size(plan: DailyStepsPlan) -> str:
    tests = "1 test" if plan.tests == 1 else f"{plan.tests:,} tests"
    return f"{tests}, up to {plan.calls:,} calls to Klenty"


def _offer(plan: DailyStepsPlan) -> str:
    return f"Check day by day: {_size(plan)}"
