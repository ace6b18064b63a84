"""What Klenty answered, kept in the database: every answer, and what is current."""

from dashboard.data.history.archive import HistoryArchive
from dashboard.data.history.history import History
from dashboard.data.windows import Bucket

__all__ = ["Bucket", "History", "HistoryArchive"]
