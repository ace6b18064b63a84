"""Addresses of databases: expanded or refused in words, private on the disk, and faults named one by one."""

import os
import shutil
import sqlite3
import subprocess
import sys

import pytest
import sqlalchemy as sa

from dashboard.data.database import Database, DatabaseError, DatabaseErrorKind
from dashboard.data.database.accounts import Notes, account_id


def opened(url, **options):
    with pytest.raises(DatabaseError) as caught:
        Database.open(url, **options).close()
    assert "s3cret" not in str(caught.value)
    return caught.value.kind


@pytest.mark.parametrize(
    "url",
    ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:///history.sqlite3", "sqlite:///./data/h.db",
     "sqlite:///file:h.db?uri=true", "sqlite:///file::memory:?uri=true", "sqlite:///~nobody-of-this-name/h.db"],
)  # fmt: skip
def test_an_address_that_names_no_file_or_another_one_in_each_folder_is_refused(url, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert opened(url) is DatabaseErrorKind.ADDRESS
    assert list(tmp_path.iterdir()) == []


def test_a_tilde_is_the_home_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    Database.open("sqlite:///~/klenty/history.sqlite3").close()
    assert (tmp_path / "klenty" / "history.sqlite3").exists()


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_files_and_folders_are_private_whatever_the_umask(tmp_path, umask):
    before = os.umask(umask)
    try:
        tmp_path.chmod(0o755)
        database = Database.open(f"sqlite:///{tmp_path}/new/deep/history.sqlite3")
        account_id(database, base_url="https://api.klenty.com", user="sam@x.io")
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")}
        database.close()
    finally:
        os.umask(before)
    assert modes == {
        "new": 0o700, "deep": 0o700, "history.sqlite3": 0o600, "history.sqlite3-wal": 0o600,
        "history.sqlite3-shm": 0o600,
    }  # fmt: skip
    assert tmp_path.stat().st_mode & 0o777 == 0o755  # a folder that was there is left alone


def test_a_file_of_an_earlier_version_becomes_private(tmp_path):
    path = tmp_path / "history.sqlite3"
    Database.open(f"sqlite:///{path}").close()
    path.chmod(0o644)
    Database.open(f"sqlite:///{path}").close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_deleted_or_replaced_under_a_running_dashboard_is_noticed(tmp_path):
    path = tmp_path / "history.sqlite3"
    for replace in (
        path.unlink,
        lambda: shutil.copy(tmp_path / "other", tmp_path / "n") and (tmp_path / "n").rename(path),
    ):
        database = Database.open(f"sqlite:///{path}")
        database.check_writable()
        shutil.copy(path, tmp_path / "other")
        replace()
        for use in (database.check_file, database.check_writable, lambda: account_id(database, base_url="x", user="y")):  # noqa: B023
            with pytest.raises(DatabaseError) as caught:
                use()
            assert caught.value.kind is DatabaseErrorKind.REPLACED
        database.close()
        for left in tmp_path.glob("history*"):
            left.unlink()


def test_a_full_disk_is_no_place_to_write(database, tmp_path, monkeypatch):
    database.check_writable()
    database.check_writable()
    if database.dialect == "sqlite":
        monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 1000))
        with pytest.raises(DatabaseError) as caught:
            database.check_writable()
        assert caught.value.kind is DatabaseErrorKind.FULL


CRASH = """
import os, sys
from dashboard.data.database import Database
from dashboard.data.database.accounts import Notes, account_id
database = Database.open(sys.argv[1])
notes = Notes(database, account_id(database, base_url="https://api.klenty.com", user="sam@x.io"))
for number in range(40):
    notes.put(f"{sys.argv[2]} {number}", "x" * 3000)
os._exit(9)
"""


def crash(path, word):
    """A process that dies with what it wrote still in the -wal."""
    done = subprocess.run([sys.executable, "-c", CRASH, f"sqlite:///{path}", word], check=False)
    assert done.returncode == 9
    assert path.with_name(f"{path.name}-wal").stat().st_size


