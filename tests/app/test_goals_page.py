"""Goals on the pages: set in Settings by an admin, shown where they are kept, and nowhere without one."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from dashboard.app_pages.session import goals, sign_in
from dashboard.app_pages.session.connection import account_services
from dashboard.data.fetch.report_cache import list_cadences
from dashboard.data.fetch.sync import sync
from dashboard.data.goals import Goal, GoalKey
from dashboard.data.history.goals import Goals
from dashboard.data.windows import buckets
from klenty_api.sandbox import Sandbox

GOALS = "settings_page/Goals"
ZONE = "Europe/Berlin"


@pytest.fixture
def sandbox():
    with Sandbox(cadences=3) as running:
        yield running


def store():
    services = account_services("")
    return Goals(services.history.database, services.history.account)


def press(app, label):
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception


def upload(app, text):
    app.file_uploader[0].upload("goals.csv", text if isinstance(text, bytes) else text.encode(), "text/csv").run()
    assert not app.exception


HEAD = "scope,subject,metric,period,target\n"


def test_a_file_fills_the_table_and_every_change_is_told_once_it_is_saved(open_app, sandbox, said):
    app = open_app(sandbox, GOALS)
    assert "nothing is shown" in said(app)
    name = sandbox.cadence_names[0]
    upload(app, f'{HEAD}account,,replies,month,40\ncadence,"{name}",replies,quarter,12\n')
    assert "hold once they are saved" in said(app)
    assert store().in_force() == []
    press(app, "Save for everyone")
    first, second = store().in_force()
    assert first == Goal(GoalKey("account", "", "replies", "month"), 40)
    assert (second.key.scope, second.target) == ("cadence", 12)
    assert "2 goals changed." in said(app)
    assert [expander.label for expander in app.expander] == ["Changes (2)"]
    press(app, "Save for everyone")
    assert "Nothing had changed." in said(app)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\xff\xfe\x00", "It is no CSV file in UTF-8."),
        (HEAD + "owner,,replies,month,40\n", "Row 1: name the owner by email address."),
        ("scope,target\naccount,4\n", "The column subject is missing"),
        (HEAD + "account,,replies,month,4\n" + " " * 1_000_001, "The file is larger than 1 MB."),
    ],
)
def test_a_file_that_holds_no_goals_is_said_to(open_app, sandbox, content, problem):
    app = open_app(sandbox, GOALS)
    upload(app, content)
    assert [problem in error.value.replace("\\", "") for error in app.error] == [True]
    assert store().in_force() == []


def test_only_an_admin_has_the_tab_and_may_save(open_app, sandbox, monkeypatch):
    app = open_app(sandbox, GOALS)
    monkeypatch.setattr(sign_in, "role_now", lambda person: None)
    press(app, "Save for everyone")
    assert any("only admins set goals" in error.value for error in app.error)


@pytest.fixture
def with_days(open_app, sandbox):
    """The Overview over an account of which every day of 150 is known."""
    app = open_app(sandbox)
    services = account_services("")
    today = datetime.now(ZoneInfo(ZONE)).date()
    days = buckets(today - timedelta(days=150), today - timedelta(days=1), "day", ZONE)
    sync(services.client, services.history, list_cadences(services.client, services.archive), days)
    return app


def test_the_overview_shows_goals_only_where_there_are_some(with_days, said, sandbox):
    app = with_days
    app.run()
    assert app.get("progress") == []
    owner = list_cadences(account_services("").client)[0].owner
    rows = [Goal(GoalKey("account", "", "emails_sent", "quarter"), 10**8),
            Goal(GoalKey("owner", owner, "replies", "quarter"), 20)]  # fmt: skip
    store().set(rows, person="")
    account_services("").history.writes += 1
    app.query_params["rows"] = "Owners"
    app.session_state["rows"] = "Owners"
    app.run()
    assert not app.exception
    (bar,) = app.get("progress")
    assert "of 100,000,000 emails sent this quarter" in bar.proto.text
    assert "Behind the goal with" in said(app) or "only begun" in said(app) or "cannot tell yet" in bar.proto.text
    table = next(frame.value for frame in app.dataframe if "owner" in frame.value)
    kept = table.set_index("owner")["goal"].dropna()
    assert kept.index.tolist() == [owner]
    assert "of 20 replies / quarter" in kept.iloc[0]


def test_trends_draw_the_weekly_goal_of_all_cadences(with_days, sandbox):
    goal = Goal(GoalKey("account", "", "replies", "week"), 25)
    store().set([goal], person="")
    account_services("").history.writes += 1
    assert goals.weekly_replies(sandbox.cadence_names) == 25
    assert goals.weekly_replies(sandbox.cadence_names[:1]) is None


def test_paces_follow_what_was_set(with_days):
    assert goals.paces() is None
    store().set([Goal(GoalKey("account", "", "replies", "month"), 40)], person="")
    account_services("").history.writes += 1
    found = goals.paces()
    assert isinstance(found, pd.DataFrame)
    assert found["target"].tolist() == [40]
    assert goals.of_scope(found, "owner") is None
