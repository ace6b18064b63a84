"""Notes of people on days."""

import sqlalchemy as sa
from alembic import op

revision = "day_notes"
down_revision = "goals_and_views"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "day_notes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("note", sa.Integer, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("cadence", sa.Text, nullable=False),
        sa.Column("first_day", sa.Integer, nullable=False),
        sa.Column("last_day", sa.Integer, nullable=False),
        sa.Column("text", sa.Text),
    )
    op.create_index("day_notes_by_account", "day_notes", ["account_id", "id"])
