"""The store over memory, history and Klenty: each is asked when the one before has no answer; no database is fine."""

import tempfile
import threading
from collections import Counter
from datetime import date, timedelta
from functools import cache

import pytest

from dashboard.data.database import Database, DatabaseError, DatabaseErrorKind
from dashboard.data.fetch.report_cache import ReportCache, cadence_from_name
from dashboard.data.freshness import Freshness
from dashboard.data.history import History, HistoryArchive
from dashboard.data.windows import Window, buckets
from dashboard.services import history as opening
from dashboard.settings import Settings

WINDOW = Window(date(2026, 10, 5), date(2026, 10, 11), "Europe/Berlin")
SETTLED = Freshness(settling=timedelta(0), fresh=timedelta(minutes=15))
STALE = Freshness(settling=timedelta(days=99_999), fresh=timedelta(0))


def asked(sandbox):
    return sum(Counter(r.operation for r in sandbox.requests if "engagements" in r.operation).values())


@pytest.fixture
def cadences(small_sandbox):
    return [cadence_from_name(name) for name in small_sandbox.cadence_names]


@pytest.fixture
def new_store(small_sandbox, make_client, database_url):
    """Stores as new processes would have them, over one database."""
    archives = []

    def make(freshness=SETTLED):
        def opened():
            return History(Database.open(database_url), base_url="https://x.io", user="a@x.io", freshness=freshness)

        archives.append(HistoryArchive(opened, freshness=freshness))
        return ReportCache(make_client(small_sandbox), archive=archives[-1])

    yield make
    for archive in archives:
        archive.close()


def test_a_new_process_asks_nothing_that_is_known(small_sandbox, new_store, cadences):
    first = new_store().load(cadences, [WINDOW, WINDOW.back(WINDOW.days)])
    count = asked(small_sandbox)
    assert count == 12
    again = new_store().load(cadences, [WINDOW, WINDOW.back(WINDOW.days)])
    assert asked(small_sandbox) == count
    assert again == first


def test_memory_comes_before_the_history_and_has_the_cadence_as_it_is_listed_now(new_store, cadences, monkeypatch):
    new_store().load(cadences[:1], WINDOW)
    store = new_store()
    listed = type(cadences[0])(id="7", name=cadences[0].name, owner="kim@x.io", is_active=True, created=None)
    (report,) = store.load([listed], WINDOW)
    assert report.cadence == listed
    monkeypatch.setattr(History, "find", lambda *_, **__: pytest.fail("memory knows"))
    assert store.load([listed], WINDOW) == [report]


def test_what_is_not_good_enough_is_asked_again(small_sandbox, new_store, cadences):
    new_store(STALE).load(cadences[:1], WINDOW)
    new_store(STALE).load(cadences[:1], WINDOW)
    assert asked(small_sandbox) == 4


def test_what_is_asked_again_is_asked_of_klenty_and_kept(small_sandbox, new_store, cadences):
    store = new_store()
    store.load(cadences, WINDOW)
    count = asked(small_sandbox)
    first = store.load(cadences[:1], WINDOW, again=True)
    assert asked(small_sandbox) == count + 2
    assert store.load(cadences[:1], WINDOW) == first
    assert new_store().load(cadences[:1], WINDOW)[0].fetched_at == first[0].fetched_at
    assert asked(small_sandbox) == count + 2


def test_a_failure_is_not_kept_and_retrying_asks_klenty(small_sandbox, new_store, cadences):
    small_sandbox.faults.add("refused_json", cadence=cadences[0].name)
    store = new_store()
    assert store.load(cadences, WINDOW)[0].failed
    small_sandbox.faults.clear()
    assert not new_store().load(cadences, WINDOW)[0].failed
    store.forget_failures(cadences[0])
    count = asked(small_sandbox)
    assert not store.load(cadences, WINDOW)[0].failed  # another process has it by now
    assert asked(small_sandbox) == count


