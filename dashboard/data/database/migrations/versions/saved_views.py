"""Saved views, what is delivered of them, and what became of each delivery."""

import sqlalchemy as sa
from alembic import op

revision = "saved_views"
down_revision = "day_notes"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("page", sa.Text, nullable=False),
        sa.Column("query", sa.Text, nullable=False),
        sa.Column("is_shared", sa.Boolean, nullable=False),
    )
    op.create_index("saved_views_by_account", "saved_views", ["account_id", "id"])
    op.create_table(
        "view_deliveries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("view_id", sa.Integer, sa.ForeignKey("saved_views.id"), nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("recipients", sa.Text, nullable=False),
        sa.Column("attached", sa.Text, nullable=False),
        sa.Column("every", sa.Text, nullable=False),
        sa.Column("day", sa.Integer, nullable=False),
        sa.Column("time", sa.Text, nullable=False),
        sa.Column("timezone", sa.Text, nullable=False),
        sa.Column("alerts", sa.Boolean, nullable=False),
        sa.Column("is_on", sa.Boolean, nullable=False),
        sa.Column("next_at", sa.Text),
        sa.Column("told", sa.Text),
        sa.Column("alerted_at", sa.Text),
    )
    op.create_index("view_deliveries_by_account", "view_deliveries", ["account_id", "id"])
    op.create_table(
        "delivery_runs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("delivery_id", sa.Integer, sa.ForeignKey("view_deliveries.id"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("due_at", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("retry_at", sa.Text),
        sa.Column("message", sa.Text, nullable=False),
    )
    op.create_index("delivery_runs_by_delivery", "delivery_runs", ["delivery_id", "id"])
