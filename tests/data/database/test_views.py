"""The SQL views say on either database what the pages' own frames say, with real dates and present names."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from dashboard.actions.ledger import Ledger, RunRow
from dashboard.data.database.tables import ENGAGEMENT_COUNTS, EVENT_COUNTS, STEP_COUNTS
from dashboard.data.history import History
from dashboard.data.roles import Person, Role
from tests.data.history.conftest import NOW, ZONE, cadence, day, report

VIEWS = {
    "bi_cadences", "bi_cadence_versions", "bi_cadence_windows", "bi_step_windows", "bi_option_windows", "bi_copies",
    "bi_account_days", "bi_actions", "bi_goals",
}  # fmt: skip
A = cadence("A", id="1", owner="ann@x.io", created=datetime(2026, 3, 4, 5, tzinfo=UTC))
NAMELESS = cadence("Typed", id=None)
RANGE = {"start": date(2026, 11, 1), "end": date(2026, 11, 20), "timezone": ZONE, "bucket": "day"}


@pytest.fixture
def history(database):
    """A cadence that was renamed, with two days, and one that is known by its name only."""
    history = History(database, base_url="https://api.klenty.com", user="sam@x.io")
    history.record_listing([A], NOW - timedelta(hours=1))
    history.save([report(day(text), A, replyCount=n) for n, text in enumerate(("2026-11-02", "2026-11-03"), 60)])
    history.save([report(day("2026-11-02"), NAMELESS, mailSentCount=None)])
    history.record_listing([A], NOW + timedelta(minutes=30))  # so the answers are surely of A
    history.record_listing([replace(A, name="A, renamed")], NOW + timedelta(hours=1))
    return history


def read(database, query):
    with database.reading() as connection:
        return pd.DataFrame(connection.execute(sa.text(query)).mappings().all())


def test_there_are_these_views(database):
    with database.reading() as connection:
        assert set(sa.inspect(connection).get_view_names()) == VIEWS


def test_the_document_names_every_view_and_all_its_columns(database):
    text = (Path(__file__).parents[3] / "docs" / "data-model.md").read_text()
    named = set(re.findall(r"`([a-z_]+)`", text))
    with database.reading() as connection:
        inspector = sa.inspect(connection)
        columns = {column["name"] for view in VIEWS for column in inspector.get_columns(view)}
    assert VIEWS | columns <= named


@pytest.mark.parametrize(
    ("view", "frame", "order", "counts"),
    [
        ("bi_cadence_windows", "engagements", [], [n for n in ENGAGEMENT_COUNTS if n != "in_cadence_now"]),
        ("bi_step_windows", "steps", ["place"], STEP_COUNTS),
        ("bi_option_windows", "options", ["place", "option_place"], EVENT_COUNTS),
    ],
)
def test_windows_are_those_of_the_pages(history, view, frame, order, counts):
    own = getattr(history, frame)(["A, renamed", "Typed"], **RANGE)
    columns = ", ".join(["cadence", "first_day", *order])
    seen = read(history.database, f"SELECT * FROM {view} ORDER BY {columns}")
    assert seen["cadence"].tolist() == own["cadence"].tolist()
    assert pd.to_datetime(seen["first_day"]).dt.date.tolist() == own["window_start"].dt.date.tolist()
    assert pd.to_datetime(seen["last_day"]).dt.date.tolist() == own["window_end"].dt.date.tolist()
    assert pd.to_datetime(seen["fetched_at"], utc=True).tolist() == own["fetched_at"].dt.tz_convert("UTC").tolist()
    for name in counts:
        assert seen[name].astype("Int64").tolist() == own[name].tolist(), name
    assert set(seen["cadence_key"]) == {"1", "name:Typed"}
    if frame == "options":
        assert seen["subject"].tolist() == own["subject"].tolist()
        assert set(seen["copy_key"]) <= set(read(history.database, "SELECT * FROM bi_copies")["copy_key"])


def test_cadences_have_their_present_name_and_their_former_ones(history):
    (row,) = read(history.database, "SELECT * FROM bi_cadences").to_dict("records")
    assert (row["cadence"], row["owner"], bool(row["is_listed"])) == ("A, renamed", "ann@x.io", True)
    assert pd.Timestamp(row["created_at"]) == A.created
    assert pd.Timestamp(row["last_listed_at"]) == NOW + timedelta(hours=1)
    versions = read(history.database, "SELECT * FROM bi_cadence_versions ORDER BY since")
    assert versions["cadence"].tolist() == ["A", "A, renamed"]


def test_days_of_the_account_are_by_owner(history):
    days = read(history.database, "SELECT * FROM bi_account_days WHERE owner = 'ann@x.io' ORDER BY day")
    assert pd.to_datetime(days["day"]).dt.date.tolist() == [date(2026, 11, 2), date(2026, 11, 3)]
    assert days["replies"].tolist() == [60, 61]


def test_actions_name_no_person(database):
    ledger = Ledger(lambda: database, base_url="https://api.klenty.com", user="sam@x.io")
    person = Person("boss@x.io", Role.ADMIN)
    entry = ledger.begin(person, "unsubscribe", "ana@prospect.io", {"Email": "ana@prospect.io"})
    ledger.end(entry, "done", "ana@prospect.io is unsubscribed.", attempts=2)
    ledger.begin(person, "bulk_create", "list.csv", {}, [RunRow(2, "bo@prospect.io", {"Email": "bo@prospect.io"})])
    found = read(database, "SELECT * FROM bi_actions ORDER BY entry")
    assert found["result"].tolist() == ["done", "unknown"]
    assert found["prospects"].tolist() == [0, 1]
    assert not re.search("prospect.io|boss|sent", found.drop(columns="account").to_csv())
