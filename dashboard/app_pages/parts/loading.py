"""Reports for a view, and what A/B steps are judged by: asked once, with progress while they come."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.analysis.metrics import Per
from dashboard.app_pages.parts.connection import account_in_force, connect, listing
from dashboard.app_pages.parts.filters import View
from dashboard.app_pages.parts.show import plain
from dashboard.data import frames
from dashboard.data.lives import Days, Lives, load_lives, read_days
from dashboard.data.reports import CadenceReport, Progress
from dashboard.data.windows import Window
from dashboard.exports import report
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
    place = st.empty()
    reports = connect().store.load(cadences, list(windows), progress=_progress(place, "reports"))
    place.empty()
    size = len(cadences)
    return [reports[index * size : (index + 1) * size] for index in range(len(windows))]


def load_all_lives(view: View) -> Lives:
    """What the A/B steps of the whole account are judged by, whatever the filters say; asked when it is missing.

    Cadences that were typed and are in no list are asked as well.
    """
    listed = {cadence.name for cadence in listing().cadences}
    typed = [cadence for cadence in view.cadences if cadence.name not in listed]
    everyone = (*listing().cadences, *typed)
    place = st.empty()
    found = load_lives(
        connect().lives,
        everyone,
        timezone=view.window.timezone,
        days=_days(account_in_force(), everyone, view.window.timezone),
        progress=_progress(place, "whole-life answers"),
    )
    place.empty()
    return found


@st.cache_resource(show_spinner="Reading the history", max_entries=8, ttl="10m")
def _days(account: str, _everyone: tuple[Cadence, ...], timezone: str) -> Days:  # noqa: ARG001  # the key
    return read_days(connect().history, _everyone, timezone=timezone)


@st.cache_resource(show_spinner=False, max_entries=8)
def _judged(version: tuple[object, ...], _lives: Lives) -> report.Judged:  # noqa: ARG001  # the key
    return report.judged(_lives)


def judged(lives: Lives) -> report.Judged:
    """The verdicts on the account's A/B steps, worked out once for the same answers."""
    return _judged(lives.version, lives)


def _progress(place: DeltaGenerator, what: str) -> Progress:
    def show(done: int, total: int, last: CadenceReport | None) -> None:
        name = f": {plain(last.cadence.name or '')}" if last else ""
        place.progress(done / total if total else 1.0, text=f"Asking Klenty, {done} of {total} {what}{name}")

    return show


def tables(reports: list[CadenceReport]) -> Tables:
    """The frames of these reports, made once for the same answers."""
    return _tables(_version(reports), reports)


def files(reports: list[CadenceReport], lives: Lives, per: Per) -> dict[str, pd.DataFrame]:
    """The tables of a report by name, made once for the same answers."""
    return _files((_version(reports), lives.version, per), reports, lives, per)


def _version(reports: list[CadenceReport]) -> tuple[object, ...]:
    return tuple((item.cadence.name, item.cadence.id, item.window, item.fetched_at, item.failed) for item in reports)


@st.cache_resource(show_spinner=False, max_entries=16)
def _files(
    version: tuple[object, ...],  # noqa: ARG001  # the key
    _reports: list[CadenceReport],
    _lives: Lives,
    _per: Per,
) -> dict[str, pd.DataFrame]:
    return report.report_tables(_reports, judged(_lives), per=_per)


@st.cache_resource(show_spinner=False, max_entries=64)
def _tables(version: tuple[object, ...], _reports: list[CadenceReport]) -> Tables:  # noqa: ARG001  # the key
    return Tables(frames.engagements_frame(_reports), frames.steps_frame(_reports), frames.options_frame(_reports))
