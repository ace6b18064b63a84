"""Reports for a view, and what A/B steps are judged by: asked once, with progress while they come."""

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.errors import StreamlitDuplicateElementKey

from dashboard.analysis.ab_tests.experiments import Experiment
from dashboard.analysis.ab_tests.rules import Rules
from dashboard.analysis.metrics import Per
from dashboard.app_pages.session import calculations, verdict_rules
from dashboard.app_pages.session.connection import account_in_force, account_services, connect, listing
from dashboard.app_pages.session.filters import View
from dashboard.app_pages.session.memo import cached, cached_history_read
from dashboard.app_pages.session.text import plain
from dashboard.data import frames
from dashboard.data.account_check.facts import AccountFacts
from dashboard.data.cadence_report import CadenceReport
from dashboard.data.fetch.lifetime import DailyCounts, LifetimeCounts, life_windows, load_lifetime, read_days
from dashboard.data.fetch.report_cache import Progress
from dashboard.data.fetch.weeks import read_weeks
from dashboard.data.windows import Window
from dashboard.exports import tables as report
from klenty_api import Cadence, NotAnsweringError

_PATIENCE: Final = 3.0
"""Seconds that a page waits for a Klenty that is silent already: long enough to notice that it answers again."""
_IS_PATIENT: Final = "loaders.is_patient"


@dataclass(frozen=True)
class Tables:
    """The tidy frames of one window (columns: `data/frames.py`)."""

    engagements: pd.DataFrame
    steps: pd.DataFrame
    options: pd.DataFrame


def load(cadences: tuple[Cadence, ...], *windows: Window | None, again: bool = False) -> list[list[CadenceReport]]:
    """Return one list of reports per window, in the order of `cadences`; an empty one for None. Only what is missing is
    asked.

    Draws a progress bar while it waits. When the visitor changes a filter meanwhile, what arrived is kept. While Klenty
    answers nothing at all, the page goes on with what is kept and says so. With `again` all of it is asked, whatever is
    known.
    """
    place = st.empty()
    asked = [(cadence, window) for window in windows if window is not None for cadence in cadences]
    store = connect().reports
    found = store.load_each(asked, progress=_progress(place, "reports"), again=again)
    watch = _stop_when_silent()
    found = store.with_people_now(found, progress=lambda _done, _total: watch())
    place.empty()
    _say_silence(found)
    reports = iter(found)
    return [[] if window is None else list(islice(reports, len(cadences))) for window in windows]


def are_here(cadences: tuple[Cadence, ...], *windows: Window | None) -> bool:
    """Return whether all reports of these windows are here, so that `load` does not wait."""
    store = connect().reports
    return all(store.peek(cadence, window) is not None for window in windows if window for cadence in cadences)


def weeks(view: View) -> pd.DataFrame | None:
    """Return the days and weeks of the history by which the view's changes are judged; None without any."""
    if view.earlier is None:
        return None
    return cached_history_read(read_weeks, tuple(view.names), view.window, view.earlier)


def everyone(view: View) -> tuple[Cadence, ...]:
    """Return all cadences of the account, and those that were typed and are in no list."""
    known = listing().cadences
    listed = {cadence.name for cadence in known}
    return (*known, *(cadence for cadence in view.cadences if cadence.name not in listed))


def load_all_lifetimes(view: View) -> LifetimeCounts:
    """Return what the A/B steps of the whole account are judged by, whatever the filters say; asked when it is
    missing."""
    place, known = st.empty(), everyone(view)
    found = load_lifetime(
        connect().lifetime,
        known,
        timezone=view.window.timezone,
        days=_days(account_in_force(), known, view.window.timezone),
        progress=_progress(place, "whole-life answers"),
    )
    place.empty()
    return found


def forget_days() -> None:
    """Read the history's daily counts again the next time."""
    _days.clear()


@st.cache_resource(show_spinner="Reading the history", max_entries=8, ttl="10m")
def _days(account: str, _everyone: tuple[Cadence, ...], timezone: str) -> DailyCounts:
    return read_days(account_services(account).history, _everyone, timezone=timezone)


def known_tests(view: View, events: str) -> list[Experiment] | None:
    """Return the verdicts by `events` on the account's A/B steps where all counts are here, else None; asks nothing."""
    cache, cadences = connect().lifetime, everyone(view)
    covered = _days(account_in_force(), cadences, view.window.timezone).covered
    today = datetime.now(ZoneInfo(view.window.timezone)).date()
    windows = life_windows(cadences, today, view.window.timezone)
    asked = [cadence for cadence in cadences if cadence.name and cadence.name not in covered]
    if any(cache.peek(cadence, windows[cadence.name or ""]) is None for cadence in asked):
        return None
    return tests(view, events)


