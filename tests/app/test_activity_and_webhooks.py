"""The pages about webhooks: what was delivered, beside Klenty's counts, and the account's webhooks."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from dashboard.app_pages.components import webhook_feed
from dashboard.data.database import Database
from dashboard.data.webhooks.delivery import read_delivery
from dashboard.services.history import close_databases

PUBLIC = "https://dash.example.com"
HOSTILE = "<b>=1+1</b> [x](https://evil.example) $a$ `c`"


@pytest.fixture
def database_in(tmp_path):
    return f"sqlite:///{tmp_path / 'kept.sqlite3'}"


@pytest.fixture
def deliver(database_in, small_sandbox):
    """`deliver(at, **fields)` stores a delivery for the small sandbox's account."""
    kept = Database.open(database_in)
    from dashboard.data.database.accounts import account_id  # noqa: PLC0415
    from dashboard.data.webhooks.store import DeliveryStore  # noqa: PLC0415

    box = DeliveryStore(kept, account_id(kept, base_url=small_sandbox.base_url, user=small_sandbox.user))

    def store(at=None, **fields):
        body = {"event": "reply", "email": "ann@example.com", "cadenceName": "Partners"} | fields
        box.keep([(read_delivery(json.dumps(body).encode()), at or datetime.now(UTC))])

    yield store
    kept.close()


@pytest.fixture
def open_page(open_app, small_sandbox, database_in):
    def run(page, **query):
        return open_app(small_sandbox, page, env={"KLENTY_DATABASE_URL": database_in}, **query)

    yield run
    close_databases()


def test_before_the_first_delivery_the_page_says_how_to_get_one(open_page, said):
    app = open_page("activity")
    assert "Nothing was delivered here yet" in said(app)
    assert "register this dashboard" in said(app)
    assert not app.dataframe


def test_the_feed_shows_replies_first_and_everything_on_request(open_page, deliver, said):
    deliver(fullName=HOSTILE, cadenceOwner="arjun")
    deliver(event="open", email="bo@example.com")
    deliver(event="open", email="bo@example.com")
    app = open_page("activity")
    assert "2 deliveries received here since" in said(app)
    assert "1 sent again" in said(app)
    feed = app.dataframe[0].value
    assert list(feed["event"]) == ["Reply"]
    assert list(feed["name"]) == [HOSTILE]
    app.segmented_control(key="feed").set_value("Everything").run()
    assert not app.exception
    assert sorted(zip(app.dataframe[0].value["event"], app.dataframe[0].value["times"], strict=True)) == [
        ("Open", 2),
        ("Reply", 1),
    ]
    assert "@" not in str(dict(app.query_params))


def test_the_csv_of_the_feed_defuses_formulas(deliver, database_in, small_sandbox):
    deliver(fullName="=HYPERLINK(1)")
    kept = Database.open(database_in)
    from dashboard.data.webhooks.store import DeliveryStore  # noqa: PLC0415

    content = webhook_feed._csv(DeliveryStore(kept, 1), webhook_feed.Filters((), (), ()), "Europe/Berlin").decode(
        "utf-8-sig"
    )
    kept.close()
    assert "'=HYPERLINK(1)" in content
    assert "ann@example.com" in content
    assert "+01:00" in content or "+02:00" in content


def test_counts_are_next_to_klentys_and_say_whose_they_are(open_page, deliver, small_sandbox, said):
    name = small_sandbox.cadence_names[0]
    yesterday = datetime.now(UTC) - timedelta(days=1)
    for number in range(3):
        deliver(yesterday, cadenceName=name, email=f"p{number}@example.com")
    app = open_page("activity", range="Last 7 days")
    beside = app.dataframe[1].value.set_index("cadence")
    assert beside.loc[name, "received_replies"] == 3
    assert beside["received_opens"].isna().all()  # never arrived: not 0
    overview = open_page("reports", range="Last 7 days").dataframe[0].value.set_index("cadence")
    assert beside.loc[name, "replies"] == overview.loc[name, "replies"]
    assert "Before that nothing is known here" in said(app)


def test_a_prospect_can_be_forgotten(open_page, deliver, said):
    deliver()
    app = open_page("activity")
    app.text_input(key="activity_email").set_value("ANN@example.com")
    next(button for button in app.button if button.label == "Remove personal data").click().run()
    assert not app.exception
    assert any("Removed from 1 delivery" in one.value for one in app.success)
    app.run()
    assert "ann@example.com" not in str(app.dataframe[0].value.to_dict())
    assert len(app.dataframe[0].value) == 1


def test_this_dashboard_is_registered_once_for_the_chosen_events(open_page, small_sandbox, said):
    app = open_page("settings_page/Webhooks")
    assert "No webhooks yet" in said(app)
    register = app.button(key="webhooks.register")
    assert register.disabled
    app.text_input(key="actions.webhooks.public_url").set_value("http://dash.example.com").run()
    assert app.button(key="webhooks.register").disabled
    assert "must begin with https" in said(app)
    app.text_input(key="actions.webhooks.public_url").set_value(PUBLIC).run()
    app.get_by_key("actions.webhooks.events.0").set_value(["reply", "open"]).run()
    app.button(key="webhooks.register").click().run()
    assert not [r for r in small_sandbox.requests if r.operation == "add_webhook"]
    app.button(key="webhooks.send").click().run()
    assert not app.exception
    sent = [r.body for r in small_sandbox.requests if r.operation == "add_webhook"]
    assert [body["event"] for body in sent] == ["reply", "open"]
    (url,) = {body["subscription_url"] for body in sent}
    assert url.startswith(f"{PUBLIC}/webhook/klenty/")
    secret = url.rpartition("/")[2]
    assert len(secret) >= 24
    app.button(key="webhooks.close").click().run()
    shown = app.dataframe[0].value
    assert list(shown["Note"]) == ["this dashboard", "this dashboard"]
    assert secret not in said(app) + str(shown.to_dict())
    app.get_by_key("actions.webhooks.events.2")  # those that are registered are not offered again
    assert "Registered already: replies, opens" in said(app)


def test_when_the_list_of_webhooks_does_not_come_nothing_is_registered(open_page, small_sandbox, said):
    app = open_page("settings_page/Webhooks")
    app.text_input(key="actions.webhooks.public_url").set_value(PUBLIC).run()
    app.button(key="webhooks.register").click().run()
    small_sandbox.faults.add("refused_json", operation="list_webhooks")
    app.button(key="webhooks.send").click().run()
    assert not app.exception
    assert "nothing was sent" in said(app)
    assert not [r for r in small_sandbox.requests if r.operation == "add_webhook"]


def test_a_picked_webhook_is_changed_and_deleted_after_a_question(open_page, small_sandbox, make_client):
    client = make_client(small_sandbox)
    client.webhooks.create("reply", "https://one.example/hook")
    client.webhooks.create("reply", "https://one.example/hook/")
    app = open_page("settings_page/Webhooks")
    assert [note == "" for note in app.dataframe[0].value["Note"]] == [True, False]
    app.session_state["actions.webhooks.picked"] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    app.run()
    first, second = (one.id for one in client.webhooks.list())
    app.text_input(key=f"webhooks.url.{second}").set_value("https://two.example/hook")
    next(b for b in app.button if b.key == f"webhooks.update.{second}").click().run()
    assert not app.exception
    next(b for b in app.button if str(b.key).startswith("actions.send.")).click().run()
    assert {one.id: one.url for one in client.webhooks.list()} == {
        first: "https://one.example/hook",
        second: "https://two.example/hook",
    }
