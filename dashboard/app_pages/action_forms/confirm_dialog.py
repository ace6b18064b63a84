"""The dialog between a form and Klenty: what will be sent, the question, and how it ended.

It is drawn from the session's state on every run, not only on the run of the click, so a rerun from
elsewhere on the page neither closes it nor sends anything again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.actions import catalogue
from dashboard.actions.batch_jobs import START_MANY, START_WORDS, begin_start_many
from dashboard.actions.jobs import JOBS, SendJob
from dashboard.actions.ledger import NO_ANSWER, STATE_WORDS, LedgerProblemError
from dashboard.actions.markdown import as_json, code, codes
from dashboard.actions.names import name_code
from dashboard.actions.permissions import refusal
from dashboard.actions.prospect_status import ReadBack, read_back
from dashboard.actions.send import ActionResult, AlreadySentError, NotAllowedError, perform, refused
from dashboard.app_pages.action_forms import job_progress, session
from dashboard.app_pages.session import connection
from dashboard.data.roles import Role
from dashboard.data.webhooks.url import masked_json

if TYPE_CHECKING:
    from dashboard.actions.context import ActionContext
    from dashboard.app_pages.action_forms.session import Pending
    from klenty_api import KlentyClient

_SHOWN_CALLS = 20


def draw_dialog(context: ActionContext) -> None:
    """Draw the open dialog, if one is open."""
    about = session.dialog()
    if about is None:
        return
    title = "Start cadence" if isinstance(about, SendJob) else about.action.label
    draw = st.dialog(title, width="medium", on_dismiss=session.close_dialog)(_body)
    draw(context, about)


def draw_running(context: ActionContext) -> None:
    """Draw a line in the sidebar for a cadence that is being started for many, with a way back to its dialog."""
    if not context.person.may(Role.ADMIN):
        return
    account = context.account
    job = next(iter(JOBS.of(account.user, START_MANY)), None)
    if job is None or session.dialog() is job:
        return
    job_progress.draw_line(job, "Starting a cadence")


def draw_last(context: ActionContext) -> None:
    """Say how the last action ended, after its dialog was closed, with the prospect's status one click away."""
    pending = session.last()
    if pending is None or pending.result is None:
        return
    with st.container(border=True, gap="small"):
        icon, colour = _LOOKS[pending.result.state]
        st.markdown(
            f":{colour}[{icon} **{STATE_WORDS[pending.result.state]}**] {pending.action.label}, "
            f"{name_code(pending.subject)}"
        )
        if pending.action.changes_prospect:
            _read_back(context, pending, "actions.last")
        st.button("Hide", key="actions.last.hide", type="tertiary", on_click=session.forget_last)


def _body(context: ActionContext, about: Pending | SendJob) -> None:
    if isinstance(about, SendJob):
        job_progress.draw_panel(about, START_WORDS, context)
        with st.container(horizontal=True, horizontal_alignment="right"):
            _close_button("Close")
    elif about.result is not None:
        _result(context, about, about.result)
    elif about.claimed:
        # The runs of a session follow each other, so a call without an answer was broken off by an error.
        _result(context, about, _broken_off(about))
    else:
        _question(context, about)


# The question


def _question(context: ActionContext, pending: Pending) -> None:
    account = context.account
    lines = pending.action.say(pending.values)
    st.markdown("\n".join(line if line.startswith("- ") else f"\n{line}\n" for line in lines))
    st.caption(
        f"On the account {code(account.label)}." + (" It is a sandbox: nobody is mailed." if account.is_sandbox else "")
    )
    for warning in pending.warnings:
        st.warning(warning, icon=":material/content_copy:")
    expected = catalogue.expected_typing(pending.action, pending.values)
    if pending.action.danger and (expected or pending.action.many is None):
        st.warning(pending.action.danger, title="What cannot be undone", icon=":material/warning:")
    _exactly(context.client, pending)
    typed = ""
    if expected is not None:
        what, text = expected
        typed = st.text_input(
            f"To confirm, type {what}: {code(text)}",
            key=f"actions.typed.{pending.once[0].token}",
            autocomplete="off",
        )
    with st.container(horizontal=True, horizontal_alignment="right"):
        _close_button("Cancel")
        send = st.button(
            catalogue.confirm_label(pending.action, pending.values),
            key=f"actions.send.{pending.once[0].token}",
            type="primary",
            icon=":material/send:",
        )
    if send and expected is not None and not catalogue.typed_right(typed, expected[1]):
        st.error("This is not what was asked for. Nothing was sent.", icon=":material/error:")
    elif send:
        _send(context, pending)


