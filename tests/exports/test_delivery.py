"""Saved views are sent when they are due: once, made up once, with an outcome; new alerts at once and each once."""

import json
import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from dashboard.analysis.watch_list.watch_list import LEVELS_NOTE, Levels
from dashboard.cli import main
from dashboard.data.database.leases import Lease
from dashboard.data.history import deliveries as stored
from dashboard.data.history.deliveries import Deliveries, Delivery
from dashboard.data.history.saved_views import SavedViews
from dashboard.data.saved_view import SavedView
from dashboard.exports import delivery as module
from dashboard.exports.delivery import deliver_due, deliver_now
from dashboard.services.account import open_account
from dashboard.services.auto_sync import SYNC_NOTE
from dashboard.settings import load_settings
from klenty_api.sandbox import Sandbox

OK = (200, {}, "ok")


@pytest.fixture
def sandbox():
    with Sandbox(cadences=2) as running:
        yield running


@pytest.fixture
def environ(sandbox, tmp_path):
    return {
        "KLENTY_USER": sandbox.user, "KLENTY_API_KEY": sandbox.api_key, "KLENTY_BASE_URL": sandbox.base_url,
        "KLENTY_DATABASE_URL": f"sqlite:///{tmp_path / 'history.sqlite3'}", "KLENTY_TIMEZONE": "Europe/Berlin",
        "KLENTY_PUBLIC_URL": "https://cadences.example.com",
    }  # fmt: skip


@pytest.fixture
def services(environ, monkeypatch):
    monkeypatch.setattr(stored, "checked_target", lambda _channel, text: text)  # the chats of these tests are here
    with open_account(load_settings(environ)) as found:
        assert found.history is not None
        yield found


@pytest.fixture
def kept(services):
    return Deliveries(services.history.database, services.history.account)


@pytest.fixture
def view(services):
    query = {"range": ["Last 28 days"], "cadence": [services.client.cadences.list()[0].name, "Gone"]}
    return SavedViews(services.history.database, services.history.account).save(
        SavedView("Weekly", "overview.py", query, shared=True)
    )


def last_run(kept, number):
    return kept.runs([number])[number][0]


def test_what_is_due_is_sent_once_and_missed_times_are_made_up_once(services, kept, view, serve):
    chat = serve(OK)
    began = datetime.now(UTC) - timedelta(days=5)
    number = kept.add(Delivery(view, "slack", chat.url, "day", 480, "Europe/Berlin"), began)
    (outcome,) = deliver_due(services)
    assert outcome.state == "done"
    assert deliver_due(services) == []
    (body,) = chat.bodies
    text = json.dumps(body, ensure_ascii=False)
    assert "Weekly: " in text
    assert "Reply rate: " in text
    assert "Negative: " in text
    assert " of " in text
    assert "“Gone” is no cadence any more." in text
    assert "https://cadences.example.com/?range=Last+28+days&cadence=" in text
    assert last_run(kept, number).message == "Slack took the message."
    deliver_due(services, datetime.now(UTC) + timedelta(days=1))
    assert len(chat.bodies) == 2


def test_what_was_set_up_just_now_is_not_due(services, kept, view, serve):
    chat = serve(OK)
    kept.add(Delivery(view, "slack", chat.url, "day", 0, "UTC"))
    assert deliver_due(services) == []
    assert deliver_now(services, kept.all()[0]).state == "done"
    assert len(chat.bodies) == 1


def test_a_refusal_is_the_outcome_and_holds_no_address(services, kept, view, serve):
    chat = serve((404, {}, "no_service"))
    number = kept.add(Delivery(view, "teams", chat.url, "day", 480, "UTC"), datetime.now(UTC) - timedelta(days=2))
    (outcome,) = deliver_due(services)
    assert outcome.state == last_run(kept, number).state == "refused"
    assert "no_service" in outcome.message
    assert "secret" not in outcome.message
    assert deliver_due(services) == []  # a time that failed is not tried for ever


def test_what_may_pass_is_tried_again_later_and_then_given_up(services, kept, view, serve):
    chat = serve((503, {}, ""))
    kept.add(Delivery(view, "slack", chat.url, "month", 480, "UTC", on_day=1), datetime.now(UTC) - timedelta(days=40))
    began, tried = datetime.now(UTC), []
    for minutes in (0, 3, 6, 15, 27, 40, 90, 100, 300):
        at = began + timedelta(minutes=minutes)
        tried += [minutes for outcome in deliver_due(services, at, wait=lambda _: None) if outcome.state == "refused"]
        services.history.writes += 1
    assert tried == [0, 6, 27, 90]
    (last, *_, first) = kept.runs([kept.all()[0].number])[kept.all()[0].number]
    assert "It is tried again at " in first.message
    assert "tried again" not in last.message


