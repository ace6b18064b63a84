"""Which database a URL names, and what the driver needs to know to reach it."""

import contextlib
import os
import sqlite3
import stat
from pathlib import Path
from typing import Any

import platformdirs
import sqlalchemy as sa

from dashboard.data.database.errors import DatabaseError, DatabaseErrorKind

_checked: set[tuple[int, ...]] = set()  # files whose -wal this process has looked at
COCKROACH = "CockroachDB is reached by cockroachdb://… with the package sqlalchemy-cockroachdb"
_CONNECT_SECONDS = 10
_NO_FILE = "a SQLite address needs a file: sqlite:////srv/klenty/history.sqlite3 or sqlite:///~/history.sqlite3"
_RELATIVE = f"{{path!r}} would be another file in every folder it is started in; {_NO_FILE}"
# How other drivers, and the documents of pgbouncer, spell "prepare no statements".
_PREPARE_THRESHOLD = ("prepare_threshold", "prepareThreshold")
_STATEMENT_CACHE = ("statement_cache_size", "prepared_statement_cache_size", "statementCacheSize")


def default_url() -> str:
    """Return the address of the SQLite file in the user's data folder; raises `DatabaseError` when there is none."""
    try:
        return f"sqlite:///{platformdirs.user_data_path('klenty-dashboard') / 'history.sqlite3'}"
    except RuntimeError:  # a container's user may have no home
        raise DatabaseError(DatabaseErrorKind.NO_FOLDER, "this user has no home; set KLENTY_DATABASE_URL") from None


def parse_url(url: str) -> sa.URL:
    """Return the address with an installed driver and an absolute file; raises `DatabaseError` in words."""
    try:
        address = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise DatabaseError(DatabaseErrorKind.ADDRESS, "it is no address") from None
    kind = address.get_backend_name()
    if kind in {"postgres", "postgresql"}:  # whatever driver it names: one is installed
        return address.set(drivername="postgresql+psycopg")
    if kind == "cockroachdb":  # its dialect is a package of its own and uses the same driver
        return address.set(drivername="cockroachdb+psycopg")
    if kind != "sqlite":
        raise DatabaseError(DatabaseErrorKind.ADDRESS, "only sqlite:// and postgresql:// are understood")
    return address.set(database=_absolute_file(address.database or ""))


def _absolute_file(name: str) -> str:
    prefix, path = ("file:", name.removeprefix("file:")) if name.startswith("file:") else ("", name)
    if path in {"", ":memory:"} or path.startswith("/:memory:"):
        raise DatabaseError(DatabaseErrorKind.ADDRESS, _NO_FILE)
    try:
        expanded = Path(path).expanduser()
    except RuntimeError:
        raise DatabaseError(DatabaseErrorKind.ADDRESS, "it begins with ~, and no home folder is known") from None
    if not expanded.is_absolute():
        raise DatabaseError(DatabaseErrorKind.ADDRESS, _RELATIVE.format(path=path))
    return f"{prefix}{expanded}"


def sqlite_file(address: sa.URL) -> Path | None:
    """Return the file behind a SQLite address; None for a server."""
    if address.get_backend_name() != "sqlite":
        return None
    return Path((address.database or "").removeprefix("file:").partition("?")[0])


def prepare_file(path: Path) -> None:
    """Make folder and file private (0700, 0600), whatever the umask. A folder that was there is left as it is.

    Raises `DatabaseError` when the folder cannot be made.
    """
    missing = [folder for folder in path.parents if not folder.exists()]
    try:
        for folder in reversed(missing):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o700)
        if path.parent == sqlite_file(sa.make_url(default_url())).parent:  # type: ignore[union-attr]  # it is a file
            path.parent.chmod(0o700)
    except OSError as error:
        raise DatabaseError(DatabaseErrorKind.NO_FOLDER, error.strerror or "") from None
    with contextlib.suppress(OSError):  # SQLite says it better when it opens the file
        if not path.exists():
            # Made here and not by SQLite, so that it is never readable for others, not for a moment.
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            path.chmod(0o600)
        elif stat.S_IMODE(path.stat().st_mode) & 0o077:
            # By name and not by an open file: closing that would drop the locks of SQLite in this process.
            for each in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
                if each.exists():
                    each.chmod(0o600)


def check_wal(path: Path) -> None:
    """Raise `DatabaseError` when the file and the `-wal` next to it are of different states.

    That happens when a backup is copied over the file and the `-wal` of the old one is left: SQLite would mix both.
    The file is only read here, so that the backup stays what it is.
    """
    wal = path.with_name(f"{path.name}-wal")
    try:
        found = path.stat()
        identity = found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
        if identity in _checked or not wal.stat().st_size or not found.st_size:
            return
    except OSError:
        return
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1.0)
    except sqlite3.Error:
        return
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()
        if not found or found[0] != "ok":
            raise DatabaseError(DatabaseErrorKind.MIXED)
        _checked.add(identity)
    except sqlite3.DatabaseError as error:
        code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
        if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
            raise DatabaseError(DatabaseErrorKind.MIXED) from None
    finally:
        connection.close()


def server_options(address: sa.URL) -> tuple[sa.URL, dict[str, Any]]:
    """Return the address without the driver's own options, and those as arguments of `psycopg.connect`.

    Statements are not prepared unless the address asks for it: behind pgbouncer in transaction pooling the next
    transaction may be another server's, which does not know them.
    """
    query = {name: value if isinstance(value, str) else value[-1] for name, value in address.query.items()}
    arguments: dict[str, Any] = {"prepare_threshold": None}
    for name in _PREPARE_THRESHOLD:
        if name in query:
            arguments["prepare_threshold"] = _whole(name, query.pop(name), none={"", "none", "null"})
    for name in (*_STATEMENT_CACHE, "pgbouncer"):
        query.pop(name, None)  # all they can say is what is the default here
    if "ssl" in query:  # as JDBC and asyncpg spell it
        query["sslmode"] = {"true": "require", "1": "require", "false": "disable"}.get(query["ssl"], query["ssl"])
        del query["ssl"]
    if "autocommit" in query:
        raise DatabaseError(DatabaseErrorKind.ADDRESS, "autocommit cannot be chosen: what is written has to be whole")
    query.setdefault("connect_timeout", str(_CONNECT_SECONDS))
    return address.set(query=query), arguments


def _whole(name: str, text: str, *, none: set[str]) -> int | None:
    if text.lower() in none:
        return None
    try:
        return int(text)
    except ValueError:
        raise DatabaseError(DatabaseErrorKind.ADDRESS, f"{name} is a whole number or none") from None
