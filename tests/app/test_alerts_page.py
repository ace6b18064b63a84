"""Alerts: a row for each cadence, levels at once, days from the background, what was done, and who may do it."""

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import streamlit as st

from dashboard.app_pages import navigation
from dashboard.app_pages.session import watch_list
from klenty_api.sandbox import Sandbox
from klenty_api.sandbox.simulation import Event

PAGE = "alerts"
BAD = "Bought list – Manufacturing"
BURST = "Inbound demo requests"
ZONE = ZoneInfo("Europe/Berlin")


@pytest.fixture
def sandbox():
    with Sandbox(cadences=6) as running:
        yield running


def settled(app):
    """The page once the background has asked for all days."""
    watch_list.watcher().job.wait(60)
    app.run()
    assert not app.exception
    return app


def rows(app):
    """The cadences of the rows, from top to bottom."""
    return [link.proto.label.replace("\\", "").replace("\u2060", "") for link in app.get("page_link")]


def marks(app):
    """What the marks say under the pointer, and the text after each."""
    found = [re.match(r'!\[([^\]]*)\]\(data:\S+ "([^"]*)"\) (.*)', m.value, re.DOTALL) for m in app.markdown]
    return [(match[1], match[2], match[3].replace("\\", "")) for match in found if match]


def of_cadence(app, name):
    """Bounced and unsubscribed of a row."""
    at = 2 * rows(app).index(name)
    return marks(app)[at : at + 2]


def badge():
    return watch_list.watcher().open_alerts


def mark_as_done(app, name, *, who="Ana", note=""):
    app.text_input(key=f"alert_who_{name}").set_value(who)
    app.text_area(key=f"alert_note_{name}").set_value(note)
    return app.button(key=f"alert_submit_{name}").click().run()


def test_levels_are_there_at_once_for_all_cadences_not_only_the_chosen(open_app, sandbox, said):
    app = open_app(sandbox, PAGE, cadence=[BURST])
    (alt, hover, text), _ = of_cadence(app, BAD)
    assert text.endswith((":orange-badge[watch]", ":red-badge[act]"))
    assert "All cadences" in said(app)
    window = watch_list.watched_window()
    found = [e for e in sandbox.events(BAD) if window.first_instant <= e.at <= window.last_instant]
    bounced = sum(event.kind == "bounce" for event in found)
    mailed = len({event.prospect for event in found if event.kind == "sent"})
    assert f"{bounced} of {mailed} prospects contacted" in hover
    assert "marks at 2.0 % (watch) and 5.0 % (act)" in alt


def test_what_the_data_cannot_show_is_one_click_away(open_app, sandbox, said):
    assert "Spam complaints are not in Klenty's data" in said(open_app(sandbox, PAGE))


def test_a_day_that_stands_out_is_found_in_the_background_and_nothing_is_asked_twice(open_app, sandbox, said):
    day = datetime.now(ZONE).date() - timedelta(days=1)
    at = datetime.combine(day, time(11), ZONE).astimezone(UTC)
    cadence = sandbox.account.find_cadence(BURST)
    for number in range(60):
        cadence.add(Event(at, "sent", f"burst.{number}@x.example", 1, 1))
    for number in range(30):
        cadence.add(Event(at + timedelta(minutes=5), "bounce", f"burst.{number}@x.example", 1, 1))
    app = settled(open_app(sandbox, PAGE))
    (_, _, text), _ = of_cadence(app, BURST)
    assert f"orange-badge[{day.day} {day:%b}: 30 of " in text
    assert "single days are not known" not in said(app)
    before = len(sandbox.requests)
    app.run()
    assert len(sandbox.requests) == before
    asked = [
        (r.body["cadenceName"], r.body["startDate"], r.body["endDate"])
        for r in sandbox.requests
        if r.operation == "email_engagements"
    ]
    assert len(asked) == len(set(asked))
    silent = "Q2 re-activation (finished)"
    assert sum(name == silent for name, *_ in asked) == 1  # nothing in 28 days: its single days need no question


def test_done_takes_the_row_away_at_once_with_who_and_why_and_it_can_be_reopened(open_app, sandbox, said):
    app = settled(open_app(sandbox, PAGE))
    before = rows(app)
    assert badge() == len(before)
    mark_as_done(app, BAD, note="<b>cleaned</b> the list")
    assert rows(app) == [name for name in before if name != BAD]
    assert badge() == len(before) - 1
    app.session_state["alerts_done"] = True
    app.run()
    assert ":gray[Ana, " in said(app)
    assert "<b>cleaned</b> the list" in said(app)
    while reopen := [button for button in app.button if button.label == "Reopen"]:
        reopen[0].click().run()
        app.session_state["alerts_done"] = True
        app.run()
    assert sorted(rows(app)) == sorted(before)
    assert badge() == len(before)


