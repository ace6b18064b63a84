"""The trends page: what is known is drawn, the rest comes in the background, and nothing settled is asked twice."""

import json
import re
from collections import Counter
from datetime import date, timedelta

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


def panels(app):
    return app.get("plotly_chart")


def test_whole_weeks_are_named_as_far_as_they_reach():
    weeks = buckets(date(2026, 10, 28), date(2026, 11, 24), "week", "UTC")  # a Wednesday, and a Tuesday
    assert trend_panels.freshness(weeks, pd.DataFrame()).startswith("26 Oct – 29 Nov 2026, nothing")


@pytest.mark.parametrize(("points", "panels"), [(7, 6), (28, 6), (90, 4), (365, 1)])
def test_the_longer_the_range_the_fewer_panels_a_page(points, panels):
    assert trend_panels.panels_of_a_page(points) == panels


def settled(app, fillings):
    fillings[-1].job.wait(60)
    app.run()
    assert not app.exception
    return app


def asked(sandbox):
    found = [request for request in sandbox.requests if request.operation == "email_engagements"]
    return Counter((r.body["cadenceName"], r.body["startDate"], r.body["endDate"]) for r in found)


def drawn_panels(app):
    """The panels of the cadences: all charts but the team's."""
    return panels(app)[1:]


def test_it_opens_with_weeks_of_the_team_over_the_period_before(open_app, sandbox, said, fillings):
    app = settled(open_app(sandbox, "explore/Trends", range="Last 28 days"), fillings)
    figure = json.loads(panels(app)[0].proto.spec)
    names = [trace["name"] for trace in figure["data"]]
    assert names == ["Positive", "Negative", "Unmarked", "Period before"]
    ghost = figure["data"][-1]["y"]
    assert len(ghost) == len(figure["data"][0]["x"])
    weeks = trend_windows.windows_of(app.session_state["view"], "week")
    before = trend_windows.weeks_before(app.session_state["view"], weeks)
    assert before[-1].end + timedelta(days=1) == weeks[0].start
    asked = [r for r in sandbox.requests if r.operation == "email_engagements"]
    assert any(r.body["startDate"][:10] <= before[0].start.isoformat() for r in asked)
    assert len(drawn_panels(app)) == len([c for c in sandbox.account.cadences if c.plan.active])
    app.selectbox(key="against").set_value("No comparison").run()
    assert "Period before" not in panels(app)[0].proto.spec


def test_the_words_stay_within_the_budget(open_app, sandbox, said, fillings):
    app = settled(open_app(sandbox, "explore/Trends", range="Last 28 days"), fillings)
    popover = " ".join(e.value for e in app.get("popover")[0].markdown) if app.get("popover") else ""
    words = said(app).replace(popover, "")
    assert len(words.split()) <= 250


def test_a_cadence_without_points_is_named_in_one_line():
    frame = pd.DataFrame(
        {"cadence": ["A", "B", "C"], "value": [0.1, None, None], "state": ["final", "final", "missing"]}
    )
    assert trend_panels.without_points(frame) == "Not fetched yet: C. · Nothing to draw: B."


def test_days_come_in_the_background_and_each_is_asked_once(open_app, sandbox, said, fillings):
    app = settled(open_app(sandbox, "explore/Trends", range="Last 7 days", points="Days"), fillings)
    assert len(drawn_panels(app)) == len([c for c in sandbox.account.cadences if c.plan.active])
    assert "Not fetched" not in said(app)
    before = asked(sandbox)
    days = {key for key in before if key[1][:10] != key[2][:10] or key[1] < key[2]}
    assert set(before.values()) == {1}
    assert len(days) >= 7 * len(drawn_panels(app))
    app.run()
    assert asked(sandbox) == before


