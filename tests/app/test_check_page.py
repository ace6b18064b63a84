"""The account check on its page: started, followed, remembered, and used by the other pages."""

import pytest
import streamlit as st

from dashboard.app_pages.components import account_check
from dashboard.data.account_check.probe import MOST_CALLS
from klenty_api.sandbox import Behaviour, Sandbox


def checked(app):
    """The page once the check it was asked for is done."""
    next(button for button in app.button if button.key == "deep_check_start").click().run()
    account_check._job("").wait(60)
    app.run()
    assert not app.exception
    return app


def definitions(app, go):
    """The definitions on the page of data."""
    app.session_state["table"] = "Definitions"
    go(app, "reports")
    assert not app.exception
    return next(f.value for f in app.dataframe if "adds_up" in f.value).set_index("metric")


@pytest.fixture
def sandbox():
    """An account whose opens are people and whose "in cadence" follows the range."""
    behaviour = Behaviour(people=frozenset({"open"}), windowless=frozenset(), dated_by="send")
    with Sandbox(cadences=3, behaviour=behaviour, unknown_cadence="refused") as running:
        yield running


def test_an_unchecked_account_says_so_and_how_many_calls_it_takes(open_app, sandbox, said, go):
    app = open_app(sandbox, "settings_page/Account check")
    assert "This account was not checked yet." in said(app)
    assert f"at most {MOST_CALLS} calls" in said(app)
    assert definitions(app, go).loc["opens", "adds_up"] == "yes"


def test_what_is_settled_is_shown_remembered_and_used(open_app, sandbox, said, go):
    app = checked(open_app(sandbox, "settings_page/Account check"))
    assert "questions are settled" in said(app)
    assert "Which counts of adjacent windows add up?" in said(app)
    app.session_state["deep_additive"] = True
    app.run()
    assert any("28 days against its four weeks" in text.value for text in app.text)

    known = definitions(app, go)
    assert known.loc["opens", "adds_up"] == "no"
    assert known.loc["emails_sent", "adds_up"] == "yes"
    assert "Can exceed 100 %" not in known.loc["reply_rate", "note"]
    assert "changes with the range" in known.loc["in_cadence_now", "note"]
    # More opens than emails were not seen, which does not show that there are none; nothing was settled about clicks.
    assert "and can exceed 1" in known.loc["opens_per_email", "note"]
    assert "and can exceed 1" in known.loc["clicks_per_email", "note"]

    for page, chart in (("overview", "overview_funnel"), ("cadence", "cadence_funnel")):
        app.switch_page(f"app_pages/{page}.py").run()
        drawn = next(c.proto.spec for c in app.get("plotly_chart") if c.proto.id.endswith(chart))
        assert "Still in the cadence" in drawn
        for disproved in ("whatever the range", "In cadence now", "In cadence at", "sent before the range"):
            assert disproved not in drawn + said(app) + " ".join(metric.label for metric in app.metric)

    asked = len(sandbox.requests)
    st.cache_resource.clear()  # as a new process
    app = open_app(sandbox, "settings_page/Account check")
    assert "questions are settled" in said(app)
    assert len(sandbox.requests) - asked < 20  # the overview, not the check
    app = open_app(sandbox, "settings_page/Data quality")
    assert "“In cadence” changes with the range in this account." in said(app)


def test_days_that_klenty_cuts_itself_are_said_beside_the_range(open_app, said, go):
    behaviour = Behaviour(times_honoured=False, day_zone="Asia/Kolkata")
    with Sandbox(cadences=2, behaviour=behaviour, end_day_included=False) as sandbox:
        app = checked(open_app(sandbox, "settings_page/Account check"))
        go(app, "overview")
        assert "Klenty counts whole days of this account in Asia/Kolkata, whatever zone is chosen." in said(app)
        assert "The last day of a range is left out of its answers." in said(app)


def test_a_check_that_is_stopped_shows_what_it_has_and_remembers_nothing(open_app, sandbox, said):
    app = open_app(sandbox, "settings_page/Account check")
    sandbox.faults.add("latency", seconds=0.05)
    next(button for button in app.button if button.key == "deep_check_start").click().run()
    account_check._job("").cancel()
    account_check._job("").wait(60)
    app.run()
    assert "The check was stopped or ran out of calls." in said(app)
    st.cache_resource.clear()
    assert "This account was not checked yet." in said(open_app(sandbox, "settings_page/Account check"))


def test_a_failure_says_what_to_do(open_app, sandbox, said):
    app = open_app(sandbox, "settings_page/Account check")
    sandbox.faults.add("wrong_key")
    app = checked(app)
    assert "Klenty refuses the API key" in said(app)


def test_viewers_do_not_start_it(open_app, sandbox):
    app = open_app(sandbox, "settings_page/Account check", listens_on=None)
    assert not [button for button in app.button if button.key == "deep_check_start"]
