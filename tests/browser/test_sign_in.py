"""Signing in as people do: a real identity provider on loopback, a real browser, a role each."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from dashboard.actions.ledger import Ledger
from dashboard.actions.ledger_queries import Filter, entries
from dashboard.data.database import Database
from klenty_api import OPERATIONS
from klenty_api.sandbox import Sandbox

from .conftest import deliver

pytestmark = pytest.mark.browser

SECRET = "a-secret-of-more-than-24-letters"
ROLES = """
[roles]
admin = ["ann@corp.com"]
operator = ["vic@corp.com"]
viewer = ["bob@corp.com"]
"""
PEOPLE = [
    {"sub": name, "email": f"{name}@corp.com", "email_verified": name != "unverified"}
    for name in ("ann", "vic", "bob", "eve", "unverified")
]


@pytest.fixture(scope="module")
def provider(start_provider, tmp_path_factory) -> Iterator[str]:
    with start_provider(tmp_path_factory.mktemp("provider"), PEOPLE) as url:
        yield url


class Office:
    """A dashboard that asks for sign-in, and the file that says who may do what."""

    def __init__(self, url, log, secrets, auth, database_url):
        self.url, self.log, self.database_url = url, log, database_url
        self._secrets, self._auth = secrets, auth

    def roles(self, table):
        self._secrets.write_text(self._auth + table)


@pytest.fixture(scope="module")
def office(provider, sandbox: Sandbox, tmp_path_factory, start_dashboard) -> Iterator[Office]:
    home = tmp_path_factory.mktemp("office")
    (home / ".streamlit").mkdir()
    secrets = home / ".streamlit" / "secrets.toml"
    auth = (
        '[auth]\nredirect_uri = "http://localhost:{port}/oauth2callback"\n'
        'cookie_secret = "0123456789abcdef0123456789abcdef"\nclient_id = "dashboard"\nclient_secret = "s3cret"\n'
        f'server_metadata_url = "{provider}/.well-known/openid-configuration"\n'
    )
    secrets.write_text(auth + ROLES)
    env = {
        "KLENTY_USER": sandbox.user,
        "KLENTY_API_KEY": sandbox.api_key,
        "KLENTY_BASE_URL": sandbox.base_url,
        "KLENTY_WEBHOOK_SECRET": SECRET,
        "KLENTY_DATABASE_URL": f"sqlite:///{home / 'history.sqlite3'}",
    }
    with start_dashboard(home, **env) as running:
        url = running.url.replace("127.0.0.1", "localhost")
        yield Office(url, running.log, secrets, auth, env["KLENTY_DATABASE_URL"])


@pytest.fixture
def visit(browser: Browser, office: Office):
    """`visit(name, path)` signs in as that person, coming from the link `path`; the page that was reached."""
    office.roles(ROLES)
    contexts = []

    @contextmanager
    def context():
        made = browser.new_context(base_url=office.url, viewport={"width": 1440, "height": 900}, locale="en-GB")
        contexts.append(made)
        yield made

    def sign_in(name: str, path: str = "/") -> Page:
        with context() as made:
            page = made.new_page()
            page.set_default_timeout(60_000)
            page.goto(path)
            page.get_by_role("button", name="Sign in").click()
            page.get_by_role("button", name=name, exact=True).click()
            page.wait_for_url(re.compile("^" + re.escape(office.url)))
            return page

    yield sign_in
    for made in contexts:
        made.close()


@pytest.mark.parametrize(("name", "role"), [("bob", "viewer"), ("vic", "operator"), ("ann", "admin")])
def test_each_role_signs_in_and_out(visit, settle, name, role):
    page = visit(name)
    settle(page)
    expect(page.get_by_text(re.compile(rf"{name}.*corp.* · {role}"))).to_be_visible()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    acts = page.get_by_test_id("stSidebar").get_by_text("Prospect", exact=True)
    expect(acts).to_have_count(0 if role == "viewer" else 1)
    hooks = page.get_by_test_id("stSidebar").get_by_text("Webhooks", exact=True)
    expect(hooks).to_have_count(1 if role == "admin" else 0)
    page.goto("/action_log")
    settle(page)
    expect(page.get_by_role("heading", name="Action log")).to_have_count(0 if role == "viewer" else 1)
    page.goto("/")
    settle(page)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile("end_session"))
    page.get_by_role("button").first.click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    page.goto("/")
    settle(page)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


@pytest.mark.parametrize("name", ["eve", "unverified"])
def test_someone_unknown_gets_a_page_and_no_data(visit, settle, sandbox, name):
    sandbox.requests.clear()
    page = visit(name)
    settle(page)
    expect(page.get_by_role("heading", name="You have no access yet")).to_be_visible()
    expect(page.get_by_test_id("stSidebar")).to_have_count(0)
    assert not [request for request in sandbox.requests if "engagements" in request.operation]


def test_who_is_removed_while_signed_in_is_out_at_the_next_click(visit, settle, office):
    page = visit("vic")
    settle(page)
    page.get_by_test_id("stSidebar").get_by_text("Prospect", exact=True).click()
    settle(page)
    office.roles(ROLES.replace('"vic@corp.com"', ""))
    page.get_by_role("combobox", name=re.compile("Date range")).click()
    page.get_by_role("option", name="Last 7 days", exact=True).click()
    expect(page.get_by_role("heading", name="You have no access yet")).to_be_visible()
    expect(page.get_by_role("heading", name="Overview")).to_have_count(0)
    page.reload()
    settle(page)
    expect(page.get_by_role("heading", name="You have no access yet")).to_be_visible()


def test_a_shared_link_survives_the_sign_in(visit, settle):
    page = visit("bob", "/explore?explore=Compare&range=Last+90+days")
    settle(page)
    expect(page.get_by_role("tab", name="Compare")).to_have_attribute("aria-selected", "true")
    assert urlsplit(page.url).path == "/explore"
    assert parse_qs(urlsplit(page.url).query) == {"explore": ["Compare"], "range": ["Last 90 days"]}


# What is sent past the page


def writes(sandbox):
    return [request.operation for request in list(sandbox.requests) if OPERATIONS[request.operation].is_write]


def ledger_entry(office, sandbox):
    """The newest entry of the ledger: who, what, and how it ended."""
    database = Database.open(office.database_url)
    number = Ledger(lambda: database, base_url=sandbox.base_url, user=sandbox.user).account_id(database)
    newest = entries(database, Filter({number: "x"})).iloc[0]
    database.close()
    return newest["person"], newest["operation"], newest["result"]


def fill(page, settle, group, action, fields, confirm):
    """Fill in a form of the sidebar, open its dialog, and return the button there that says `confirm`."""
    sidebar = page.get_by_test_id("stSidebar")
    sidebar.get_by_text(group, exact=True).click()
    settle(page)
    page.get_by_role("combobox", name=f"{group} action").click()
    page.get_by_role("option", name=action, exact=True).click()
    settle(page)
    for name, value in fields.items():
        if value is None:
            sidebar.get_by_role("combobox", name=re.compile(name)).click()
            page.get_by_role("option").first.click()
        else:
            sidebar.get_by_role("textbox", name=re.compile(name)).first.fill(value)
    sidebar.get_by_role("button", name=re.compile(f"^.*{action}")).click()
    button = page.get_by_role("dialog").get_by_role("button", name=confirm)
    button.wait_for()
    return button


def frames_of(page, event):
    """What goes over the connection of this page from its next opening on."""
    frames = []

    def note(frame):
        frames.append(frame if isinstance(frame, bytes) else frame.encode())

    page.on("websocket", lambda socket: socket.on(event, note))
    return frames


def replay(page, office, frames):
    """All that the server answers to `frames` over a connection that is this person's, and no browser's."""
    cookies = page.context.cookies()
    (token,) = [cookie["value"] for cookie in cookies if cookie["name"] == "_streamlit_xsrf"]
    cookie = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in cookies)
    url, heard = office.url.replace("http", "ws") + "/_stcore/stream", b""
    with connect(
        url, origin=office.url, subprotocols=["streamlit", token], additional_headers={"Cookie": cookie}, max_size=None
    ) as connection:
        reruns = [message for message in map(BackMsg.FromString, frames) if message.HasField("rerun_script")]
        for message in [*reruns, reruns[0]]:
            message.rerun_script.ClearField("cached_message_hashes")  # all of it shall come
            connection.send(message.SerializeToString())
            finished = bool(message.rerun_script.fragment_id)  # a fragment that this connection has not is not run
            while not finished:
                answer = connection.recv(timeout=60)
                heard += answer
                finished = ForwardMsg.FromString(answer).HasField("script_finished")
    return heard.decode("utf-8", "replace")


CREATE = {
    "group": "Prospect",
    "action": "Create prospect",
    "fields": {"Email": "crafted@klenty.example"},
    "confirm": "Create crafted@klenty.example",
}
TOO_LATE = CREATE | {"fields": {"Email": "too.late@klenty.example"}, "confirm": "Create too.late@klenty.example"}
ADD_WEBHOOK = {"group": "Webhooks", "action": "Add webhook", "confirm": "Add this webhook"}


@pytest.mark.parametrize(
    ("acts", "crafts", "form"),
    [
        ("vic", "bob", CREATE),
        ("ann", "vic", ADD_WEBHOOK | {"fields": {"Event": None, "Address": "https://crafted.example/hook"}}),
        ("ann", "bob", ADD_WEBHOOK | {"fields": {"Event": None, "Address": "https://crafted.example/other"}}),
    ],
)
def test_what_a_higher_role_s_browser_sends_does_nothing_for_a_lower_one(
    visit, settle, office, sandbox, acts, crafts, form
):
    page = visit(acts)
    frames = frames_of(page, "framesent")
    page.goto("/")
    settle(page)
    confirm = fill(page, settle, **form)
    # The same messages are understood from somebody with the role: their connection shows the dialog.
    assert "Raw request" in replay(page, office, list(frames))
    asked = len(frames)
    confirm.click()
    page.get_by_text("Klenty accepted it").first.wait_for()
    assert len(frames) > asked
    sent = writes(sandbox)
    heard = replay(visit(crafts), office, frames)
    assert crafts in heard
    assert "Raw request" not in heard
    assert "crafted" not in heard
    assert writes(sandbox) == sent


def test_an_open_dialog_sends_nothing_for_who_lost_their_role(visit, settle, office, sandbox):
    page = visit("vic")
    settle(page)
    confirm = fill(page, settle, **TOO_LATE)
    sent = writes(sandbox)
    office.roles(ROLES.replace('operator = ["vic@corp.com"]', "").replace('["bob@corp.com"]', '["@corp.com"]'))
    # A dialog runs past the gate in front of the page: what refuses stands where the write is sent.
    confirm.click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    settle(page)
    assert writes(sandbox) == sent
    assert ledger_entry(office, sandbox) == ("vic@corp.com", "create_prospect", "refused")


def test_a_live_page_shows_nothing_more_to_who_lost_their_role(visit, settle, office):
    deliver(office.url, SECRET, {"event": "reply", "email": "first@prospect.example", "cadenceName": "Partners"})
    page, saved = visit("vic"), []
    heard = frames_of(page, "framereceived")
    page.goto("/activity")
    settle(page)
    download = page.get_by_role("button", name="CSV", exact=True).first
    expect(download).to_be_visible()
    office.roles(ROLES.replace('"vic@corp.com"', ""))
    deliver(office.url, SECRET, {"event": "reply", "email": "second@prospect.example", "cadenceName": "Partners"})
    page.on("download", lambda _: saved.append(1))
    download.click()
    expect(page.get_by_role("heading", name="You have no access yet")).to_be_visible()  # by itself
    assert saved == []
    assert any(b"first@prospect.example" in came for came in heard)
    assert not any(b"second@prospect.example" in came for came in heard)


def test_neither_key_nor_secret_nor_address_is_in_the_log(visit, settle, office, sandbox):
    settle(visit("ann"))
    log = office.log.read_text()
    for secret in (sandbox.api_key, "s3cret", "0123456789abcdef", "ann@corp.com"):
        assert secret not in log
