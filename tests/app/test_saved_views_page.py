"""Saved views in the sidebar and on Reports: kept, opened, begun with, shared by role; deliveries by admins."""

import pytest
import streamlit as st

from dashboard.app_pages.session import sign_in
from dashboard.data.history import deliveries as stored
from dashboard.data.roles import Role
from klenty_api.sandbox import Sandbox


@pytest.fixture
def kept(tmp_path):
    return {"KLENTY_DATABASE_URL": f"sqlite:///{tmp_path / 'kept.sqlite3'}"}


@pytest.fixture
def sandbox():
    with Sandbox(cadences=2) as running:
        yield running


def button(app, label):
    return next(each for each in app.button if each.label == label)


def save(app, name, *, shared=False):
    next(field for field in app.text_input if field.label.startswith("Keep this page")).set_value(name)
    next(each for each in app.toggle if each.label == "For everyone").set_value(shared)
    button(app, "Save view").click().run()
    assert not app.exception


def test_a_view_is_kept_opened_begun_with_renamed_and_deleted(open_app, sandbox, kept, said):
    name = sandbox.cadence_names[0]
    app = open_app(sandbox, "explore/Trends", env=kept, range="Last 90 days", cadence=name, against="No comparison")
    save(app, "Quarter")
    app = open_app(sandbox, "reports", env=kept, table="Views and deliveries")
    assert "Quarter" in said(app)
    assert "yours" in said(app)
    assert app.session_state["view"].window.days == 28
    button(app, "Open").click().run()
    assert not app.exception
    view = app.session_state["view"]
    assert (view.window.days, view.names, view.earlier) == (90, [name], None)
    assert "Explore" in [title.value for title in app.title]
    app = open_app(sandbox, "reports", env=kept, table="Views and deliveries")
    button(app, "Start with it").click().run()
    begun = open_app(sandbox, env=kept)
    assert begun.session_state["view"].window.days == 90
    assert "Explore" in [title.value for title in begun.title]
    linked = open_app(sandbox, env=kept, range="Last 7 days")  # a link shows what it says
    assert linked.session_state["view"].window.days == 7
    app = open_app(sandbox, "reports", env=kept, table="Views and deliveries")
    next(field for field in app.text_input if field.label == "Name").set_value("Ninety days")
    button(app, "Rename").click().run()
    assert "Ninety days" in said(app)
    button(app, "Delete with its deliveries").click().run()
    assert "No view yet" in said(app)


def test_viewers_keep_their_own_views_and_share_none(open_app, sandbox, kept, said, monkeypatch):
    app = open_app(sandbox, "reports", env=kept, table="Views and deliveries")
    monkeypatch.setattr(sign_in, "role_now", lambda _: Role.VIEWER)
    save(app, "Mine")
    assert "yours" in said(app)
    save(app, "Everyone's", shared=True)
    assert "your role does not allow it" in said(app)
    assert "Everyone's" not in said(app)


def test_a_cadence_that_is_gone_is_named(open_app, sandbox, kept, said):
    app = open_app(sandbox, "reports", env=kept, cadence="Not there any more")
    save(app, "Old")
    app = open_app(sandbox, "reports", env=kept, table="Views and deliveries")
    assert "No cadence any more: Not there any more." in said(app)


def test_a_delivery_is_set_up_its_hook_is_shown_no_more_and_it_is_ended(open_app, sandbox, kept, said):
    app = open_app(sandbox, "reports", env=kept, table="Views and deliveries")
    save(app, "Weekly", shared=True)
    app.segmented_control(key="delivery_channel").set_value("slack").run()
    hook = next(field for field in app.text_input if field.label == "Address of the hook")
    hook.set_value("https://evil.example/very-secret")
    button(app, "Deliver it").click().run()
    assert "This is no hook of Slack" in said(app)
    next(field for field in app.text_input if field.label == "Address of the hook").set_value(
        "https://hooks.slack.com/services/T/B/very-secret"
    )
    button(app, "Deliver it").click().run()
    assert not app.exception
    assert "every week on Monday at 08:00 (Europe/Berlin), next " in said(app)
    assert "Slack, hooks.slack.com" in said(app)
    st.cache_resource.clear()
    again = open_app(sandbox, "reports", env=kept, table="Views and deliveries")
    assert "very-secret" not in str(again.main) + said(again)
    button(again, "End").click().run()
    assert "Nothing is sent by itself" in said(again)


def test_sending_now_says_how_it_ended(open_app, sandbox, kept, said, serve, monkeypatch):
    monkeypatch.setattr(stored, "checked_target", lambda _channel, text: text)
    chat = serve((200, {}, "ok"), (400, {}, "bad"))
    app = open_app(sandbox, "reports", env=kept, table="Views and deliveries")
    save(app, "Weekly", shared=True)
    app.segmented_control(key="delivery_channel").set_value("slack").run()
    next(field for field in app.text_input if field.label == "Address of the hook").set_value(chat.url)
    button(app, "Deliver it").click().run()
    button(app, "Send now").click().run()
    assert "sent. Slack took the message." in said(app)
    button(app, "Send now").click().run()
    assert "not sent. The chat refused the message: 400 bad" in said(app)
    assert len(chat.bodies) == 2
    monkeypatch.setattr(sign_in, "role_now", lambda _: Role.OPERATOR)
    button(app, "Send now").click().run()
    assert "your role does not allow it" in said(app)
    assert len(chat.bodies) == 2
