"""The tables for BI tools: equal to the pages', of the stated key, incremental, and without personal data."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
import yaml
from click.testing import CliRunner

from dashboard.actions.ledger import RunRow
from dashboard.analysis import metrics
from dashboard.analysis.ab_tests import experiments
from dashboard.analysis.ab_tests import tables as verdict_tables
from dashboard.analysis.copy_changes import copy_changes
from dashboard.analysis.watch_list import watch_list
from dashboard.cli import main
from dashboard.data import frames
from dashboard.data.fetch.lifetime import load_lifetime, read_days
from dashboard.data.fetch.report_cache import list_cadences
from dashboard.data.fetch.sync import sync
from dashboard.data.goals import Goal, GoalKey
from dashboard.data.history import History
from dashboard.data.history.day_notes import DayNote, DayNotes
from dashboard.data.history.goals import Goals
from dashboard.data.roles import Person, Role
from dashboard.data.windows import Window, buckets, preset_window
from dashboard.exports.entities import TABLES, entity_tables
from dashboard.exports.entity_files import ABOUT, entity_files
from dashboard.exports.tables import definitions, evaluate_tests
from dashboard.services.account import open_account
from dashboard.services.what_changed import range_changes
from dashboard.settings import load_settings
from klenty_api.sandbox import Sandbox
from tests.data.history.conftest import NOW, cadence, day, option, report, step

ZONE = "Europe/Berlin"
DBT = Path(__file__).parents[2] / "docs" / "dbt"


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(cadences=4) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def environ(sandbox, tmp_path_factory):
    return {
        "KLENTY_USER": sandbox.user, "KLENTY_API_KEY": sandbox.api_key, "KLENTY_BASE_URL": sandbox.base_url,
        "KLENTY_DATABASE_URL": f"sqlite:///{tmp_path_factory.mktemp('data') / 'history.sqlite3'}",
        "KLENTY_TIMEZONE": ZONE,
    }  # fmt: skip


@pytest.fixture(scope="module")
def services(environ):
    """An account whose last ten days were synced."""
    with open_account(load_settings(environ)) as services:
        cadences = list_cadences(services.client, services.archive)
        today = datetime.now(UTC).date()
        days = buckets(today - timedelta(days=10), today - timedelta(days=1), "day", ZONE)
        sync(services.client, services.history, cadences, days)
        yield services


@pytest.fixture(scope="module")
def cadences(services):
    return list_cadences(services.client, services.archive)


@pytest.fixture(scope="module")
def made(services, cadences):
    return entity_tables(services, services.history, cadences).tables


def test_every_table_has_its_stated_key_in_front_and_no_row_twice(made):
    assert list(made) == list(TABLES)
    for name, table in made.items():
        key = list(TABLES[name].key)
        assert list(table.columns[: len(key)]) == key, name
        assert not table.duplicated(key).any(), name
        assert not table[key].isna().any().any(), name
        assert all(re.fullmatch("[a-z][a-z0-9_]*", column) for column in table), name
        times = [table[column].dtype for column in table if "datetime" in str(table[column].dtype)]
        assert all(str(kind) == "datetime64[us, UTC]" for kind in times), name


@pytest.mark.parametrize(
    ("name", "kind", "rates"),
    [("cadence_windows", "engagements", "engagements"), ("step_windows", "steps", "steps"),
     ("option_windows", "options", "options")],
)  # fmt: skip
def test_windows_are_those_of_the_pages(services, cadences, made, name, kind, rates):
    names = [item.name for item in cadences]
    today = datetime.now(UTC).date()
    own = getattr(services.history, kind)(
        names, start=today - timedelta(days=10), end=today, timezone=ZONE, bucket="day"
    )
    own = metrics.with_rates(own, rates).sort_values(["cadence_id", "window_start"], kind="stable")
    table = made[name][made[name]["days"] == 1].sort_values(["cadence_id", "window_start"], kind="stable")
    assert len(own) == len(table) > 30
    assert table["first_day"].tolist() == own["window_start"].dt.date.tolist()
    shared = [c for c in own if c in table and not str(own[c].dtype).startswith("datetime")]
    assert set(own) - set(table) <= {"in_cadence_now"}
    pd.testing.assert_frame_equal(
        table[shared].reset_index(drop=True), own[shared].reset_index(drop=True), check_dtype=False
    )


def test_cadences_verdicts_alerts_and_definitions_are_those_of_the_pages(services, cadences, made):
    today = datetime.now(tz=None).astimezone().date()
    window = preset_window("28d", today, ZONE)
    reports = services.reports.with_people_now(services.reports.load(cadences, [window]))
    now = frames.engagements_frame(reports)
    people = dict(zip(made["cadences"]["cadence"], made["cadences"]["in_cadence_now"], strict=True))
    assert people == dict(zip(now["cadence"], now["in_cadence_now"], strict=True))

    days = read_days(services.history, cadences, timezone=ZONE, today=today)
    judged = evaluate_tests(load_lifetime(services.lifetime, cadences, timezone=ZONE, today=today, days=days))
    found = [item for each in judged.values() for item in each]
    held = [item for each in judged.values() for item in experiments.winners(each)]
    verdicts = verdict_tables.verdict_table(found, held)
    shared = [name for name in verdicts if name not in {"decided_from", "decided_to", "copy_changed", "winner_since",
                                                        "withdrawn_won_on"}]  # fmt: skip
    pd.testing.assert_frame_equal(made["verdicts"][shared], verdicts[shared])
    assert made["verdicts"]["decided_to"].astype("string").tolist() == verdicts["decided_to"].tolist()

    levels = watch_list.level_findings(now, watch_list.Levels())
    alerts = made["alerts"][made["alerts"]["kind"] == "level"]
    assert {(row.cadence, row.metric, row.events, row.trials) for row in alerts.itertuples()} == {
        (item.cadence, item.metric, item.events, item.trials) for item in levels
    }
    assert made["definitions"]["metric"].tolist() == definitions()["metric"].tolist()


def test_only_what_was_fetched_since_is_in_an_increment(services, cadences):
    history = services.history
    before = datetime.now(UTC)
    nothing = entity_tables(services, history, cadences, names=["cadence_windows", "option_windows"], since=before)
    assert [len(table) for table in nothing.tables.values()] == [0, 0]
    assert list(nothing.tables["cadence_windows"]) == list(
        entity_tables(services, history, cadences, names=["cadence_windows"]).tables["cadence_windows"]
    )
    today = datetime.now(UTC).date()
    again = buckets(today - timedelta(days=2), today - timedelta(days=2), "day", ZONE)
    sync(services.client, history, cadences, again, again_since=datetime.now(UTC))
    some = entity_tables(services, history, cadences, names=["cadence_windows"], since=before).tables["cadence_windows"]
    assert some["first_day"].tolist() == [today - timedelta(days=2)] * len(cadences)
    assert (some["fetched_at"] >= before).all()


def test_actions_and_goals_name_no_prospect(services, cadences):
    ledger, person = services.ledger, Person("boss@x.io", Role.ADMIN)
    entry = ledger.begin(person, "unsubscribe", "ana@prospect.io", {"Email": "ana@prospect.io"})
    ledger.end(entry, "done", "ana@prospect.io is unsubscribed.")
    ledger.begin(person, "bulk_create", "list.csv", {}, [RunRow(2, "bo@prospect.io", {"Email": "bo@prospect.io"})])
    goals = Goals(services.history.database, services.history.account)
    key = GoalKey("account", "", "replies", "month")
    goals.set([Goal(key, 40)], person="boss@x.io")
    goals.set([Goal(key, 50)], person="boss@x.io")
    found = entity_tables(services, services.history, cadences, names=["actions", "goals"]).tables
    assert sorted(found["actions"]["result"]) == ["done", "unknown"]
    assert "prospect.io" not in found["actions"].to_csv()
    assert "boss" not in found["actions"].to_csv()
    assert found["goals"][["target", "in_force"]].to_numpy().tolist() == [[40, False], [50, True]]
    later = entity_tables(
        services, services.history, cadences, names=["actions"], since=datetime.now(UTC) + timedelta(hours=1)
    )
    assert later.tables["actions"].empty


@pytest.fixture
def changed(services, database):
    """Services over a history in which a cadence was renamed, its copy changed, and a count was restated."""
    history = History(database, base_url="https://api.klenty.com", user="sam@x.io")
    a = cadence("A", id="1")
    history.record_listing([a], NOW - timedelta(days=20))
    history.save([report(day("2026-11-02"), a)])
    new_copy = [step(1, [option(1, subject="Another question"), option(2, subject="Hello")])]
    history.save([report(day("2026-11-03"), a, steps=new_copy)])
    history.record_listing([a], NOW + timedelta(minutes=1))
    history.save([report(day("2026-11-02"), a, at=NOW + timedelta(hours=2), replyCount=8)])
    history.record_listing([a], NOW + timedelta(hours=3))
    history.record_listing([replace(a, name="B")], NOW + timedelta(hours=4))
    return history


def test_changes_are_what_the_history_knows(services, changed):
    def changes(since=None):
        found = entity_tables(services, changed, [], names=["changes"], since=since, now=NOW + timedelta(days=9))
        return found.tables["changes"]

    notes = DayNotes(changed.database, changed.account)
    notes.save(DayNote("New page", date(2026, 11, 2), date(2026, 11, 4)), person="ann@x.io", now=NOW)
    whole = changes()
    listed = range_changes(changed, Window(date(2026, 10, 1), date(2026, 11, 30), ZONE))
    assert sorted(whole["after"][2:]) == sorted(listed.loc[~listed["kind"].isin(["copy", "cadence"]), "text"])
    assert "ann@x.io" not in whole.to_csv()
    (note,) = whole[whole["change"] == "note"].to_dict("records")
    assert (note["after"], note["first_day"], note["last_day"]) == ("New page", date(2026, 11, 2), date(2026, 11, 4))
    assert pd.isna(note["cadence_key"])
    whole = whole[whole["cadence_key"].notna()].iloc[:2]
    assert whole["change"].tolist() == ["renamed", "copy_changed"]
    assert whole["before"].tolist() == ["A", "Quick question"]
    assert whole["after"].tolist() == ["B", "Another question"]
    assert whole["cadence"].tolist() == ["B", "B"]
    assert whole["first_day"].tolist()[1] == date(2026, 11, 3)
    assert set(whole["cadence_key"]) == {"1"}
    since = changes(NOW + timedelta(hours=1))
    restated = since[since["change"] == "restated"].iloc[0]
    assert (restated["field"], restated["before"], restated["after"]) == ("replies", "6", "8")
    assert set(whole["change_id"]) < set(since["change_id"])  # the same change has the same id


def test_a_copy_that_is_not_reported_for_a_day_changes_nothing():
    days = pd.DataFrame(
        {
            "cadence": ["A"] * 4, "step": [1] * 4, "option": [1] * 4,
            "day": pd.to_datetime(["2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04"]),
            "template": ["T"] * 4, "snippet": ["S"] * 4, "subject": ["one", None, "one", "two"],
            "emails_sent": pd.array([5, 5, 5, 0], "Int64"),
        }
    ).astype({"subject": "string", "template": "string", "snippet": "string"})  # fmt: skip
    assert copy_changes(days).empty
    found = copy_changes(days.assign(emails_sent=pd.array([5, 5, 5, 1], "Int64")))
    assert found[["field", "before", "after"]].to_numpy().tolist() == [["subject", "one", "two"]]


# ---- files


def export(folder, environ, *more):
    result = CliRunner().invoke(main, ["export", "--out", str(folder), *more], env=environ)
    assert "sandbox-key" not in result.output
    assert result.exit_code == 0, result.output
    return result


def test_the_command_writes_both_formats_with_their_key(environ, services, tmp_path):
    export(tmp_path / "before", environ)  # asks Klenty for what verdicts and alerts need, and keeps it
    export(tmp_path, environ)
    export(tmp_path, environ, "--format", "csv")
    about = json.loads((tmp_path / ABOUT).read_text())
    assert set(about["tables"]) == set(TABLES)
    for name, stated in TABLES.items():
        table = pq.read_table(tmp_path / f"{name}.parquet")
        assert table.schema.metadata == {
            b"klenty.key": ",".join(stated.key).encode(),
            b"klenty.mode": stated.mode.encode(),
        }
        assert (about["tables"][name]["key"], about["tables"][name]["mode"]) == (list(stated.key), stated.mode)
        text = pd.read_csv(tmp_path / f"{name}.csv", encoding="utf-8-sig")
        assert list(text) == table.column_names
        assert len(text) == table.num_rows == about["tables"][name]["rows"]
        assert about["tables"][name]["columns"] == {field.name: str(field.type) for field in table.schema}


def test_empty_tables_have_the_types_of_full_ones(services, cadences, made):
    far = datetime.now(UTC) + timedelta(days=1)
    names = ["cadence_windows", "step_windows", "option_windows", "copies"]
    empty = entity_tables(services, services.history, cadences, names=names, since=far).tables
    about = {"account": "a", "made_at": far, "since": far}

    def columns(tables):
        return {n: t["columns"] for n, t in json.loads(entity_files(tables, "csv", **about)[ABOUT])["tables"].items()}

    assert columns(empty) == columns({name: made[name] for name in names})


def test_answers_that_do_not_come_are_named_and_the_rest_is_written(environ, sandbox, services, tmp_path):
    sandbox.faults.add("refused_json", cadence=sandbox.cadence_names[0])
    try:
        result = CliRunner().invoke(
            main, ["export", "--out", str(tmp_path), "--timezone", "Asia/Tokyo", "--table", "alerts"], env=environ
        )
    finally:
        sandbox.faults.clear()
    assert result.exit_code == 1
    assert f"{sandbox.cadence_names[0]}: no answer came" in result.stderr
    assert (tmp_path / "alerts.parquet").exists()


def test_without_klenty_the_history_is_still_exported(environ, services, tmp_path):
    gone = environ | {"KLENTY_BASE_URL": "http://127.0.0.1:9/apis/v1/user"}
    result = CliRunner().invoke(main, ["export", "--out", str(tmp_path), "--table", "cadence_windows"], env=gone)
    assert result.exit_code == 0, result.output  # another address is another account, with nothing in it
    assert pq.read_table(tmp_path / "cadence_windows.parquet").num_rows == 0


# ---- what reads them


def models(source):
    """The models of the dbt project in their order, with sources and references as SQL names."""
    names = ("stg_klenty__cadences", "stg_klenty__cadence_days", "stg_klenty__option_days")
    texts = {name: (DBT / "models" / "staging" / f"{name}.sql").read_text() for name in names}
    assert {path.stem for path in (DBT / "models").rglob("*.sql")} == set(names)
    for name, text in texts.items():
        query = re.sub(r"\{\{ source\('klenty', '(\w+)'\) \}\}", lambda found: source(found[1]), text)
        yield name, re.sub(r"\{\{ ref\('(\w+)'\) \}\}", r"\1", query)


def test_every_source_of_dbt_is_a_view_and_a_table_of_the_export():
    (klenty,) = yaml.safe_load((DBT / "models" / "staging" / "sources.yml").read_text())["sources"]
    assert {table["name"] for table in klenty["tables"]} <= set(TABLES)
    assert all(table["identifier"] == f"bi_{table['name']}" for table in klenty["tables"])


def test_dbt_and_duckdb_read_several_exports_as_one(environ, services, cadences, tmp_path):
    export(tmp_path / "2026-12-01", environ)
    today = datetime.now(UTC).date()
    again = buckets(today - timedelta(days=3), today - timedelta(days=3), "day", ZONE)
    sync(services.client, services.history, cadences, again, again_since=datetime.now(UTC))
    export(tmp_path / "2026-12-02", environ, "--since", str(today))
    with duckdb.connect() as connection:
        for name, query in models(lambda table: f"read_parquet('{tmp_path}/*/{table}.parquet', union_by_name=true)"):
            connection.execute(f"CREATE VIEW {name} AS {query}")
        days = connection.sql("SELECT cadence_key, day, replies FROM stg_klenty__cadence_days").fetchall()
        options = connection.sql("SELECT SUM(emails_sent) FROM stg_klenty__option_days").fetchall()
        listed = connection.sql("SELECT COUNT(*) FROM stg_klenty__cadences").fetchall()
    table = entity_tables(services, services.history, cadences, names=["cadence_windows", "option_windows"]).tables
    own = table["cadence_windows"][table["cadence_windows"]["days"] == 1]
    assert sorted(days) == sorted(zip(own["cadence_key"], own["first_day"], own["replies"], strict=True))
    of_options = table["option_windows"][table["option_windows"]["days"] == 1]
    assert options == [(of_options["emails_sent"].sum(),)]
    assert listed == [(len(cadences),)]


def test_dbt_reads_the_views_of_either_database(changed):
    expected = {"stg_klenty__cadences": 1, "stg_klenty__cadence_days": 2, "stg_klenty__option_days": 4}
    with changed.database.writing() as connection:
        for name, query in models(lambda table: f"bi_{table}"):
            connection.execute(sa.text(f"CREATE VIEW {name} AS {query}"))
            assert connection.scalar(sa.text(f"SELECT COUNT(*) FROM {name}")) == expected[name], name
