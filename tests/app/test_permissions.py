"""Pages by role, accounts by person, and what someone sees who is not known: in-process, with the provider's claims."""

from pathlib import Path

import pytest
import streamlit as st

from dashboard import app_pages, server
from dashboard.app_pages import navigation
from dashboard.app_pages.session import connection, sign_in
from klenty_api.sandbox import Sandbox

AUTH = """
[auth]
redirect_uri = "http://localhost:8501/oauth2callback"
cookie_secret = "0123456789abcdef0123456789abcdef"
client_id = "x"
client_secret = "x"
server_metadata_url = "http://localhost:1/.well-known/openid-configuration"
[roles]
admin = ["ann@corp.com"]
operator = ["vic@corp.com"]
viewer = ["@corp.com"]
none = ["gone@corp.com"]
"""


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(cadences=3) as running:
        yield running


@pytest.fixture
def open_as(open_app, sandbox, tmp_path):
    """`open_as(email, …)` opens the app as that person, with sign-in configured."""
    folder = tmp_path / ".streamlit"
    folder.mkdir()

    def run(email, *, page="overview", secrets=AUTH, signed_in=True, env=None, **query):
        (folder / "secrets.toml").write_text(secrets)
        sandbox.requests.clear()
        user = {"is_logged_in": signed_in} | ({"email": email} if signed_in else {})
        return open_app(sandbox, page, user=user, env=env, **query)

    yield run
    sign_in._REQUIRED.clear()


FOR_ALL = ["overview", "cadence", "explore", "ab_tests", "alerts", "reports", "settings_page"]
FOR_OPERATORS = [*FOR_ALL, "activity", "action_log"]
FOR_ADMINS = [*FOR_OPERATORS, "import_prospects"]


def pages(app):
    """The pages that the app opens, by trying every script of the package."""
    opened = []
    for script in Path(app_pages.__file__).parent.glob("[!_]*.py"):
        try:
            app.switch_page(f"app_pages/{script.name}").run()
        except ValueError:
            continue
        assert not app.exception
        opened.append(script.stem)
    return sorted(opened)


def test_every_script_is_a_listed_place():
    scripts = {path.name for path in Path(app_pages.__file__).parent.glob("[!_]*.py")}
    assert scripts - {"navigation.py"} == {place.file for place in navigation.PLACES}


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        ("bob@corp.com", sorted(FOR_ALL)),
        ("vic@corp.com", sorted(FOR_OPERATORS)),
        ("ann@corp.com", sorted(FOR_ADMINS)),
    ],
)
def test_a_role_has_its_pages_and_forms(open_as, said, email, expected):
    app = open_as(email)
    groups = list(app.get_by_key("actions.group").options) if email != "bob@corp.com" else []
    assert [label for label in groups if "Webhooks" in str(label)] == (["Webhooks"] if email == "ann@corp.com" else [])
    assert email in said(app)
    assert pages(app) == expected


def test_webhooks_are_for_admins_wherever_the_link_points(open_as):
    for email, offered in (("bob@corp.com", False), ("vic@corp.com", False), ("ann@corp.com", True)):
        app = open_as(email, page="settings_page/Webhooks")
        assert ("Webhooks" in [tab.label for tab in app.tabs]) is offered
        assert ("Receive here" in [heading.value for heading in app.header]) is offered


@pytest.mark.parametrize("email", ["eve@evil.org", "gone@corp.com", ""])
def test_someone_unknown_gets_a_page_that_says_so_and_nothing_else(open_as, said, sandbox, email):
    app = open_as(email)
    assert [title.value for title in app.title] == ["You have no access yet"]
    assert email in said(app)
    assert [button.label for button in app.button] == ["Sign out"]
    assert not sandbox.requests
    assert not app.sidebar.children


def test_without_sign_in_there_is_only_the_way_to_it(open_as, sandbox):
    app = open_as("", signed_in=False)
    assert [button.label for button in app.button] == ["Sign in"]
    assert not sandbox.requests
    assert not app.sidebar.children


def test_who_is_removed_while_the_page_is_open_is_out_at_the_next_click(open_as, sandbox, tmp_path):
    app = open_as("vic@corp.com")
    assert app.title[0].value == "Overview"
    (tmp_path / ".streamlit" / "secrets.toml").write_text(
        AUTH.replace('"vic@corp.com"', "").replace("@corp.com", "@x.y")
    )
    sandbox.requests.clear()
    app.run()
    assert [title.value for title in app.title] == ["You have no access yet"]
    assert not sandbox.requests


@pytest.mark.parametrize("broken", ["[roles", "", AUTH.replace("[roles]", "[roles]\nboss = []")])
def test_settings_that_are_lost_or_broken_open_nothing(open_as, said, sandbox, tmp_path, broken):
    app = open_as("vic@corp.com")
    (tmp_path / ".streamlit" / "secrets.toml").write_text(broken)
    sandbox.requests.clear()
    app.run()
    assert app.title[0].value in {"The settings need a look", "You have no access yet"}
    assert not app.sidebar.children
    assert not sandbox.requests


