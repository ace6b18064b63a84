"""Signing in as people do: a real identity provider on loopback, a real browser, a role each."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from klenty_api.sandbox import Sandbox

pytestmark = pytest.mark.browser

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

    def __init__(self, url, log, secrets, auth):
        self.url, self.log = url, log
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
    env = {"KLENTY_USER": sandbox.user, "KLENTY_API_KEY": sandbox.api_key, "KLENTY_BASE_URL": sandbox.base_url}
    with start_dashboard(home, **env) as running:
        yield Office(running.url.replace("127.0.0.1", "localhost"), running.log, secrets, auth)


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
            page.set_default_timeout(30_000)
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
    page.goto("/ledger")
    settle(page)
    expect(page.get_by_role("heading", name="Ledger")).to_have_count(0 if role == "viewer" else 1)
    page.goto("/")
    settle(page)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile("end_session"))
    page.get_by_role("button").first.click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible(timeout=20_000)
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
    page = visit("bob", "/compare?range=Last+90+days")
    settle(page)
    expect(page.get_by_role("heading", name="Compare")).to_be_visible()
    assert urlsplit(page.url).path == "/compare"
    assert parse_qs(urlsplit(page.url).query)["range"] == ["Last 90 days"]


def test_neither_key_nor_secret_nor_address_is_in_the_log(visit, settle, office, sandbox):
    settle(visit("ann"))
    log = office.log.read_text()
    for secret in (sandbox.api_key, "s3cret", "0123456789abcdef", "ann@corp.com"):
        assert secret not in log
