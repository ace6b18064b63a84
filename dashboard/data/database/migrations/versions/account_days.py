"""A roll-up of days by account and owner, kept with every window that is written."""

import sqlalchemy as sa
from alembic import op

revision = "account_days"
down_revision = "cadence_ids"

_COUNTS = (
    "prospects_added", "completed", "contacted", "emails_sent", "opens", "clicks", "replies", "positive_replies",
    "negative_replies", "unsubscribes", "bounces",
)  # fmt: skip


def upgrade() -> None:
    """Make the table, and add up the days that are there."""
    op.create_table(
        "account_days",
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), primary_key=True),
        sa.Column("timezone", sa.Text, primary_key=True),
        sa.Column("day", sa.Integer, primary_key=True),
        sa.Column("owner", sa.Text, primary_key=True),
        sa.Column("windows", sa.Integer, nullable=False),
        *(sa.Column(name, sa.BigInteger) for name in _COUNTS),
    )
    sums = ", ".join(f"SUM({name})" for name in _COUNTS)
    own = "COALESCE(w.owner, '')"
    for owner, groups in ((own, f", {own}"), ("'*'", "")):
        op.execute(
            f"INSERT INTO account_days (account_id, timezone, day, owner, windows, {', '.join(_COUNTS)}) "  # noqa: S608
            f"SELECT s.account_id, s.timezone, w.first_day, {owner}, COUNT(*), {sums} "
            "FROM current_windows w JOIN series s ON s.id = w.series_id "
            "WHERE w.days = 1 AND w.engagement_at IS NOT NULL "
            f"GROUP BY s.account_id, s.timezone, w.first_day{groups}"
        )
