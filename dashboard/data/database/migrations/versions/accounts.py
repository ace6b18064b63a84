"""Whose data it is, and what was learned about each account."""

import sqlalchemy as sa
from alembic import op

revision = "accounts"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("base_url", sa.Text, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("key_kind", sa.Text),
        sa.UniqueConstraint("base_url", "user"),
    )
    op.create_table(
        "account_notes",
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.JSON, nullable=False),
        sa.Column("noted_at", sa.Text, nullable=False),
    )
