"""What keeps the dashboard from working, for `/readyz`."""

from dashboard.data.database import DatabaseError
from dashboard.services.history import open_database
from dashboard.settings import SettingsError, load_settings


def problems() -> list[str]:
    """Return what is wrong, each in a sentence without secrets; empty when nothing is."""
    try:
        open_database(load_settings()).check_writable()
    except (SettingsError, DatabaseError) as problem:
        return [str(problem)]
    return []
