"""What the how-to and the data model say to those who read with SQL is run, and names what there is."""

import re
from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa

from dashboard.data.history import History
from dashboard.exports.entities import TABLES, entity_tables
from dashboard.exports.entity_files import entity_files
from dashboard.services.account import open_account
from dashboard.settings import load_settings
from tests.data.history.conftest import NOW, cadence, day, report

DOCS = Path(__file__).parents[2] / "docs"
HOW_TO = (DOCS / "how-to.md").read_text()
SQL = re.findall(r"```sql\n(.*?)```", HOW_TO, re.DOTALL)


@pytest.fixture
def history(database):
    history = History(database, base_url="https://api.klenty.com", user="sam@x.io")
    history.save([report(day("2026-11-02"), cadence("A", id="1")), report(day("2026-11-03"), cadence("A", id="1"))])
    return history


@pytest.fixture
def services(tmp_path):
    environ = {"KLENTY_SANDBOX": "1", "KLENTY_DATABASE_URL": f"sqlite:///{tmp_path / 'own.sqlite3'}"}
    with open_account(load_settings(environ)) as services:
        yield services


def test_the_queries_for_duckdb_run_on_exported_files(history, services, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tables = entity_tables(services, history, [], names=["cadence_windows"]).tables
    for number in (1, 2):  # the same windows twice, as overlapping exports have them
        folder = tmp_path / "export" / f"2026-12-0{number}"
        folder.mkdir(parents=True)
        for name, content in entity_files(tables, "parquet", account="sam@x.io", made_at=NOW, since=None).items():
            (folder / name).write_bytes(content)
    create, ask = SQL[0].split("\n\n")
    with duckdb.connect() as connection:
        connection.execute(create)
        ((name, _week, emails, replies),) = connection.execute(ask).fetchall()
    assert (name, emails, replies) == ("A", 160, 12)


def test_the_query_for_metabase_runs_on_either_database(history):
    with history.database.reading() as connection:
        assert [tuple(row)[1:] for row in connection.execute(sa.text(SQL[2]))] == [(6, 80), (6, 80)]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # a SQLite file has no users
def test_a_reader_for_metabase_sees_the_views_and_no_prospect(history):
    role, connect, *grants = SQL[1].split(";\n")
    assert "CONNECT ON DATABASE klenty" in connect
    with history.database.writing() as connection:
        connection.execute(sa.text("DROP ROLE IF EXISTS metabase"))
        for grant in (role.replace("…", "x"), *filter(str.strip, grants)):
            connection.execute(sa.text(grant))
        connection.execute(sa.text("SET LOCAL ROLE metabase"))
        assert connection.scalar(sa.text("SELECT COUNT(*) FROM bi_cadence_windows")) == 2
        for table in ("deliveries", "ledger", "ledger_rows"):
            allowed = connection.scalar(sa.text(f"SELECT has_table_privilege('metabase', '{table}', 'SELECT')"))
            assert not allowed
        connection.execute(sa.text("RESET ROLE"))
        connection.execute(sa.text("DROP OWNED BY metabase"))
        connection.execute(sa.text("DROP ROLE metabase"))


def test_the_data_model_names_every_table_with_its_key():
    text = (DOCS / "data-model.md").read_text().partition("## Tables of `klenty-dashboard export`")[2]
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*)$", text.partition("## Frames")[0], re.MULTILINE))
    assert set(rows) == set(TABLES)
    for name, stated in TABLES.items():
        key = [column for column in stated.key if f"`{column}`" not in rows[name]]
        assert not key or rows[name].startswith("the same"), name
