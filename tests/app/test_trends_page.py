"""The trends page: what is known is drawn, the rest comes in the background, and nothing settled is asked twice."""

from collections import Counter
from datetime import date

import pandas as pd
import pytest

from dashboard.app_pages.components import trend_panels
from dashboard.app_pages.session import trend_windows
from dashboard.app_pages.session.connection import connect
from dashboard.data.database import DatabaseError, DatabaseErrorKind
from dashboard.data.history import History
from dashboard.data.windows import buckets
from klenty_api.sandbox import Sandbox


@pytest.fixture
def sandbox():
    with Sandbox(cadences=3) as running:
        yield running


@pytest.fixture
def fillings(monkeypatch):
    """The fillings that pages begin, in order."""
    begun = []
    begin = trend_windows.TrendBackfill.begin

    def noted(self, *what):
        begun.append(self)
        begin(self, *what)

    monkeypatch.setattr(trend_windows.TrendBackfill, "begin", noted)
    return begun


def panels(app):
    return app.get("plotly_chart")


def test_whole_weeks_are_named_as_far_as_they_reach():
    weeks = buckets(date(2026, 10, 28), date(2026, 11, 24), "week", "UTC")  # a Wednesday, and a Tuesday
    assert trend_panels.freshness(weeks, pd.DataFrame()).startswith("26 Oct – 29 Nov 2026")


@pytest.mark.parametrize(("points", "metrics", "panels"), [(7, 1, 6), (28, 1, 6), (28, 3, 2), (90, 1, 4), (365, 3, 1)])
def test_the_longer_the_range_the_fewer_panels_a_page(points, metrics, panels):
    assert trend_panels.panels_of_a_page([None] * points, ["reply_rate"] * metrics) == panels


def settled(app, fillings):
    fillings[-1].job.wait(60)
    app.run()
    assert not app.exception
    return app


def asked(sandbox):
    found = [request for request in sandbox.requests if request.operation == "email_engagements"]
    return Counter((r.body["cadenceName"], r.body["startDate"], r.body["endDate"]) for r in found)


def test_days_come_in_the_background_and_each_is_asked_once(open_app, sandbox, said, fillings):
    app = settled(open_app(sandbox, "explore/Trends", range="Last 7 days"), fillings)
    assert len(panels(app)) == len([c for c in sandbox.account.cadences if c.plan.active])
    assert "not fetched" not in said(app)
    assert "do not add up" in said(app)
    before = asked(sandbox)
    days = {key for key in before if key[1][:10] != key[2][:10] or key[1] < key[2]}
    assert set(before.values()) == {1}
    assert len(days) >= 7 * len(panels(app))
    app.run()
    assert asked(sandbox) == before


def test_what_is_there_is_drawn_while_the_rest_is_awaited(open_app, sandbox, fillings):
    app = settled(open_app(sandbox, "explore/Trends", range="Last 7 days"), fillings)
    drawn = len(panels(app))
    sandbox.faults.add("latency", "email_engagements", seconds=0.5)
    app = open_app(sandbox, "explore/Trends", range="Last 14 days")
    assert fillings[-1].job.progress.running
    assert len(panels(app)) <= drawn
    fillings[-1].job.cancel()


def test_what_the_history_cannot_take_in_is_drawn_all_the_same(open_app, sandbox, said, fillings, monkeypatch):
    def full(*_):
        raise DatabaseError(DatabaseErrorKind.FULL)

    monkeypatch.setattr(History, "save", full)
    app = settled(open_app(sandbox, "explore/Trends", range="Last 7 days"), fillings)
    assert "The disk that holds the history database is full" in said(app)
    assert len(panels(app)) == len([c for c in sandbox.account.cadences if c.plan.active])
    assert "not fetched" not in said(app)


def test_what_was_stopped_can_be_gone_on_with(open_app, sandbox, said, fillings):
    sandbox.faults.add("latency", "email_engagements", seconds=0.3)
    app = open_app(sandbox, "explore/Trends", range="Last 28 days")
    fillings[-1].job.cancel()
    settled(app, fillings)
    assert "windows are not here yet" in said(app)
    assert len(fillings) == 1, "what a person stopped is not begun again by itself"
    sandbox.faults.clear()
    app.button("trend_fetch").click().run()
    settled(app, fillings)
    assert "not here yet" not in said(app)
    assert "not fetched" not in said(app)
    view = app.session_state["view"]
    assert connect().history.missing(view.cadences, trend_windows.windows_of(view, "day")) == []


def test_windows_that_fail_are_named_counted_and_tried_again(open_app, sandbox, said, fillings):
    name = sandbox.cadence_names[0]
    sandbox.faults.add("refused_json", cadence=name)
    app = settled(open_app(sandbox, "explore/Trends", range="Last 7 days"), fillings)
    assert f"7 windows of 1 cadence did not come. The first, {name}" in said(app)
    assert "None of these windows has been fetched yet." in said(app)
    sandbox.faults.clear()
    app.button("trend_again").click().run()
    settled(app, fillings)
    assert "did not come" not in said(app)


def test_windows_that_come_in_part_are_named_too(open_app, sandbox, said, fillings):
    """Without the steps there may be no emails sent, and the chart calls a count that is not there not reported."""
    name = sandbox.cadence_names[0]
    sandbox.faults.add("refused_json", "stepwise_engagements", cadence=name)
    app = settled(open_app(sandbox, "explore/Trends", range="Last 7 days"), fillings)
    assert f"7 windows of 1 cadence did not come whole. The first, {name}: StepWise" in said(app)
    sandbox.faults.clear()
    app.button("trend_again").click().run()
    settled(app, fillings)
    assert "did not come" not in said(app)


def test_several_in_one_chart_weeks_and_other_metrics(open_app, sandbox, said, fillings):
    query = {"lines": "In one chart", "points": "Weeks", "metrics": ["Emails sent", "Reply rate"]}
    app = settled(open_app(sandbox, "explore/Trends", range="Last 28 days", **query), fillings)
    assert len(panels(app)) == 2
    assert "Emails sent over time" in said(app)


def test_much_is_asked_only_when_wanted(open_app, sandbox, said, fillings, monkeypatch):
    monkeypatch.setattr(trend_windows, "MOST_CALLS_UNASKED", 10)
    app = open_app(sandbox, "explore/Trends", range="Last 7 days")
    assert not fillings
    assert "windows are not here yet, or may have changed since" in said(app)
    app.button("trend_fetch").click().run()
    settled(app, fillings)
    assert "not here yet" not in said(app)


def test_the_overview_draws_the_days_that_the_history_holds(open_app, sandbox, fillings, go):
    app = open_app(sandbox, range="Last 7 days")
    assert app.dataframe("overview_table").value["replies_by_day"].isna().all()
    app = settled(go(app, "explore/Trends"), fillings)
    go(app, "overview")
    assert not app.exception
    table = app.dataframe("overview_table").value.set_index("cadence")
    name = sandbox.cadence_names[0]
    days = [r for r in sandbox.requests if r.operation == "email_engagements" and r.body["cadenceName"] == name]
    assert len(table.loc[name, "replies_by_day"]) == 7
    assert sum(table.loc[name, "replies_by_day"]) == table.loc[name, "replies"]
    assert len(days) >= 7