def _exactly(client: KlentyClient, pending: Pending) -> None:
    calls = pending.calls
    with st.expander("Raw request", icon=":material/code:"):
        if len(calls) > _SHOWN_CALLS:
            st.caption(f"The first {_SHOWN_CALLS} of {len(calls):,} calls, sent one after another.")
        lines = [
            f"{call.operation.method} {client.base_url}{call.path}\n{as_json(masked_json(call.body))}"
            for call in calls[:_SHOWN_CALLS]
        ]
        st.code("\n\n".join(lines), language="json", wrap_lines=True, height=220 if len(calls) > 1 else "content")


def _send(context: ActionContext, pending: Pending) -> None:
    if len(pending.once) > 1:
        _send_many(context, pending)
        return
    with st.spinner("Sending …", show_time=True):
        _send_one(context, pending)
    if pending.result is not None:
        session.forget_webhooks()
        if pending.result.state == "refused" and "cadence" in pending.values:
            connection.forget_listing()  # it may have been renamed
        if pending.result.state != "refused":
            session.empty_form(pending.action)
    st.rerun()


def _send_many(context: ActionContext, pending: Pending) -> None:
    if not pending.claim():
        st.rerun()
    try:
        job = begin_start_many(context, pending.values["cadence"], pending.calls)
    except (NotAllowedError, LedgerProblemError) as problem:
        pending.result = refused(str(problem), pending.action.operation)
        st.rerun()
    if job is None:
        pending.unclaim()
        st.error(
            "A cadence is being started for others right now. Nothing was sent: wait until it has ended.",
            icon=":material/error:",
        )
        return
    session.note_sent(job.entry)
    session.open_dialog(job)
    session.empty_form(pending.action)
    st.rerun()


def _broken_off(pending: Pending) -> ActionResult:
    return ActionResult("unknown", NO_ANSWER, pending.action.operation, what_to_check=pending.action.check)


def _send_one(context: ActionContext, pending: Pending) -> None:
    """Send and keep the result without drawing in between: a second click ends the script only after it."""
    try:
        found = pending.look() if pending.look is not None else None
        pending.result = found or perform(context, pending.once[0], pending.subject, check=pending.action.check)
    except AlreadySentError:
        return
    session.note_sent(pending.result.entry)


# The answer

_LOOKS = {
    "done": (":material/check_circle:", "green"),
    "refused": (":material/block:", "red"),
    "unknown": (":material/help:", "orange"),
}


def _result(context: ActionContext, pending: Pending, result: ActionResult) -> None:
    draw_result(result)
    if result.state == "done" and pending.action.note:
        st.markdown(pending.action.note)
    st.caption(f"{pending.action.label}: {name_code(pending.subject)}. Recorded in the action log.")
    if pending.action.changes_prospect:
        _read_back(context, pending, "actions.result")
    with st.container(horizontal=True, horizontal_alignment="right"):
        _close_button("Close")


def draw_result(result: ActionResult) -> None:
    """Say how an action ended: in a word, why, and what to check. Klenty's own text is shown as plain text."""
    icon, colour = _LOOKS[result.state]
    with st.container(border=True, gap="small"):
        st.markdown(f":{colour}[{icon} **{STATE_WORDS[result.state]}**]")
        st.text(result.message)
        if result.what_to_check:
            st.markdown(f"**What to check:** {result.what_to_check}")


def _close_button(label: str) -> None:
    # A dialog is a fragment: only a run of the whole page takes it away.
    if st.button(label, key="actions.close"):
        session.close_dialog()
        st.rerun()


def _read_back(context: ActionContext, pending: Pending, key: str) -> None:
    email = pending.email
    if st.button("Check in Klenty", key=f"{key}.read", icon=":material/person_search:"):
        # The dialog runs by itself, past the gate in front of the page.
        if reason := refusal(context.person, "get_prospect", account=context.account.name):
            st.error(reason, icon=":material/block:")
            return
        with st.spinner("Asking Klenty …"):
            pending.read_back = read_back(context.client, email)
    if pending.read_back is not None:
        draw_read_back(pending.read_back)


def draw_read_back(found: ReadBack) -> None:
    """Say what Klenty said of a prospect, and when."""
    at = f"{found.at:%H:%M:%S} UTC"
    if found.problem:
        st.error(code(found.problem, 400), title="The status did not come", icon=":material/error:")
    elif not found.found:
        st.info(f"Klenty has no prospect {code(found.email)} ({at}).", icon=":material/person_off:")
    else:
        lines = [
            f"- Cadence status: {code(found.cadence_status) if found.cadence_status else 'not reported'}",
            f"- Prospect status: {code(found.prospect_status) if found.prospect_status else 'not reported'}",
        ]
        lines += [f"- List: {code(found.list_name)}"] if found.list_name else []
        lines += [f"- Tags: {codes(found.tags, 10)}"] if found.tags else []
        lines += [f"- Owner: {code(found.owner)}"] if found.owner else []
        st.markdown(f"{code(found.email)} at {at}:\n\n" + "\n".join(lines))
