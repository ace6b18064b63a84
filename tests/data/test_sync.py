"""Filling the history: resumable, together with others, and through any death of the process."""

import random
import subprocess
import sys
import threading
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from dashboard.data.database import Database, DatabaseError, DatabaseErrorKind
from dashboard.data.database.leases import Lease
from dashboard.data.database.tables import (
    COPIES,
    CURRENT_OPTIONS,
    CURRENT_STEPS,
    CURRENT_WINDOWS,
    ENGAGEMENT_COUNTS,
    EVENT_COUNTS,
    OBSERVATIONS,
    SERIES,
    STEP_COUNTS,
)
from dashboard.data.fetch.report_cache import cadence_from_name
from dashboard.data.fetch.sync import AutoSync, sync
from dashboard.data.freshness import Freshness
from dashboard.data.history import History
from dashboard.data.windows import buckets

ZONE = "Europe/Berlin"
COUNTS = [name for name in ENGAGEMENT_COUNTS if name != "in_cadence_now"]  # which is another one every second
KILLS = 2  # each costs the start of a process
SETTLED = Freshness(settling=timedelta(0))
WINDOWS = buckets(date(2026, 10, 5), date(2026, 10, 24), "day", ZONE)

PROCESS = """
import sys
from datetime import date, timedelta
from dashboard.data.database import Database
from dashboard.data.freshness import Freshness
from dashboard.data.history import History
from dashboard.data.fetch.report_cache import cadence_from_name
from dashboard.data.fetch import sync as module
from dashboard.data.windows import buckets
from klenty_api import KlentyClient

claims_last, url, base_url, user, key, *names = sys.argv[1:]
module._CLAIM_LASTS = timedelta(seconds=int(claims_last))
history = History(Database.open(url), base_url=base_url, user=user, freshness=Freshness(settling=timedelta(0)))
windows = buckets(date(2026, 10, 5), date(2026, 10, 24), "day", "Europe/Berlin")
with KlentyClient(user, key, base_url=base_url, workers=4) as client:
    done = module.sync(client, history, [cadence_from_name(name) for name in names], windows,
                       progress=lambda done, _total: print(done, flush=True))
print("failed", len(done.failed), flush=True)
"""


def start(sandbox, url, *, claims_last=20):
    arguments = [str(claims_last), url, sandbox.base_url, sandbox.user, sandbox.api_key, *sandbox.cadence_names]
    return subprocess.Popen([sys.executable, "-c", PROCESS, *arguments], stdout=subprocess.PIPE, text=True)


def asked(sandbox):
    return Counter(
        (r.operation, r.body["cadenceName"], r.body["startDate"])
        for r in sandbox.requests
        if "engagements" in r.operation and r.body is not None
    )


def contents(url):
    """Everything in the history but when it arrived, and the numbers that rows happened to get."""
    database = Database.open(url)
    series = sa.select(SERIES.c.id, SERIES.c.cadence, SERIES.c.timezone).subquery()
    found = {}
    with database.reading() as connection:
        for table, names in (
            (OBSERVATIONS, ("bucket", "steps", *COUNTS)),
            (CURRENT_WINDOWS, (*COUNTS, "emails_sent_source")),
            (CURRENT_STEPS, ("place", "step", "step_type", *STEP_COUNTS)),
            (CURRENT_OPTIONS, ("place", "option_place", "step", "option", *EVENT_COUNTS)),
        ):
            columns = [table.c.days, table.c.first_day, *(table.c[name] for name in names)]
            wanted = sa.select(series.c.cadence, series.c.timezone, *columns).join_from(
                table, series, series.c.id == table.c.series_id
            )
            if table is CURRENT_OPTIONS:
                copies = COPIES.c
                wanted = wanted.add_columns(copies.template, copies.subject, copies.snippet).join(
                    COPIES, copies.id == table.c.copy_id
                )
            found[table.name] = sorted(map(repr, connection.execute(wanted).all()))
    database.close()
    return found


