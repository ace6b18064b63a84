"""All tables.

Times are text, ISO 8601 in UTC with microseconds and a Z, which sorts as time on either database. Days are whole
numbers, counted from 1 January 1970: two bytes a row in SQLite, and comparable on either database.
"""

import sqlalchemy as sa

METADATA = sa.MetaData()

ACCOUNTS = sa.Table(
    "accounts",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("base_url", sa.Text, nullable=False),
    sa.Column("user", sa.Text, nullable=False),
    sa.Column("key_kind", sa.Text),  # personal or company, where it was found out
    sa.Column("listed_at", sa.Text),  # when the latest list of cadences was asked for that is in cadence_versions
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

# What Klenty listed: one row for each state of a cadence, from the first listing that showed it to the last one.
# Klenty is asked by name, and a name may go to another cadence: this says whose it was at which time.
CADENCE_VERSIONS = sa.Table(
    "cadence_versions",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("cadence_id", sa.Text, nullable=False),  # Klenty's
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("owner", sa.Text),
    sa.Column("is_active", sa.Boolean),
    sa.Column("created_at", sa.Text),
    sa.Column("since", sa.Text, nullable=False),
    sa.Column("until", sa.Text),  # the last listing that showed it so; empty while the latest one does
    sa.Column("ended_at", sa.Text),  # the listing that no longer did
    sa.UniqueConstraint("account_id", "cadence_id", "since"),
)

# What Klenty's answers are about: one cadence by its id, with days cut in one zone. Where no id was known when it was
# asked, one name. `cadence` is the name when it was first asked.
SERIES = sa.Table(
    "series",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("cadence_id", sa.Text),
    sa.Column("cadence", sa.Text, nullable=False),
    sa.Column("timezone", sa.Text, nullable=False),
)
_NO_ID = SERIES.c.cadence_id.is_(None)
sa.Index("series_by_id", SERIES.c.account_id, SERIES.c.cadence_id, SERIES.c.timezone, unique=True)
sa.Index(
    "series_by_name", SERIES.c.account_id, SERIES.c.cadence, SERIES.c.timezone,
    unique=True, sqlite_where=_NO_ID, postgresql_where=_NO_ID,
)  # fmt: skip

# Answers as they arrived, compressed JSON by its digest: what comes again unchanged is kept once.
ANSWERS = sa.Table(
    "answers",
    METADATA,
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

# What an option said. A changed copy is another row, so that a change is seen as a changed number.
COPIES = sa.Table(
    "option_copies",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("template", sa.Text),
    sa.Column("subject", sa.Text),
    sa.Column("snippet", sa.Text),
)


# No foreign key: the rows are written with their series in one transaction, and a check of each would halve the speed.
def _window_key() -> list[sa.Column[int]]:
    return [
        sa.Column("series_id", sa.Integer, primary_key=True),
        sa.Column("days", sa.Integer, primary_key=True),  # in front, so that the days of a line lie side by side
        sa.Column("first_day", sa.Integer, primary_key=True),
    ]


# Klenty's numbers may be anything; a count too large for four bytes must not refuse the rest.
def _counts(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger) for name in names]


ENGAGEMENT_COUNTS = (
    "prospects_added", "in_cadence_now", "completed", "contacted", "emails_sent", "opens", "clicks", "replies",
    "positive_replies", "negative_replies", "unmarked_replies", "unsubscribes", "bounces",
)  # fmt: skip
EVENT_COUNTS = ("emails_sent", "opens", "clicks", "replies", "positive_replies", "negative_replies")
STEP_COUNTS = (*EVENT_COUNTS, "completed", "tasks", "calls", "completed_calls")

# Every answer that ever arrived for a window; never changed.
OBSERVATIONS = sa.Table(
    "observations",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("series_id", sa.Integer, sa.ForeignKey("series.id"), nullable=False),
    sa.Column("days", sa.Integer, nullable=False),
    sa.Column("first_day", sa.Integer, nullable=False),
    sa.Column("bucket", sa.Text, nullable=False),  # day, week, range, life
    sa.Column("fetched_at", sa.Text, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("cadence_id", sa.Text),
    sa.Column("owner", sa.Text),
    sa.Column("cadence", sa.Text),  # the name it was asked by
    # The name may have been another cadence's by then: it is kept, and shown nowhere.
    sa.Column("doubtful", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("engagement", sa.LargeBinary),  # digests of the answers; empty where one did not come
    sa.Column("steps", sa.LargeBinary),
    *_counts(*ENGAGEMENT_COUNTS),
    sa.UniqueConstraint("series_id", "days", "first_day", "fetched_at"),
)

# What is current is kept where it is read from: the latest observation of every window, …
CURRENT_WINDOWS = sa.Table(
    "current_windows",
    METADATA,
    *_window_key(),
    sa.Column("bucket", sa.Text, nullable=False),
    sa.Column("cadence_id", sa.Text),
    sa.Column("owner", sa.Text),
    sa.Column("engagement_at", sa.Text),  # when the counts below arrived
    sa.Column("steps_at", sa.Text),  # when the rows of the two tables below arrived
    sa.Column("complete_at", sa.Text),  # the latest observation that has both answers
    *_counts(*ENGAGEMENT_COUNTS),
    sa.Column("emails_sent_source", sa.Text),
    sa.Column("contacted_source", sa.Text),
    sqlite_with_rowid=False,
)

# … its steps, by their place in the answer (a step's number may be missing or come twice), …
CURRENT_STEPS = sa.Table(
    "current_steps",
    METADATA,
    *_window_key(),
    sa.Column("place", sa.Integer, primary_key=True),
    sa.Column("step", sa.BigInteger),
    sa.Column("step_type", sa.Text),
    *_counts(*STEP_COUNTS),
    sqlite_with_rowid=False,
)

# … and their options.
CURRENT_OPTIONS = sa.Table(
    "current_options",
    METADATA,
    *_window_key(),
    sa.Column("place", sa.Integer, primary_key=True),
    sa.Column("option_place", sa.Integer, primary_key=True),
    sa.Column("step", sa.BigInteger),
    sa.Column("option", sa.BigInteger),
    sa.Column("step_type", sa.Text),
    sa.Column("copy_id", sa.Integer, nullable=False),
    *_counts(*EVENT_COUNTS),
    sqlite_with_rowid=False,
)

# The single days of `current_windows`, added up over the cadences of an owner: what all accounts together are read by.
# "In cadence now" is missing (it is about now), and "unmarked replies" (what is left of other counts).
ACCOUNT_COUNTS = tuple(name for name in ENGAGEMENT_COUNTS if name not in {"in_cadence_now", "unmarked_replies"})
ACCOUNT_DAYS = sa.Table(
    "account_days",
    METADATA,
    sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), primary_key=True),
    sa.Column("timezone", sa.Text, primary_key=True),
    sa.Column("day", sa.Integer, primary_key=True),
    sa.Column("owner", sa.Text, primary_key=True),  # empty where none was known; * for all together
    sa.Column("windows", sa.Integer, nullable=False),  # cadences that have an answer for the day
    *_counts(*ACCOUNT_COUNTS),
)

# What was written to Klenty, by whom and how it ended. Rows are only ever added: what happens later to an entry or to
# one of its rows is a row of its own, the last of which counts. An entry without an end has no recorded answer.
LEDGER = sa.Table(
    "ledger",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),  # an address; empty without sign-in
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("operation", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("sent", sa.JSON, nullable=False),
    sa.Index("ledger_by_account_and_time", "account_id", "at"),
)
LEDGER_ENDS = sa.Table(
    "ledger_ends",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("entry_id", sa.Integer, sa.ForeignKey("ledger.id"), nullable=False, index=True),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("what_to_check", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
)
LEDGER_ROWS = sa.Table(
    "ledger_rows",
    METADATA,
    sa.Column("entry_id", sa.Integer, sa.ForeignKey("ledger.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),  # as people count it: the row of the file
    sa.Column("email", sa.Text, nullable=False, index=True),
    sa.Column("sent", sa.JSON, nullable=False),
)
# The turns of a row are numbered: of two processes that would send it at the same time only one can enter the turn.
LEDGER_TURNS = sa.Table(
    "ledger_turns",
    METADATA,
    sa.Column("entry_id", sa.Integer, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("turn", sa.Integer, primary_key=True),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.ForeignKeyConstraint(["entry_id", "position"], ["ledger_rows.entry_id", "ledger_rows.position"]),
)

# What is aimed at, by whom it was set and when. Rows are only ever added: the last one of a scope, subject, metric and
# period counts, and one without a target says that there is no goal any more.
GOALS = sa.Table(
    "goals",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),  # an address; empty without sign-in
    sa.Column("scope", sa.Text, nullable=False),  # account, owner, cadence
    sa.Column("subject", sa.Text, nullable=False),  # the owner, the key of the cadence; empty for the account
    sa.Column("metric", sa.Text, nullable=False),
    sa.Column("period", sa.Text, nullable=False),  # week, month, quarter
    sa.Column("target", sa.BigInteger),
    sa.Index("goals_by_account", "account_id", "id"),
)

# What people noted on days, by whom and when. Rows are only ever added: the last one of a note counts, and one without
# a text says that it was deleted.
DAY_NOTES = sa.Table(
    "day_notes",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("note", sa.Integer, nullable=False),  # the same for all rows of a note
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),  # an address; empty without sign-in
    sa.Column("cadence", sa.Text, nullable=False),  # its key; empty for all
    sa.Column("first_day", sa.Integer, nullable=False),
    sa.Column("last_day", sa.Integer, nullable=False),
    sa.Column("text", sa.Text),
    sa.Index("day_notes_by_account", "account_id", "id"),
)

# Views of pages under a name, and what is sent from them: when, where to, and how each run ended. The address of a chat
# is a secret: it is shown nowhere, and no export holds these tables.
SAVED_VIEWS = sa.Table(
    "saved_views",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False, index=True),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),  # an address; empty without sign-in
    sa.Column("shared", sa.Boolean, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),  # the file of the page
    sa.Column("query", sa.JSON, nullable=False),  # texts by parameter of the address
)
VIEW_DELIVERIES = sa.Table(
    "view_deliveries",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False, index=True),
    sa.Column("view_id", sa.Integer, sa.ForeignKey("saved_views.id"), nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),  # mail, slack, teams, google
    sa.Column("target", sa.Text, nullable=False),  # addresses, or the address of the chat's hook
    sa.Column("every", sa.Text, nullable=False),  # day, week, month, alerts
    sa.Column("on_day", sa.Integer, nullable=False),  # of the week (0: Monday) or the month
    sa.Column("minute", sa.Integer, nullable=False),  # of the day
    sa.Column("timezone", sa.Text, nullable=False),
    sa.Column("attached", sa.JSON, nullable=False),  # html, xlsx
    sa.Column("handled", sa.Text, nullable=False),  # up to which moment its times are dealt with
    sa.Column("told", sa.JSON),  # which alerts and failures it has told already
)
DELIVERY_RUNS = sa.Table(
    "delivery_runs",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("delivery_id", sa.Integer, sa.ForeignKey("view_deliveries.id"), nullable=False, index=True),
    sa.Column("due", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # done, refused, unknown
    sa.Column("message", sa.Text, nullable=False),
)

# Which process does what only one may do at a time, and until when it is thought to be alive.
LEASES = sa.Table(
    "leases",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("until", sa.Text, nullable=False),
)
