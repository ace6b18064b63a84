"""The action log as a page: filters, a table with CSV, and one entry with its rows and how to go on."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard.actions.batch_jobs import RUN_KINDS, WORDS, resume
from dashboard.actions.catalogue import BY_KEY
from dashboard.actions.jobs import JOBS, Snapshot
from dashboard.actions.ledger import PURGE, STATE_WORDS
from dashboard.actions.ledger_queries import Filter, entries, known_people, load_run
from dashboard.actions.markdown import as_json, code, count
from dashboard.app_pages.action_forms import job_progress, session
from dashboard.app_pages.components import display
from dashboard.data.database import DatabaseError
from dashboard.data.database.accounts import account_id
from dashboard.data.roles import Role
from klenty_api import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from dashboard.actions.context import ActionContext
    from dashboard.actions.jobs import SendJob
    from dashboard.actions.ledger_queries import StoredRun
    from dashboard.data.database import Database

_DAYS: Final = 30
_ACTIONS: Final[dict[str, str]] = {
    **{operation.name: operation.title for operation in OPERATIONS.values() if operation.is_write},
    **{action.operation: action.label for action in BY_KEY.values()},
    "bulk_create": "Bulk add",
    PURGE: "Old entries removed",
}
_NOBODY: Final = "Not signed in"


def render(context: ActionContext, accounts: Mapping[tuple[str, str], str], timezone: str) -> None:
    """Draw the log of the accounts, (address, user) → label, that the person of `context` may see.

    Args:
        context: client, account, person and log.
        accounts: labels by address and user.
        timezone: in which times are shown.
    """
    try:
        database = context.ledger.database()
        numbers = {account_id(database, base_url=url, user=user): label for (url, user), label in accounts.items()}
        wanted = _filters(database, numbers, ZoneInfo(timezone))
        if wanted is None:
            return
        frame = _for_people(entries(database, wanted), timezone)
        picked = _table(frame, wanted)
        if picked is not None:
            _entry(context, frame.iloc[picked])
    except DatabaseError as problem:
        st.error(
            f"{problem} Until it can be written again, nothing can be sent to Klenty from here.",
            title="The action log cannot be read",
            icon=":material/database_off:",
        )


# The filters


def _filters(database: Database, accounts: Mapping[int, str], zone: ZoneInfo) -> Filter | None:
    today = dt.datetime.now(zone).date()
    first = today - dt.timedelta(days=_DAYS - 1)
    with st.grid("auto", min_column_width=210, gap="small"):
        days = st.date_input(
            "Days",
            (first, today),
            max_value=today,
            key="ledger.days",
            format="YYYY-MM-DD",
        )
        chosen = list(accounts)
        if len(accounts) > 1:
            chosen = (
                st.multiselect("Accounts", chosen, format_func=accounts.__getitem__, key="ledger.accounts") or chosen
            )
        people = st.multiselect(
            "People",
            known_people(database, chosen),
            format_func=lambda person: person or _NOBODY,
            key="ledger.people",
            placeholder="Everyone",
        )
        actions = st.multiselect(
            "Actions", sorted(_ACTIONS, key=_ACTIONS.__getitem__), format_func=_action, key="ledger.actions",
            placeholder="All",
        )  # fmt: skip
        results = st.multiselect(
            "Results", list(STATE_WORDS), format_func=dict(STATE_WORDS).__getitem__, key="ledger.results",
            placeholder="All",
        )  # fmt: skip
        # Not bound to the URL: a prospect's address must not stand there.
        prospect = st.text_input("Prospect's email", key="ledger.prospect", max_chars=254, autocomplete="off")
    visit = session.sent_entries()
    only_visit = st.toggle("Only this visit", key="ledger.visit", disabled=not visit)
    if not isinstance(days, tuple) or len(days) != 2:
        st.info("Pick the first and the last day.", icon=":material/date_range:")
        return None
    midnight = dt.time(tzinfo=zone)
    return Filter(
        {number: accounts[number] for number in chosen},
        start=dt.datetime.combine(days[0], midnight),
        end=dt.datetime.combine(days[1] + dt.timedelta(days=1), midnight),
        people=people,
        operations=actions,
        results=results,
        prospect=prospect or "",
        entries=visit if only_visit else None,
    )


def _action(operation: str) -> str:
    return _ACTIONS.get(operation, operation)


# The table


def _for_people(frame: pd.DataFrame, timezone: str) -> pd.DataFrame:
    """Return the entries in words, with times in the zone of the page."""
    running = JOBS.running_entries()
    shown = frame.assign(
        action=frame["operation"].map(_action).astype("string"),
        result=frame["result"].map(dict(STATE_WORDS)).mask(frame["entry"].isin(running), "Being sent").astype("string"),
        person=frame["person"].replace("", _NOBODY),
        time=frame["time"].dt.tz_convert(timezone),
        ended=frame["ended"].dt.tz_convert(timezone),
    )
    order = ["time", "person", "account", "action", "for", "result", "message", "rows"]
    return shown[[*order, *(name for name in shown.columns if name not in order)]]


def _table(frame: pd.DataFrame, wanted: Filter) -> int | None:
    if frame.empty:
        st.info("Nothing was sent to Klenty in these days that fits the filters.", icon=":material/receipt_long:")
        return None
    unknown = int((frame["result"] == STATE_WORDS["unknown"]).sum())
    parts = [count(len(frame), "entry", "entries"), f"{unknown} of them with an unknown outcome" if unknown else ""]
    limit = " Only the newest are shown: choose fewer days for the others." if len(frame) == wanted.most else ""
    shown = ["time", "person", *(["account"] if len(wanted.accounts) > 1 else [])]
    state = st.dataframe(
        frame,
        key="ledger.table",
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        placeholder="–",
        column_order=[*shown, "action", "for", "result", "message", "rows"],
        column_config={
            "time": st.column_config.DatetimeColumn("Time", format="YYYY-MM-DD HH:mm:ss"),
            "person": "Person",
            "account": "Account",
            "action": "Action",
            "for": "For",
            "result": "Result",
            "message": st.column_config.TextColumn("Message", width="large"),
            "rows": st.column_config.NumberColumn("Rows", width="small"),
        },
        alt=f"{', '.join(filter(None, parts))}, newest first",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{', '.join(filter(None, parts))}. Pick a row to see what was sent.{limit}", width="stretch")
        display.download(frame, key="ledger.csv", name="klenty-action-log")
    rows = state.selection.rows
    return rows[0] if rows and rows[0] < len(frame) else None


# One entry


def _entry(context: ActionContext, row: pd.Series[Any]) -> None:
    with st.container(border=True):
        st.markdown(f"**{row['action']}**, {code(row['for'])}")
        facts = [
            f"Sent by {code(row['person'])}" + (f" as {row['role']}" if row["role"] else ""),
            f"{row['time']:%Y-%m-%d %H:%M:%S}",
            f"account {code(row['account'])}",
            f"**{row['result']}**",
        ]
        st.markdown(" · ".join(facts))
        st.text(row["message"])
        if row["what_to_check"]:
            st.markdown(f"**What to check:** {row['what_to_check']}")
        with st.expander("What was sent", icon=":material/code:", expanded=not row["rows"]):
            st.code(as_json(json.loads(row["sent"])), language="json", wrap_lines=True)
        if row["rows"] and row["rows"] > 0 and row["operation"] in RUN_KINDS:
            _rows(context, int(row["entry"]), row["operation"])


def _rows(context: ActionContext, entry: int, operation: str) -> None:
    kind = RUN_KINDS[operation]
    job = next((job for job in JOBS.of(context.account.user, kind) if job.entry == entry), None)
    may_go_on = context.person.may(Role.ADMIN)
    if job is not None and may_go_on:
        job_progress.draw_panel(job, WORDS[kind], context)
        return
    try:
        stored = load_run(context.ledger, entry)
    except LookupError:
        st.info("Its rows are shown when its account is chosen in the sidebar.", icon=":material/swap_horiz:")
        return
    counts = Counter(item.state for item in stored.items)
    job_progress.rows_table(Snapshot("stopped", "", tuple(stored.items), counts=counts), WORDS[kind])
    if may_go_on:
        _offer_to_go_on(context, entry, stored)


def _offer_to_go_on(context: ActionContext, entry: int, stored: StoredRun) -> None:
    waiting, unknown, missing = (stored.count(state) for state in ("waiting", "unknown", "missing"))
    if not (waiting or unknown or missing):
        return
    st.markdown(
        f"Not sent yet: {waiting:,}. Without a known outcome: {unknown:,}; they are never sent again by themselves."
    )
    st.button(
        "Take this run up again",
        key=f"ledger.resume.{entry}",
        icon=":material/play_arrow:",
        help="Shows the run with what can be done: send the rows that were not sent, check the unknown ones.",
        on_click=_resume,
        args=(context, entry),
    )


def _resume(context: ActionContext, entry: int) -> None:
    try:
        job: SendJob | None = resume(context, entry)
    except (DatabaseError, LookupError):
        job = None
    if job is not None:
        session.follow(job)
        session.note_sent(entry)
    else:
        st.toast("Another run of this kind is under way: wait until it has ended.", icon=":material/hourglass_top:")