@pytest.fixture
def undisturbed(small_sandbox, make_client, tmp_path):
    """What an undisturbed run leaves."""
    url = f"sqlite:///{tmp_path / 'undisturbed.sqlite3'}"
    history = History(Database.open(url), base_url=small_sandbox.base_url, user=small_sandbox.user, freshness=SETTLED)
    cadences = [cadence_from_name(name) for name in small_sandbox.cadence_names]
    sync(make_client(small_sandbox), history, cadences, WINDOWS)
    history.database.close()
    small_sandbox.requests.clear()
    return contents(url)


@pytest.fixture
def cadences(small_sandbox):
    return [cadence_from_name(name) for name in small_sandbox.cadence_names]


@pytest.fixture
def history(database, small_sandbox):
    return History(database, base_url=small_sandbox.base_url, user=small_sandbox.user, freshness=SETTLED)


def test_killed_at_any_point_and_begun_again_it_ends_as_if_nothing_had_happened(
    small_sandbox, database_url, undisturbed
):
    rng = random.Random()
    for _ in range(KILLS):
        process = start(small_sandbox, database_url, claims_last=2)
        last = rng.randrange(1, 12)
        for line in process.stdout:
            if int(line.split()[-1]) >= last:
                break
        process.kill()
        assert process.wait(30) == -9
        process.stdout.close()
    kept = len(contents(database_url)["observations"])
    small_sandbox.requests.clear()
    process = start(small_sandbox, database_url, claims_last=2)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert output.splitlines()[-1] == "failed 0"
    assert contents(database_url) == undisturbed
    assert sum(asked(small_sandbox).values()) == 2 * (60 - kept)  # nothing that was kept is asked again


def test_two_processes_at_once_share_the_work(small_sandbox, database_url, undisturbed):
    small_sandbox.faults.add("latency", seconds=0.02)
    together = [start(small_sandbox, database_url) for _ in range(2)]
    for process in together:
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        assert output.splitlines()[-1] == "failed 0"
    found = contents(database_url)
    assert found.pop("observations") >= undisturbed.pop("observations")[:1]
    assert found == undisturbed
    assert max(asked(small_sandbox).values()) == 1, "nothing is asked twice"


def test_what_another_has_fetched_meanwhile_is_not_asked(small_sandbox, make_client, history, cadences, database_url):
    other = History(
        Database.open(database_url), base_url=small_sandbox.base_url, user=small_sandbox.user, freshness=SETTLED
    )
    begun, workers = [], 2

    def first_only(done, _total):
        if done and not begun:
            begun.append(True)
            sync(make_client(small_sandbox), other, cadences, WINDOWS)

    done = sync(make_client(small_sandbox, workers=workers), history, cadences, WINDOWS, progress=first_only)
    assert done.failed == []
    assert done.there + done.asked == 60
    other.database.close()
    calls = asked(small_sandbox)
    assert len(calls) == 120
    assert history.missing(cadences, WINDOWS) == []


def test_a_second_run_asks_nothing(small_sandbox, make_client, history, cadences):
    client = make_client(small_sandbox)
    assert sync(client, history, cadences, WINDOWS[:3]).asked == 9
    small_sandbox.requests.clear()
    told = []
    again = sync(client, history, cadences, WINDOWS[:4], progress=lambda *numbers: told.append(numbers))
    assert (again.there, again.asked) == (9, 3)
    assert sum(asked(small_sandbox).values()) == 6
    assert told[-1] == (12, 12)


def test_failures_are_named_and_asked_again(small_sandbox, make_client, history, cadences):
    small_sandbox.faults.add("refused_json", operation="stepwise_engagements", cadence=cadences[0].name)
    done = sync(make_client(small_sandbox), history, cadences, WINDOWS[:2])
    assert (done.asked, done.refused) == (4, None)
    assert {(report.cadence.name, report.steps_error.code) for report in done.failed} == {(cadences[0].name, "K5000")}
    small_sandbox.faults.clear()
    assert sync(make_client(small_sandbox), history, cadences, WINDOWS[:2]).asked == 2


def test_a_refused_key_ends_it(small_sandbox, make_client, history, cadences):
    small_sandbox.faults.add("wrong_key")
    done = sync(make_client(small_sandbox, workers=1), history, cadences, WINDOWS)
    assert done.refused is not None
    assert sum(asked(small_sandbox).values()) == 1


def refuse(*_):
    raise DatabaseError(DatabaseErrorKind.FULL)


