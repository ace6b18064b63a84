"""A long sending on the page: how far it is, a stop button, and how each row ended.

The numbers are polled while the job runs. When it ends, the page is drawn once more and the polling stops.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.actions.batch_jobs import reassign
from dashboard.actions.jobs import JOBS, SendJob, Snapshot, rows_frame
from dashboard.actions.markdown import code, count
from dashboard.app_pages.action_forms import session
from dashboard.app_pages.components import display

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from dashboard.actions.context import ActionContext
    from dashboard.actions.jobs import JobState, RowState

_EVERY = "1s"
_WORDS: Mapping[JobState, str] = {
    "ready": "Not started",
    "running": "Sending",
    "stopping": "Stopping after the call that is under way",
    "checking": "Reading prospects back",
    "stopped": "Stopped",
    "interrupted": "Interrupted",
    "finished": "Finished",
}


def summary(snapshot: Snapshot, words: Mapping[RowState, str]) -> str:
    """Return how the rows ended so far: "Added 240, already there 5, refused 3"."""
    parts = [
        f"{word.lower()} {snapshot.counts[state]:,}" for state, word in words.items() if snapshot.counts.get(state)
    ]
    text = ", ".join(parts)
    return text[:1].upper() + text[1:]


def draw_line(job: SendJob, label: str) -> None:
    """Draw one compact block for the sidebar, until this visit has seen the job's end and nothing is left to do."""
    snapshot = job.snapshot()
    if job.id not in session.open_jobs():
        return

    def draw() -> None:
        with st.container(border=True, gap="small"):
            _bar(job, label, f"actions.line.{job.id}")

    _polled(job, draw)
    with st.container(horizontal=True):
        st.button("Show details", key=f"actions.open.{job.id}", on_click=session.open_dialog, args=(job,))
        if not snapshot.is_running:
            st.button("Dismiss", key=f"actions.dismiss.{job.id}", type="tertiary", on_click=JOBS.forget, args=(job,))


def draw_panel(job: SendJob, words: Mapping[RowState, str], context: ActionContext, *, file: str = "actions") -> None:
    """Draw progress and a stop button while it runs; then what became of each row, and what can be done next.

    Args:
        job: that runs or has ended.
        words: for the states of a row.
        context: client, account, person and log.
        file: name of the download, without its ending.
    """

    def draw() -> None:
        _bar(job, words=words, label=_WORDS[job.snapshot().state], key=f"actions.panel.{job.id}")

    _polled(job, draw)
    snapshot = job.snapshot()
    if snapshot.is_running:
        return
    _next_steps(job, snapshot, context)
    frame = rows_table(snapshot, words)
    display.download(frame, key=f"actions.rows.{job.id}", name=file, label="Rows as CSV")


def rows_table(snapshot: Snapshot, words: Mapping[RowState, str]) -> pd.DataFrame:
    """Draw how each row ended, and return it as a frame."""
    frame = rows_frame(snapshot, words)
    st.dataframe(
        frame,
        hide_index=True,
        height=min(38 + 35 * len(frame), 320),
        column_config={
            "row": st.column_config.NumberColumn("Row", width="small"),
            "email": "Email",
            "result": "Result",
            "message": "Message",
        },
        alt=f"{count(len(frame), 'row')}: {summary(snapshot, words)}",
    )
    return frame


def _polled(job: SendJob, draw: Callable[[], None]) -> None:
    running = job.snapshot().is_running

    def poll() -> None:
        draw()
        if running and not job.snapshot().is_running:
            st.rerun()

    st.fragment(poll, run_every=_EVERY if running else None)()


def _bar(job: SendJob, label: str, key: str, words: Mapping[RowState, str] | None = None) -> None:
    snapshot = job.snapshot()
    share = snapshot.settled / snapshot.total if snapshot.total else 1.0
    st.progress(share, text=f"{label}: {snapshot.settled:,} of {snapshot.total:,}")
    if words is not None:
        st.markdown(f"**{summary(snapshot, words)}**")
    if snapshot.is_running:
        st.button(
            "Stop",
            key=f"{key}.stop",
            icon=":material/stop_circle:",
            on_click=job.stop,
            disabled=snapshot.state == "stopping",
            help="The call under way is finished, then nothing more is sent.",
        )


def _next_steps(job: SendJob, snapshot: Snapshot, context: ActionContext) -> None:
    if snapshot.message:
        st.error(code(snapshot.message, 400), title="Interrupted", icon=":material/error:")
    unknown, missing = snapshot.counts.get("unknown", 0), snapshot.counts.get("missing", 0)
    if unknown:
        st.warning(
            f"Of {count(unknown, 'row')} it is not known whether Klenty carried them out. They are not sent "
            "again: read the prospects back to find out.",
            icon=":material/help:",
        )
    with st.container(horizontal=True):
        if snapshot.waiting:
            st.button(
                f"Go on with the remaining {snapshot.waiting:,}",
                key=f"actions.go_on.{job.id}",
                icon=":material/play_arrow:",
                type="primary",
                on_click=_go_on,
                args=(job, context),
            )
        if unknown and job.can_check:
            st.button(
                f"Check the {count(unknown, 'unknown row')}",
                key=f"actions.check.{job.id}",
                icon=":material/person_search:",
                on_click=_check,
                args=(job, context),
            )
        if missing and job.kind == "bulk":
            st.button(
                f"Send the {missing:,} that are not there again",
                key=f"actions.requeue.{job.id}",
                icon=":material/replay:",
                on_click=_requeue,
                args=(job, context),
            )


def _go_on(job: SendJob, context: ActionContext) -> None:
    reassign(job, context)
    job.start()


def _check(job: SendJob, context: ActionContext) -> None:
    reassign(job, context)
    job.check()


def _requeue(job: SendJob, context: ActionContext) -> None:
    if job.requeue_missing():
        _go_on(job, context)
