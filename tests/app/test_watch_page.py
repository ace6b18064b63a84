"""The watch list on the page: all cadences, levels at once, days from the background, settings, acknowledgements."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import streamlit as st

from dashboard.app_pages.session import watch_list
from klenty_api.sandbox import Sandbox
from klenty_api.sandbox.simulation import Event

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


def cards(said, app):
    return [line for line in said(app).splitlines() if line.startswith((":red-badge", ":orange-badge"))]


def test_levels_are_there_at_once_for_all_cadences_not_only_the_chosen(open_app, sandbox, said):
    app = open_app(sandbox, "alerts", cadence=[BURST])
    (bounces,) = [line for line in cards(said, app) if "Bounces" in line and BAD in line]
    assert "alert" in bounces
    assert "All cadences of the account" in said(app)
    assert "Spam complaints are not in Klenty's data" in said(app)
    window = watch_list.watched_window()
    found = [e for e in sandbox.events(BAD) if window.first_instant <= e.at <= window.last_instant]
    bounced = sum(event.kind == "bounce" for event in found)
    mailed = len({event.prospect for event in found if event.kind == "sent"})
    assert f"({bounced} of {mailed} prospects contacted)" in said(app)


def test_a_day_that_stands_out_is_found_in_the_background_and_nothing_is_asked_twice(open_app, sandbox, said):
    day = datetime.now(ZONE).date() - timedelta(days=1)
    at = datetime.combine(day, time(11), ZONE).astimezone(UTC)
    cadence = sandbox.account.find_cadence(BURST)
    for number in range(60):
        cadence.add(Event(at, "sent", f"burst.{number}@x.example", 1, 1))
    for number in range(30):
        cadence.add(Event(at + timedelta(minutes=5), "bounce", f"burst.{number}@x.example", 1, 1))
    app = settled(open_app(sandbox, "alerts"))
    assert any("Bounces stand out" in line and BURST in line for line in cards(said, app))
    assert f"on {day:%A, %d %b %Y}" in said(app)
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


def test_an_acknowledged_finding_stays_away_with_who_and_why_and_can_be_reopened(open_app, sandbox, said):
    app = settled(open_app(sandbox, "alerts"))
    open_before = len(cards(said, app))
    (ack,) = [t for t in app.text_input if t.key == f"watch_who_bounces/level/{BAD}"]
    ack.set_value("Ana")
    next(t for t in app.text_area if t.key == f"watch_note_bounces/level/{BAD}").set_value("<b>cleaned</b> the list")
    form = f"watch_form_bounces/level/{BAD}"
    next(b for b in app.button if b.form_id == form).click().run()
    assert "Acknowledged (1)" in [e.label for e in app.expander]
    assert "Acknowledged by Ana on" in said(app)
    assert len(cards(said, app)) == open_before  # one of them now in the fold
    assert watch_list.watcher().open_findings == open_before - 1
    next(b for b in app.button if b.label == "Reopen").click().run()
    assert watch_list.watcher().open_findings == open_before


def test_what_was_acknowledged_outlives_the_process_and_known_days_are_not_asked_again(open_app, sandbox, said):
    app = settled(open_app(sandbox, "alerts"))
    for text in app.text_input:
        if text.key == f"watch_who_bounces/level/{BAD}":
            text.set_value("Ana")
    next(b for b in app.button if b.form_id == f"watch_form_bounces/level/{BAD}").click().run()
    days = len(sandbox.requests)
    st.cache_resource.clear()  # as a new process; what waits to be written is written by then
    app = settled(open_app(sandbox, "alerts"))
    assert "Acknowledged by Ana on" in said(app)
    assert "single days are not known" not in said(app)
    asked_again = len(sandbox.requests) - days
    assert asked_again < days / 4  # the list, and what has not settled yet and is older than a quarter of an hour


def test_without_a_database_it_works_and_says_what_is_not_kept(open_app, sandbox, said, tmp_path):
    folder = tmp_path / "file"
    folder.write_text("no folder")
    app = settled(open_app(sandbox, "alerts", env={"KLENTY_DATABASE_URL": f"sqlite:///{folder}/history.sqlite3"}))
    assert "Levels and acknowledgements are kept until the dashboard is restarted." in said(app)
    assert "single days are not known" not in said(app)
    assert any(BAD in line for line in cards(said, app))
    app.run()
    assert not app.exception


def test_viewers_see_findings_and_change_nothing(open_app, sandbox):
    app = settled(open_app(sandbox, "alerts", listens_on=None))  # reached from outside without sign-in: viewers only
    labels = {button.label for button in app.button}
    assert "Open" in labels
    assert not {"Acknowledge", "Save for everyone"} & labels


def test_nobody_acknowledges_without_a_name(open_app, sandbox):
    app = settled(open_app(sandbox, "alerts"))
    form = f"watch_form_bounces/level/{BAD}"
    next(b for b in app.button if b.form_id == form).click().run()
    assert [error.value for error in app.error] == ["Say who has seen it."]


def test_levels_can_be_changed_for_everyone_but_not_to_nonsense(open_app, sandbox, said):
    app = settled(open_app(sandbox, "alerts"))
    next(n for n in app.number_input if n.key == "watch_level_bounces_watch").set_value(60.0)
    save = next(b for b in app.button if b.label == "Save for everyone")
    save.click().run()
    assert "Bounced: the first level has to lie above 0 % and below the second." in [e.value for e in app.error]
    next(n for n in app.number_input if n.key == "watch_level_bounces_act").set_value(70.0)
    next(b for b in app.button if b.label == "Save for everyone").click().run()
    assert not app.exception
    assert not any("Bounces above" in line for line in cards(said, app))
    assert watch_list.watcher().levels().bounces_act == 0.7


def test_days_that_fail_are_counted_and_asked_again_on_request(open_app, sandbox, said):
    sandbox.faults.add("latency", "email_engagements", seconds=0.3)  # still being asked for when it is stopped
    app = open_app(sandbox, "alerts")
    watch_list.watcher().job.cancel()
    sandbox.faults.clear()
    app = settled(app)
    assert "single days are not known, so alarms of days may be missing" in said(app)
    next(b for b in app.button if b.label == "Ask for them").click().run()
    assert "single days are not known" not in said(settled(app))


def test_a_quiet_account_says_what_was_looked_at(open_app, said):
    with Sandbox(cadences=1) as sandbox:
        app = settled(open_app(sandbox, "alerts"))
        assert "Nothing open No cadence is above a level" in "\n".join(
            f"{e.proto.title if hasattr(e.proto, 'title') else ''} {e.value}".strip() for e in app.success
        )
        assert watch_list.watcher().open_findings == 0


def test_nothing_known_is_no_good_news(open_app, sandbox, said):
    for report in ("email_engagements", "stepwise_engagements"):
        sandbox.faults.add("refused_json", report)
    app = settled(open_app(sandbox, "alerts"))
    assert not app.success
    assert "Nothing to show yet" in said(app)
    assert "asked in vain" in said(app)
    assert "fetched" not in said(app)


def test_the_badge_asks_nothing_and_uses_what_the_overview_got(open_app, sandbox):
    app = open_app(sandbox)
    before = len(sandbox.requests)
    assert watch_list.watcher().open_findings == 0
    watch_list._watcher.clear()  # as if the last glance were long ago
    app.run()
    assert watch_list.watcher().open_findings == 0  # the finished cadence was not asked for: nothing is claimed
    app.toggle(key="finished").set_value(True).run()
    watch_list._watcher.clear()
    before = len(sandbox.requests)
    app.run()
    assert watch_list.watcher().open_findings
    assert len(sandbox.requests) == before


def test_the_link_adds_the_cadence_to_the_chosen_ones(open_app, sandbox):
    app = open_app(sandbox, "alerts", cadence=[BURST])
    next(b for b in app.button if b.key == f"watch_open_bounces/level/{BAD}").click().run()
    assert not app.exception
    assert app.title[0].value == "Cadence"
    assert app.session_state["cadence"] == [BURST, BAD]
