"""The two long sendings: bulk add in batches of 100, and a cadence started for many prospects one by one.

Both carry out every call through `run.perform`, write to the journal, and say of each row what became of
it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dashboard.actions.catalogue import BY_KEY
from dashboard.actions.jobs import BatchEnd, Item, SendJob, Snapshot, Verdict
from dashboard.actions.journal import JournalRecord
from dashboard.actions.readback import read_back
from dashboard.actions.run import ActionResult, Ticket, perform
from dashboard.actions.texts import count
from klenty_api import BULK_LIMIT, KlentyError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.actions import bulk
    from dashboard.actions.jobs import ItemState
    from dashboard.actions.journal import Entry, Journal
    from klenty_api import Call, KlentyClient

BULK: Final = "bulk"
START_MANY: Final = "start_many"
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
_BULK_CHECK = "Check the rows marked Unknown: read each prospect back before sending it again."
_STATES: Final[Mapping[str, ItemState]] = {
    "added": "done",
    "exists": "exists",
    "refused": "refused",
    "unknown": "unknown",
}


def bulk_call(client: KlentyClient, rows: Sequence[bulk.BulkRow]) -> Call[Any]:
    """The call that adds `rows`, at most 100. Raises klenty_api.ValidationError; sends nothing."""
    return client.prepare(lambda api: api.prospects.bulk_create([row.prospect for row in rows]))


def refused_by_client(client: KlentyClient, rows: Sequence[bulk.BulkRow]) -> dict[int, str]:
    """Row numbers that the client would refuse, with its reason. Sends nothing."""
    refused = {}
    for row in rows:
        try:
            bulk_call(client, [row])
        except ValidationError as problem:
            refused[row.number] = str(problem)
    return refused


class _BulkRecord:
    """The one journal entry of a bulk run, kept up to date after every batch."""

    def __init__(self, journal: Journal, account: str, file: str, rows: int) -> None:
        self._journal = journal
        self._what = {
            "account": account,
            "operation": "bulk_create",
            "title": "Bulk add",
            "changes_prospect": False,
        }
        self._subject = f"{count(rows, 'row')} of {file}" if file else count(rows, "row")
        self._entry: Entry | None = None
        self._calls = 0

    def begins(self, call: Call[Any]) -> None:
        self._calls += 1
        sent = (
            f"{call.operation.method} {call.path}, {count(self._calls, 'call')} with up to {BULK_LIMIT} prospects each"
        )
        if self._entry is None:
            self._entry = self._journal.begin(subject=self._subject, sent=sent, **self._what)
        else:
            self._entry = self._journal.change(self._entry.number, sent=sent, attempts=self._calls)

    def ends(self, call: Call[Any], result: ActionResult) -> None:
        """Nothing yet: `told` has the rows and says it better."""

    def told(self, snapshot: Snapshot) -> None:
        if self._entry is None:
            return
        counts = snapshot.counts
        words = [f"{BULK_WORDS[state].lower()} {counts[state]:,}" for state in BULK_WORDS if counts.get(state)]
        unknown = bool(counts.get("unknown") or counts.get("sending"))
        done = bool(counts.get("done") or counts.get("exists"))
        self._entry = self._journal.change(
            self._entry.number,
            state="unknown" if unknown else "done" if done else "refused",
            message=". ".join(filter(None, [", ".join(words), snapshot.message])),
            what_to_check=_BULK_CHECK if unknown else "",
            attempts=self._calls,
        )


def bulk_job(
    client: KlentyClient,
    plan: bulk.Plan,
    journal: Journal,
    *,
    account: str,
    label: str,
    file: str = "",
) -> SendJob:
    """A job that adds the rows of `plan` in batches of 100; the report names the rows left out as well.

    `account` is whose job it is, `label` what the journal calls the account.
    """
    rows = plan.rows
    record = _BulkRecord(journal, label, file, len(rows))

    def send(positions: Sequence[int]) -> BatchEnd:
        batch = [rows[position] for position in positions]
        try:
            ticket = Ticket(bulk_call(client, batch))
        except ValidationError as problem:
            return BatchEnd(dict.fromkeys(positions, Verdict("refused", str(problem))))
        return _batch_end(positions, batch, perform(client, ticket, record, check=_BULK_CHECK))

    def look(position: int) -> BatchEnd:
        return _look_for_prospect(client, position, rows[position].email)

    items = [Item(row.number, row.email) for row in rows]
    items += [Item(row, "", "left_out", words) for row, words in plan.left_out_rows().items()]
    job = SendJob(BULK, account, items, batch_size=BULK_LIMIT, send=send, look=look, told=record.told)
    job.title = file
    return job


def _batch_end(positions: Sequence[int], batch: Sequence[bulk.BulkRow], result: ActionResult) -> BatchEnd:
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


def start_many_job(
    client: KlentyClient,
    calls: Sequence[Call[Any]],
    emails: Sequence[str],
    journal: Journal,
    *,
    account: str,
    label: str,
) -> SendJob:
    """A job that sends `calls`, the starts of a cadence for `emails`, one after another."""
    action = BY_KEY["start_cadence"]

    def send(positions: Sequence[int]) -> BatchEnd:
        (position,) = positions
        record = JournalRecord(journal, label, action.label, emails[position], action.check, changes_prospect=True)
        result = perform(client, Ticket(calls[position]), record, check=action.check)
        if not result.left_machine:
            return BatchEnd({position: Verdict("waiting")}, stop=result.message)
        verdict = Verdict(result.state, "" if result.state == "done" else result.message)
        return BatchEnd({position: verdict}, stop=result.message if result.stops_all else "")

    def look(position: int) -> BatchEnd:
        found = read_back(client, emails[position])
        if found.problem:
            return BatchEnd({}, stop=found.problem)
        if not found.found:
            return BatchEnd({position: Verdict("missing", "Klenty does not have this prospect.")})
        # Whether "In Cadence" is this cadence only a person can tell, so the row stays unknown, with what is known.
        shown = ", ".join(filter(None, [found.cadence_status, found.prospect_status])) or "no status reported"
        return BatchEnd({position: Verdict("unknown", f"Status when checked: {shown}.")})

    items = [Item(number, email) for number, email in enumerate(emails, start=1)]
    return SendJob(START_MANY, account, items, batch_size=1, send=send, look=look)
