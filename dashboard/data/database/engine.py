"""Opening the database, and the two ways to use it: reading and writing."""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import platformdirs
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from dashboard.data.database import migrate
from dashboard.data.database.errors import DatabaseError, DatabaseErrorKind, problem_of

BUSY_SECONDS = 30.0
_CONNECT_SECONDS = 10
_COCKROACH = "CockroachDB is reached by cockroachdb://… with the package sqlalchemy-cockroachdb"
_NOT_INSTALLED = f"what the address asks for is not installed; {_COCKROACH}"


class Database:
    """One database, for all threads of this process; other processes may read and write it at the same time.

    Everything in it raises `DatabaseError` when the database cannot be used. Never logs or shows its address,
    which may hold a password.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str | None = None, *, busy_seconds: float = BUSY_SECONDS, durable: bool = False) -> "Database":
        """The database at `url` (default: a SQLite file in the user's data folder), made or migrated as needed.

        `durable`: what is committed also outlives a power failure, not only the end of the process; on SQLite that
        costs a flush of the disk per transaction, and PostgreSQL does so anyway.
        """
        address = _address(url or default_url())
        if address.get_backend_name() == "sqlite":
            _make_folder(address)
        try:
            database = cls(_engine(address, busy_seconds, durable=durable))
        except (ImportError, sa.exc.ArgumentError):
            raise DatabaseError(DatabaseErrorKind.UNREACHABLE, _NOT_INSTALLED) from None
        try:
            with database.reading() as connection:
                up_to_date = migrate.is_up_to_date(connection)
            if not up_to_date:
                with database.writing() as connection:
                    migrate.upgrade(connection)
        except BaseException:
            database.close()
            raise
        return database

    @property
    def dialect(self) -> Literal["sqlite", "postgresql"]:
        """Which kind of database it is."""
        return "sqlite" if self._engine.dialect.name == "sqlite" else "postgresql"

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection that sees one state of the database and changes nothing."""
        with _translated(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A connection in a transaction that is committed at the end, or undone when an exception leaves it.

        On SQLite it takes the right to write at its beginning: a transaction that reads first and writes later
        fails when another one wrote in between, however long it may wait.
        """
        with _translated(), self._engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection

    def insert(self, table: sa.Table) -> Any:  # the dialects' Insert have no common type with on_conflict_…
        """An INSERT that has `on_conflict_do_update` and `on_conflict_do_nothing` on either database."""
        return sqlite.insert(table) if self.dialect == "sqlite" else postgresql.insert(table)

    def insert_many(
        self, connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
    ) -> None:
        """Insert rows that are not there yet, by the fastest way of either database."""
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


def default_url() -> str:
    """The SQLite file in the user's data folder."""
    return f"sqlite:///{platformdirs.user_data_path('klenty-dashboard') / 'history.sqlite3'}"


def _address(url: str) -> sa.URL:
    try:
        address = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise DatabaseError(DatabaseErrorKind.UNREACHABLE, "the address is not one") from None
    if address.get_backend_name() in {"postgres", "postgresql"}:  # whatever driver it names: one is installed
        return address.set(drivername="postgresql+psycopg")
    if address.get_backend_name() == "cockroachdb":  # its dialect is a package of its own and speaks by the same driver
        return address.set(drivername="cockroachdb+psycopg")
    if address.get_backend_name() != "sqlite":
        raise DatabaseError(DatabaseErrorKind.UNREACHABLE, "only sqlite:// and postgresql:// are spoken")
    return address


def _make_folder(address: sa.URL) -> None:
    if not address.database or address.database == ":memory:":
        return
    try:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseError(DatabaseErrorKind.NO_FOLDER, error.strerror or "") from None


def _engine(address: sa.URL, busy_seconds: float, *, durable: bool) -> sa.Engine:
    if address.get_backend_name() != "sqlite":
        # An idle connection may have been cut by what stands between: it is tried before it is used.
        return sa.create_engine(address, pool_pre_ping=True, connect_args={"connect_timeout": _CONNECT_SECONDS})
    engine = sa.create_engine(address, connect_args={"timeout": busy_seconds})
    sa.event.listen(engine, "connect", _prepare_sqlite)
    if durable:
        sa.event.listen(engine, "connect", _flush_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself; `_begin_sqlite` does
    with contextlib.suppress(sqlite3.OperationalError):  # a read-only file can still be read
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")


def _flush_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA synchronous = FULL")


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _translated() -> Iterator[None]:
    """Drivers' errors as `DatabaseError`; their texts hold addresses and values."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise problem_of(error.orig, lost=error.connection_invalidated) from None
    except sqlite3.Error as error:  # rows are read by the driver's own hand, and a later page of a file may be damaged
        raise problem_of(error, lost=False) from None
    except sa.exc.TimeoutError:  # all connections are taken, by questions that get no answer
        raise DatabaseError(DatabaseErrorKind.UNREACHABLE) from None
    except AssertionError as error:
        if "version" in str(error):  # which SQLAlchemy reads on the first connection
            raise DatabaseError(DatabaseErrorKind.UNREACHABLE, f"it calls itself no PostgreSQL; {_COCKROACH}") from None
        raise
