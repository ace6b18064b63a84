"""Run by alembic: migrates over the connection that `migrating.upgrade` hands it, in its transaction."""

from alembic import context

from dashboard.data.database.tables import METADATA

connection = context.config.attributes["connection"]
# SQLite can undo changes of the schema, too; alembic only does not assume it.
context.configure(connection=connection, target_metadata=METADATA, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
