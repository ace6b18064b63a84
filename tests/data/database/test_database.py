"""The database on both of its kinds: made on first use, migrated, shared, and honest about what is wrong."""

import sqlite3
import subprocess
import sys
import threading
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.dialects.postgresql.base import PGDialect

from dashboard.data.database import Database, DatabaseError, DatabaseErrorKind, migrate
from dashboard.data.database.accounts import Notes, account_id, format_time, parse_time
from dashboard.data.database.errors import problem_of
from dashboard.data.database.tables import ACCOUNT_NOTES, METADATA


def test_the_migrations_make_exactly_the_tables(database):
    with database.reading() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), METADATA)
    assert differences == []


def test_an_account_keeps_its_number_whatever_the_case_of_its_user(database):
    first = account_id(database, base_url="https://api.klenty.com/", user="Sam@example.com")
    assert account_id(database, base_url="https://api.klenty.com", user="sam@example.com") == first
    assert account_id(database, base_url="https://app.klenty.com", user="sam@example.com") != first


def test_the_last_note_counts(database):
    notes = Notes(database, account_id(database, base_url="https://api.klenty.com", user="sam@example.com"))
    assert notes.get("pace") is None
    notes.put("pace", {"per_second": 12.5})
    notes.put("pace", {"per_second": 20})
    assert notes.get("pace") == {"per_second": 20}


def test_what_is_undone_by_an_exception_was_never_there(database):
    account = account_id(database, base_url="https://api.klenty.com", user="sam@example.com")
    row = {"account_id": account, "name": "x", "value": 1, "noted_at": format_time(datetime.now(UTC))}

    def fail_half_way() -> None:
        with database.writing() as connection:
            connection.execute(ACCOUNT_NOTES.insert().values(**row))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert Notes(database, account).get("x") is None


def test_many_threads_and_readers_that_then_write_are_never_locked_out(database):
    account = account_id(database, base_url="https://api.klenty.com", user="sam@example.com")
    notes = Notes(database, account)
    notes.put("sum", 0)

    def add_ten() -> None:
        for _ in range(10):
            with database.writing() as connection:
                chosen = sa.select(ACCOUNT_NOTES.c.value).filter_by(account_id=account, name="sum")
                if database.dialect == "postgresql":
                    chosen = chosen.with_for_update()
                found = connection.scalar(chosen)
                changed = sa.update(ACCOUNT_NOTES).filter_by(account_id=account, name="sum")
                connection.execute(changed.values(value=found + 1))

    threads = [threading.Thread(target=add_ten) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert notes.get("sum") == 80


def test_processes_that_come_first_together_make_it_once(database_url, tmp_path):
    code = "import sys; from dashboard.data.database import Database; Database.open(sys.argv[1]).close()"
    together = [subprocess.Popen([sys.executable, "-c", code, database_url]) for _ in range(4)]
    assert [process.wait(60) for process in together] == [0, 0, 0, 0]


def test_a_newer_schema_is_left_alone(database_url):
    with (database := Database.open(database_url)).writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'from_the_future'"))
    database.close()
    with pytest.raises(DatabaseError) as caught:
        Database.open(database_url)
    assert caught.value.kind is DatabaseErrorKind.NEWER


def test_a_held_file_says_so(tmp_path):
    path = tmp_path / "history.sqlite3"
    database = Database.open(f"sqlite:///{path}", busy_seconds=0.1)
    other = sqlite3.connect(path)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseError) as caught, database.writing():
        pass
    other.close()
    assert caught.value.kind is DatabaseErrorKind.LOCKED


def test_a_full_disk_says_so_and_keeps_what_was_stored(tmp_path):
    database = Database.open(f"sqlite:///{tmp_path / 'history.sqlite3'}")
    notes = Notes(database, account_id(database, base_url="https://api.klenty.com", user="sam@example.com"))
    notes.put("kept", 1)
    with database.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DatabaseError) as caught:
        notes.put("large", "x" * 100_000)
    assert caught.value.kind is DatabaseErrorKind.FULL
    assert "xxx" not in str(caught.value)
    assert notes.get("kept") == 1


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_IOERR_READ, DatabaseErrorKind.DISK),
        (sqlite3.SQLITE_IOERR_SHMSIZE, DatabaseErrorKind.FULL),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, DatabaseErrorKind.LOCKED),
        (None, DatabaseErrorKind.OTHER),
    ],
)
def test_a_disk_that_fails_is_not_called_full(code, kind):
    error = sqlite3.OperationalError("disk I/O error")
    if code is not None:
        error.sqlite_errorcode = code
    assert problem_of(error, lost=False).kind is kind


