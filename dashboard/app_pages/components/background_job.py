"""A job that runs in the background, followed on the page."""

from typing import Any

import streamlit as st

from dashboard.app_pages.components.display import plain
from dashboard.data.job_runner import JobRunner


def follow(job: JobRunner[Any], label: str, key: str) -> None:
    """Draw a bar and a stop button while `job` runs; when it ends, draw the page once more.

    Args:
        job: of this process.
        label: what it does.
        key: of the widgets.
    """
    if job.progress.failure:
        st.error(job.progress.failure, icon=":material/error:")
    if not job.progress.running:
        return

    def draw() -> None:
        now = job.progress
        if not now.running:
            st.rerun()
        share = now.done / now.total if now.total else 0.0
        doing = f": {plain(now.doing, 80)}" if now.doing else ""
        with st.container(horizontal=True, vertical_alignment="center", key=key):
            st.progress(min(share, 1.0), text=f"{label}, {now.done:,} of {now.total:,}{doing}")
            st.button("Stop", key=f"{key}_stop", icon=":material/stop_circle:", on_click=job.cancel)

    st.fragment(draw, run_every="1s")()
