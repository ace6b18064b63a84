"""What changed: found by itself or noted by people, with a rate before and after it."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

import pandas as pd
import streamlit as st

from dashboard.analysis import what_changed
from dashboard.analysis.before_after import LONGEST, SOMETHING_ELSE, before_and_after
from dashboard.analysis.metrics import rate_per
from dashboard.app_pages.components import display, messages
from dashboard.app_pages.session import changes, preferences, trend_windows
from dashboard.app_pages.session.filters import View
from dashboard.app_pages.session.memo import cached_history_read
from dashboard.app_pages.session.text import plain
from dashboard.data.database import DatabaseError
from dashboard.data.goals import cadence_key
from dashboard.data.history.day_notes import LONGEST_NOTE, DayNote, NoteError

_EVERYTHING: Final = "All cadences"
_RATES: Final = ("reply_rate", "positive_reply_rate")


def draw(view: View) -> None:
    """Draw the tab."""
    if not view.cadences:
        messages.no_cadences()
        st.stop()
    with st.container(horizontal=True, vertical_alignment="center"):
        kinds = _pick_kinds()
        preferences.pick_marks()
        if changes.may_write():
            _offer_note(view)
    if problem := st.session_state.pop("changes.problem", None):
        st.error(plain(problem), icon=":material/edit_note:")
    found = changes.table(view.window.start, view.window.end, view.window.timezone)
    if found is None:
        st.info("Changes are found in the history, which cannot be used now.", icon=":material/database_off:")
        return
    # Where all are shown, so are the changes of cadences that Klenty no longer lists.
    own = found if view.is_all else found[found["cadence"].isin(["", *view.names])]
    shown = own[own["kind"].isin(kinds)].reset_index(drop=True)
    if shown.empty:
        st.markdown("No change is known in this range. Changes are found in the single days that were fetched.")
    else:
        _list(shown, view)
    history = changes.note_history()
    if history is not None and len(history):
        with st.expander(f"What became of notes ({len(history)})"):
            _history(history)


def _pick_kinds() -> list[str]:
    picked = st.multiselect(
        "Kinds",
        list(what_changed.KINDS),
        key="change_kinds",
        bind="query-params",
        placeholder="Every kind",
        format_func=lambda kind: what_changed.KINDS[kind],
        label_visibility="collapsed",
        width=260,
    )
    return list(picked or what_changed.KINDS)


def _list(shown: pd.DataFrame, view: View) -> None:
    kinds, names = shown["kind"].map(dict(what_changed.KINDS)), shown["cadence"].replace("", _EVERYTHING)
    spans = ["last"] if (shown["last"] != shown["day"]).any() else []
    picked = st.dataframe(
        shown.assign(kind=kinds, cadence=names, last=shown["last"].where(shown["last"] != shown["day"])),
        key="changes",
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [0], "columns": []}},
        column_order=["day", *spans, "text", "cadence", "kind", "author"],
        column_config={
            "day": st.column_config.DateColumn("Day", format="D MMM YYYY", width="small"),
            "last": st.column_config.DateColumn("To", format="D MMM YYYY", width="small"),
            "kind": st.column_config.TextColumn("Kind", width="small"),
            "cadence": "Cadence",
            "text": st.column_config.TextColumn("What", width="large"),
            "author": "By",
        },
        placeholder="",
        alt=f"{len(shown)} changes",
    )
    display.download(shown, key="changes_csv", name="changes")
    rows = picked["selection"]["rows"]
    if rows and rows[0] < len(shown):
        _opened({str(name): value for name, value in shown.iloc[rows[0]].to_dict().items()}, shown, view)


def _opened(change: dict[str, Any], shown: pd.DataFrame, view: View) -> None:
    """Draw a rate before and after a change; of a note, also the way to change it."""
    day, cadence = change["day"], str(change["cadence"])
    names = [cadence] if cadence else view.names
    today = trend_windows.today(view)
    newest = today - timedelta(days=1)
    first, last = day - timedelta(days=LONGEST), min(day + timedelta(days=LONGEST - 1), newest)
    daily = cached_history_read(trend_windows.engagements, tuple(names), first, last, view.window.timezone, "day")
    if daily is None:
        return
    with st.container(border=True):
        st.markdown(f"**{plain(cadence or _EVERYTHING)}, {day:%-d %b %Y}:** {plain(change['text'])}")
        found = [
            before_and_after(daily, day, rate_per(rate, "email"), newest=newest, facts=view.facts) for rate in _RATES
        ]
        told = [both.sentence for both in found if both is not None]
        for sentence in told:
            st.markdown(plain(sentence))
        others = shown[(shown["day"] >= first) & (shown["day"] <= last) & shown["cadence"].isin(["", *names])]
        more = f" {len(others) - 1} more are listed within these days." if len(others) > 1 else ""
        st.caption(
            f"{SOMETHING_ELSE}{more} Sums of the single days that are known on both sides."
            if told
            else "The history has no emails of single days on both sides of this day."
        )
        if not pd.isna(change["note"]) and changes.may_write() and cadence in {"", *view.names}:
            _change_note(int(change["note"]), change, view)


def _offer_note(view: View) -> None:
    with st.popover("Add a note", icon=":material/edit_note:"), st.form("note_new", border=False, clear_on_submit=True):
        text = st.text_input("Note", max_chars=LONGEST_NOTE, placeholder="New pricing page is live")
        today = trend_windows.today(view)
        picked = st.date_input("Day or days", value=(today, today), format="YYYY-MM-DD")
        cadence = st.selectbox("Cadence", [_EVERYTHING, *view.names])
        if st.form_submit_button("Add for everyone", type="primary"):
            _save(text, picked, _key(cadence, view))


def _change_note(number: int, change: dict[str, Any], view: View) -> None:
    with st.form(f"note_{number}", border=False):
        text = st.text_input("Note", str(change["text"]), max_chars=LONGEST_NOTE)
        with st.container(horizontal=True):
            if st.form_submit_button("Save for everyone"):
                _save(text, (change["day"], change["last"]), _key(str(change["cadence"]) or _EVERYTHING, view), number)
            if st.form_submit_button("Delete for everyone"):
                _try(lambda: changes.delete(number))


def _key(name: str, view: View) -> str:
    return next((cadence_key(cadence) for cadence in view.cadences if cadence.name == name), "")


def _save(text: str, picked: object, cadence: str, number: int | None = None) -> None:
    days = [day for day in picked if isinstance(day, date)] if isinstance(picked, tuple) else []
    if not days:
        st.session_state["changes.problem"] = "Not saved. Pick a day."
        st.rerun()
    note = DayNote(text, days[0], days[-1], cadence)
    _try(lambda: changes.save(note, number))


def _try(write: Callable[[], object]) -> None:
    try:
        write()
    except PermissionError:
        st.session_state["changes.problem"] = "Not saved: only operators and admins write notes."
    except (NoteError, DatabaseError) as problem:
        st.session_state["changes.problem"] = f"Not saved. {problem}"
    st.rerun()


def _history(history: pd.DataFrame) -> None:
    st.dataframe(
        history.iloc[::-1],
        hide_index=True,
        column_order=["at", "author", "change", "first", "last", "text"],
        placeholder="",
        column_config={
            "at": st.column_config.DatetimeColumn("When", format="D MMM YYYY, HH:mm"),
            "author": "Who",
            "change": "Change",
            "first": st.column_config.DateColumn("From", format="D MMM YYYY"),
            "last": st.column_config.DateColumn("To", format="D MMM YYYY"),
            "text": "Note",
        },
    )