def test_a_backup_over_a_file_with_its_wal_is_noticed_and_left_as_it_is(tmp_path):
    path, backup = tmp_path / "history.sqlite3", tmp_path / "backup.sqlite3"
    for number in range(3):  # the backup is of a time with fewer pages
        crash(path, f"old {number}")
        Database.open(f"sqlite:///{path}").close()
        if number == 0:
            shutil.copy(path, backup)
    crash(path, "new")
    shutil.copy(backup, path)
    assert opened(f"sqlite:///{path}") is DatabaseErrorKind.MIXED
    assert path.read_bytes() == backup.read_bytes()
    for rest in ("-wal", "-shm"):  # what the sentence says
        path.with_name(f"{path.name}{rest}").unlink(missing_ok=True)
    database = Database.open(f"sqlite:///{path}")
    notes = Notes(database, account_id(database, base_url="https://api.klenty.com", user="sam@x.io"))
    assert notes.get("old 0 39") == "x" * 3000
    assert notes.get("new 1") is None
    database.close()


def test_a_wal_of_a_process_that_died_is_no_mistake(tmp_path):
    path = tmp_path / "history.sqlite3"
    crash(path, "kept")
    database = Database.open(f"sqlite:///{path}")
    notes = Notes(database, account_id(database, base_url="https://api.klenty.com", user="sam@x.io"))
    assert notes.get("kept 39") == "x" * 3000
    database.close()


@pytest.fixture
def server(postgres):
    """A function that runs SQL on a PostgreSQL, and the address of a database on it."""
    url = sa.make_url(postgres())

    def run(*statements):
        engine = sa.create_engine(url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        engine.dispose()

    return run, url


def text(url, **changes):
    return url.set(**changes).render_as_string(hide_password=False)


def test_nothing_is_prepared_unless_the_address_asks_for_it(server):
    _, url = server

    def prepared(**query):
        database = Database.open(text(url.update_query_dict(query)))
        with database.reading() as connection:
            for _ in range(8):
                connection.execute(sa.text("SELECT 1"))
            found = connection.scalar(sa.text("SELECT count(*) FROM pg_prepared_statements"))
        database.close()
        return found

    assert prepared() == 0
    assert prepared(pgbouncer="true", statement_cache_size="0") == 0
    assert prepared(prepare_threshold="none") == 0
    assert prepared(prepare_threshold="2", application_name="klenty", connect_timeout="3") > 0


def test_each_refusal_of_a_server_has_its_own_sentence(server):
    run, url = server
    run(
        "DROP ROLE IF EXISTS klenty_reader",
        "CREATE ROLE klenty_reader LOGIN PASSWORD 'right'",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    )
    try:
        assert opened(text(url, username="klenty_reader", password="right")) is DatabaseErrorKind.NO_RIGHTS
        assert opened(text(url, database="no_such_database")) is DatabaseErrorKind.NO_DATABASE
        assert opened(text(url, username="no_such_role")) is DatabaseErrorKind.SIGN_IN
        assert opened(text(url.update_query_dict({"host": "127.0.0.1", "port": "1"}))) is DatabaseErrorKind.UNREACHABLE
        assert opened(text(url.update_query_dict({"colour": "blue"}))) is DatabaseErrorKind.ADDRESS
        run("ALTER ROLE klenty_reader CONNECTION LIMIT 0")
        assert opened(text(url, username="klenty_reader", password="right")) is DatabaseErrorKind.TOO_MANY
    finally:
        run("DROP ROLE klenty_reader")


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ('FATAL:  password authentication failed for user "sam"', DatabaseErrorKind.SIGN_IN),
        ('FATAL:  SASL authentication failed', DatabaseErrorKind.SIGN_IN),
        ("server does not support SSL, but SSL was required", DatabaseErrorKind.NO_TLS),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "sam", database "x", no encryption',
         DatabaseErrorKind.NO_TLS),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "sam", database "x", SSL encryption',
         DatabaseErrorKind.SIGN_IN),
        ("FATAL:  sorry, too many clients already", DatabaseErrorKind.TOO_MANY),
        ("FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute",
         DatabaseErrorKind.TOO_MANY),
        ("FATAL:  no such database: history", DatabaseErrorKind.NO_DATABASE),
        ("connection timeout expired", DatabaseErrorKind.UNREACHABLE),
    ],
)  # fmt: skip
def test_what_a_server_says_while_connecting_has_its_kind(said, kind):
    import psycopg  # noqa: PLC0415

    from dashboard.data.database.errors import problem_of  # noqa: PLC0415

    assert problem_of(psycopg.OperationalError(said), lost=True).kind is kind


def test_a_moved_file_is_named_by_sqlite_too():
    from dashboard.data.database.errors import problem_of  # noqa: PLC0415

    error = sqlite3.OperationalError("attempt to write a readonly database")
    error.sqlite_errorcode = sqlite3.SQLITE_READONLY_DBMOVED
    assert problem_of(error, lost=False).kind is DatabaseErrorKind.REPLACED
