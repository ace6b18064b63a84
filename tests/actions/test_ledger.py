"""The ledger: noted before it is sent, completed after, only ever added to; on both kinds of database."""

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from dashboard.actions import batch_jobs, catalogue
from dashboard.actions.catalogue import BY_KEY
from dashboard.actions.context import ActionContext
from dashboard.actions.jobs import JOBS, NotWrittenError, RowResult
from dashboard.actions.ledger import NO_ANSWER, PURGE, Ledger, LedgerProblemError, RunRow
from dashboard.actions.ledger_queries import COLUMNS, Filter, entries, known_people, load_run
from dashboard.actions.send import ActionResult, OneTimeCall, perform
from dashboard.data.database import Database, DatabaseError, DatabaseErrorKind
from dashboard.data.database.accounts import format_time
from dashboard.data.database.tables import LEDGER, LEDGER_ENDS, LEDGER_ROWS, LEDGER_TURNS
from dashboard.data.roles import Person, Role
from klenty_api import KlentyClient
from klenty_api.sandbox import Sandbox

from .test_senders import people

Writes = Callable[[], list[Any]]
ANN, VIC = Person("ann@corp.com", Role.ADMIN, signed_in=False), Person("vic@corp.com", Role.OPERATOR, signed_in=False)
WAIT = 20


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(lambda: database, base_url="https://api.klenty.com", user="main@corp.com")


@pytest.fixture
def kind(database: Database) -> str:
    """Which database it is: prospects of one test must be new to the sandbox on the other, too."""
    return database.dialect


@pytest.fixture
def at(desk: ActionContext, ledger: Ledger) -> ActionContext:
    """Ann's desk, with the ledger in either kind of database."""
    return replace(desk, ledger=ledger, person=ANN)


@pytest.fixture
def read(database: Database, ledger: Ledger) -> Callable[..., list[dict[str, Any]]]:
    def rows(**wanted: Any) -> list[dict[str, Any]]:
        frame = entries(database, Filter({ledger.account_id(database): "Main"}, **wanted))
        assert list(frame.columns) == list(COLUMNS)
        return frame.astype(object).where(frame.notna(), None).to_dict("records")

    return rows


def carry_out(desk: ActionContext, key: str, **typed: str) -> ActionResult:
    action = BY_KEY[key]
    values = catalogue.clean(action, {"email": "one@klenty.com", **typed}).values
    (call,) = catalogue.prepare(desk.client, action, values)
    return perform(desk, OneTimeCall(call), catalogue.subject(values), check=action.check)


def test_a_write_is_noted_with_who_when_what_and_how_it_ended(at: ActionContext, read: Any, sandbox: Sandbox) -> None:
    before = dt.datetime.now(dt.UTC)
    carry_out(at, "create_prospect", first_name="Rex", tags="a, b")
    (entry,) = read()
    assert (entry["person"], entry["role"], entry["account"]) == ("ann@corp.com", "admin", "Main")
    assert (entry["operation"], entry["for"], entry["result"], entry["attempts"]) == (
        "create_prospect", "one@klenty.com", "done", 1,
    )  # fmt: skip
    assert before <= entry["time"] <= entry["ended"] <= dt.datetime.now(dt.UTC)
    assert '"FirstName": "Rex"' in entry["sent"]
    assert '"Tags": "a|b"' in entry["sent"]
    assert sandbox.api_key not in str(entry)


@pytest.mark.parametrize(
    ("fault", "state"), [("cut_json", "unknown"), ("refused_json", "refused"), ("wrong_key", "refused")]
)
def test_what_went_wrong_is_noted_as_it_ended(
    fault: str, state: str, at: ActionContext, read: Any, sandbox: Sandbox
) -> None:
    sandbox.faults.add(fault)
    result = carry_out(at, "resume_cadence")
    (entry,) = read()
    assert (result.state, entry["result"], entry["message"]) == (state, state, result.message)
    assert bool(entry["what_to_check"]) is (state == "unknown")


def test_it_is_in_the_ledger_while_klenty_is_asked(at: ActionContext, read: Any, client: KlentyClient) -> None:
    seen: list[dict[str, Any]] = []

    def look_and_fail(_call: Any) -> Any:
        seen.extend(read())
        raise RuntimeError("the dashboard itself fails")

    looking = SimpleNamespace(base_url=client.base_url, prepare=client.prepare, send=look_and_fail)
    with pytest.raises(RuntimeError):
        carry_out(replace(at, client=looking), "unsubscribe")
    assert [(entry["result"], entry["message"]) for entry in (*seen, *read())] == [("unknown", NO_ANSWER)] * 2


