"""Bulk add as a page: choose a file, match its columns, look at the rows, confirm, watch, keep the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from dashboard.actions import batch_jobs, bulk_import, inputs
from dashboard.actions.batch_jobs import BULK, BULK_WORDS, begin_bulk, bulk_call, refused_by_client
from dashboard.actions.file_reader import read_file
from dashboard.actions.jobs import JOBS, SendJob
from dashboard.actions.ledger import LedgerProblemError
from dashboard.actions.markdown import as_json, code, count
from dashboard.actions.names import PickedName, look_alike_warning, picks
from dashboard.actions.prospect_fields import LIST_HELP, OWNER_HELP, PROSPECT_FIELDS, TAGS_HELP
from dashboard.actions.send import NotAllowedError
from dashboard.actions.spreadsheet import ENCODINGS, MAX_BYTES, MAX_ROWS, Sheet, SheetError
from dashboard.app_pages.action_forms import job_progress, session
from dashboard.app_pages.action_forms.inputs import label_of
from dashboard.app_pages.components import display
from dashboard.app_pages.session import sign_in
from klenty_api import BULK_LIMIT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.actions.context import ActionContext
    from dashboard.app_pages.action_forms.session import Choices
    from klenty_api import KlentyClient

_PREVIEWED = 50
_SHEET = "actions.bulk.sheet"
_PLAN = "actions.bulk.plan"
_ROUND = "actions.bulk.round"
_ASKED = "actions.bulk.asked"
_LEAVE_OUT = "Leave out"
_AS_CUSTOM = "Custom field of this name"
_LABELS = {known.attribute: known.label for known in PROSPECT_FIELDS}


@dataclass(slots=True)
class _Asked:
    """A plan that was shown for confirmation, and whether it was taken."""

    plan: bulk_import.Plan
    file: str
    taken: bool = False


def render_bulk(context: ActionContext, choices: Choices) -> None:
    """Draw the page: the newest import of the account if there is one, else the way to a new one."""
    job = next((job for job in JOBS.of(context.account.user, BULK) if is_own(job, context)), None)
    if job is not None:
        _job(job, context)
        return
    if JOBS.runs(context.account.user, BULK):
        st.info("Somebody else is importing into this account. The next import can begin when theirs has ended.")
        return
    _intro()
    sheet, file = _upload()
    if sheet is None:
        return
    matches = _match(sheet)
    problems = bulk_import.match_problems(matches, sheet.columns)
    for problem in problems:
        st.error(problem, icon=":material/error:")
    if problems:
        return
    defaults = _defaults(choices)
    if defaults is None:
        return
    plan = _plan(context.client, sheet, matches, defaults)
    _problems(plan)
    if plan.rows:
        _preview(plan)
        _ask(context, plan, file)


def _intro() -> None:
    st.markdown(
        f"Add prospects from a CSV or XLSX file: up to {MAX_ROWS:,} rows and {MAX_BYTES // 1_000_000} MB. "
        f"They are sent in calls of {BULK_LIMIT}. For a prospect that Klenty has already it says so, and list and tags "
        "are not added."
    )
    st.download_button(
        "Template",
        sign_in.guarded(bulk_import.template),
        file_name="klenty-prospects.csv",
        mime="text/csv",
        icon=":material/download:",
        key="actions.bulk.template",
        on_click="ignore",
        help="A CSV with Klenty's columns and one example row. Only Email is required.",
    )


# The file


def _upload() -> tuple[Sheet | None, str]:
    sign_in.allow_uploads()
    uploaded = st.file_uploader(
        "File with prospects", type=["csv", "xlsx", "txt", "tsv"], key=f"actions.bulk.file.{_round()}"
    )
    if uploaded is None:
        st.session_state.pop(_SHEET, None)
        return None, ""
    kept = st.session_state.get(_SHEET)
    encoding, header_row = _read_again(uploaded.file_id, kept)
    about = (uploaded.file_id, encoding, header_row)
    if kept is None or kept[0] != about:
        kept = (about, _read(uploaded.name, uploaded.getvalue(), encoding, header_row))
        st.session_state[_SHEET] = kept
        st.rerun()
    if isinstance(kept[1], SheetError):
        st.error(code(str(kept[1]), 400), title="The file cannot be read", icon=":material/error:")
        return None, ""
    sheet: Sheet = kept[1]
    for note in sheet.notes:
        st.info(note, icon=":material/info:")
    return sheet, uploaded.name


def _read(name: str, content: bytes, encoding: str, header_row: int) -> Sheet | SheetError:
    waiting = st.empty()
    try:
        with st.spinner("Reading the file …"):
            # Drawing something lets a closed tab, or the next click, end the reading.
            return read_file(name, content, encoding=encoding, header_row=header_row, on_wait=waiting.empty)
    except SheetError as problem:
        return problem


def _read_again(file_id: str, kept: tuple[tuple[str, str, int], Sheet | SheetError] | None) -> tuple[str, int]:
    """Let the visitor change the encoding and the header row; return what was chosen, empty and 0 to detect them."""
    if kept is None or kept[0][0] != file_id:
        return "", 0
    found = kept[1]
    with st.expander("How the file is read", icon=":material/tune:", expanded=isinstance(found, SheetError)):
        encoding = st.selectbox(
            "Encoding",
            ["", *ENCODINGS],
            format_func=lambda name: name or "Found out",
            key=f"actions.bulk.encoding.{file_id}",
            help="Of a CSV file. Choose another when letters with accents look wrong.",
        )
        header_row = st.number_input(
            "Row with the headings",
            min_value=0,
            max_value=20,
            key=f"actions.bulk.header.{file_id}",
            help="0: found out." + (f" It is row {found.header_row}." if isinstance(found, Sheet) else ""),
        )
    return encoding or "", int(header_row)


def is_own(job: SendJob, context: ActionContext) -> bool:
    """Return whether this visit started the job, or took it up, or the person did elsewhere when signed in."""
    person = context.person.email
    return job.id in session.open_jobs() or bool(person and person == batch_jobs.person_of(job))


def _round() -> int:
    number: int = st.session_state.get(_ROUND, 0)
    return number


# The columns


def _match(sheet: Sheet) -> dict[int, str | None]:
    guessed = bulk_import.guess_matches(sheet.columns)
    unsure = [column for position, column in enumerate(sheet.columns) if guessed[position] is None]
    options = [_LEAVE_OUT, _AS_CUSTOM, *_LABELS]
    st.markdown("#### Columns")
    if unsure:
        st.caption(f"{count(len(unsure), 'column')} matched to nothing: left out unless you choose otherwise.")
    matches: dict[int, str | None] = {}
    with st.grid("auto", min_column_width=220, gap="small"):
        for position, column in enumerate(sheet.columns):
            guess = guessed[position] or _LEAVE_OUT
            chosen = st.selectbox(
                code(column, 40),
                options,
                index=options.index(guess),
                format_func=lambda option: _LABELS.get(option, option),
                key=f"actions.bulk.match.{_sheet_id()}.{position}",
                help=f"For example {code(example)}" if (example := _example(sheet, position)) else "No row fills it.",
            )
            matches[position] = {_LEAVE_OUT: None, _AS_CUSTOM: bulk_import.CUSTOM}.get(chosen, chosen)
    return matches


def _sheet_id() -> str:
    return "-".join(map(str, st.session_state[_SHEET][0]))


def _example(sheet: Sheet, position: int) -> str:
    return next((row.cells[position] for row in sheet.rows if row.cells[position]), "")


def _defaults(choices: Choices) -> bulk_import.Defaults | None:
    with st.expander("For all rows", icon=":material/playlist_add:"):
        list_name = st.selectbox(
            "List",
            picks(choices.lists),
            index=None,
            format_func=label_of,
            accept_new_options=True,
            key=f"actions.bulk.list.{_round()}",
            placeholder="The row's own, else Klenty's default",
            help=LIST_HELP,
        )
        owner = st.selectbox(
            "Owner",
            choices.owners,
            index=None,
            accept_new_options=True,
            key=f"actions.bulk.owner.{_round()}",
            placeholder="The row's own, else this account's user",
            help=OWNER_HELP,
        )
        if owner and (problem := inputs.email_problem(owner)):
            st.error(problem, icon=":material/error:")
            return None
        tags = st.text_input("Tags to add to each", key=f"actions.bulk.tags.{_round()}", help=TAGS_HELP, max_chars=200)
    chosen = list_name.value if isinstance(list_name, PickedName) else inputs.clean_text(list_name or "")
    if chosen and (warning := look_alike_warning(choices.lists, chosen, "list")):
        st.warning(warning, icon=":material/content_copy:")
    return bulk_import.Defaults(chosen, inputs.clean_email(owner or ""), inputs.split_tags(tags or ""))


# The rows


def _plan(
    client: KlentyClient, sheet: Sheet, matches: Mapping[int, str | None], defaults: bulk_import.Defaults
) -> bulk_import.Plan:
    about = (_sheet_id(), tuple(matches.items()), defaults)
    kept = st.session_state.get(_PLAN)
    if kept is None or kept[0] != about:
        made = bulk_import.make_plan(sheet, matches, defaults)
        kept = (about, made.without(refused_by_client(client, made.rows)))
        st.session_state[_PLAN] = kept
    plan: bulk_import.Plan = kept[1]
    return plan


def _problems(plan: bulk_import.Plan) -> None:
    st.markdown("#### Rows")
    if not plan.rows:
        st.error("No row can be sent.", icon=":material/error:")
    with st.container(horizontal=True):
        st.metric("Rows in the file", plan.read)
        st.metric("To be sent", len(plan.rows))
        st.metric("Left out", plan.left_out)
    if not plan.problems and not plan.remarks:
        return
    words = [f"{count(plan.left_out, 'row')} will be left out"] if plan.left_out else []
    words += [f"{count(len(plan.remarks), 'cell')} will be left empty"] if plan.remarks else []
    st.warning(f"{' and '.join(words)}: see why.", icon=":material/rule:")
    frame = bulk_import.problems_frame(sorted((*plan.problems, *plan.remarks), key=lambda one: one.row))
    st.dataframe(
        frame,
        hide_index=True,
        height=min(38 + 35 * len(frame), 250),
        column_config={
            "row": st.column_config.NumberColumn("Row", width="small"),
            "column": "Column",
            "problem": "Problem",
        },
        alt=f"{count(len(frame), 'problem')} found in the file, with row numbers",
    )
    display.download(frame, key="actions.bulk.problems.csv", name="klenty-bulk-problems", label="Problems as CSV")


def _preview(plan: bulk_import.Plan) -> None:
    shown = plan.rows[:_PREVIEWED]
    with st.expander(f"Preview of the first {count(len(shown), 'row')}", icon=":material/table:", expanded=True):
        st.dataframe(
            preview_frame(shown),
            hide_index=True,
            height=min(38 + 35 * len(shown), 320),
            alt="The rows as they are sent",
        )


def preview_frame(rows: tuple[bulk_import.BulkRow, ...]) -> pd.DataFrame:
    """Return the rows with the fields that any of them fills, under the names people know."""
    records = []
    for row in rows:
        record: dict[str, Any] = {"Row": row.number}
        for known in PROSPECT_FIELDS:
            value = getattr(row.prospect, known.attribute, None)
            if value:
                record[known.label] = ", ".join(value) if known.attribute == "tags" else value
        record.update({f"{name} (custom)": value for name, value in row.custom.items()})
        records.append(record)
    return pd.DataFrame(records)


# The question


def _ask(context: ActionContext, plan: bulk_import.Plan, file: str) -> None:
    st.button(
        f"Review and send {count(len(plan.rows), 'row')} …",
        key="actions.bulk.review",
        type="primary",
        icon=":material/preview:",
        on_click=_open,
        args=(plan, file),
    )
    asked: _Asked | None = st.session_state.get(_ASKED)
    if asked is not None:
        draw = st.dialog("Bulk add", width="medium", on_dismiss=_close)(_question)
        draw(context, asked)


def _open(plan: bulk_import.Plan, file: str) -> None:
    st.session_state[_ASKED] = _Asked(plan, file)


def _close() -> None:
    st.session_state.pop(_ASKED, None)


def _question(context: ActionContext, asked: _Asked) -> None:
    client, account = context.client, context.account
    rows, calls = asked.plan.rows, bulk_import.batches(asked.plan.rows)
    st.markdown(f"Add **{count(len(rows), 'prospect')}** from {code(asked.file)} in {count(len(calls), 'call')}.")
    if asked.plan.left_out:
        st.markdown(f"Left out: {count(asked.plan.left_out, 'row')} of the file, see *Rows*.")
    if asked.plan.nameless:
        st.markdown(
            f"Without a first name: {count(asked.plan.nameless, 'row')}. Emails that greet by name will lack it."
        )
    st.markdown("This adds prospects and starts no cadence. Klenty documents no way to delete prospects again.")
    st.caption(f"On the account {code(account.label)}." + (" It is a sandbox." if account.is_sandbox else ""))
    first = bulk_call(client, calls[0])
    with st.expander("Raw request", icon=":material/code:"):
        if len(calls) > 1:
            st.caption(f"The first of {len(calls):,} calls.")
        st.code(
            f"{first.operation.method} {client.base_url}{first.path}\n{as_json(first.body)}",
            language="json",
            wrap_lines=True,
            height=260,
        )
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Cancel", key="actions.bulk.cancel"):
            _close()
            st.rerun()
        if st.button(
            f"Add {count(len(rows), 'prospect')} to Klenty",
            key="actions.bulk.send",
            type="primary",
            icon=":material/send:",
        ):
            _start(context, asked)


def _start(context: ActionContext, asked: _Asked) -> None:
    job = None
    if not asked.taken:
        asked.taken = True
        try:
            job = begin_bulk(context, asked.plan, file=asked.file)
        except (NotAllowedError, LedgerProblemError) as problem:
            asked.taken = False
            st.error(str(problem), title="Nothing was sent", icon=":material/block:")
            return
    _close()
    if job is not None:
        session.note_sent(job.entry)
        session.follow(job)
    st.session_state[_ROUND] = _round() + 1
    for kept in (_SHEET, _PLAN):
        st.session_state.pop(kept, None)
    st.rerun()


# The job


def _job(job: SendJob, context: ActionContext) -> None:
    st.markdown(f"#### Import of {code(job.title or 'a file')}")
    job_progress.draw_panel(job, BULK_WORDS, context, file="klenty-bulk-add")
    snapshot = job.snapshot()
    if snapshot.is_running:
        st.caption("You can leave this page: the import goes on, and its report stays here.")
        return
    st.button(
        "Start another import",
        key=f"actions.bulk.again.{job.id}",
        icon=":material/upload_file:",
        on_click=JOBS.forget,
        args=(job,),
        help="Drops this report. Download it first if you need it.",
    )
