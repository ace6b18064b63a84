"""The ledger: what was written to Klenty, by whom, and how it ended."""

import sqlalchemy as sa
from alembic import op

revision = "ledger"
down_revision = "history"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "ledger",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("operation", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("sent", sa.JSON, nullable=False),
    )
    op.create_index("ledger_by_account_and_time", "ledger", ["account_id", "at"])
    op.create_table(
        "ledger_ends",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("entry_id", sa.Integer, sa.ForeignKey("ledger.id"), nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("what_to_check", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
    )
    op.create_index("ix_ledger_ends_entry_id", "ledger_ends", ["entry_id"])
    op.create_table(
        "ledger_rows",
        sa.Column("entry_id", sa.Integer, sa.ForeignKey("ledger.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("sent", sa.JSON, nullable=False),
    )
    op.create_index("ix_ledger_rows_email", "ledger_rows", ["email"])
    op.create_table(
        "ledger_turns",
        sa.Column("entry_id", sa.Integer, primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("turn", sa.Integer, primary_key=True),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["entry_id", "position"], ["ledger_rows.entry_id", "ledger_rows.position"]),
    )
