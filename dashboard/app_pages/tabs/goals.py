"""Goals of the account, its owners and cadences: set, taken in and out as CSV, with every change."""

import io
from typing import Any, Final

import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from dashboard.analysis.metrics import METRICS
from dashboard.app_pages.components import display
from dashboard.app_pages.session import goals
from dashboard.app_pages.session.filters import View
from dashboard.app_pages.session.text import plain
from dashboard.app_pages.session.watch_list import everything
from dashboard.data.database import DatabaseError
from dashboard.data.goals import GOAL_METRICS, PERIODS, SCOPES, GoalError, goals_of, goals_table
from dashboard.exports.csv import defuse
from klenty_api import Cadence

_LARGEST_FILE: Final = 1_000_000


def draw(_view: View) -> None:
    """Draw the goals in force as a table to fill in, and what became of them."""
    known = goals.in_force()
    if known is None:
        st.info("Goals are kept in the database, which cannot be used now.", icon=":material/database_off:")
        return
    cadences, _ = everything()
    changes = goals.changes()
    st.markdown("At least so many in every week, month or quarter. An empty table: no goals, and nothing is shown.")
    start = st.session_state.get("goals.file")
    table: pd.DataFrame = start if start is not None else goals_table(known, cadences)
    edited = st.data_editor(
        table.assign(target=table["target"].astype("Int64")),
        key=f"goals_{0 if changes is None else len(changes)}_{st.session_state.get('goals.files', 0)}",
        num_rows="dynamic",
        hide_index=True,
        placeholder="–",
        width="stretch",
        column_config=_columns(cadences, table),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Save for everyone", type="primary", key="goals_save"):
            _save(edited, cadences)
        display.download(goals_table(known, cadences), key="goals_csv", name="goals")
        with st.popover("From a file", icon=":material/upload_file:"):
            st.file_uploader(
                "CSV with the columns scope, subject, metric, period, target",
                type="csv",
                key="goals_file",
                on_change=_take_file,
            )
    if problem := st.session_state.pop("goals.problem", None):
        st.error(plain(problem), icon=":material/flag:")
    if done := st.session_state.pop("goals.done", None):
        st.caption(f":material/check: {plain(done)}")
    if changes is not None and len(changes):
        with st.expander(f"Changes ({len(changes)})"):
            _history(changes, cadences)


def _columns(cadences: tuple[Cadence, ...], table: pd.DataFrame) -> dict[str, Any]:
    owners = sorted({cadence.owner for cadence in cadences if cadence.owner})
    names = list(dict.fromkeys(cadence.name for cadence in cadences if cadence.name))
    subjects = ["", *owners, *names]
    subjects += [subject for subject in table["subject"].dropna().unique() if subject not in subjects]
    return {
        "scope": st.column_config.SelectboxColumn("Of", options=list(SCOPES), required=True),
        "subject": st.column_config.SelectboxColumn(
            "Which", options=subjects, help="The owner or the cadence; empty for the account."
        ),
        "metric": st.column_config.SelectboxColumn(
            "Count", options=list(GOAL_METRICS), required=True, format_func=lambda key: METRICS[str(key)].label
        ),
        "period": st.column_config.SelectboxColumn("Every", options=list(PERIODS), required=True),
        "target": st.column_config.NumberColumn("At least", min_value=1, step=1, required=True),
    }


def _save(table: pd.DataFrame, cadences: tuple[Cadence, ...]) -> None:
    try:
        changed = goals.save(goals_of(table, cadences))
    except GoalError as problem:
        st.session_state["goals.problem"] = f"Not saved. {problem}"
    except PermissionError:
        st.session_state["goals.problem"] = "Not saved: only admins set goals."
    except DatabaseError as problem:
        st.session_state["goals.problem"] = f"Not saved. {problem}"
    else:
        st.session_state.pop("goals.file", None)
        many = {0: "Nothing had changed.", 1: "1 goal changed."}.get(changed, f"{changed} goals changed.")
        st.session_state["goals.done"] = many
        st.rerun()


def _take_file() -> None:
    """Show the goals of a file in the table; they are saved by the button."""
    file = st.session_state["goals_file"]
    if not isinstance(file, UploadedFile):  # none, or one that is there no more
        return
    try:
        content = file.getvalue()
        if len(content) > _LARGEST_FILE:
            raise GoalError("The file is larger than 1 MB.")
        table = pd.read_csv(io.BytesIO(content), dtype=str, encoding="utf-8-sig", keep_default_na=False)
        cadences, _ = everything()
        # A name that a spreadsheet would take for a formula has an apostrophe in our own file.
        table = table.replace({"subject": {defuse(cadence.name): cadence.name for cadence in cadences if cadence.name}})
        goals_of(table, cadences)
    except (ValueError, UnicodeError) as problem:
        said = problem if isinstance(problem, GoalError) else "It is no CSV file in UTF-8."
        st.session_state["goals.problem"] = f"Nothing was taken from the file. {said}"
        return
    texts = table[["scope", "subject", "metric", "period"]].astype("string")
    st.session_state["goals.file"] = texts.assign(target=pd.to_numeric(table["target"]).astype("Int64"))
    st.session_state["goals.files"] = st.session_state.get("goals.files", 0) + 1
    st.session_state["goals.done"] = "These are the goals of the file. They hold once they are saved."


def _history(changes: pd.DataFrame, cadences: tuple[Cadence, ...]) -> None:
    names = {cadence.id: cadence.name for cadence in cadences if cadence.id}
    shown = changes.iloc[::-1].assign(subject=[names.get(key, key) for key in changes["subject"].iloc[::-1]])
    st.dataframe(
        shown[["set_at", "set_by", "scope", "subject", "metric", "period", "target"]],
        hide_index=True,
        placeholder="ended",
        column_config={
            "set_at": st.column_config.DatetimeColumn("When", format="D MMM YYYY, HH:mm"),
            "set_by": "Who",
            "scope": "Of",
            "subject": "Which",
            "metric": "Count",
            "period": "Every",
            "target": "At least",
        },
    )
