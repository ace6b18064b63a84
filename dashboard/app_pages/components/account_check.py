"""The deep check on the page: started by those who may act, followed, remembered, and shown with its evidence."""

from datetime import datetime
from threading import Event
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboard.analysis.performance.totals import format_time
from dashboard.app_pages.components import display
from dashboard.app_pages.components.display import plain
from dashboard.app_pages.session import sign_in
from dashboard.app_pages.session.account_notes import notes
from dashboard.app_pages.session.connection import account_in_force, connect
from dashboard.data.account_check.check import DeepCheck, deep_check
from dashboard.data.account_check.facts import NOTE
from dashboard.data.account_check.probe import Answered
from dashboard.data.error_advice import advice
from dashboard.data.job_runner import JobRunner, Report
from dashboard.data.roles import Role
from dashboard.services.account import AccountServices
from dashboard.services.account_notes import AccountNotes
from klenty_api import KlentyError

Job = JobRunner[DeepCheck | KlentyError]


def job() -> Job:
    """Return the check of the account that this session sees, one for all sessions."""
    return _job(account_in_force())


@st.cache_resource(show_spinner=False)
def _job(account: str) -> Job:  # noqa: ARG001  # the key
    return JobRunner("deep check")


def start_button(running: Job) -> None:
    """Draw the button that begins the check, for those who may act."""
    if not sign_in.current().may(Role.OPERATOR):
        return
    st.button(
        "Check the account",
        icon=":material/rule:",
        disabled=running.progress.running,
        on_click=_start,
        args=(running, connect(), notes()),
        key="deep_check_start",
    )


def _start(running: Job, link: AccountServices, kept: AccountNotes) -> None:
    if sign_in.may_now(Role.OPERATOR):
        running.start(lambda tell, stop: _check(link, kept, tell, stop))


def _check(link: AccountServices, kept: AccountNotes, tell: Report, stop: Event) -> DeepCheck | KlentyError:
    timezone = link.settings.timezone
    today = datetime.now(ZoneInfo(timezone)).date()
    try:
        found = deep_check(link.client, timezone=timezone, today=today, tell=tell, cancel=stop)
    except KlentyError as error:
        return error
    if not found.stopped:  # half a check must not put a whole one out
        kept.put(NOTE, found.as_json())
    return found


def latest(running: Job) -> DeepCheck | None:
    """Return the newest result: of this process, else the one remembered. Says what went wrong when the check
    failed."""
    result = running.result
    if isinstance(result, KlentyError):
        said = advice(result)
        st.error(said.what_to_do, title=said.headline, icon=":material/cloud_off:")
    elif result is not None:
        return result
    return DeepCheck.from_json(notes().get(NOTE))


def summary(found: DeepCheck, timezone: str) -> None:
    """Say how much is settled, when it was asked, with how many calls, and whether it is kept."""
    settled = sum(answer.settled for answer in found.answers)
    at = found.facts.checked_at
    when = f", {format_time(at.astimezone(ZoneInfo(timezone)))} ({timezone})" if at else ""
    st.markdown(f"**{settled} of {len(found.answers)} questions are settled**{when}, with {found.calls} calls.")
    if found.stopped:
        st.warning(
            "The check was stopped or ran out of calls. Its answers are shown, and what was remembered before stays.",
            icon=":material/stop_circle:",
        )
    elif notes().problem:
        st.warning(
            f"{notes().problem} The answers are known until the dashboard is restarted.", icon=":material/database_off:"
        )


def card(answer: Answered) -> None:
    """Draw one question with its answer, and the evidence in a fold."""
    badge = ":green-badge[settled]" if answer.settled else f":gray-badge[{answer.status}]"
    calls = "1 call" if answer.calls == 1 else f"{answer.calls} calls" if answer.calls else "no further call"
    with st.container(border=True):
        st.markdown(f"{badge} **{answer.question}**")
        st.markdown(plain(answer.answer))
        fold = st.expander(f"Evidence ({calls})", key=f"deep_{answer.key}", on_change="rerun")
        if fold.open:
            with fold:
                for line in answer.evidence or ("Nothing was asked for this question.",):
                    st.text(line)


def download(found: DeepCheck) -> None:
    """Offer all answers with their evidence as a file."""
    rows = [
        {
            "question": answer.question,
            "answer": answer.answer,
            "settled": answer.status,
            "evidence": " | ".join(answer.evidence),
            "calls": answer.calls,
        }
        for answer in found.answers
    ]
    display.download(pd.DataFrame(rows), key="deep_check_csv", name="account-check")