def test_everything_is_written_when_a_load_ends(new_store, cadences, database_url):
    windows = buckets(date(2026, 10, 1), date(2026, 10, 10), "day", "Europe/Berlin")
    new_store().load(cadences, windows)
    with_other = History(Database.open(database_url), base_url="https://x.io", user="a@x.io", freshness=SETTLED)
    assert with_other.missing(cadences, windows) == []
    with_other.database.close()


class Broken:
    """A history whose database refuses."""

    freshness = Freshness()

    def __init__(self, trouble, *, keeps=False):
        self.trouble, self.keeps, self.tried = trouble, keeps, Counter()

    def find(self, _wanted, **_kwargs):
        self.tried["find"] += 1
        if not self.keeps:
            raise DatabaseError(self.trouble)
        return {}

    def save(self, _reports):
        self.tried["save"] += 1
        raise DatabaseError(self.trouble)


def test_without_a_database_the_store_works_and_says_so(small_sandbox, make_client, cadences):
    opened = []

    def refuse():
        opened.append(True)
        raise DatabaseError(DatabaseErrorKind.UNREACHABLE)

    archive = HistoryArchive(refuse)
    store = ReportCache(make_client(small_sandbox), archive=archive)
    assert not any(report.failed for report in store.load(cadences, WINDOW))
    assert not any(report.failed for report in store.load(cadences, WINDOW.back(WINDOW.days)))
    assert archive.history is None
    assert archive.problem.startswith(DatabaseErrorKind.UNREACHABLE.value)
    assert "in memory only" in archive.problem
    assert opened == [True]  # nobody waits for it again within the minute


@pytest.mark.parametrize("trouble", [DatabaseErrorKind.LOCKED, DatabaseErrorKind.DAMAGED])
def test_a_database_that_fails_later_is_left_alone_for_a_while(small_sandbox, make_client, cadences, trouble):
    broken = Broken(trouble)
    archive = HistoryArchive.over(broken)
    store = ReportCache(make_client(small_sandbox), archive=archive)
    for window in (WINDOW, WINDOW.back(WINDOW.days)):
        assert not any(report.failed for report in store.load(cadences, window))
    assert broken.tried == {"find": 1}
    assert trouble.value in archive.problem


def test_a_full_disk_is_still_read(small_sandbox, make_client, cadences):
    broken = Broken(DatabaseErrorKind.FULL, keeps=True)
    archive = HistoryArchive.over(broken)
    store = ReportCache(make_client(small_sandbox), archive=archive)
    store.load(cadences, WINDOW)
    store.load(cadences, WINDOW.back(WINDOW.days))
    assert broken.tried["find"] == 2
    assert broken.tried["save"] == 1
    assert DatabaseErrorKind.FULL.value in archive.problem
    assert archive.history is broken


class Recovers(Broken):
    """A history that takes nothing in until the database is well."""

    well = False

    def __init__(self, trouble):
        super().__init__(trouble, keeps=True)
        self.written = []

    def save(self, reports):
        if not self.well:
            super().save(reports)
        self.written.extend(reports)


@pytest.mark.parametrize("trouble", [DatabaseErrorKind.FULL, DatabaseErrorKind.LOCKED, DatabaseErrorKind.UNREACHABLE])
def test_what_could_not_be_written_is_written_when_it_can_be(
    small_sandbox, make_client, cadences, trouble, monkeypatch
):
    history = Recovers(trouble)
    archive = HistoryArchive.over(history)
    store = ReportCache(make_client(small_sandbox), archive=archive)
    came = store.load(cadences, WINDOW)
    history.well = True
    assert archive.problem
    assert history.written == [], "it rests"
    monkeypatch.setattr(archive._writing, "_until", 0.0)
    assert archive.problem  # which tries again, without being waited for
    archive.flush()
    assert sorted(report.cadence.name for report in history.written) == sorted(r.cadence.name for r in came)
    assert archive.problem is None
    assert asked(small_sandbox) == 6