ACCOUNTS = (
    AUTH
    + """
[accounts.emea]
user = "{user}"
api_key = "{key}"
base_url = "{url}"
people = ["ann@corp.com"]
"""
)


def test_each_account_is_its_own_and_seen_by_its_people_only(open_as, said, sandbox):
    with Sandbox(cadences=1, seed=3) as other:
        secrets = ACCOUNTS.format(user=other.user, key=other.api_key, url=other.base_url)
        ann = open_as("ann@corp.com", secrets=secrets, account="emea")
        assert list(ann.selectbox(key="account").options) == [sandbox.user, "emea"]
        assert ann.session_state["account"] == "emea"
        assert set(ann.multiselect(key="cadence").options) == set(other.cadence_names)
        assert not sandbox.requests
        ann.get_by_key("actions.group").set_value("Prospect").run()
        ann.selectbox(key="actions.choice.Prospect").set_value("create_prospect").run()
        ann.get_by_key("actions.create_prospect.0.email").set_value("form@klenty.com")
        ann.button(key="actions.submit.create_prospect").click().run()
        assert "actions.dialog" in ann.session_state
        ann.selectbox(key="account").set_value("").run()
        assert not ann.exception
        assert set(ann.multiselect(key="cadence").options) == set(sandbox.cadence_names)
        assert "actions.dialog" not in ann.session_state  # what was meant for one account is not sent to another

        other.requests.clear()
        bob = open_as("bob@corp.com", secrets=secrets, account="emea")
        assert [box.label for box in bob.selectbox if box.key == "account"] == []
        assert set(bob.multiselect(key="cadence").options) == set(sandbox.cadence_names)
        assert "names an account that is not open to you" in said(bob)
        assert not other.requests


def test_people_without_an_account_are_told(open_as, monkeypatch, sandbox, said):
    only = ACCOUNTS.format(user="e@corp.com", key="k", url="https://api.klenty.com")
    app = open_as("bob@corp.com", secrets=only, env={"KLENTY_USER": "", "KLENTY_API_KEY": ""})
    assert app.title[0].value == "No account is open to you"
    assert "bob@corp.com" in said(app)


# Without sign-in


def test_on_this_machine_everyone_is_an_admin(open_app, sandbox):
    assert pages(open_app(sandbox)) == sorted(FOR_ADMINS)


@pytest.mark.parametrize(("allowed", "expected"), [("0", sorted(FOR_ALL)), ("1", sorted(FOR_ADMINS))])
def test_open_to_others_without_sign_in_it_warns_and_acts_only_when_told(
    open_app, sandbox, said, monkeypatch, allowed, expected
):
    app = open_app(sandbox, listens_on=None, env={"KLENTY_ALLOW_ACTIONS": allowed})
    assert "Everyone who reaches this address can" in said(app)
    assert pages(app) == expected


def test_a_proxy_in_front_counts_as_open_to_others(open_app, sandbox, monkeypatch):
    monkeypatch.setattr(type(st.context), "headers", {"Host": "dash.corp.com"})
    assert pages(open_app(sandbox)) == sorted(FOR_ALL)
    monkeypatch.setattr(type(st.context), "headers", {"Host": "localhost:8501", "X-Forwarded-For": "10.0.0.1"})
    assert pages(open_app(sandbox)) == sorted(FOR_ALL)
    monkeypatch.setattr(type(st.context), "headers", {"Host": "[::1]:8501"})
    assert pages(open_app(sandbox)) == sorted(FOR_ADMINS)


def test_the_log_warns_of_a_server_that_is_open_to_others(monkeypatch, tmp_path, caplog):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    sign_in._REQUIRED.clear()
    monkeypatch.setattr(sign_in, "_listens_on", lambda: "127.0.0.1")
    sign_in.warn_if_open()
    assert caplog.text == ""
    monkeypatch.setattr(sign_in, "_listens_on", lambda: None)
    sign_in.warn_if_open()
    assert "nobody has to sign in" in caplog.text
    assert "Actions are off" in caplog.text


def test_a_thread_cannot_guess_whose_account_it_is(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".streamlit").mkdir()
    two = "".join(f'[accounts.{name}]\nuser = "{name}@corp.com"\napi_key = "k"\n' for name in "ab")
    (tmp_path / ".streamlit" / "secrets.toml").write_text(two)
    with pytest.raises(RuntimeError, match="session"):
        connection.connect()


def test_there_is_one_connection_to_an_account_whatever_asks_for_it_first(
    open_app, small_sandbox, monkeypatch, tmp_path
):
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text(
        f'[accounts.emea]\nuser = "{small_sandbox.user}"\napi_key = "{small_sandbox.api_key}"\n'
        f'base_url = "{small_sandbox.base_url}"\n'
    )
    make, made = connection.open_account, []
    monkeypatch.setattr(connection, "open_account", lambda *what: made.append(what) or make(*what))
    server.warm_pages()
    open_app()
    connection.connect()  # as a download does, which has no session
    assert len(made) == 1, "two would not know of each other's calls"