def test_what_is_tried_again_arrives_once(services, kept, view, serve):
    chat = serve((429, {"Retry-After": "600"}, ""), OK)
    kept.add(Delivery(view, "slack", chat.url, "month", 480, "UTC", on_day=1), datetime.now(UTC) - timedelta(days=40))
    now = datetime.now(UTC)
    assert [outcome.state for outcome in deliver_due(services, now)] == ["refused"]
    assert deliver_due(services, now + timedelta(minutes=8)) == []
    assert [outcome.state for outcome in deliver_due(services, now + timedelta(minutes=11))] == ["done"]
    assert deliver_due(services, now + timedelta(minutes=60)) == []
    assert len(chat.bodies) == 2


def test_the_dashboard_sends_what_is_due_and_one_account_that_fails_stops_no_other(
    services, kept, view, serve, monkeypatch
):
    chat, stop = serve(OK), threading.Event()
    kept.add(Delivery(view, "slack", chat.url, "day", 480, "UTC"), datetime.now(UTC) - timedelta(days=2))
    monkeypatch.setattr(module, "_LOOK_SECONDS", 0.01)
    monkeypatch.setattr(module, "load_settings", lambda: SimpleNamespace(account_names=["broken", ""]))

    def account_of(name):
        if name == "broken":
            raise RuntimeError(chat.url)
        if chat.bodies:
            stop.set()
        return services

    module.run(stop, account_of)
    assert len(chat.bodies) == 1


def test_another_process_sends_and_this_one_does_not(services, kept, view, serve):
    chat = serve(OK)
    history = services.history
    kept.add(Delivery(view, "slack", chat.url, "day", 480, "UTC"), datetime.now(UTC) - timedelta(days=2))
    other = Lease(history.database, f"deliveries of account {history.account}", lasts=timedelta(minutes=1))
    assert other.take()
    assert deliver_due(services) == []
    other.give_back()
    assert len(deliver_due(services)) == 1