def test_no_database_and_no_folder_say_so(tmp_path):
    path = tmp_path / "history.sqlite3"
    path.write_bytes(b"this is a letter, not a database. " * 100)
    with pytest.raises(DatabaseError) as caught:
        Database.open(f"sqlite:///{path}")
    assert caught.value.kind is DatabaseErrorKind.DAMAGED
    with pytest.raises(DatabaseError) as caught:
        Database.open(f"sqlite:///{path}/below/history.sqlite3")
    assert caught.value.kind is DatabaseErrorKind.NO_FOLDER


def test_a_file_that_may_only_be_read_is_read(tmp_path):
    # The tests may run as root, whom no file mode stops; SQLite's own read-only mode stops everyone.
    path = tmp_path / "history.sqlite3"
    Database.open(f"sqlite:///{path}").close()
    database = Database.open(f"sqlite:///file:{path}?mode=ro&uri=true")
    with pytest.raises(DatabaseError) as caught:
        account_id(database, base_url="https://api.klenty.com", user="sam@example.com")
    assert caught.value.kind is DatabaseErrorKind.READ_ONLY


def test_a_server_that_does_not_answer_is_named_without_its_password():
    with pytest.raises(DatabaseError) as caught:
        Database.open("postgresql://sam:s3cret@127.0.0.1:1/history")
    assert caught.value.kind is DatabaseErrorKind.UNREACHABLE
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "url",
    [
        "mysql://x/y",
        "history.db",
        "postgresql://sam:s3cret@h:port/x",
        "cockroachdb://sam:s3cret@h/x",
        "sqlite+odd:///x",
    ],
)
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(DatabaseError) as caught:
        Database.open(url)
    assert "s3cret" not in str(caught.value)


def test_whatever_driver_an_address_names_the_installed_one_is_taken():
    with pytest.raises(DatabaseError) as caught:
        Database.open("postgresql+psycopg2://sam:s3cret@127.0.0.1:1/history")
    assert str(caught.value) == DatabaseErrorKind.UNREACHABLE.value


def test_a_database_whose_connections_are_all_waiting_does_not_answer(database, monkeypatch):
    monkeypatch.setattr(database._engine.pool, "_timeout", 0)
    with ExitStack() as stack:
        taken = (stack.enter_context(database.reading()) for _ in range(100))
        with pytest.raises(DatabaseError) as caught:
            list(taken)
    assert caught.value.kind is DatabaseErrorKind.UNREACHABLE


def test_times_sort_as_text_and_come_back():
    early, late = datetime(2026, 11, 25, 8, tzinfo=UTC), datetime(2026, 11, 25, 8, 0, 0, 1, tzinfo=UTC)
    assert format_time(early) < format_time(late)
    assert parse_time(format_time(late)) == late


def test_the_default_lies_in_the_users_data_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    Database.open().close()
    assert (tmp_path / "klenty-dashboard" / "history.sqlite3").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["klenty-dashboard"]


def test_a_migration_from_the_first_schema_keeps_every_row(database_url, monkeypatch):
    monkeypatch.setattr(migrate, "HEAD", "accounts")
    old = Database.open(database_url)
    with old.reading() as connection:
        assert sa.inspect(connection).get_table_names().count("observations") == 0
    account = account_id(old, base_url="https://api.klenty.com", user="sam@example.com")
    for number in range(50):
        Notes(old, account).put(f"note {number}", {"value": number})
    old.close()
    monkeypatch.undo()
    migrated = Database.open(database_url)
    assert account_id(migrated, base_url="https://api.klenty.com", user="sam@example.com") == account
    assert [Notes(migrated, account).get(f"note {number}") for number in range(50)] == [{"value": n} for n in range(50)]
    with migrated.reading() as connection:
        assert "observations" in sa.inspect(connection).get_table_names()
    migrated.close()


def test_the_newest_revision_is_named():
    assert ScriptDirectory.from_config(migrate._config()).get_heads() == [migrate.HEAD]


def test_what_only_a_migration_or_a_server_needs_is_not_loaded_for_a_file_that_is_up_to_date(tmp_path):
    url = f"sqlite:///{tmp_path / 'history.sqlite3'}"
    Database.open(url).close()
    code = f"""
import sys
from dashboard.data.database import Database
Database.open({url!r}).close()
print([name for name in ("alembic", "psycopg") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr


def test_what_speaks_the_protocol_and_is_no_postgresql_is_told_how_it_is_reached(postgres, monkeypatch):
    def version(*_):
        raise AssertionError("Could not determine version from string 'CockroachDB CCL v25.2.0'")

    monkeypatch.setattr(PGDialect, "_get_server_version_info", version)
    with pytest.raises(DatabaseError, match="sqlalchemy-cockroachdb"):
        Database.open(postgres())
