"""The long sendings over real HTTP: who got what, counted at the sandbox."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from dashboard.actions import batch_jobs, bulk_import, catalogue
from dashboard.actions.bulk_import import Defaults, guess_matches, make_plan
from dashboard.actions.catalogue import BY_KEY
from dashboard.actions.context import ActionContext
from dashboard.actions.jobs import SendJob, Snapshot
from dashboard.actions.spreadsheet import read_sheet
from klenty_api import KlentyClient
from klenty_api.sandbox import Sandbox

Writes = Callable[[], list[Any]]
Stored = Callable[[], list[dict[str, Any]]]
WAIT = 30


def people(prefix: str, number: int, more: str = "") -> bulk_import.Plan:
    rows = "".join(f"{prefix}{n}@bulk.example,P\n" for n in range(number))
    sheet = read_sheet("people.csv", f"Email,FirstName\n{rows}{more}".encode())
    return make_plan(sheet, guess_matches(sheet.columns), Defaults())


def bulk_job(desk: ActionContext, plan: bulk_import.Plan) -> SendJob:
    return batch_jobs.prepare_bulk(desk, plan, file="people.csv")


def run(job: SendJob) -> Snapshot:
    assert job.start()
    job.wait(WAIT)
    return job.snapshot()


def start_job(desk: ActionContext, cadence: str, emails: list[str]) -> SendJob:
    action = BY_KEY["start_cadence"]
    values = catalogue.clean(action, {"cadence": cadence, "emails": "\n".join(emails)}).values
    calls = catalogue.prepare(desk.client, action, values)
    return batch_jobs.prepare_start_many(desk, cadence, calls)


def states(snapshot: Snapshot) -> dict[str, int]:
    return {state: number for state, number in snapshot.counts.items() if number}


def sent_emails(writes: Writes) -> list[str]:
    return [row["Email"] for request in writes() if isinstance(request.body, list) for row in request.body]


def test_a_bulk_run_goes_out_in_hundreds_and_is_reported_by_row(
    desk: ActionContext, writes: Writes, stored: Stored
) -> None:
    snapshot = run(bulk_job(desk, people("a", 230, "nobody,N\n")))
    assert [len(request.body) for request in writes()] == [100, 100, 30]
    assert snapshot.state == "finished"
    assert states(snapshot) == {"done": 230, "left_out": 1}
    assert snapshot.total == snapshot.settled == 230
    (entry,) = stored()
    assert (entry["result"], entry["operation"], entry["for"]) == ("done", "bulk_create", "230 rows of people.csv")
    assert "Added 230" in entry["message"]
    again = run(bulk_job(desk, people("a", 3)))
    assert states(again) == {"exists": 3}


def test_an_import_that_looks_ended_is_recorded_as_ended(desk: ActionContext, stored: Stored) -> None:
    """The page asks the job first and then the log: it must not read "outcome unknown" above "added 50"."""
    job = bulk_job(desk, people("race", 50))
    finish, seen = job.work.run.finish, []  # type: ignore[attr-defined]

    def slow(*args: Any, **kwargs: Any) -> None:
        seen.append(job.snapshot().is_running)
        finish(*args, **kwargs)

    job.work.run.finish = slow  # type: ignore[attr-defined]
    run(job)
    assert seen == [True]
    assert [entry["result"] for entry in stored()] == ["done"]


@pytest.mark.parametrize(("done_at_klenty", "found"), [(True, "exists"), (False, "missing")])
def test_a_batch_whose_answer_is_lost_is_unknown_never_resent_and_can_be_checked(
    done_at_klenty: bool, found: str, desk: ActionContext, sandbox: Sandbox, writes: Writes, stored: Stored
) -> None:
    sandbox.faults.add("reset", operation="bulk_create", times=1, after_processing=done_at_klenty)
    job = bulk_job(desk, people(found, 250))
    snapshot = run(job)
    assert (snapshot.state, len(writes())) == ("interrupted", 1)
    assert states(snapshot) == {"unknown": 100, "waiting": 150}
    assert stored()[0]["result"] == "unknown"
    snapshot = run(job)
    assert states(snapshot) == {"unknown": 100, "done": 150}
    assert job.check()
    job.wait(WAIT)
    assert states(job.snapshot()) == {found: 100, "done": 150}
    emails = sent_emails(writes)
    assert len(emails) == len(set(emails)) == 250
    assert job.requeue_missing() == (0 if done_at_klenty else 100)
    if not done_at_klenty:
        assert states(run(job)) == {"done": 250}


def test_rows_whose_answer_was_lost_stay_unknown_whatever_klenty_refuses_later(
    desk: ActionContext, sandbox: Sandbox, writes: Writes, stored: Stored
) -> None:
    sandbox.faults.add("reset", operation="bulk_create", times=1, after_processing=True)
    job = bulk_job(desk, people("later", 150))
    run(job)
    sandbox.faults.add("wrong_key")
    assert states(run(job)) == {"unknown": 100, "refused": 50}
    assert job.check()
    job.wait(WAIT)
    assert states(job.snapshot()) == {"unknown": 100, "refused": 50}
    assert stored()[0]["result"] == "unknown"
    assert job.requeue_missing() == 0
    emails = sent_emails(writes)
    assert len(emails) == len(set(emails)) == 150


def test_after_a_lost_connection_it_goes_on_with_the_rest(
    desk: ActionContext, sandbox: Sandbox, writes: Writes
) -> None:
    plan = people("c", 150)
    with KlentyClient("me@x.com", "key", base_url="http://127.0.0.1:9", timeout=(1, 2), deadline=2) as nowhere:
        lost = run(bulk_job(replace(desk, client=nowhere), plan))
    assert (lost.state, states(lost)) == ("interrupted", {"waiting": 150})
    assert lost.message
    sandbox.faults.add("wrong_key", operation="bulk_create", times=1)
    job = bulk_job(desk, plan)
    refused = run(job)
    assert (refused.state, states(refused)) == ("interrupted", {"refused": 100, "waiting": 50})
    assert states(run(job)) == {"refused": 100, "done": 50}
    emails = sent_emails(writes)
    assert len(emails) == len(set(emails)) == 150


def test_a_cadence_is_started_for_each_once(desk: ActionContext, sandbox: Sandbox, writes: Writes) -> None:
    emails = [f"start{n}@bulk.example" for n in range(5)]
    run(bulk_job(desk, people("start", 5)))
    sandbox.requests.clear()
    sandbox.faults.add("cut_json", operation="start_cadence", times=1)
    job = start_job(desk, sandbox.cadence_names[0], emails)
    first = run(job)
    assert states(first) == {"unknown": 1, "waiting": 4}
    sandbox.faults.add("refused_json", operation="start_cadence", times=1)
    second = run(job)
    assert [item.state for item in second.items] == ["unknown", "refused", "done", "done", "done"]
    assert [request.body["Email"] for request in writes()] == emails
    job.check()
    job.wait(WAIT)
    looked = job.snapshot().items[0]
    assert looked.state == "unknown"
    assert "when checked" in looked.message
    assert len(writes()) == 5


def test_rows_the_client_itself_refuses_are_named_before_anything_is_sent(client: KlentyClient, writes: Writes) -> None:
    plan = people("d", 2)
    assert batch_jobs.refused_by_client(client, plan.rows) == {}
    smaller = plan.without({plan.rows[0].number: "no"})
    assert [row.number for row in smaller.rows] == [3]
    assert smaller.left_out_rows() == {2: "no"}
    assert writes() == []


@pytest.mark.parametrize(
    ("counts", "state"),
    [
        ({"done": 200, "exists": 150}, "done"),
        ({"done": 200, "waiting": 150}, "partly"),
        ({"exists": 1, "refused": 1}, "partly"),
        ({"done": 1, "missing": 1}, "partly"),
        ({"done": 1, "waiting": 1, "unknown": 1}, "unknown"),
        ({"waiting": 3}, "refused"),
        ({"refused": 3}, "refused"),
        ({"done": 2, "left_out": 5}, "done"),
    ],
)
def test_a_run_is_done_only_when_every_row_is(counts, state):
    assert batch_jobs._state(counts, unknown=bool(counts.get("unknown"))) == state