def tests(view: View, events: str) -> list[Experiment]:
    """Return the verdicts by `events` on the account's A/B steps; counts that are missing are asked for."""
    return list(evaluated_for_page(load_all_lifetimes(view))[events])


def evaluated_for_page(lives: LifetimeCounts, by: Rules | None = None) -> report.Judged:
    """Return the verdicts on the account's A/B steps, by its rules unless others are given; worked out once for the
    same answers."""
    return calculations.evaluate_tests(lives, by or verdict_rules.in_force())


def _progress(place: DeltaGenerator, what: str) -> Progress:
    watch = _stop_when_silent()

    def show(done: int, total: int, last: CadenceReport | None) -> None:
        watch()
        name = f": {plain(last.cadence.name or '', 80)}" if last else ""
        place.progress(done / total if total else 1.0, text=f"Asking Klenty, {done} of {total} {what}{name}")

    return show


def _stop_when_silent() -> Callable[[], None]:
    """Return what raises NotAnsweringError once Klenty is silent, unless the visitor chose to wait."""
    client, began, is_patient = connect().client, time.monotonic(), st.session_state.get(_IS_PATIENT, False)

    def watch() -> None:
        silent = client.silent_for
        if silent is not None and not is_patient and time.monotonic() - began > _PATIENCE:
            raise NotAnsweringError(f"Klenty has not answered for {silent:.0f} s", kind="timeout")

    return watch


def _say_silence(reports: Sequence[CadenceReport]) -> None:
    """Say that Klenty does not answer and what is shown instead, and offer to wait for it."""
    st.session_state.pop(_IS_PATIENT, None)
    older = [report for report in reports if report.not_renewed is not None]
    silent = [report for report in reports if isinstance(report.engagement_error, NotAnsweringError)]
    if not older and not silent:
        return
    kept = "Nothing is kept for this range."
    if older:
        oldest = min(report.fetched_at for report in older).astimezone(ZoneInfo(older[0].window.timezone))
        kept = f"{len(older)} of {len(reports)} answers are older ones, from {oldest:%Y-%m-%d %H:%M} on."
    if rest := len(reports) - len(older) - len([report for report in reports if report.failed]):
        kept += f" {rest} are as new as usual."
    with (
        contextlib.suppress(StreamlitDuplicateElementKey),  # said on this page already
        st.container(horizontal=True, vertical_alignment="center"),
    ):
        place = st.empty()
        st.button("Ask again and wait", icon=":material/refresh:", key="wait_for_klenty", on_click=_be_patient)
        place.warning(f"Klenty does not answer. {kept}", icon=":material/cloud_off:")


def _be_patient() -> None:
    st.session_state[_IS_PATIENT] = True
    for store in (connect().reports, connect().lifetime):
        store.forget_failures()


class Answers:
    """Reports as an argument of a cached function: the same when they hold the same answers about the same cadences."""

    def __init__(self, reports: Sequence[CadenceReport]) -> None:
        self.reports = list(reports)
        self._key = tuple(map(_version, reports))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Answers) and other._key == self._key

    def __hash__(self) -> int:
        return hash(self._key)


def _version(report: CadenceReport) -> tuple[object, ...]:
    cadence, answers = report.cadence, (id(report.engagement), id(report.steps))  # kept alive by the reports beside it
    return (
        cadence.id,
        cadence.name,
        cadence.owner,
        cadence.created,
        report.window,
        report.fetched_at,
        report.people_now,
        answers,
    )


def tables(reports: Sequence[CadenceReport]) -> Tables:
    """Return the frames of these reports, made once for the same answers."""
    return _tables(Answers(reports))


def files(view: View, reports: Sequence[CadenceReport], lives: LifetimeCounts) -> dict[str, pd.DataFrame]:
    """Return the tables of a report by name, made once for the same answers.

    Args:
        view: what is shown.
        reports: of one window.
        lives: lifetime counts of the account.
    """
    return _files(Answers(reports), lives, view.per, verdict_rules.in_force(), view.facts)


@cached
def _files(
    answers: Answers, lives: LifetimeCounts, per: Per, by: Rules, known: AccountFacts
) -> dict[str, pd.DataFrame]:
    return report.report_tables(answers.reports, evaluated_for_page(lives, by), per=per, facts=known)


@cached
def _tables(answers: Answers) -> Tables:
    come = answers.reports
    return Tables(frames.engagements_frame(come), frames.steps_frame(come), frames.options_frame(come))