def test_a_report_that_cannot_be_made_is_an_outcome_too(services, kept, view, serve, monkeypatch):
    number = kept.add(Delivery(view, "slack", serve(OK).url, "day", 480, "UTC"), datetime.now(UTC) - timedelta(days=2))
    monkeypatch.setattr(module, "gather", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        deliver_due(services)
    assert last_run(kept, number).state == "refused"


def test_a_view_without_a_cadence_that_is_there_says_so(services, kept, serve):
    views = SavedViews(services.history.database, services.history.account)
    number = views.save(SavedView("Old", "overview.py", {"cadence": ["Gone"]}))
    chat = serve(OK)
    kept.add(Delivery(number, "google", chat.url, "day", 480, "UTC"), datetime.now(UTC) - timedelta(days=2))
    (outcome,) = deliver_due(services)
    assert (outcome.state, chat.bodies) == ("refused", [])
    assert "No cadence of the view" in outcome.message


def test_mail_arrives_with_the_files_that_were_chosen(services, kept, view, server, mailbox, monkeypatch):
    monkeypatch.setattr(module, "load_mail_server", lambda: server)
    kept.add(
        Delivery(view, "mail", "boss@x.io, team@x.io", "week", 480, "UTC", attached=("xlsx",)),
        datetime.now(UTC) - timedelta(days=8),
    )
    (outcome,) = deliver_due(services)
    assert outcome.state == "done"
    ((session, envelope),) = mailbox.envelopes
    assert session.ssl is not None
    assert envelope.rcpt_tos == ["boss@x.io", "team@x.io"]
    assert b".xlsx" in envelope.content
    assert b".html" not in envelope.content.replace(b"text/html", b"")
    assert b"cadences.example.com" in envelope.content


def test_without_a_mail_server_the_outcome_names_the_settings(services, kept, view):
    kept.add(Delivery(view, "mail", "boss@x.io", "day", 480, "UTC"), datetime.now(UTC) - timedelta(days=2))
    (outcome,) = deliver_due(services)
    assert outcome.state == "refused"
    assert "KLENTY_SMTP_HOST" in outcome.message


HOUR = timedelta(hours=1)


@pytest.fixture
def everything(services):
    """A view of all cadences, none of which is above a level."""
    services.notes.put(LEVELS_NOTE, Levels(0.9, 0.95, 0.9, 0.95).as_json())
    views = SavedViews(services.history.database, services.history.account)
    return views.save(SavedView("All", "alerts.py", {}, shared=True))


def raise_alerts(services):
    services.notes.put(LEVELS_NOTE, Levels(0.0001, 0.0002, 0.0001, 0.0002).as_json())


def test_new_alerts_a_failing_sync_and_a_failed_delivery_are_told_once(services, kept, everything, serve):
    chat, broken, now = serve(OK), serve((400, {}, "bad")), datetime.now(UTC)
    kept.add(Delivery(everything, "slack", chat.url, "alerts", 0, "UTC"), now)
    assert deliver_due(services, now) == []  # what is there when it is set up is no news
    raise_alerts(services)
    services.notes.put(SYNC_NOTE, {"since": "2026-11-30T10:00:00+00:00", "problem": "Klenty does not answer."})
    number = kept.add(Delivery(everything, "slack", broken.url, "day", 480, "UTC"), now - timedelta(days=2))
    deliver_due(services, now + HOUR)
    assert last_run(kept, number).state == "refused"
    deliver_due(services, now + 2 * HOUR)
    deliver_due(services, now + 3 * HOUR)
    text = json.dumps(chat.bodies, ensure_ascii=False)
    assert "New alert, " in text
    assert text.count("has not been synced since 2026-11-30T10:00") == 1
    assert text.count("A delivery by Slack failed: The chat refused the message: 400 bad") == 1
    assert len(chat.bodies) == 2  # the delivery failed after the first was written


def test_an_alert_that_did_not_arrive_is_news_the_next_time(services, kept, everything, serve):
    chat, now = serve((400, {}, "bad"), OK), datetime.now(UTC)
    kept.add(Delivery(everything, "slack", chat.url, "alerts", 0, "UTC"), now)
    assert deliver_due(services, now) == []
    raise_alerts(services)
    assert [outcome.state for outcome in deliver_due(services, now + HOUR)] == ["refused"]
    assert [outcome.state for outcome in deliver_due(services, now + 2 * HOUR)] == ["done"]
    assert "New alert, " in json.dumps(chat.bodies[1])
    assert deliver_due(services, now + 3 * HOUR) == []


def test_nothing_is_sent_for_who_lost_the_role(services, kept, view, serve, monkeypatch):
    monkeypatch.setenv("KLENTY_ROLES_ADMIN", "ann@x.io")
    monkeypatch.setenv("KLENTY_ROLES_VIEWER", "bob@x.io")
    chat, since = serve(OK), datetime.now(UTC) - timedelta(days=2)
    number = kept.add(Delivery(view, "slack", chat.url, "day", 480, "UTC", person="bob@x.io"), since)
    (outcome,) = deliver_due(services)
    assert (outcome.state, chat.bodies) == ("refused", [])
    assert "does not allow it any more" in last_run(kept, number).message
    kept.add(Delivery(view, "slack", chat.url, "day", 480, "UTC", person="ann@x.io"), since)
    assert [outcome.state for outcome in deliver_due(services)] == ["done"]


def test_at_most_one_message_an_hour_and_one_look(services, kept, everything, serve, sandbox):
    chat, now = serve(OK), datetime.now(UTC)
    kept.add(Delivery(everything, "slack", chat.url, "alerts", 0, "UTC"), now)
    deliver_due(services, now)
    sandbox.requests.clear()
    services.notes.put(SYNC_NOTE, {"since": "a", "problem": "x"})
    deliver_due(services, now + timedelta(minutes=30))
    assert chat.bodies == []
    assert not sandbox.requests
    deliver_due(services, now + HOUR)
    services.notes.put(SYNC_NOTE, {"since": "b", "problem": "y"})
    deliver_due(services, now + timedelta(minutes=90))
    assert len(chat.bodies) == 1
    deliver_due(services, now + 2 * HOUR)
    assert len(chat.bodies) == 2


def test_the_command_sends_what_is_due(services, kept, view, serve, environ):
    chat = serve(OK)
    kept.add(Delivery(view, "google", chat.url, "day", 480, "UTC"), datetime.now(UTC) - timedelta(days=2))
    result = CliRunner().invoke(main, ["deliver", "--due"], env=environ)
    assert (result.exit_code, result.output) == (0, "Google Chat took the message.\n")
    assert CliRunner().invoke(main, ["deliver", "--due"], env=environ).output == ""
    refusing = serve((400, {}, "bad"))
    kept.add(Delivery(view, "google", refusing.url, "day", 480, "UTC"), datetime.now(UTC) - timedelta(days=2))
    result = CliRunner().invoke(main, ["deliver", "--due"], env=environ)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "refused the message: 400 bad" in result.stderr
