"""All accounts side by side: from what their histories keep, only those that the visitor may see, nothing asked."""

from datetime import UTC, datetime, timedelta

import pytest

from dashboard.data.fetch.report_cache import list_cadences
from dashboard.data.fetch.sync import sync
from dashboard.data.windows import buckets, preset_window
from dashboard.services.account import open_account
from dashboard.services.all_accounts import summaries
from dashboard.services.auto_sync import note_sync
from dashboard.settings import load_settings
from klenty_api.sandbox import Sandbox

ZONE = "Europe/Berlin"


@pytest.fixture
def two(tmp_path):
    """Two accounts with four weeks of days in one database: the settings' first, and "emea"."""
    with Sandbox(cadences=2) as first, Sandbox(cadences=1, seed=3) as second:
        env = {"KLENTY_DATABASE_URL": f"sqlite:///{tmp_path / 'kept.sqlite3'}", "KLENTY_TIMEZONE": ZONE}
        yesterday = datetime.now(UTC).date() - timedelta(days=1)
        days = buckets(yesterday - timedelta(days=27), yesterday, "day", ZONE)
        for sandbox in (first, second):
            account = env | {
                "KLENTY_USER": sandbox.user, "KLENTY_API_KEY": sandbox.api_key, "KLENTY_BASE_URL": sandbox.base_url,
            }  # fmt: skip
            with open_account(load_settings(account)) as services:
                sync(services.client, services.history, list_cadences(services.client, services.archive), days)
                if sandbox is first:
                    note_sync(services)
        yield first, second, env


def secrets(tmp_path, second):
    folder = tmp_path / ".streamlit"
    folder.mkdir()
    (folder / "secrets.toml").write_text(
        f'[accounts.emea]\nuser = "{second.user}"\napi_key = "{second.api_key}"\nbase_url = "{second.base_url}"\n'
    )


def test_a_row_for_each_account_and_no_call(open_app, two, tmp_path, said):
    first, second, env = two
    secrets(tmp_path, second)
    app = open_app(first, env=env, accounts="All accounts")
    first.requests.clear()
    second.requests.clear()
    app.run()
    assert not app.exception
    assert not first.requests
    assert not second.requests
    text = said(app)
    for name in (first.user, "emea"):
        assert f"**{name}**" in text
    assert text.count("28 of 28 days kept") == 2
    assert text.count("last sync not recorded") == 1
    assert "0 open alerts" not in text  # nobody looked at emea's
    rates = [metric for metric in app.metric if metric.label == "Reply rate"]
    assert len(rates) == 2
    assert all(" of " in metric.proto.help for metric in rates)


def test_one_account_has_no_switch(open_app, small_sandbox):
    app = open_app(small_sandbox)
    assert "accounts" not in [control.key for control in app.segmented_control]


def test_the_sums_are_those_of_the_days_and_what_is_unknown_is_said(two, tmp_path):
    first, _, env = two
    of_first = {"KLENTY_USER": first.user, "KLENTY_API_KEY": "k", "KLENTY_BASE_URL": first.base_url}
    with open_account(load_settings(env | of_first)) as services:
        database, history = services.database(), services.history
        window = preset_window("28d", datetime.now(UTC).date(), ZONE)
        names = [cadence.name for cadence in history.listed_cadences()]
        daily = history.engagements(names, start=window.start, end=window.end, timezone=ZONE, bucket="day")
        accounts = {(first.base_url, first.user): "a", ("https://nowhere", "x@x.io"): "b"}
        found, unknown = summaries(database, accounts, window, None)
    assert found.emails_sent == daily["emails_sent"].sum()
    replies = next(card for card in found.cards if card.label == "Reply rate")
    assert (replies.pair.events, replies.pair.trials) == (daily["replies"].sum(), daily["emails_sent"].sum())
    assert found.sentence
    assert (unknown.cards, unknown.emails_sent, unknown.alerts, unknown.synced) == ([], None, None, None)
    assert unknown.sentence == "No days are kept yet."
