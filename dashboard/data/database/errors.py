"""What can be wrong with the database, in words for those who run the dashboard."""

import sqlite3
from enum import Enum


class DatabaseErrorKind(Enum):
    """What is wrong, and what it means."""

    ADDRESS = "KLENTY_DATABASE_URL does not name a database that can be used."
    LOCKED = "The history database is held by another process for too long. Try again in a minute."
    FULL = "The disk that holds the history database is full. Make room; nothing that was stored is lost."
    DISK = "The disk that holds the history database fails to read or write. Have a look at it."
    READ_ONLY = "The history database cannot be written: its file or folder is read-only for this user."
    NEWER = "The history database was made by a newer version of this dashboard. Update this one."
    DAMAGED = "The file of the history database is damaged or no database."
    MIXED = (
        "The file of the history database and the -wal file next to it do not belong together, as after a backup was "
        "copied over the file. Nothing was changed. Remove the files that end in -wal and -shm, copy the backup "
        "again, and start again."
    )
    REPLACED = (
        "The file of the history database was deleted or replaced while the dashboard was running. Nothing more is "
        "written to it. Restart the dashboard."
    )
    UNREACHABLE = "The history database does not answer. Check KLENTY_DATABASE_URL, the network and the sign-in."
    SIGN_IN = "The database server refuses the user or the password in KLENTY_DATABASE_URL."
    NO_DATABASE = (
        "The server has no database of the name in KLENTY_DATABASE_URL. Create it (createdb NAME) or correct the name."
    )
    NO_RIGHTS = (
        "The user in KLENTY_DATABASE_URL may not create or change tables in its schema. Let the database's owner run: "
        "GRANT USAGE, CREATE ON SCHEMA public TO that user; tables made by another user have to belong to it as well."
    )
    NO_TLS = (
        "The database server and KLENTY_DATABASE_URL do not agree on TLS. Where the server has none, use "
        "?sslmode=disable or a network of its own; where it demands it, ?sslmode=require."
    )
    TOO_MANY = (
        "The database server takes no more connections. Close some, raise its max_connections, or put pgbouncer in "
        "front of it."
    )
    NO_FOLDER = "The folder of the history database cannot be made."
    OTHER = "The history database failed."


class DatabaseError(Exception):
    """The database cannot be used now. The message is for people and holds no address and no password."""

    def __init__(self, kind: DatabaseErrorKind, detail: str = "") -> None:
        super().__init__(f"{kind.value} ({detail})" if detail else kind.value)
        self.kind = kind


_BY_SQLITE_CODE = {
    sqlite3.SQLITE_BUSY: DatabaseErrorKind.LOCKED,
    sqlite3.SQLITE_LOCKED: DatabaseErrorKind.LOCKED,
    sqlite3.SQLITE_FULL: DatabaseErrorKind.FULL,
    sqlite3.SQLITE_READONLY: DatabaseErrorKind.READ_ONLY,
    sqlite3.SQLITE_READONLY_DBMOVED: DatabaseErrorKind.REPLACED,
    sqlite3.SQLITE_PERM: DatabaseErrorKind.READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: DatabaseErrorKind.READ_ONLY,
    sqlite3.SQLITE_NOTADB: DatabaseErrorKind.DAMAGED,
    sqlite3.SQLITE_CORRUPT: DatabaseErrorKind.DAMAGED,
    sqlite3.SQLITE_IOERR: DatabaseErrorKind.DISK,
    sqlite3.SQLITE_IOERR_SHMSIZE: DatabaseErrorKind.FULL,  # there was no room for the file next to it
}
# https://www.postgresql.org/docs/current/errcodes-appendix.html, by class or whole code
_BY_SQLSTATE = {
    "08": DatabaseErrorKind.UNREACHABLE,
    "28": DatabaseErrorKind.SIGN_IN,
    "3D": DatabaseErrorKind.NO_DATABASE,
    "3F": DatabaseErrorKind.NO_RIGHTS,
    "42501": DatabaseErrorKind.NO_RIGHTS,
    "53300": DatabaseErrorKind.TOO_MANY,
    "53100": DatabaseErrorKind.FULL,
    "57P": DatabaseErrorKind.UNREACHABLE,
    "25006": DatabaseErrorKind.READ_ONLY,
    "55P03": DatabaseErrorKind.LOCKED,
    "40P01": DatabaseErrorKind.LOCKED,
    "40001": DatabaseErrorKind.LOCKED,
}
# While connecting, the driver has no code, only the text of the server or of libpq. It is read here and never shown.
# Several addresses of a host are tried one after the other: what is nearest to the cause comes first.
_BY_TEXT = (
    ("no encryption", DatabaseErrorKind.NO_TLS),
    ("does not support SSL", DatabaseErrorKind.NO_TLS),
    ("SSL required", DatabaseErrorKind.NO_TLS),
    ("SSL connection is required", DatabaseErrorKind.NO_TLS),
    ("certificate", DatabaseErrorKind.NO_TLS),
    ("password authentication failed", DatabaseErrorKind.SIGN_IN),
    ("no password supplied", DatabaseErrorKind.SIGN_IN),
    ("authentication failed", DatabaseErrorKind.SIGN_IN),
    ("SASL", DatabaseErrorKind.SIGN_IN),
    ("pg_hba.conf", DatabaseErrorKind.SIGN_IN),
    ("not permitted to log in", DatabaseErrorKind.SIGN_IN),
    ("permission denied for database", DatabaseErrorKind.SIGN_IN),
    ("too many connections", DatabaseErrorKind.TOO_MANY),
    ("too many clients", DatabaseErrorKind.TOO_MANY),
    ("remaining connection slots", DatabaseErrorKind.TOO_MANY),
    ("no more connections allowed", DatabaseErrorKind.TOO_MANY),
    ("no such user", DatabaseErrorKind.SIGN_IN),
    ("no such database", DatabaseErrorKind.NO_DATABASE),
    ("invalid connection option", DatabaseErrorKind.ADDRESS),
    ("invalid sslmode value", DatabaseErrorKind.ADDRESS),
)


def problem_of(cause: BaseException | None, *, lost: bool) -> DatabaseError:
    """Return the problem behind a driver's error, without its text, which may hold addresses and values.

    `lost` says that the connection is gone.
    """
    if isinstance(cause, sqlite3.Error):
        # The low byte is the kind, the rest its variety.
        code = getattr(cause, "sqlite_errorcode", None) or 0
        kind = _BY_SQLITE_CODE.get(code) or _BY_SQLITE_CODE.get(code & 0xFF, DatabaseErrorKind.OTHER)
        return DatabaseError(kind, type(cause).__name__ if kind is DatabaseErrorKind.OTHER else "")
    state = getattr(cause, "sqlstate", None) or ""
    found = next((kind for start, kind in _BY_SQLSTATE.items() if state.startswith(start)), None)
    if not state:
        found = _connection_problem(str(cause))
    elif found is None and lost:
        found = DatabaseErrorKind.UNREACHABLE
    return DatabaseError(found or DatabaseErrorKind.OTHER, "" if found else f"{type(cause).__name__} {state}")


def _connection_problem(text: str) -> DatabaseErrorKind:
    known = next((kind for part, kind in _BY_TEXT if part in text), None)
    if known is None and "does not exist" in text:
        missing_role = 'role "' in text or 'user "' in text
        known = DatabaseErrorKind.SIGN_IN if missing_role else DatabaseErrorKind.NO_DATABASE
    return known or DatabaseErrorKind.UNREACHABLE
