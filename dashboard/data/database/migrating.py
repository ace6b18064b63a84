"""Bringing a database to the schema of this version."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from dashboard.data.database.problems import DatabaseProblem, Trouble

_FOLDER = Path(__file__).with_name("migrations")
_LOCK = 0x4B6C656E  # any number, the same in all our processes
HEAD = "head"  # the schema of this version


def is_up_to_date(connection: sa.Connection) -> bool:
    """Whether the schema is this version's; raises `DatabaseProblem` for one that this version does not know."""
    script = ScriptDirectory.from_config(_config())
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in {revision.revision for revision in script.walk_revisions()}:
        raise DatabaseProblem(Trouble.NEWER)
    wanted = script.get_revision(HEAD)
    return wanted is not None and current == wanted.revision


def upgrade(connection: sa.Connection) -> None:
    """Apply what is missing, in the transaction of `connection`; processes that come together take turns."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    if not is_up_to_date(connection):  # another process may have done it while this one waited
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, HEAD)


def _config() -> Config:
    config = Config()
    # ConfigParser takes a % for the beginning of a name.
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config
