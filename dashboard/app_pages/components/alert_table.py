"""Alerts as a table: a row for each cadence, its two rates against their levels, since when, and *Done*."""

from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st

from dashboard.analysis.metrics import format_count, format_percent
from dashboard.analysis.watch_list.alert_rows import NAMES, AlertRow, LevelRate, Standing
from dashboard.analysis.watch_list.watch_list import WATCHED, Acknowledgement, Events, Finding
from dashboard.app_pages.components.display import plain
from dashboard.app_pages.components.links import cadence_link
from dashboard.app_pages.components.marks import inline
from dashboard.app_pages.session import sign_in
from dashboard.app_pages.session.watch_list import watcher
from dashboard.charts.marks import bullet_mark
from dashboard.data.roles import Role

_WIDTHS: Final = (5, 8, 5)
_SINCE_AND_DONE: Final = (2, 3)
_TIMES_ACT: Final = 1.25  # an axis reaches a little beyond the level *act*, or to the highest rate
_WORDS: Final[dict[Standing, str]] = {
    "act": ":red-badge[act]",
    "watch": ":orange-badge[watch]",
    "perhaps": ":gray-badge[perhaps]",
    "ok": "",
}


def show(rows: Sequence[AlertRow]) -> None:
    """Draw the open alerts, a row for each cadence."""
    with st.container(gap="xsmall", key="alerts"):
        _heading()
        ends = {metric: _end(rows, metric) for metric in WATCHED}
        for row in rows:
            _row(row, ends)


def _heading() -> None:
    name, rates, rest = st.columns(_WIDTHS, vertical_alignment="bottom")
    name.caption("Cadence")
    with rates:
        for place, metric in zip(st.columns(2, wrap=False), WATCHED, strict=True):
            place.caption(NAMES[metric])
    with rest:
        st.columns(_SINCE_AND_DONE, wrap=False)[0].caption("Since")


def _end(rows: Sequence[AlertRow], metric: Events) -> float:
    rates = [row.rates[metric] for row in rows if metric in row.rates]
    return max((max(rate.rate, rate.act * _TIMES_ACT) for rate in rates), default=1.0)


def _row(row: AlertRow, ends: Mapping[Events, float]) -> None:
    name, rates, rest = st.columns(_WIDTHS, vertical_alignment="center")
    with name:
        cadence_link(row.cadence)
    with rates:
        for place, metric in zip(st.columns(2, wrap=False, vertical_alignment="center"), WATCHED, strict=True):
            place.markdown(_rate(row, metric, ends[metric]))
    with rest:
        since, done = st.columns(_SINCE_AND_DONE, wrap=False, vertical_alignment="center")
    since.markdown(f"{row.since.day} {row.since:%b}" if row.since else "–")
    if sign_in.current().may(Role.OPERATOR):
        with done.popover("Done", icon=":material/done:", key=f"alert_done_{row.cadence}"):
            _form(row)


def _rate(row: AlertRow, metric: Events, end: float) -> str:
    rate = row.rates.get(metric)
    lines = [":gray[not reported]" if rate is None else _level(rate, row, end)]
    lines += [f":orange-badge[{plain(_when(day))}]" for day in row.days if day.metric == metric]
    return "  \n".join(lines)


def _level(rate: LevelRate, row: AlertRow, end: float) -> str:
    counts = f"{format_percent(rate.rate)} ({format_count(rate.events)} of {format_count(rate.trials)} {rate.base})"
    rules = " ".join(finding.rule for finding in row.findings if finding.metric == rate.metric)
    marks = f"marks at {format_percent(rate.watch)} (watch) and {format_percent(rate.act)} (act)"
    alt = f"{NAMES[rate.metric]} {counts}; {marks}"
    mark = bullet_mark(rate.rate, rate.watch, rate.act, end, alt, sure=rate.standing in {"act", "watch"})
    return f"{inline(mark, f'{counts}; {marks}. {rules}')} {plain(format_percent(rate.rate))} {_WORDS[rate.standing]}"


def _when(finding: Finding) -> str:
    """Return a day or week that stands out with its counts: "24 Nov: 12 of 80"."""
    last = f"{finding.last_day.day} {finding.last_day:%b}"
    days = last if finding.first_day == finding.last_day else f"{finding.first_day.day} {finding.first_day:%b} – {last}"
    return f"{days}: {format_count(finding.events)} of {format_count(finding.trials)}"


def _form(row: AlertRow) -> None:
    person = sign_in.current()
    with st.form(f"alert_form_{row.cadence}", border=False, enter_to_submit=False):
        if not person.email:
            st.text_input("Your name", key=_key("who", row.cadence), max_chars=80)
        st.text_area("Note", key=_key("note", row.cadence), max_chars=500, placeholder="What was done about it")
        # In a callback: the number in the navigation, which is drawn before this page, is right at once.
        st.form_submit_button(
            "Mark as done", type="primary", on_click=_acknowledge, args=(row,), key=f"alert_submit_{row.cadence}"
        )
    if st.session_state.pop(_key("nameless", row.cadence), False):
        st.error("Say who has seen it.", icon=":material/person:")


def _key(field: str, cadence: str) -> str:
    return f"alert_{field}_{cadence}"


def _acknowledge(row: AlertRow) -> None:
    who = sign_in.current().email or str(st.session_state.get(_key("who", row.cadence), "")).strip()
    note = str(st.session_state.get(_key("note", row.cadence), "")).strip()
    if not who:
        st.session_state[_key("nameless", row.cadence)] = True
    elif sign_in.may_now(Role.OPERATOR):
        watcher().acknowledge(row.findings, who=who, note=note)


def done(findings: Sequence[tuple[Finding, Acknowledgement]]) -> None:
    """Draw what was marked as done, by whom and with which note, and the way back."""
    if not findings:
        return
    fold = st.expander(f"Done ({len(findings)})", icon=":material/done_all:", key="alerts_done", on_change="rerun")
    if not fold.open:
        return
    with fold:
        for finding, seen in findings:
            with st.container(horizontal=True, vertical_alignment="center"):
                note = f": {plain(seen.note)}" if seen.note else ""
                st.markdown(
                    f"**{plain(finding.cadence, 160)}** {plain(NAMES[finding.metric])} {plain(finding.counts)}  \n"
                    f":gray[{plain(seen.who)}, {seen.at:%-d %b, %H:%M} UTC{note}]",
                    width="stretch",
                )
                if sign_in.current().may(Role.OPERATOR):
                    st.button("Reopen", key=f"alert_reopen_{finding.key}", on_click=_reopen, args=(finding,))


def _reopen(finding: Finding) -> None:
    if sign_in.may_now(Role.OPERATOR):
        watcher().reopen(finding)
