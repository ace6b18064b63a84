"""Pages and the history: how fresh a number is, what is said without a database, and the dashboard's own sync."""

import re
import threading
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard.app_pages.components import header
from dashboard.app_pages.session.connection import account_services
from dashboard.data.database import DatabaseError, DatabaseErrorKind
from dashboard.data.windows import buckets
from dashboard.services import auto_sync


def asked(sandbox):
    return sum("engagements" in request.operation for request in sandbox.requests)


class AnHourLater(datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.now(tz) + timedelta(hours=1)


def test_a_restarted_dashboard_shows_what_it_knew_and_when_it_arrived(open_app, small_sandbox, said, monkeypatch):
    first = open_app(small_sandbox)
    assert re.search(r"fetched \d\d:\d\d \(just now\)", said(first))
    count = asked(small_sandbox)
    st.cache_resource.clear()
    st.cache_data.clear()
    monkeypatch.setattr(header, "datetime", AnHourLater)
    again = open_app(small_sandbox)
    assert asked(small_sandbox) == count
    assert "Answers are not kept" not in said(again)
    assert re.search(r"fetched .*\d\d:\d\d \(60 min ago\)", said(again))


def test_without_a_database_the_pages_work_and_say_so_once(open_app, small_sandbox, said):
    app = open_app(small_sandbox, env={"KLENTY_DATABASE_URL": "postgresql://sam:s3cret@127.0.0.1:1/x"})
    assert app.metric
    assert said(app).count("Answers are not kept") == 1
    assert "s3cret" not in said(app)


def test_the_dashboard_syncs_by_itself_where_it_is_asked_to(open_app, small_sandbox):
    open_app(small_sandbox)
    asked_before = asked(small_sandbox)
    stop = threading.Event()

    class Once(threading.Event):
        def wait(self, _seconds=None):
            stop.set()
            return True

        def is_set(self):
            return stop.is_set()

    auto_sync.run(timedelta(minutes=30), Once(), account_services)
    assert asked(small_sandbox) > asked_before
    link = account_services("")
    yesterday = datetime.now(ZoneInfo("Europe/Berlin")).date() - timedelta(days=1)
    days = buckets(yesterday - timedelta(days=27), yesterday, "day", "Europe/Berlin")
    active = [cadence for cadence in link.client.cadences.list() if cadence.is_active is not False]
    assert active
    assert link.history.missing(active, days) == []


def test_a_sync_that_fails_in_any_way_is_tried_again(monkeypatch, caplog):
    errors, stop = [DatabaseError(DatabaseErrorKind.LOCKED), RuntimeError("new")], threading.Event()

    def fail(*_):
        if not errors:
            stop.set()
            return
        raise errors.pop(0)

    monkeypatch.setattr(auto_sync, "_sync", fail)
    auto_sync.run(timedelta(0), stop, lambda name: None)
    assert caplog.text.count("the history could not be synced") == 2
    assert caplog.text.count("Traceback") == 1
