"""All tables. Times are text, ISO 8601 in UTC with microseconds and a Z, which sorts as time on either database."""

import sqlalchemy as sa

METADATA = sa.MetaData()

ACCOUNTS = sa.Table(
    "accounts",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("base_url", sa.Text, nullable=False),
    sa.Column("user", sa.Text, nullable=False),
    sa.Column("key_kind", sa.Text),  # personal or company, where it was found out
    sa.UniqueConstraint("base_url", "user"),
)

# Small facts kept per account: the pace learned, what a deep check settled, thresholds.
ACCOUNT_NOTES = sa.Table(
    "account_notes",
    METADATA,
    sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.JSON, nullable=False),
    sa.Column("noted_at", sa.Text, nullable=False),
)
