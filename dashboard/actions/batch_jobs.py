"""Batch jobs: bulk import in calls of 100, and a cadence started for many prospects one by one.

Each is one run of the action log, recorded with all its rows before the first call. Every call goes through
`send.perform`, and each row is marked before it is sent and after. So a run can be resumed after a restart with the
rows that were not sent; rows whose outcome is unknown are never sent again automatically.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from dashboard.actions.catalogue import BY_KEY
from dashboard.actions.jobs import JOBS, BatchEnd, JobRow, RowResult, SendJob, Snapshot
from dashboard.actions.ledger import RunRow
from dashboard.actions.ledger_queries import load_run
from dashboard.actions.markdown import count
from dashboard.actions.prospect_status import find_prospect, read_back
from dashboard.actions.send import ActionResult, OneTimeCall, begin_run, perform
from klenty_api import BULK_LIMIT, KlentyError, Prospect, ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.actions import bulk_import
    from dashboard.actions.context import ActionContext
    from dashboard.actions.jobs import RowState
    from dashboard.actions.ledger import LedgerRun
    from klenty_api import Call, KlentyClient

BULK: Final = "bulk"
START_MANY: Final = "start_many"
RUN_KINDS: Final[Mapping[str, str]] = {"bulk_create": BULK, "start_cadence": START_MANY}
"""The operations that runs are made of, and the kind of their jobs."""

BULK_WORDS: Final[Mapping[RowState, str]] = {
    "waiting": "Not sent",
    "sending": "Being sent",
    "done": "Added",
    "exists": "Already there",
    "refused": "Refused",
    "unknown": "Unknown",
    "missing": "Not added",
    "left_out": "Left out",
}
START_WORDS: Final[Mapping[RowState, str]] = {
    **BULK_WORDS,
    "done": "Started",
    "missing": "Not started",
}
WORDS: Final = {BULK: BULK_WORDS, START_MANY: START_WORDS}
_CHECK: Final = "Check the rows marked Unknown: read each prospect back before sending it again."
_STATES: Final[Mapping[str, RowState]] = {
    "added": "done",
    "exists": "exists",
    "refused": "refused",
    "unknown": "unknown",
}


def bulk_call(client: KlentyClient, rows: Sequence[bulk_import.BulkRow]) -> Call[Any]:
    """Return the call that adds `rows`, at most 100. Raises klenty_api.ValidationError; sends nothing."""
    return client.prepare(lambda api: api.prospects.bulk_create([row.prospect for row in rows]))


def refused_by_client(client: KlentyClient, rows: Sequence[bulk_import.BulkRow]) -> dict[int, str]:
    """Return row numbers that the client would refuse, with its reason. Sends nothing."""
    refused = {}
    for row in rows:
        try:
            bulk_call(client, [row])
        except ValidationError as problem:
            refused[row.number] = str(problem)
    return refused


# What both do


@dataclass(slots=True)
class Work:
    """One run as it is sent: its context, its run in the log, its rows by position, and its name."""

    context: ActionContext
    run: LedgerRun
    rows: Sequence[RunRow]
    title: str
    calls: int = 0


def begin_bulk(context: ActionContext, plan: bulk_import.Plan, *, file: str = "") -> SendJob | None:
    """Record the rows of `plan` and start to add them; None while another import is running.

    Raises NotAllowedError or LedgerProblemError; then nothing is sent.

    Args:
        context: client, account, person and log.
        plan: the checked rows.
        file: its name, for the log.
    """
    if JOBS.runs(context.account.user, BULK):
        return None
    return _started(prepare_bulk(context, plan, file=file))


def begin_start_many(context: ActionContext, cadence: str, calls: Sequence[Call[Any]]) -> SendJob | None:
    """Record the starts of `cadence` and begin to send them; None while others are being started.

    Raises NotAllowedError or LedgerProblemError; then nothing is sent.

    Args:
        context: client, account, person and log.
        cadence: its name.
        calls: one for each prospect.
    """
    if JOBS.runs(context.account.user, START_MANY):
        return None
    return _started(prepare_start_many(context, cadence, calls))


def prepare_bulk(context: ActionContext, plan: bulk_import.Plan, *, file: str = "") -> SendJob:
    """Return the job that adds the rows of `plan`, recorded and not started. Raises as `begin_bulk`.

    Args:
        context: client, account, person and log.
        plan: the checked rows.
        file: its name, for the log.
    """
    rows = [RunRow(row.number, row.email, bulk_call(context.client, [row]).body[0]) for row in plan.rows]
    subject = f"{count(len(rows), 'row')} of {file}" if file else count(len(rows), "row")
    about = {"file": file, "rows": len(rows), "left_out": plan.left_out}
    work = Work(context, begin_run(context, "bulk_create", subject, about, rows), rows, file)
    items = [JobRow(row.number, row.email) for row in rows]
    items += [JobRow(row, "", "left_out", words) for row, words in plan.left_out_rows().items()]
    return bulk_job(work, items)


def prepare_start_many(context: ActionContext, cadence: str, calls: Sequence[Call[Any]]) -> SendJob:
    """Return the job that sends `calls`, recorded and not started. Raises as `begin_start_many`.

    Args:
        context: client, account, person and log.
        cadence: its name.
        calls: one for each prospect.
    """
    rows = [RunRow(number, call.body["Email"], call.body) for number, call in enumerate(calls, start=1)]
    about = {"cadence": cadence, "rows": len(rows)}
    run = begin_run(context, "start_cadence", count(len(rows), "prospect"), about, rows)
    return start_many_job(Work(context, run, rows, cadence), [JobRow(row.number, row.email) for row in rows])


def resume(context: ActionContext, entry: int) -> SendJob | None:
    """Return the job of a recorded run, as far as it got; it sends nothing before it is started.

    None while another run of its kind is under way. Rows without an answer are unknown.
    """
    stored = load_run(context.ledger, entry)
    kind = RUN_KINDS[stored.operation]
    known = next((job for job in JOBS.of(context.account.user, kind) if job.entry == entry), None)
    if known is not None:
        return known
    run = context.ledger.run(entry, context.person, stored.turns)
    title = str(stored.about.get("file") or stored.about.get("cadence") or "")
    work = Work(context, run, stored.rows, title)
    job = (bulk_job if kind == BULK else start_many_job)(work, stored.items)
    return job if JOBS.add(job) else None


def reassign(job: SendJob, context: ActionContext) -> None:
    """Let `job` go on as the person of `context`, with their role; a running job stays as it is."""
    work = job.work
    if isinstance(work, Work) and not job.snapshot().is_running:
        work.context, work.run.person = context, context.person


def person_of(job: SendJob) -> str:
    """Return the address of the person who sends `job`; empty without sign-in."""
    return job.work.run.person.email if isinstance(job.work, Work) else ""


def _started(job: SendJob) -> SendJob | None:
    if JOBS.add(job):
        job.start()
        return job
    if isinstance(job.work, Work):
        job.work.run.finish("refused", "Another one was under way. Nothing was sent.", what_to_check="", attempts=0)
    return None


def _job(kind: str, work: Work, items: Sequence[JobRow], batch_size: int, **how: Any) -> SendJob:
    account = work.context.account.user
    on_progress = partial(_finish, work, WORDS[kind])
    job = SendJob(kind, account, items, batch_size=batch_size, sink=work.run, on_progress=on_progress, **how)
    job.title, job.entry, job.work = work.title, work.run.entry, work
    return job


def _finish(work: Work, words: Mapping[RowState, str], snapshot: Snapshot) -> None:
    """Record how a run ended, or was stopped; nothing while it is under way."""
    if snapshot.is_running:
        return
    counts = snapshot.counts
    parts = [f"{words[state].lower()} {counts[state]:,}" for state in words if counts.get(state)]
    unknown = bool(counts.get("unknown") or counts.get("sending"))
    work.run.finish(
        _state(counts, unknown=unknown),
        ". ".join(filter(None, [", ".join(parts).capitalize(), snapshot.message])),
        what_to_check=_CHECK if unknown else "",
        attempts=work.calls,
    )


def _state(counts: Mapping[RowState, int], *, unknown: bool) -> str:
    """Return one word for all rows: *done* only when every row that was to be sent is done."""
    if unknown:
        return "unknown"
    if not (counts.get("done") or counts.get("exists")):
        return "refused"
    rest = counts.get("waiting") or counts.get("refused") or counts.get("missing")
    return "partly" if rest else "done"


# Bulk add


def bulk_job(work: Work, items: Sequence[JobRow]) -> SendJob:
    """Return a job that adds the rows of `work` in batches of 100; `items` may name left-out rows at their end."""
    client, rows = work.context.client, work.rows
    empty = client.prepare(lambda api: api.prospects.bulk_create([Prospect(email=work.context.account.user)]))

    def send(positions: Sequence[int]) -> BatchEnd:
        batch = [rows[position] for position in positions]
        once = OneTimeCall(replace(empty, body=[row.sent for row in batch]))
        work.calls += 1
        return _batch_end(positions, batch, perform(work.context, once, work.title, check=_CHECK, run=work.run))

    def check_status(position: int) -> BatchEnd:
        return _look_for_prospect(client, position, rows[position].email)

    return _job(BULK, work, items, BULK_LIMIT, send=send, check_status=check_status)


def _batch_end(positions: Sequence[int], batch: Sequence[RunRow], result: ActionResult) -> BatchEnd:
    if result.state == "done":
        answers = {row.email.casefold(): row for row in result.answer.rows if row.email}
        missing = RowResult("unknown", "Klenty's answer does not mention this row.")
        results = {}
        for position, row in zip(positions, batch, strict=True):
            answer = answers.get(row.email.casefold())
            results[position] = RowResult(_STATES[answer.outcome], answer.status or "") if answer else missing
        return BatchEnd(results)
    if not result.left_machine:
        return BatchEnd(dict.fromkeys(positions, RowResult("waiting")), stop=result.message)
    end = RowResult("unknown" if result.state == "unknown" else "refused", result.message)
    return BatchEnd(dict.fromkeys(positions, end), stop=result.message if result.stops_all else "")


def _look_for_prospect(client: KlentyClient, position: int, email: str) -> BatchEnd:
    try:
        found = find_prospect(client, email)
    except KlentyError as error:
        return BatchEnd({}, stop=str(error))
    if found is None:
        return BatchEnd({position: RowResult("missing", "Klenty does not have this prospect: it was not added.")})
    return BatchEnd({position: RowResult("exists", "Found in Klenty when checked: added now, or there before.")})


# A cadence for many


def start_many_job(work: Work, items: Sequence[JobRow]) -> SendJob:
    """Return a job that starts a cadence for the rows of `work`, one after another."""
    action = BY_KEY["start_cadence"]
    client, rows = work.context.client, work.rows
    empty = client.prepare(lambda api: api.cadences.start(work.context.account.user, work.title))

    def send(positions: Sequence[int]) -> BatchEnd:
        (position,) = positions
        once = OneTimeCall(replace(empty, body=rows[position].sent))
        work.calls += 1
        result = perform(work.context, once, rows[position].email, check=action.check, run=work.run)
        if not result.left_machine:
            return BatchEnd({position: RowResult("waiting")}, stop=result.message)
        end = RowResult(result.state, "" if result.state == "done" else result.message)
        return BatchEnd({position: end}, stop=result.message if result.stops_all else "")

    def check_status(position: int) -> BatchEnd:
        found = read_back(client, rows[position].email)
        if found.problem:
            return BatchEnd({}, stop=found.problem)
        if not found.found:
            return BatchEnd({position: RowResult("missing", "Klenty does not have this prospect.")})
        # Whether "In Cadence" is this cadence only a person can tell, so the row stays unknown, with what is known.
        shown = ", ".join(filter(None, [found.cadence_status, found.prospect_status])) or "no status reported"
        return BatchEnd({position: RowResult("unknown", f"Status when checked: {shown}.")})

    return _job(START_MANY, work, items, 1, send=send, check_status=check_status)
