"""What webhooks delivered."""

import sqlalchemy as sa
from alembic import op

revision = "deliveries"
down_revision = "accounts"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("received_at", sa.Text, nullable=False),
        sa.Column("last_at", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("cadence", sa.Text),
        sa.Column("owner", sa.Text),
        sa.Column("prospect", sa.Text),
        sa.Column("body", sa.Text),
        sa.Column("digest", sa.Text),
        sa.Column("repeats", sa.Integer, nullable=False),
    )
    op.create_index("deliveries_by_time", "deliveries", ["account_id", "received_at"])
    op.create_index("deliveries_by_digest", "deliveries", ["account_id", "digest"])
    op.create_index("deliveries_by_prospect", "deliveries", ["account_id", "prospect"])