def test_what_is_refused_for_an_unknown_reason_is_not_waited_for(small_sandbox, make_client, cadences, monkeypatch):
    monkeypatch.setattr("dashboard.data.history.archive._REST_SECONDS", 0.0)
    history = Recovers(DatabaseErrorKind.OTHER)
    store = ReportCache(make_client(small_sandbox, workers=1), archive=HistoryArchive.over(history))
    store.load(cadences[:1], WINDOW)
    history.well = True
    store.load(cadences[1:], WINDOW)
    assert {report.cadence.name for report in history.written} == {cadence.name for cadence in cadences[1:]}


def test_to_wait_for_nothing_makes_no_haste():
    archive = HistoryArchive.over(Recovers(DatabaseErrorKind.FULL))
    archive.flush()
    assert not archive._hurry.is_set(), "the next reports would be written one by one"


def test_what_waits_for_a_database_is_bounded(small_sandbox, make_client, cadences, monkeypatch):
    monkeypatch.setattr("dashboard.data.history.archive._MOST_UNWRITTEN", 2)
    archive = HistoryArchive.over(Recovers(DatabaseErrorKind.FULL))
    ReportCache(make_client(small_sandbox), archive=archive).load(
        cadences, [WINDOW.back(7 * weeks) for weeks in range(4)]
    )
    archive.put(ReportCache(make_client(small_sandbox)).load(cadences[:1], WINDOW)[0])
    assert len(archive._waiting) == 2


def test_it_is_tried_again_after_a_rest(monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr("dashboard.data.history.archive.time.monotonic", lambda: clock[0])
    answers = [DatabaseError(DatabaseErrorKind.UNREACHABLE), Broken(DatabaseErrorKind.LOCKED, keeps=True)]

    def opening():
        answer = answers.pop(0)
        if isinstance(answer, DatabaseError):
            raise answer
        return answer

    archive = HistoryArchive(opening)
    assert archive.history is None
    clock[0] += 59
    assert archive.history is None
    clock[0] += 2
    assert archive.history is not None
    assert archive.problem is None


def test_writing_is_not_done_by_those_who_ask(small_sandbox, make_client, cadences):
    writers = set()

    class Watching(Broken):
        def save(self, _reports):
            writers.add(threading.current_thread().name)

    ReportCache(
        make_client(small_sandbox), archive=HistoryArchive.over(Watching(DatabaseErrorKind.LOCKED, keeps=True))
    ).load(cadences, WINDOW)
    assert len(writers) == 1
    assert writers.pop().startswith("history")


def test_what_is_put_waits_when_far_too_much_is_waiting(monkeypatch, small_sandbox, make_client, cadences):
    monkeypatch.setattr("dashboard.data.history.archive._MOST_WAITING", 2)
    (report,) = ReportCache(make_client(small_sandbox)).load(cadences[:1], WINDOW)
    held, written = threading.Event(), []

    class Slow(Broken):
        def save(self, reports):
            held.wait(10)
            written.extend(reports)

    archive = HistoryArchive.over(Slow(DatabaseErrorKind.LOCKED, keeps=True))
    putting = threading.Thread(target=lambda: [archive.put(report) for _ in range(9)])
    putting.start()
    putting.join(0.2)
    assert putting.is_alive()
    held.set()
    putting.join(10)
    archive.flush()
    assert len(written) == 9


def test_a_sandbox_has_a_history_of_its_own_that_goes_with_the_process(monkeypatch, tmp_path):
    # That of this process may be in use.
    monkeypatch.setattr(opening, "_folder_of_this_process", cache(opening._folder_of_this_process.__wrapped__))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    settings = Settings(user=None, api_key=None)
    where = {"base_url": "http://127.0.0.1:1", "user": "a@x.io", "is_sandbox": True}
    history = opening.open_history(settings, **where)
    assert [path.suffix for folder in tmp_path.iterdir() for path in folder.glob("*.sqlite3")] == [".sqlite3"]
    history.database.close()
    opening.discard_sandbox()
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(DatabaseError) as caught:
        opening.open_history(settings, **where)
    assert caught.value.kind is DatabaseErrorKind.NO_FOLDER