def test_without_a_ledger_nothing_is_sent(at: ActionContext, writes: Writes) -> None:
    def down() -> Database:
        raise DatabaseError(DatabaseErrorKind.UNREACHABLE)

    nowhere = replace(at, ledger=Ledger(down, base_url="https://api.klenty.com", user="main@corp.com"))
    result = carry_out(nowhere, "unsubscribe")
    assert (result.state, result.left_machine) == ("refused", False)
    assert "was not sent" in result.message
    assert "does not answer" in result.message
    with pytest.raises(LedgerProblemError):
        batch_jobs.begin_bulk(nowhere, people("down", 3))
    assert writes() == []
    assert JOBS.of(at.account.user, batch_jobs.BULK) == []


def test_a_ledger_that_fails_after_sending_leaves_the_result_and_an_open_entry(
    at: ActionContext, read: Any, database: Database, writes: Writes, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = at.client.send

    def send(call: Any) -> Any:
        answer = answered(call)
        monkeypatch.setattr(at.ledger, "database", lambda: (_ for _ in ()).throw(DatabaseError(DatabaseErrorKind.FULL)))
        return answer

    once = SimpleNamespace(base_url=at.client.base_url, prepare=at.client.prepare, send=send)
    result = carry_out(replace(at, client=once), "create_prospect", email="after@klenty.com", first_name="A")
    assert result.state == "done"
    assert "shows *Outcome unknown*" in result.message
    monkeypatch.undo()
    assert [entry["result"] for entry in read()] == ["unknown"]
    assert len(writes()) == 1


def test_rows_are_only_added(at: ActionContext, database: Database) -> None:
    said: list[str] = []
    sa.event.listen(database._engine, "before_cursor_execute", lambda *args: said.append(args[2].split()[0].upper()))
    carry_out(at, "create_prospect", email="only@klenty.com", first_name="O")
    job = batch_jobs.prepare_bulk(at, people("only", 120))
    job.start()
    job.wait(WAIT)
    assert "INSERT" in said
    assert not {"UPDATE", "DELETE"} & set(said)


# Runs


def test_a_run_is_one_entry_with_its_rows(at: ActionContext, read: Any, sandbox: Sandbox, kind: str) -> None:
    sandbox.faults.add("cut_json", operation="bulk_create", times=1)
    job = batch_jobs.prepare_bulk(at, people(f"run-{kind}-", 230, "nobody,N\n"), file="people.csv")
    (entry,) = read()
    assert (entry["result"], entry["rows"], entry["for"]) == ("unknown", 230, "230 rows of people.csv")
    job.start()
    job.wait(WAIT)
    (entry,) = read()
    assert (entry["result"], entry["attempts"]) == ("unknown", 1)
    stored = load_run(at.ledger, entry["entry"])
    assert (stored.count("unknown"), stored.count("waiting")) == (100, 130)
    job.start()
    job.wait(WAIT)
    stored = load_run(at.ledger, entry["entry"])
    assert (stored.count("unknown"), stored.count("done")) == (100, 130)
    (entry,) = read()
    assert entry["message"].startswith("Added 130")
    assert read(prospect=f"RUN-{kind}-229@bulk")[0]["entry"] == entry["entry"]
    assert read(prospect=f"run-{kind}-230@bulk") == []


def test_a_run_goes_on_after_a_restart_with_what_was_not_sent(
    at: ActionContext, read: Any, sandbox: Sandbox, writes: Writes, kind: str
) -> None:
    sandbox.faults.add("reset", operation="bulk_create", times=1, after_processing=True)
    job = batch_jobs.prepare_bulk(at, people(f"again-{kind}-", 250), file="people.csv")
    job.start()
    job.wait(WAIT)
    entry = read()[0]["entry"]
    # Another process: nothing of the first one but the database.
    fresh = replace(at, ledger=Ledger(at.ledger.database, base_url="https://api.klenty.com", user="main@corp.com"))
    resumed = batch_jobs.resume(fresh, entry)
    assert resumed is not None
    assert (resumed.title, dict(resumed.snapshot().counts)) == ("people.csv", {"unknown": 100, "waiting": 150})
    assert resumed.start()
    resumed.wait(WAIT)
    assert dict(resumed.snapshot().counts) == {"unknown": 100, "done": 150}
    assert resumed.check()
    resumed.wait(WAIT)
    stored = load_run(at.ledger, entry)
    assert (stored.count("exists"), stored.count("done")) == (100, 150)
    sent = [row["Email"] for request in writes() for row in request.body]
    assert len(sent) == len(set(sent)) == 250
    assert batch_jobs.resume(fresh, entry) is resumed
    assert not resumed.start()


def test_a_cadence_started_for_many_is_taken_up_again_as_well(at: ActionContext, read: Any, writes: Writes) -> None:
    emails = tuple(f"m{n}@bulk.example" for n in range(4))
    calls = catalogue.prepare(at.client, BY_KEY["start_cadence"], {"cadence": "Nurture", "emails": emails})
    batch_jobs.prepare_start_many(at, "Nurture", calls)
    (entry,) = read()
    job = batch_jobs.resume(at, entry["entry"])
    assert job is not None
    assert (job.kind, job.title) == (batch_jobs.START_MANY, "Nurture")
    job.start()
    job.wait(WAIT)
    assert [request.body["Email"] for request in writes()] == list(emails)


def test_two_who_take_the_same_run_up_do_not_send_a_row_twice(at: ActionContext, read: Any, writes: Writes) -> None:
    batch_jobs.prepare_bulk(at, people("both", 200))
    entry = read()[0]["entry"]
    jobs = []
    for _ in range(2):  # as in two processes: each with its own list of jobs
        jobs.append(batch_jobs.resume(at, entry))
        JOBS._jobs.clear()
    threads = [threading.Thread(target=job.start) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for job in jobs:
        job.wait(WAIT)
    sent = [row["Email"] for request in writes() for row in request.body]
    assert len(sent) == len(set(sent))
    assert any("Another run" in job.snapshot().message for job in jobs)


def test_another_account_s_run_is_not_found(at: ActionContext, read: Any, database: Database) -> None:
    batch_jobs.prepare_bulk(at, people("mine", 2))
    entry = read()[0]["entry"]
    other = Ledger(lambda: database, base_url="https://api.klenty.com", user="other@corp.com")
    with pytest.raises(LookupError):
        load_run(other, entry)
    assert entries(database, Filter({other.account_id(database): "Other"})).empty


def test_a_turn_is_used_once(ledger: Ledger) -> None:
    entry = ledger.begin(ANN, "bulk_create", "1 row", {}, [RunRow(2, "a@x.com", {"Email": "a@x.com"})])
    ledger.add_turns(entry, ANN, {0: (1, RowResult("sending"))})
    with pytest.raises(NotWrittenError):
        ledger.add_turns(entry, VIC, {0: (1, RowResult("sending"))})
    assert load_run(ledger, entry).items[0].state == "unknown"


def test_many_threads_write_at_once(ledger: Ledger, read: Any) -> None:
    failed: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for index in range(5):
                entry = ledger.begin(ANN, "unsubscribe", f"t{number}.{index}@x.com", {})
                ledger.end(entry, "done", "Klenty accepted it.")
        except BaseException as error:  # noqa: BLE001 - told to the test
            failed.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    found = read()
    assert len(found) == len({entry["entry"] for entry in found}) == 40
    assert {entry["result"] for entry in found} == {"done"}


# Reading


def test_entries_are_found_by_what_people_ask_for(ledger: Ledger, read: Any, database: Database) -> None:
    ledger.end(ledger.begin(ANN, "unsubscribe", "a_b@x.com", {}), "done", "ok")
    ledger.end(ledger.begin(VIC, "stop_mails", "axb@x.com", {}), "refused", "no")
    ledger.begin(Person("", Role.ADMIN, signed_in=False), "stop_mails", "c@x.com", {})

    def found(**wanted: Any) -> list[str]:
        return [entry["for"] for entry in read(**wanted)]

    assert found() == ["c@x.com", "axb@x.com", "a_b@x.com"]
    assert found(people=["ann@corp.com"]) == ["a_b@x.com"]
    assert found(people=[""]) == ["c@x.com"]
    assert found(operations=["stop_mails"]) == ["c@x.com", "axb@x.com"]
    assert found(results=["unknown", "refused"]) == ["c@x.com", "axb@x.com"]
    assert found(prospect=" A_B@") == ["a_b@x.com"]  # no sign stands for others
    assert found(prospect="%") == []
    now = dt.datetime.now(dt.UTC)
    assert found(start=now + dt.timedelta(seconds=1)) == []
    assert found(end=now - dt.timedelta(minutes=1)) == []
    assert found(most=1) == ["c@x.com"]
    assert known_people(database, [ledger.account_id(database)]) == ["", "ann@corp.com", "vic@corp.com"]


def test_only_what_is_older_is_forgotten_and_that_is_noted(ledger: Ledger, read: Any, database: Database) -> None:
    rows = [RunRow(2, "old@x.com", {})]
    old = ledger.begin(ANN, "bulk_create", "1 row", {}, rows)
    ledger.add_turns(old, ANN, {0: (1, RowResult("sending"))})
    ledger.end(old, "done", "ok")
    kept = ledger.begin(ANN, "unsubscribe", "new@x.com", {})
    with database.writing() as connection:
        long_ago = format_time(dt.datetime.now(dt.UTC) - dt.timedelta(days=31))
        connection.execute(sa.update(LEDGER).where(LEDGER.c.id == old).values(at=long_ago))
    assert ledger.purge(30, Person("dashboard", None, signed_in=False)) == 1
    noted, found = read()
    assert (noted["operation"], noted["person"], noted["result"]) == (PURGE, "dashboard", "done")
    assert '"entries": 1' in noted["sent"]
    assert found["entry"] == kept
    with database.reading() as connection:
        for table in (LEDGER_ENDS, LEDGER_ROWS, LEDGER_TURNS):
            left = connection.scalar(sa.select(sa.func.count()).select_from(table).where(table.c.entry_id == old))
            assert left == 0
    assert ledger.purge(30, ANN) == 0
    assert len(read()) == 2


def test_no_personal_data_in_what_the_ledger_raises(ledger: Ledger, database: Database, monkeypatch: Any) -> None:
    with database.writing() as connection:
        connection.execute(sa.text(f"ALTER TABLE {LEDGER.name} RENAME TO lost"))
    with pytest.raises(LedgerProblemError) as caught:
        ledger.begin(ANN, "unsubscribe", "secret.person@x.com", {"Email": "secret.person@x.com"})
    error: BaseException | None = caught.value
    while error is not None:
        assert "secret.person" not in str(error)
        assert "ann@corp" not in str(error)
        error = error.__cause__


# A process that is killed

KILLED = """
import sys
from types import SimpleNamespace
from dashboard.actions import catalogue
from dashboard.actions.catalogue import BY_KEY
from dashboard.actions.context import ActionContext
from dashboard.actions.ledger import Ledger
from dashboard.actions.send import OneTimeCall, perform
from dashboard.data.database import Database
from dashboard.data.roles import Person, Role
from klenty_api import KlentyClient

url, user, base_url = sys.argv[1:]
database = Database.open(url)
client = KlentyClient(user, "right", base_url=base_url)
ledger = Ledger(lambda: database, base_url="https://api.klenty.com", user="main@corp.com")
account = SimpleNamespace(user=user, label="Main", is_sandbox=True, name="")
desk = ActionContext(client, account, Person("ann@corp.com", Role.ADMIN, signed_in=False), ledger)
action = BY_KEY["unsubscribe"]
(call,) = catalogue.prepare(client, action, {"email": "killed@klenty.com"})
perform(desk, OneTimeCall(call), "killed@klenty.com")
"""


def test_a_process_killed_while_klenty_answers_leaves_an_unknown_outcome(
    database: Database, database_url: str, sandbox: Sandbox, read: Any, writes: Writes
) -> None:
    sandbox.faults.add("latency", seconds=30)
    command = [sys.executable, "-c", KILLED, database_url, sandbox.user, sandbox.base_url]
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen(command, env=env)
    try:
        for _ in range(600):
            if writes():
                break
            assert process.poll() is None
            threading.Event().wait(0.05)
        assert len(writes()) == 1  # Klenty has it, and the process does not know yet
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    (entry,) = read()
    assert (entry["result"], entry["for"], entry["person"]) == ("unknown", "killed@klenty.com", "ann@corp.com")
    assert entry["message"] == NO_ANSWER
