"""Klenty's answers: every one that arrived, and what is current kept where it is read from."""

import sqlalchemy as sa
from alembic import op

revision = "history"
down_revision = "deliveries"

_EVENTS = ("emails_sent", "opens", "clicks", "replies", "positive_replies", "negative_replies")
_ENGAGEMENT = (
    "prospects_added", "in_cadence_now", "completed", "contacted", "emails_sent", "opens", "clicks", "replies",
    "positive_replies", "negative_replies", "unmarked_replies", "unsubscribes", "bounces",
)  # fmt: skip


def _counts(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger) for name in names]


def _window_key() -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer, primary_key=True) for name in ("series_id", "days", "first_day")]


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "series",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("cadence", sa.Text, nullable=False),
        sa.Column("timezone", sa.Text, nullable=False),
        sa.UniqueConstraint("account_id", "cadence", "timezone"),
    )
    op.create_table(
        "answers",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "copies",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("template", sa.Text),
        sa.Column("subject", sa.Text),
        sa.Column("snippet", sa.Text),
    )
    op.create_table(
        "observations",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("series_id", sa.Integer, sa.ForeignKey("series.id"), nullable=False),
        sa.Column("days", sa.Integer, nullable=False),
        sa.Column("first_day", sa.Integer, nullable=False),
        sa.Column("bucket", sa.Text, nullable=False),
        sa.Column("fetched_at", sa.Text, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("cadence_id", sa.Text),
        sa.Column("owner", sa.Text),
        sa.Column("engagement", sa.LargeBinary),
        sa.Column("steps", sa.LargeBinary),
        *_counts(*_ENGAGEMENT),
        sa.UniqueConstraint("series_id", "days", "first_day", "fetched_at"),
    )
    op.create_table(
        "current_windows",
        *_window_key(),
        sa.Column("bucket", sa.Text, nullable=False),
        sa.Column("cadence_id", sa.Text),
        sa.Column("owner", sa.Text),
        sa.Column("engagement_at", sa.Text),
        sa.Column("steps_at", sa.Text),
        sa.Column("complete_at", sa.Text),
        *_counts(*_ENGAGEMENT),
        sa.Column("emails_sent_source", sa.Text),
        sa.Column("contacted_source", sa.Text),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "current_steps",
        *_window_key(),
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("step", sa.BigInteger),
        sa.Column("step_type", sa.Text),
        *_counts(*_EVENTS, "completed", "tasks", "calls", "completed_calls"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "current_options",
        *_window_key(),
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("option_place", sa.Integer, primary_key=True),
        sa.Column("step", sa.BigInteger),
        sa.Column("option", sa.BigInteger),
        sa.Column("step_type", sa.Text),
        sa.Column("copy_id", sa.Integer, nullable=False),
        *_counts(*_EVENTS),
        sqlite_with_rowid=False,
    )
