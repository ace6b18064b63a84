"""Rules of verdicts, set on the page for an account: the page, the winners, the files and the command line follow."""

import pandas as pd
import pytest
import streamlit as st
from click.testing import CliRunner

from dashboard.app_pages.session import sign_in, verdict_rules
from dashboard.cli import main
from klenty_api.sandbox import Sandbox

RULES = "settings_page/Rules and levels"
NAME = "Outbound – VP Sales, North America"


@pytest.fixture
def sandbox():
    with Sandbox(cadences=3) as running:
        yield running


def field(app, name):
    return next(n for n in app.number_input if n.key.startswith(f"verdict_rule_{name}_"))


def press(app, label, form=None):
    next(b for b in app.button if b.label == label and form in {None, b.form_id}).click().run()
    assert not app.exception


def badges(app):
    return [m.value for m in app.markdown if "-badge[" in m.value]


def test_rules_hold_for_pages_and_command_line_until_they_are_set_back(open_app, sandbox, said, tmp_path, go):
    app = open_app(sandbox, "ab_tests/Tests", cadence=[NAME], decide="Replies")
    assert "Ahead" in badges(app)[0]
    assert "Rules set for this account" not in said(app)
    go(app, RULES)
    field(app, "evidence").set_value(10_000)
    field(app, "fewest_mails").set_value(20_000)
    press(app, "Save for everyone", form="verdict_rules_form")
    app.session_state["decide"] = "Replies"
    go(app, "ab_tests/Tests")
    assert all("Collecting" in badge or "Cannot finish" in badge for badge in badges(app))
    assert "Rules set for this account: fewest mails of an option 20,000; evidence that wins 10,000." in said(app)
    app.button(key=f"open_test_{NAME}, step 1").click().run()
    assert "At least two options with 20,000 mails are needed" in said(app)

    st.cache_resource.clear()  # as another process, which has the database in common only
    assert verdict_rules.in_force().fewest_mails == 20_000
    arguments = ["report", "--from", "2026-11-01", "--to", "2026-11-20", "--all", "--out", str(tmp_path), "--quiet"]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    verdicts = pd.read_csv(tmp_path / "verdicts.csv", encoding="utf-8-sig")
    assert set(verdicts["verdict"]) == {"too_early"}
    parameters = pd.read_csv(tmp_path / "parameters.csv", encoding="utf-8-sig").set_index("parameter")["value"]
    assert (parameters["verdict_fewest_mails"], parameters["verdict_fewest_days"]) == ("20000", "7")

    app = open_app(sandbox, RULES, cadence=[NAME])
    assert field(app, "fewest_mails").value == 20_000
    press(app, "Back to the defaults")
    assert field(app, "fewest_mails").value == 50
    app.session_state["decide"] = "Replies"
    go(app, "ab_tests/Tests")
    assert "Ahead" in badges(app)[0]
    assert "Rules set for this account" not in said(app)


def test_those_who_may_not_change_settings_see_the_rules_and_no_form(open_app, sandbox, said, monkeypatch, go):
    monkeypatch.setattr(sign_in, "_listens_on", lambda: None)
    app = open_app(sandbox, "ab_tests/Tests", listens_on=None)
    assert "In force: fewest mails of an option 50; fewest replies in all 10;" in said(app)
    assert not app.number_input
    assert "Save for everyone" not in {button.label for button in app.button}


def test_without_a_database_rules_last_as_long_as_the_process_and_that_is_said(open_app, sandbox, said, tmp_path):
    (tmp_path / "file").write_text("no folder")
    url = f"sqlite:///{tmp_path / 'file'}/history.sqlite3"
    app = open_app(sandbox, RULES, env={"KLENTY_DATABASE_URL": url}, cadence=[NAME])
    field(app, "fewest_mails").set_value(20_000)
    press(app, "Save for everyone", form="verdict_rules_form")
    assert "They are kept until the dashboard is restarted." in said(app)
