"""One database for what has to outlive a process: SQLite in a file, or PostgreSQL by its address."""

from dashboard.data.database.address import default_url
from dashboard.data.database.engine import Database
from dashboard.data.database.errors import DatabaseError, DatabaseErrorKind

__all__ = ["Database", "DatabaseError", "DatabaseErrorKind", "default_url"]
