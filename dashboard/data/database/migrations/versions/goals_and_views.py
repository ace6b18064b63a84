"""Goals, and views with real dates and names for those who read the database with SQL of their own.

A later migration that renames or drops a column that a view reads drops the view first, and makes it again.
"""

from collections.abc import Callable
from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "goals_and_views"
down_revision = "account_days"

_EVENTS = ("emails_sent", "opens", "clicks", "replies", "positive_replies", "negative_replies")
_STEP = (*_EVENTS, "completed", "tasks", "calls", "completed_calls")
_ENGAGEMENT = (
    "prospects_added", "completed", "contacted", "emails_sent", "opens", "clicks", "replies", "positive_replies",
    "negative_replies", "unmarked_replies", "unsubscribes", "bounces",
)  # fmt: skip
_ACCOUNT = (
    "prospects_added", "completed", "contacted", "emails_sent", "opens", "clicks", "replies", "positive_replies",
    "negative_replies", "unsubscribes", "bounces",
)  # fmt: skip


class _Dialect(NamedTuple):
    """How a database writes a day that is stored as a number, a time that is stored as text, and a digest."""

    day: Callable[[str], str]
    time: Callable[[str], str]
    hex: Callable[[str], str]


_SQLITE = _Dialect(
    lambda number: f"DATE(({number}) * 86400, 'unixepoch')",
    lambda text: text,
    lambda digest: f"LOWER(HEX({digest}))",
)
_POSTGRESQL = _Dialect(
    lambda number: f"(DATE '1970-01-01' + ({number}))",
    lambda text: f"CAST({text} AS TIMESTAMPTZ)",
    lambda digest: f"ENCODE({digest}, 'hex')",
)


def upgrade() -> None:
    """Make the table of goals and the views."""
    op.create_table(
        "goals",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("metric", sa.Text, nullable=False),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("target", sa.BigInteger),
    )
    op.create_index("goals_by_account", "goals", ["account_id", "id"])
    connection = op.get_bind()
    dialect = _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL
    for name, query in views(dialect).items():
        op.execute(f"CREATE VIEW {name} AS {query}")


def views(write: _Dialect) -> dict[str, str]:
    """Return the query of every view by its name."""
    account = 'a.id AS account_id, a."user" AS account'
    cadence = (
        "COALESCE(s.cadence_id, 'name:' || s.cadence) AS cadence_key, s.cadence_id, "
        "COALESCE(v.name, s.cadence) AS cadence, w.owner"
    )
    window = (
        f"s.timezone, {write.day('w.first_day')} AS first_day, {write.day('w.first_day + w.days - 1')} AS last_day, "
        "w.days"
    )
    # The state of a cadence in the latest listing that showed it.
    newest = (
        "NOT EXISTS (SELECT 1 FROM cadence_versions n "
        "WHERE n.account_id = v.account_id AND n.cadence_id = v.cadence_id AND n.since > v.since)"
    )
    named = (
        "JOIN series s ON s.id = w.series_id JOIN accounts a ON a.id = s.account_id "
        f"LEFT JOIN cadence_versions v ON v.account_id = s.account_id AND v.cadence_id = s.cadence_id AND {newest}"
    )
    same_window = "w.series_id = x.series_id AND w.days = x.days AND w.first_day = x.first_day"
    engagement_at, steps_at = (f"{write.time(column)} AS fetched_at" for column in ("w.engagement_at", "w.steps_at"))
    return {
        "bi_cadences": (
            f"SELECT {account}, v.cadence_id AS cadence_key, v.cadence_id, v.name AS cadence, v.owner, v.is_active, "
            f"{write.time('v.created_at')} AS created_at, v.until IS NULL AS is_listed, "
            f"{write.time('COALESCE(v.until, a.listed_at)')} AS last_listed_at "
            f"FROM cadence_versions v JOIN accounts a ON a.id = v.account_id WHERE {newest}"
        ),
        "bi_cadence_versions": (
            f"SELECT {account}, v.cadence_id AS cadence_key, v.name AS cadence, v.owner, v.is_active, "
            f"{write.time('v.since')} AS since, {write.time('v.until')} AS last_seen_at, "
            f"{write.time('v.ended_at')} AS ended_at "
            "FROM cadence_versions v JOIN accounts a ON a.id = v.account_id"
        ),
        "bi_cadence_windows": (
            f"SELECT {account}, {cadence}, {window}, {_of('w', _ENGAGEMENT)}, "
            f"w.emails_sent_source, w.contacted_source, {engagement_at} "
            f"FROM current_windows w {named} WHERE w.engagement_at IS NOT NULL"
        ),
        "bi_step_windows": (
            f"SELECT {account}, {cadence}, {window}, x.place, x.step, x.step_type, {_of('x', _STEP)}, {steps_at} "
            f"FROM current_steps x JOIN current_windows w ON {same_window} {named}"
        ),
        "bi_option_windows": (
            f'SELECT {account}, {cadence}, {window}, x.place, x.option_place, x.step, x."option", x.step_type, '
            f"{write.hex('c.digest')} AS copy_key, c.template, c.subject, c.snippet, {_of('x', _EVENTS)}, {steps_at} "
            f"FROM current_options x JOIN current_windows w ON {same_window} {named} "
            "JOIN option_copies c ON c.id = x.copy_id"
        ),
        "bi_copies": (
            f"SELECT {write.hex('c.digest')} AS copy_key, c.template, c.subject, c.snippet FROM option_copies c"
        ),
        "bi_account_days": (
            f"SELECT {account}, d.timezone, {write.day('d.day')} AS day, NULLIF(d.owner, '') AS owner, d.windows, "
            f"{_of('d', _ACCOUNT)} FROM account_days d JOIN accounts a ON a.id = d.account_id WHERE d.owner <> '*'"
        ),
        "bi_actions": (
            f"SELECT {account}, l.id AS entry, {write.time('l.at')} AS at, l.operation, l.role, "
            f"COALESCE(e.state, 'unknown') AS result, e.attempts, {write.time('e.at')} AS ended_at, "
            "(SELECT COUNT(*) FROM ledger_rows r WHERE r.entry_id = l.id) AS prospects "
            "FROM ledger l JOIN accounts a ON a.id = l.account_id LEFT JOIN ledger_ends e "
            "ON e.id = (SELECT MAX(m.id) FROM ledger_ends m WHERE m.entry_id = l.id)"
        ),
        "bi_goals": (
            f"SELECT {account}, g.scope, g.subject, g.metric, g.period, g.target, {write.time('g.at')} AS set_at, "
            "g.person AS set_by, g.target IS NOT NULL AND NOT EXISTS (SELECT 1 FROM goals n "
            "WHERE n.account_id = g.account_id AND n.scope = g.scope AND n.subject = g.subject "
            "AND n.metric = g.metric AND n.period = g.period AND n.id > g.id) AS in_force "
            "FROM goals g JOIN accounts a ON a.id = g.account_id"
        ),
    }


def _of(table: str, columns: tuple[str, ...]) -> str:
    return ", ".join(f"{table}.{column}" for column in columns)
