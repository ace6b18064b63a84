"""Reports for a view: asked once, with progress while they come."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboard.app_pages.parts.connection import connect
from dashboard.app_pages.parts.show import plain
from dashboard.data import frames
from dashboard.data.reports import CadenceReport
from dashboard.data.windows import Window
from klenty_api import Cadence


@dataclass(frozen=True)
class Tables:
    """The tidy frames of one window (columns: DESIGN.md)."""

    engagements: pd.DataFrame
    steps: pd.DataFrame
    options: pd.DataFrame


def load(cadences: tuple[Cadence, ...], *windows: Window) -> list[list[CadenceReport]]:
    """One list of reports per window, in the order of `cadences`; only what is not there yet is asked.

    Draws a progress bar while it waits. When the visitor changes a filter meanwhile, what arrived is kept.
    """
    store = connect().store
    place = st.empty()

    def progress(done: int, total: int, last: CadenceReport | None) -> None:
        name = f": {plain(last.cadence.name or '')}" if last else ""
        place.progress(done / total if total else 1.0, text=f"Asking Klenty, {done} of {total} reports{name}")

    reports = store.load(cadences, list(windows), progress=progress)
    place.empty()
    size = len(cadences)
    return [reports[index * size : (index + 1) * size] for index in range(len(windows))]


def tables(reports: list[CadenceReport]) -> Tables:
    """The frames of these reports, made once for the same answers."""
    version = tuple((report.cadence.name, report.window, report.fetched_at, report.failed) for report in reports)
    return _tables(version, reports)


@st.cache_resource(show_spinner=False, max_entries=64)
def _tables(version: tuple[object, ...], _reports: list[CadenceReport]) -> Tables:  # noqa: ARG001  # the key
    return Tables(frames.engagements_frame(_reports), frames.steps_frame(_reports), frames.options_frame(_reports))
