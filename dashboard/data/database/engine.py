"""Opening the database, and the two ways to use it: reading and writing."""

import contextlib
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from dashboard.data.database import migrate
from dashboard.data.database.address import (
    COCKROACH,
    check_wal,
    default_url,
    parse_url,
    prepare_file,
    server_options,
    sqlite_file,
)
from dashboard.data.database.errors import DatabaseError, DatabaseErrorKind, problem_of
from dashboard.data.database.tables import LEASES

BUSY_SECONDS = 30.0
_NOT_INSTALLED = f"what the address asks for is not installed; {COCKROACH}"
_LEAST_FREE_BYTES = 4 * 1024 * 1024  # SQLite needs room for its journal before it can say that there is none
_PROBE = "write probe"


class Database:
    """One database, for all threads of this process; other processes may read and write it at the same time.

    Everything in it raises `DatabaseError` when the database cannot be used. Never logs or shows its address,
    which may hold a password.
    """

    def __init__(self, engine: sa.Engine, file: Path | None = None) -> None:
        self._engine = engine
        self._file = file
        self._identity: tuple[int, int] | None = None

    @classmethod
    def open(cls, url: str | None = None, *, busy_seconds: float = BUSY_SECONDS, durable: bool = False) -> "Database":
        """Return the database at `url` (default: a SQLite file in the user's data folder), made or migrated as needed.

        `durable`: what is committed also outlives a power failure, not only the end of the process; on SQLite that
        costs a flush of the disk per transaction, and PostgreSQL does so anyway.

        Args:
            url: of SQLAlchemy.
            busy_seconds: how long to wait for another writer.
            durable: whether a power failure may lose nothing.
        """
        address = parse_url(url or default_url())
        file = sqlite_file(address)
        if file is not None and address.query.get("mode") != "ro":
            prepare_file(file)
            check_wal(file)
        try:
            database = cls(_engine(address, busy_seconds, durable=durable), file)
        except (ImportError, sa.exc.ArgumentError):
            raise DatabaseError(DatabaseErrorKind.ADDRESS, _NOT_INSTALLED) from None
        try:
            with database.reading() as connection:
                up_to_date = migrate.is_up_to_date(connection)
            if not up_to_date:
                with database._migrating() as connection:
                    migrate.upgrade(connection)
            if file is not None:
                database._identity = _identity_of(file)
        except BaseException:
            database.close()
            raise
        return database

    @property
    def dialect(self) -> Literal["sqlite", "postgresql"]:
        """Which kind of database it is."""
        return "sqlite" if self._engine.dialect.name == "sqlite" else "postgresql"

    def check_file(self) -> None:
        """Raise `DatabaseError` when the file was deleted or replaced: what is open then has no name any more."""
        if self._identity is not None and self._file is not None and _identity_of(self._file) != self._identity:
            raise DatabaseError(DatabaseErrorKind.REPLACED)

    def check_writable(self) -> None:
        """Write one row, for those who ask whether the dashboard can work; raises `DatabaseError` when it cannot."""
        self.check_file()
        if self._file is not None and shutil.disk_usage(self._file.parent).free < _LEAST_FREE_BYTES:
            raise DatabaseError(DatabaseErrorKind.FULL)
        row = {"name": _PROBE, "holder": "", "until": datetime.now(UTC).isoformat()}
        probe = self.insert(LEASES).values(**row)
        with self.writing() as connection:
            connection.execute(probe.on_conflict_do_update(index_elements=["name"], set_={"until": row["until"]}))

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Give a connection that sees one state of the database and changes nothing."""
        self.check_file()
        with _translated(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Give a connection in a transaction that is committed at the end, or undone when an exception leaves it.

        On SQLite it takes the right to write at its beginning: a transaction that reads first and writes later
        fails when another one wrote in between, however long it may wait.
        """
        self.check_file()
        with _translated(), self._engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def _migrating(self) -> Iterator[sa.Connection]:
        """Give a connection as `writing` does, on which tables may be rebuilt: references are not checked meanwhile."""
        options = {"writes": True, "rebuilds": True}
        with _translated(), self._engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection
        self._engine.dispose()  # the next connections check references again

    def insert(self, table: sa.Table) -> Any:  # the dialects' Insert have no common type with on_conflict_…
        """Return an INSERT that has `on_conflict_do_update` and `on_conflict_do_nothing` on either database."""
        return sqlite.insert(table) if self.dialect == "sqlite" else postgresql.insert(table)

    def insert_many(
        self, connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
    ) -> None:
        """Insert rows that are not there yet, by the fastest way of either database.

        Args:
            connection: in whose transaction it is written.
            table: where.
            columns: names, in the order of each row.
            rows: of equal length.
        """
        names = ", ".join(f'"{name}"' for name in columns)
        if self.dialect == "sqlite":
            places = ", ".join("?" * len(columns))
            statement = f"INSERT INTO {table.name} ({names}) VALUES ({places})"  # noqa: S608  # our own names
            if several := list(rows):
                connection.exec_driver_sql(statement, several)
            return
        driver: Any = connection.connection.driver_connection
        failure: Any = connection.dialect.loaded_dbapi.Error
        try:
            with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        except failure as error:  # SQLAlchemy has no words for COPY
            raise problem_of(error, lost=False) from None

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def _identity_of(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _engine(address: sa.URL, busy_seconds: float, *, durable: bool) -> sa.Engine:
    if address.get_backend_name() != "sqlite":
        # An idle connection may have been cut by what stands between: it is tried before it is used.
        address, arguments = server_options(address)
        return sa.create_engine(address, pool_pre_ping=True, connect_args=arguments)
    engine = sa.create_engine(address, connect_args={"timeout": busy_seconds})
    sa.event.listen(engine, "connect", _prepare_sqlite)
    if durable:
        sa.event.listen(engine, "connect", _flush_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself; `_begin_sqlite` does
    try:
        with contextlib.suppress(sqlite3.OperationalError):  # a read-only file can still be read
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
    except sqlite3.Error:  # the file is no database: nobody else has this connection to close it
        connection.close()
        raise


def _flush_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA synchronous = FULL")


def _begin_sqlite(connection: sa.Connection) -> None:
    options = connection.get_execution_options()
    if options.get("rebuilds", False):
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")  # which it takes outside a transaction only
    writes = options.get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _translated() -> Iterator[None]:
    """Raise drivers' errors as `DatabaseError`; their texts hold addresses and values."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise problem_of(error.orig, lost=error.connection_invalidated) from None
    except sqlite3.Error as error:  # rows are read by the driver itself, and a later page of a file may be damaged
        raise problem_of(error, lost=False) from None
    except sa.exc.TimeoutError:  # all connections are taken, by questions that get no answer
        raise DatabaseError(DatabaseErrorKind.UNREACHABLE) from None
    except AssertionError as error:
        if "version" in str(error):  # which SQLAlchemy reads on the first connection
            raise DatabaseError(DatabaseErrorKind.UNREACHABLE, f"it calls itself no PostgreSQL; {COCKROACH}") from None
        raise