def test_the_badge_is_right_in_the_run_that_marks_an_alert_as_done(open_app, sandbox, monkeypatch):
    app = settled(open_app(sandbox, PAGE))
    before = badge()
    seen = []  # what the navigation, drawn before the page, was given in each run
    property_of = type(watch_list.watcher())
    told = property_of.open_alerts
    monkeypatch.setattr(property_of, "open_alerts", property(lambda self: seen.append(told.fget(self)) or seen[-1]))
    mark_as_done(app, BAD)
    assert seen[0] == before - 1


def test_what_was_done_outlives_the_process_and_known_days_are_not_asked_again(open_app, sandbox, said):
    app = settled(open_app(sandbox, PAGE))
    mark_as_done(app, BAD)
    days = len(sandbox.requests)
    st.cache_resource.clear()  # as a new process; what waits to be written is written by then
    app = settled(open_app(sandbox, PAGE))
    assert BAD not in rows(app)
    assert any(fold.label.startswith("Done (") for fold in app.expander)
    assert "single days are not known" not in said(app)
    asked_again = len(sandbox.requests) - days
    assert asked_again < days / 4  # the list, and what has not settled yet and is older than a quarter of an hour


def test_without_a_database_it_works_and_says_what_is_not_kept(open_app, sandbox, said, tmp_path):
    folder = tmp_path / "file"
    folder.write_text("no folder")
    app = settled(open_app(sandbox, PAGE, env={"KLENTY_DATABASE_URL": f"sqlite:///{folder}/history.sqlite3"}))
    assert "What is marked as done is kept until the dashboard is restarted." in said(app)
    assert "single days are not known" not in said(app)
    assert BAD in rows(app)
    app.run()
    assert not app.exception


def test_viewers_see_alerts_and_change_nothing(open_app, sandbox):
    app = settled(open_app(sandbox, PAGE, listens_on=None))  # reached from outside without sign-in: viewers only
    assert BAD in rows(app)
    assert not {"Mark as done", "Reopen"} & {button.label for button in app.button}


def test_nobody_marks_without_a_name(open_app, sandbox):
    app = settled(open_app(sandbox, PAGE))
    mark_as_done(app, BAD, who=" ")
    assert [error.value for error in app.error] == ["Say who has seen it."]
    assert BAD in rows(app)


def test_days_that_fail_are_counted_and_asked_again_on_request(open_app, sandbox, said):
    sandbox.faults.add("latency", "email_engagements", seconds=0.3)  # still being asked for when it is stopped
    app = open_app(sandbox, PAGE)
    watch_list.watcher().job.cancel()
    sandbox.faults.clear()
    app = settled(app)
    assert "single days are not known; levels are complete" in said(app)
    next(b for b in app.button if b.label == "Ask for them").click().run()
    assert "single days are not known" not in said(settled(app))


def test_a_quiet_account_says_what_was_looked_at(open_app, said):
    with Sandbox(cadences=1) as sandbox:
        app = settled(open_app(sandbox, PAGE))
        assert "Nothing open No cadence is above a level" in "\n".join(
            f"{e.proto.title if hasattr(e.proto, 'title') else ''} {e.value}".strip() for e in app.success
        )
        assert badge() == 0


def test_nothing_known_is_no_good_news(open_app, sandbox, said):
    for report in ("email_engagements", "stepwise_engagements"):
        sandbox.faults.add("refused_json", report)
    app = settled(open_app(sandbox, PAGE))
    assert not app.success
    assert "Nothing to show yet" in said(app)
    assert "fetched" not in said(app)


def test_the_badge_asks_nothing_and_uses_what_the_overview_got(open_app, sandbox):
    app = open_app(sandbox)
    app.toggle(key="finished").set_value(True).run()
    watch_list._watcher.clear()
    before = len(sandbox.requests)
    app.run()
    app.run()
    assert badge() > 0
    assert len(sandbox.requests) == before


def test_the_name_opens_the_cadence_although_it_is_not_chosen(open_app, sandbox):
    app = settled(open_app(sandbox, PAGE, cadence=[BURST]))
    link = next(link for link in app.get("page_link") if BAD in link.proto.label.replace("\\", ""))
    assert link.proto.page == "cadence"
    assert "focus=" in link.proto.query_string
    app = open_app(sandbox, "cadence", cadence=[BURST], focus=BAD)
    assert app.title[0].value.replace("\\", "") == BAD


def test_the_first_page_of_a_fresh_server_has_the_badge(open_app, sandbox, monkeypatch):
    drawn = []
    navigate = navigation.navigate

    def note(person, *, alerts):
        drawn.append(alerts)
        return navigate(person, alerts=alerts)

    monkeypatch.setattr(navigation, "navigate", note)
    open_app(sandbox, cadence=[sandbox.cadence_names[0]])
    assert drawn[0] == 0
    assert drawn[-1] == badge() > 0