def test_what_is_there_is_drawn_while_the_rest_is_awaited(open_app, sandbox, fillings):
    app = settled(open_app(sandbox, "explore/Trends", range="Last 7 days", points="Days"), fillings)
    drawn = len(panels(app))
    sandbox.faults.add("latency", "email_engagements", seconds=0.5)
    app = open_app(sandbox, "explore/Trends", range="Last 14 days", points="Days")
    assert fillings[-1].job.progress.running
    assert len(panels(app)) <= drawn
    fillings[-1].job.cancel()


def test_what_the_history_cannot_take_in_is_drawn_all_the_same(open_app, sandbox, said, fillings, monkeypatch):
    def full(*_):
        raise DatabaseError(DatabaseErrorKind.FULL)

    monkeypatch.setattr(History, "save", full)
    app = settled(open_app(sandbox, "explore/Trends", range="Last 7 days", points="Days"), fillings)
    assert "The disk that holds the history database is full" in said(app)
    assert len(drawn_panels(app)) == len([c for c in sandbox.account.cadences if c.plan.active])
    assert "Not fetched" not in said(app)


def test_what_was_stopped_can_be_gone_on_with(open_app, sandbox, said, fillings):
    sandbox.faults.add("latency", "email_engagements", seconds=2)
    app = open_app(sandbox, "explore/Trends", range="Last 28 days", points="Days")
    fillings[-1].job.cancel()
    begun = len(fillings)
    settled(app, fillings)
    assert "windows are not here yet" in said(app)
    assert len(fillings) == begun, "what a person stopped is not begun again by itself"
    sandbox.faults.clear()
    app.button("trend_fetch").click().run()
    settled(app, fillings)
    assert "not here yet" not in said(app)
    assert "Not fetched" not in said(app)
    view = app.session_state["view"]
    assert connect().history.missing(view.cadences, trend_windows.windows_of(view, "day")) == []


def test_windows_that_fail_are_named_counted_and_tried_again(open_app, sandbox, said, fillings):
    name = sandbox.cadence_names[0]
    sandbox.faults.add("refused_json", cadence=name)
    app = settled(open_app(sandbox, "explore/Trends", range="Last 7 days", points="Days"), fillings)
    assert re.search(rf"\d+ windows of 1 cadence did not come. The first, {name}", said(app))
    assert f"Not fetched yet: {name}." in said(app)
    sandbox.faults.clear()
    app.button("trend_again").click().run()
    settled(app, fillings)
    assert "did not come" not in said(app)


def test_windows_that_come_in_part_are_named_too(open_app, sandbox, said, fillings):
    """Without the steps there may be no emails sent, and the chart calls a count that is not there not reported."""
    name = sandbox.cadence_names[0]
    sandbox.faults.add("refused_json", "stepwise_engagements", cadence=name)
    app = settled(open_app(sandbox, "explore/Trends", range="Last 7 days", points="Days"), fillings)
    assert re.search(rf"\d+ windows of 1 cadence did not come whole. The first, {name}: StepWise", said(app))
    sandbox.faults.clear()
    app.button("trend_again").click().run()
    settled(app, fillings)
    assert "did not come" not in said(app)


def test_another_metric_is_drawn_for_each_and_listed_in_one_table(open_app, sandbox, said, fillings):
    app = settled(open_app(sandbox, "explore/Trends", range="Last 28 days", metric="Emails sent"), fillings)
    assert len(drawn_panels(app)) == 3
    assert "Emails sent" in app.get("plotly_chart")[1].proto.alt
    app.segmented_control(key="panels_numbers").set_value("Table").run()
    assert len(panels(app)) == 1
    assert len(app.dataframe[0].value) == 3 * len(trend_windows.windows_of(app.session_state["view"], "week"))


def test_much_is_asked_only_when_wanted(open_app, sandbox, said, fillings, monkeypatch):
    monkeypatch.setattr(trend_windows, "MOST_CALLS_UNASKED", 10)
    app = open_app(sandbox, "explore/Trends", range="Last 7 days", points="Days")
    assert not fillings
    assert "windows are not here yet, or may have changed since" in said(app)
    app.button("trend_fetch").click().run()
    settled(app, fillings)
    assert "not here yet" not in said(app)
