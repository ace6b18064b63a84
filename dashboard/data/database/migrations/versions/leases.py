"""Who does what only one process does at a time."""

import sqlalchemy as sa
from alembic import op

revision = "leases"
down_revision = "ledger"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "leases",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("until", sa.Text, nullable=False),
    )
