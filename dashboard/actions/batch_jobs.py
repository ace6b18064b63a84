"""The two long sendings: bulk add in batches of 100, and a cadence started for many prospects one by one.

Each is one run of the ledger, entered with all its rows before the first call. Every call goes through
`run.perform`, and of each row it is written down that it is being sent, and what became of it. So a run can go on
after a restart with the rows that were not sent (`resume`); rows whose outcome is unknown are never sent again by
themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from dashboard.actions.catalogue import BY_KEY
from dashboard.actions.jobs import JOBS, BatchEnd, Item, SendJob, Snapshot, Verdict
from dashboard.actions.journal import JournalRecord
from dashboard.actions.ledger import RunRow
from dashboard.actions.ledger_queries import load_run
from dashboard.actions.markdown import count
from dashboard.actions.prospect_status import read_back
from dashboard.actions.send import ActionResult, OneTimeCall, begin_run, perform
from klenty_api import BULK_LIMIT, KlentyError, Prospect, ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.actions import bulk_import
    from dashboard.actions.context import ActionContext
    from dashboard.actions.jobs import ItemState
    from dashboard.actions.journal import Entry, Journal
    from dashboard.actions.ledger import Run
    from klenty_api import Call, KlentyClient

BULK: Final = "bulk"
START_MANY: Final = "start_many"
RUN_KINDS: Final[Mapping[str, str]] = {"bulk_create": BULK, "start_cadence": START_MANY}
"""The operations that runs are made of, and the kind of their jobs."""

BULK_WORDS: Final[Mapping[ItemState, str]] = {
    "waiting": "Not sent",
    "sending": "Being sent",
    "done": "Added",
    "exists": "Already there",
    "refused": "Refused",
    "unknown": "Unknown",
    "missing": "Not added",
    "left_out": "Left out",
}
START_WORDS: Final[Mapping[ItemState, str]] = {
    **BULK_WORDS,
    "done": "Started",
    "missing": "Not started",
}
WORDS: Final = {BULK: BULK_WORDS, START_MANY: START_WORDS}
_CHECK: Final = "Check the rows marked Unknown: read each prospect back before sending it again."
_STATES: Final[Mapping[str, ItemState]] = {
    "added": "done",
    "exists": "exists",
    "refused": "refused",
    "unknown": "unknown",
}


def bulk_call(client: KlentyClient, rows: Sequence[bulk_import.BulkRow]) -> Call[Any]:
    """The call that adds `rows`, at most 100. Raises klenty_api.ValidationError; sends nothing."""
    return client.prepare(lambda api: api.prospects.bulk_create([row.prospect for row in rows]))


def refused_by_client(client: KlentyClient, rows: Sequence[bulk_import.BulkRow]) -> dict[int, str]:
    """Row numbers that the client would refuse, with its reason. Sends nothing."""
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
    """One run as it is sent: at whose desk, its run in the ledger, its rows by position, and its name."""

    desk: ActionContext
    run: Run
    rows: Sequence[RunRow]
    journal: Journal
    title: str


def begin_bulk(desk: ActionContext, plan: bulk_import.Plan, journal: Journal, *, file: str = "") -> SendJob | None:
    """Enter the rows of `plan` into the ledger and start to add them; None while another import is running.

    Raises NotAllowedError or LedgerProblemError; then nothing is sent.
    """
    if JOBS.runs(desk.account.user, BULK):
        return None
    return _started(prepare_bulk(desk, plan, journal, file=file))


def begin_start_many(desk: ActionContext, cadence: str, calls: Sequence[Call[Any]], journal: Journal) -> SendJob | None:
    """Enter the starts of `cadence` into the ledger and begin to send them; None while others are being started.

    Raises NotAllowedError or LedgerProblemError; then nothing is sent.
    """
    if JOBS.runs(desk.account.user, START_MANY):
        return None
    return _started(prepare_start_many(desk, cadence, calls, journal))


def prepare_bulk(desk: ActionContext, plan: bulk_import.Plan, journal: Journal, *, file: str = "") -> SendJob:
    """The job that adds the rows of `plan`, entered into the ledger and not started. Raises as `begin_bulk`."""
    rows = [RunRow(row.number, row.email, bulk_call(desk.client, [row]).body[0]) for row in plan.rows]
    subject = f"{count(len(rows), 'row')} of {file}" if file else count(len(rows), "row")
    about = {"file": file, "rows": len(rows), "left_out": plan.left_out}
    work = Work(desk, begin_run(desk, "bulk_create", subject, about, rows), rows, journal, file)
    items = [Item(row.number, row.email) for row in rows]
    items += [Item(row, "", "left_out", words) for row, words in plan.left_out_rows().items()]
    return bulk_job(work, items)


def prepare_start_many(desk: ActionContext, cadence: str, calls: Sequence[Call[Any]], journal: Journal) -> SendJob:
    """The job that sends `calls`, entered into the ledger and not started. Raises as `begin_start_many`."""
    rows = [RunRow(number, call.body["Email"], call.body) for number, call in enumerate(calls, start=1)]
    about = {"cadence": cadence, "rows": len(rows)}
    run = begin_run(desk, "start_cadence", count(len(rows), "prospect"), about, rows)
    return start_many_job(Work(desk, run, rows, journal, cadence), [Item(row.number, row.email) for row in rows])


def resume(desk: ActionContext, entry: int, journal: Journal) -> SendJob | None:
    """The job of a run that stands in the ledger, as far as it came; it sends nothing before it is started.

    None while another run of its kind is under way. Rows without an answer are unknown.
    """
    stored = load_run(desk.ledger, entry)
    kind = RUN_KINDS[stored.operation]
    known = next((job for job in JOBS.of(desk.account.user, kind) if job.entry == entry), None)
    if known is not None:
        return known
    run = desk.ledger.run(entry, desk.person, stored.turns)
    title = str(stored.about.get("file") or stored.about.get("cadence") or "")
    work = Work(desk, run, stored.rows, journal, title)
    job = (bulk_job if kind == BULK else start_many_job)(work, stored.items)
    return job if JOBS.add(job) else None


def take_over(job: SendJob, desk: ActionContext) -> None:
    """Let what `job` sends from now on be sent by the person at `desk`, with his role; a running job stays as it is."""
    work = job.work
    if isinstance(work, Work) and not job.snapshot().is_running:
        work.desk, work.run.person = desk, desk.person


def _started(job: SendJob) -> SendJob | None:
    if JOBS.add(job):
        job.start()
        return job
    if isinstance(job.work, Work):
        job.work.run.ended("refused", "Another one was under way. Nothing was sent.", what_to_check="", attempts=0)
    return None


def _job(kind: str, work: Work, items: Sequence[Item], batch_size: int, **how: Any) -> SendJob:
    account = work.desk.account.user
    job = SendJob(kind, account, items, batch_size=batch_size, book=work.run, **how)
    job.title, job.entry, job.work = work.title, work.run.entry, work
    return job


def _end(work: Work, words: Mapping[ItemState, str], snapshot: Snapshot, calls: int) -> dict[str, Any]:
    """How a run stands, in the words of journal and ledger; the ledger gets it when the job's thread ends."""
    counts = snapshot.counts
    parts = [f"{words[state].lower()} {counts[state]:,}" for state in words if counts.get(state)]
    unknown = bool(counts.get("unknown") or counts.get("sending"))
    end: dict[str, Any] = {
        "state": _state(counts, unknown=unknown),
        "message": ". ".join(filter(None, [", ".join(parts).capitalize(), snapshot.message])),
        "what_to_check": _CHECK if unknown else "",
        "attempts": calls,
    }
    if snapshot.is_running:
        return end | {"state": "sending"}
    work.run.ended(**end)
    return end


