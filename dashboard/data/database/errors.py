"""What can be wrong with the database, in words for those who run the dashboard."""

import sqlite3
from enum import Enum


class DatabaseErrorKind(Enum):
    """What is wrong, and what it means."""

    LOCKED = "The history database is held by another process for too long. Try again in a minute."
    FULL = "The disk that holds the history database is full. Make room; nothing that was stored is lost."
    DISK = "The disk that holds the history database fails to read or write. Have a look at it."
    READ_ONLY = "The history database cannot be written: its file or folder is read-only for this user."
    NEWER = "The history database was made by a newer version of this dashboard. Update this one."
    DAMAGED = "The file of the history database is damaged or no database."
    UNREACHABLE = "The history database does not answer. Check KLENTY_DATABASE_URL, the network and the sign-in."
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
    sqlite3.SQLITE_PERM: DatabaseErrorKind.READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: DatabaseErrorKind.READ_ONLY,
    sqlite3.SQLITE_NOTADB: DatabaseErrorKind.DAMAGED,
    sqlite3.SQLITE_CORRUPT: DatabaseErrorKind.DAMAGED,
    sqlite3.SQLITE_IOERR: DatabaseErrorKind.DISK,
    sqlite3.SQLITE_IOERR_SHMSIZE: DatabaseErrorKind.FULL,  # there was no room for the file beside it
}
# https://www.postgresql.org/docs/current/errcodes-appendix.html, by class or whole code
_BY_SQLSTATE = {
    "08": DatabaseErrorKind.UNREACHABLE,
    "28": DatabaseErrorKind.UNREACHABLE,
    "3D": DatabaseErrorKind.UNREACHABLE,
    "57P": DatabaseErrorKind.UNREACHABLE,
    "53100": DatabaseErrorKind.FULL,
    "25006": DatabaseErrorKind.READ_ONLY,
    "42501": DatabaseErrorKind.READ_ONLY,
    "55P03": DatabaseErrorKind.LOCKED,
    "40P01": DatabaseErrorKind.LOCKED,
    "40001": DatabaseErrorKind.LOCKED,
}


def problem_of(cause: BaseException | None, *, lost: bool) -> DatabaseError:
    """The problem behind a driver's error; its text, which may hold addresses and values, is left out.

    `lost` says that the connection is gone.
    """
    if isinstance(cause, sqlite3.Error):
        # The low byte is the kind, the rest its variety.
        code = getattr(cause, "sqlite_errorcode", None) or 0
        kind = _BY_SQLITE_CODE.get(code) or _BY_SQLITE_CODE.get(code & 0xFF, DatabaseErrorKind.OTHER)
        return DatabaseError(kind, type(cause).__name__ if kind is DatabaseErrorKind.OTHER else "")
    state = getattr(cause, "sqlstate", None) or ""
    found = next((kind for start, kind in _BY_SQLSTATE.items() if state.startswith(start)), None)
    if found is None and (not state or lost):
        found = DatabaseErrorKind.UNREACHABLE
    return DatabaseError(found or DatabaseErrorKind.OTHER, "" if found else f"{type(cause).__name__} {state}")
