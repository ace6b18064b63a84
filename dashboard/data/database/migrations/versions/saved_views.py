"""Saved views, and deliveries of them."""

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
        sa.Column("shared", sa.Boolean, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("query", sa.JSON, nullable=False),
    )
    op.create_index("ix_saved_views_account_id", "saved_views", ["account_id"])
    op.create_table(
        "view_deliveries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("view_id", sa.Integer, sa.ForeignKey("saved_views.id"), nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("every", sa.Text, nullable=False),
        sa.Column("on_day", sa.Integer, nullable=False),
        sa.Column("minute", sa.Integer, nullable=False),
        sa.Column("timezone", sa.Text, nullable=False),
        sa.Column("attached", sa.JSON, nullable=False),
        sa.Column("handled", sa.Text, nullable=False),
        sa.Column("told", sa.JSON),
    )
    op.create_index("ix_view_deliveries_account_id", "view_deliveries", ["account_id"])
    op.create_table(
        "delivery_runs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("delivery_id", sa.Integer, sa.ForeignKey("view_deliveries.id"), nullable=False),
        sa.Column("due", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
    )
    op.create_index("ix_delivery_runs_delivery_id", "delivery_runs", ["delivery_id"])
