"""Bringing a database to the schema of this version."""

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from dashboard.data.database.errors import DatabaseError, DatabaseErrorKind

if TYPE_CHECKING:
    from alembic.config import Config

_FOLDER = Path(__file__).with_name("migrations")
_LOCK = 0x4B6C656E  # any number, the same in all our processes
HEAD = "saved_views"  # the newest revision in `migrations`: the schema of this version
_VERSION = sa.table("alembic_version", sa.column("version_num", sa.Text))


def is_up_to_date(connection: sa.Connection) -> bool:
    """Return whether the schema is this version's; raises `DatabaseError` for one that this version does not know."""
    current = _revision(connection)
    if current not in {None, HEAD} and current not in _known():
        raise DatabaseError(DatabaseErrorKind.NEWER)
    return current == HEAD


def upgrade(connection: sa.Connection) -> None:
    """Apply what is missing, in the transaction of `connection`; processes that come together take turns."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    if not is_up_to_date(connection):  # another process may have done it while this one waited
        from alembic import command

        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, HEAD)


def _revision(connection: sa.Connection) -> str | None:
    """Return what Alembic noted in the database; None in an empty one."""
    if not sa.inspect(connection).has_table(_VERSION.name):
        return None
    return connection.scalar(sa.select(_VERSION.c.version_num))


def _known() -> set[str]:
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    # ConfigParser takes a % for the beginning of a name.
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config