def _state(counts: Mapping[ItemState, int], *, unknown: bool) -> str:
    """One word for all rows: *done* only when every row that was to be sent is done."""
    if unknown:
        return "unknown"
    if not (counts.get("done") or counts.get("exists")):
        return "refused"
    rest = counts.get("waiting") or counts.get("refused") or counts.get("missing")
    return "partly" if rest else "done"


# Bulk add


class _BulkRecord:
    """The one journal entry of a bulk run, kept up to date after every batch."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._what = {
            "account": work.desk.account.label,
            "operation": "bulk_create",
            "title": "Bulk add",
            "changes_prospect": False,
        }
        rows = count(len(work.rows), "row")
        self.subject = f"{rows} of {work.title}" if work.title else rows
        self._entry: Entry | None = None
        self._calls = 0

    def begins(self, call: Call[Any]) -> None:
        self._calls += 1
        sent = (
            f"{call.operation.method} {call.path}, {count(self._calls, 'call')} with up to {BULK_LIMIT} prospects each"
        )
        journal = self._work.journal
        if self._entry is None:
            self._entry = journal.begin(subject=self.subject, sent=sent, **self._what)
        else:
            self._entry = journal.change(self._entry.number, sent=sent, attempts=self._calls)

    def ends(self, call: Call[Any], result: ActionResult) -> None:
        """Nothing yet: `told` has the rows and says it better."""

    def told(self, snapshot: Snapshot) -> None:
        end = _end(self._work, BULK_WORDS, snapshot, self._calls)
        if self._entry is not None:
            self._entry = self._work.journal.change(self._entry.number, **end)


def bulk_job(work: Work, items: Sequence[Item]) -> SendJob:
    """A job that adds the rows of `work` in batches of 100; `items` may name rows left out as well, at their end."""
    client, rows = work.desk.client, work.rows
    record = _BulkRecord(work)
    empty = client.prepare(lambda api: api.prospects.bulk_create([Prospect(email=work.desk.account.user)]))

    def send(positions: Sequence[int]) -> BatchEnd:
        batch = [rows[position] for position in positions]
        ticket = OneTimeCall(replace(empty, body=[row.sent for row in batch]))
        return _batch_end(positions, batch, perform(work.desk, ticket, record, check=_CHECK, run=work.run))

    def look(position: int) -> BatchEnd:
        return _look_for_prospect(client, position, rows[position].email)

    return _job(BULK, work, items, BULK_LIMIT, send=send, look=look, told=record.told)


def _batch_end(positions: Sequence[int], batch: Sequence[RunRow], result: ActionResult) -> BatchEnd:
    if result.state == "done":
        answers = {row.email.casefold(): row for row in result.answer.rows if row.email}
        missing = Verdict("unknown", "Klenty's answer does not mention this row.")
        verdicts = {}
        for position, row in zip(positions, batch, strict=True):
            answer = answers.get(row.email.casefold())
            verdicts[position] = Verdict(_STATES[answer.outcome], answer.status or "") if answer else missing
        return BatchEnd(verdicts)
    if not result.left_machine:
        return BatchEnd(dict.fromkeys(positions, Verdict("waiting")), stop=result.message)
    verdict = Verdict("unknown" if result.state == "unknown" else "refused", result.message)
    return BatchEnd(dict.fromkeys(positions, verdict), stop=result.message if result.stops_all else "")


def _look_for_prospect(client: KlentyClient, position: int, email: str) -> BatchEnd:
    try:
        found = client.prospects.get(email)
    except KlentyError as error:
        return BatchEnd({}, stop=str(error))
    if found is None:
        return BatchEnd({position: Verdict("missing", "Klenty does not have this prospect: it was not added.")})
    return BatchEnd({position: Verdict("exists", "Found in Klenty when checked: added now, or there before.")})


# A cadence for many


def start_many_job(work: Work, items: Sequence[Item]) -> SendJob:
    """A job that starts a cadence for the rows of `work`, one after another."""
    action = BY_KEY["start_cadence"]
    client, rows, label = work.desk.client, work.rows, work.desk.account.label
    empty = client.prepare(lambda api: api.cadences.start(work.desk.account.user, work.title))
    calls = 0

    def send(positions: Sequence[int]) -> BatchEnd:
        nonlocal calls
        calls += 1
        (position,) = positions
        record = JournalRecord(
            work.journal, label, action.label, rows[position].email, action.check, changes_prospect=True
        )
        ticket = OneTimeCall(replace(empty, body=rows[position].sent))
        result = perform(work.desk, ticket, record, check=action.check, run=work.run)
        if not result.left_machine:
            return BatchEnd({position: Verdict("waiting")}, stop=result.message)
        verdict = Verdict(result.state, "" if result.state == "done" else result.message)
        return BatchEnd({position: verdict}, stop=result.message if result.stops_all else "")

    def look(position: int) -> BatchEnd:
        found = read_back(client, rows[position].email)
        if found.problem:
            return BatchEnd({}, stop=found.problem)
        if not found.found:
            return BatchEnd({position: Verdict("missing", "Klenty does not have this prospect.")})
        # Whether "In Cadence" is this cadence only a person can tell, so the row stays unknown, with what is known.
        shown = ", ".join(filter(None, [found.cadence_status, found.prospect_status])) or "no status reported"
        return BatchEnd({position: Verdict("unknown", f"Status when checked: {shown}.")})

    def told(snapshot: Snapshot) -> None:
        _end(work, START_WORDS, snapshot, calls)

    return _job(START_MANY, work, items, 1, send=send, look=look, told=told)
