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

# What webhooks delivered. `prospect`, `body` and `digest` hold personal data and are emptied when it is removed; the
# rest of the row stays, so that counts stay true.
DELIVERIES = sa.Table(
    "deliveries",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("received_at", sa.Text, nullable=False),
    sa.Column("last_at", sa.Text, nullable=False),  # when it was last sent again
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("cadence", sa.Text),
    sa.Column("owner", sa.Text),
    sa.Column("prospect", sa.Text),
    sa.Column("body", sa.Text),
    sa.Column("digest", sa.Text),
    sa.Column("repeats", sa.Integer, nullable=False),
    sa.Index("deliveries_by_time", "account_id", "received_at"),
    sa.Index("deliveries_by_digest", "account_id", "digest"),
    sa.Index("deliveries_by_prospect", "account_id", "prospect"),
)