def test_a_database_that_refuses_ends_it(small_sandbox, make_client, history, cadences, monkeypatch):
    monkeypatch.setattr(History, "save", refuse)
    with pytest.raises(DatabaseError) as caught:
        sync(make_client(small_sandbox, workers=1), history, cadences, WINDOWS)
    assert caught.value.kind is DatabaseErrorKind.FULL
    assert sum(asked(small_sandbox).values()) < 120


def test_who_began_it_can_end_it_and_is_not_ended_by_it(small_sandbox, make_client, history, cadences, monkeypatch):
    client, cancel = make_client(small_sandbox, workers=1), threading.Event()
    monkeypatch.setattr(History, "save", refuse)
    with pytest.raises(DatabaseError):
        sync(client, history, cadences, WINDOWS, cancel=cancel)
    assert not cancel.is_set(), "the dashboard would never sync again"
    monkeypatch.undo()
    done = sync(client, history, cadences, WINDOWS, cancel=cancel, progress=lambda done, _: done and cancel.set())
    assert 0 < done.asked < 60


def test_a_lease_is_held_by_one_until_it_runs_out_or_is_given_back(database):
    clock = [datetime(2026, 11, 25, 9, tzinfo=UTC)]
    mine, hers = (Lease(database, "sync", lasts=timedelta(minutes=10), clock=lambda: clock[0]) for _ in range(2))
    assert mine.take()
    assert not hers.take()
    clock[0] += timedelta(minutes=9)
    assert mine.take()  # renewed
    clock[0] += timedelta(minutes=9)
    assert not hers.take()
    clock[0] += timedelta(minutes=2)
    assert hers.take()  # mine was not renewed: its process is thought to be dead
    assert not mine.take()
    mine.give_back()  # not mine to give
    assert not mine.take()
    hers.give_back()
    assert mine.take()
    assert Lease(database, "other", lasts=timedelta(minutes=1)).take()


def test_of_many_who_come_together_one_gets_the_lease(database):
    leases = [Lease(database, "sync", lasts=timedelta(minutes=10)) for _ in range(8)]
    taken = []
    threads = [threading.Thread(target=lambda lease=lease: taken.append(lease.take())) for lease in leases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [False] * 7 + [True]


def test_a_klenty_that_does_not_answer_ends_it(small_sandbox, make_client, history, cadences, monkeypatch):
    monkeypatch.setattr("dashboard.data.fetch.sync.SILENCE_SECONDS", 0.4)
    small_sandbox.faults.add("latency", seconds=3)
    done = sync(make_client(small_sandbox, workers=2, deadline=4.0), history, cadences, WINDOWS)
    assert "has not answered" in str(done.refused)
    assert (done.asked, done.failed) == (0, [])


def test_again_asks_what_is_settled_and_can_be_gone_on_with(small_sandbox, make_client, history, cadences):
    client = make_client(small_sandbox)
    sync(client, history, cadences, WINDOWS[:3])
    begun = datetime.now(UTC)
    small_sandbox.requests.clear()
    assert sync(client, history, cadences, WINDOWS[:2], again_since=begun).asked == 6
    assert sync(client, history, cadences, WINDOWS[:3], again_since=begun).asked == 3
    assert sum(asked(small_sandbox).values()) == 18


def test_the_dashboards_own_sync_is_done_by_one_replica(small_sandbox, make_client, history, database):
    client = make_client(small_sandbox)
    replicas = [AutoSync(client, history, timezone=ZONE, every=timedelta(minutes=30)) for _ in range(2)]
    done = replicas[0].once()
    active = sum(cadence.is_active is not False for cadence in client.cadences.list())
    assert (done.asked, done.failed) == (28 * active, [])
    assert replicas[1].once() is None
    assert replicas[0].once().there == 28 * active


def test_a_lease_that_was_lost_ends_that_run_alone(small_sandbox, make_client, history, monkeypatch):
    answers, stop = [True], threading.Event()
    monkeypatch.setattr(Lease, "take", lambda _: bool(answers and answers.pop()))
    own = AutoSync(make_client(small_sandbox, workers=1), history, timezone=ZONE, every=timedelta(0))
    assert own.once(stop).asked < 28
    assert not stop.is_set(), "the dashboard would never sync again"
