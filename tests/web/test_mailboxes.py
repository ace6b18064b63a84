"""Which mailboxes the settings open: one for each account, each with a secret of its own, or one for the sandbox."""

import pytest

from dashboard.services import webhook_accounts
from dashboard.services.account import open_account
from dashboard.services.history import close_databases
from dashboard.settings import load_settings

SECRET = "a-secret-of-more-than-24-letters"


@pytest.fixture
def open_with(monkeypatch, tmp_path):
    """`open_with(secrets_toml, **environment)`: the mailboxes of these settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KLENTY_DATABASE_URL", f"sqlite:///{tmp_path / 'h.sqlite3'}")

    def opened(secrets="", **environment):
        (tmp_path / ".streamlit").mkdir(exist_ok=True)
        (tmp_path / ".streamlit" / "secrets.toml").write_text(secrets)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        found = webhook_accounts.open_inboxes()
        assert found[0].deliveries.database is webhook_accounts.open_inboxes()[0].deliveries.database
        return found

    yield opened
    close_databases()


def test_each_account_has_a_mailbox_and_the_set_secret_is_the_first_ones(open_with):
    accounts = '[accounts.emea]\nuser = "bo@b.co"\napi_key = "k-2"\n'
    pair = {"KLENTY_USER": "sam@x.io", "KLENTY_API_KEY": "k-1", "KLENTY_WEBHOOK_SECRET": SECRET}
    first, second = open_with(accounts, **pair, KLENTY_WEBHOOK_DAYS="30")
    assert first.secret == SECRET
    assert second.secret != SECRET
    assert len(second.secret) >= 24
    assert first.deliveries.account != second.deliveries.account
    assert (first.days, second.days) == (30, 30)
    assert open_with(accounts)[1].secret == second.secret


def test_the_inbox_of_a_page_is_the_one_that_receives(open_with, monkeypatch):
    accounts = "".join(f'[accounts.{name}]\nuser = "{name}@b.co"\napi_key = "k"\n' for name in ("emea", "apac"))
    received = open_with(accounts, KLENTY_WEBHOOK_SECRET=SECRET)
    for inbox, name in zip(received, ("emea", "apac"), strict=True):
        with open_account(load_settings(), name) as services:
            shown = webhook_accounts.open_inbox(services.settings, services.account.name)
        assert (shown.secret, shown.deliveries.account) == (inbox.secret, inbox.deliveries.account)
    assert received[0].secret == SECRET


def test_without_credentials_or_when_asked_for_it_is_the_sandbox_whatever_its_port(open_with):
    (box,) = open_with()
    (again,) = open_with(KLENTY_USER="sam@x.io", KLENTY_API_KEY="k-1", KLENTY_SANDBOX="1")
    assert again.deliveries.account == box.deliveries.account
    (real,) = open_with(KLENTY_SANDBOX="")
    assert real.deliveries.account != box.deliveries.account
