"""What was learned of Klenty's limits outlives the process, and a database that cannot be used costs only that."""

import pytest

from dashboard.data.database import DatabaseError
from dashboard.data.database.errors import DatabaseErrorKind
from dashboard.data.history import History, HistoryArchive
from dashboard.services.account_notes import AccountNotes
from dashboard.services.rate_limits import keep_rate_limits
from klenty_api import fan_out
from klenty_api.sandbox import Limit


@pytest.fixture
def archive(database):
    return HistoryArchive.over(History(database, base_url="https://api.klenty.com", user="sam@x.io"))


def ask(client, times):
    return [outcome.ok for outcome in fan_out(lambda _: client.lists.list(), range(times), workers=client.workers)]


def learned(client):
    """What the client knows of Klenty's limits, without when: a pace or calls at once, as the limit was met."""
    return {name: value for name, value in client.throttle.learned().items() if name != "at"}


def test_the_next_run_begins_where_the_last_one_ended(small_sandbox, make_client, archive):
    nothing = learned(make_client(small_sandbox, workers=16))
    small_sandbox.limit = Limit("window", 10)
    first = make_client(small_sandbox, workers=16)
    keep_rate_limits(first.throttle, AccountNotes(archive))
    assert all(ask(first, 30))
    second = make_client(small_sandbox, workers=16)
    keep_rate_limits(second.throttle, AccountNotes(archive))
    assert learned(second) == learned(first) != nothing


def test_accounts_do_not_share_what_they_learned(small_sandbox, make_client, archive, database):
    small_sandbox.limit = Limit("window", 30)
    first = make_client(small_sandbox, workers=16)
    keep_rate_limits(first.throttle, AccountNotes(archive))
    ask(first, 40)
    other = make_client(small_sandbox)
    elsewhere = HistoryArchive.over(History(database, base_url="https://api.klenty.com", user="kim@y.io"))
    keep_rate_limits(other.throttle, AccountNotes(elsewhere))
    assert other.throttle.learned()["pace"] is None


def test_without_a_database_it_is_learned_again(small_sandbox, make_client):
    def broken():
        raise DatabaseError(DatabaseErrorKind.READ_ONLY)

    client = make_client(small_sandbox)
    keep_rate_limits(client.throttle, AccountNotes(HistoryArchive(broken)))
    small_sandbox.limit = Limit("token", 30)
    assert all(ask(client, 40))


def test_a_database_that_fails_later_fails_no_call(small_sandbox, make_client, archive, monkeypatch):
    tried = []

    def broken(*_):
        tried.append(True)
        raise DatabaseError(DatabaseErrorKind.FULL)

    client = make_client(small_sandbox)
    keep_rate_limits(client.throttle, AccountNotes(archive))
    monkeypatch.setattr("dashboard.services.account_notes.Notes.put", broken)
    assert all(ask(client, 30))
    assert tried
