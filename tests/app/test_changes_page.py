"""The tab of changes: what was found, notes by role, before and after; marks on charts and the switch."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
import streamlit as st

from dashboard.app_pages.session import changes as session_changes
from dashboard.app_pages.session import sign_in
from dashboard.data.roles import Role
from klenty_api.sandbox import Sandbox


@pytest.fixture
def kept(tmp_path):
    return {"KLENTY_DATABASE_URL": f"sqlite:///{tmp_path / 'kept.sqlite3'}"}


def note_field(app, which=0):
    return [field for field in app.text_input if field.label == "Note"][which]


def shown(app):
    return next((frame.value for frame in app.dataframe if "kind" in frame.value and "text" in frame.value), None)


def test_nothing_changed_says_so_and_a_note_is_written_changed_and_deleted(open_app, kept, said):
    with Sandbox(cadences=2) as sandbox:
        app = open_app(sandbox, "explore/Changes", env=kept)
        assert "No change is known in this range" in said(app)
        note_field(app).set_value("New pricing page")
        today = app.date_input[-1].value[0]
        app.date_input[-1].set_value((today - pd.Timedelta(days=3), today - pd.Timedelta(days=2)))
        next(button for button in app.button if button.label == "Add for everyone").click().run()
        assert not app.exception
        (row,) = shown(app).to_dict("records")
        assert (row["text"], row["kind"], row["cadence"]) == ("New pricing page", "Notes", "All cadences")
        assert "New pricing page" in said(app)
        assert app.query_params.get("marks") is None
        note_field(app, -1).set_value("New pricing page, live")
        next(button for button in app.button if button.label == "Save for everyone").click().run()
        assert shown(app)["text"].tolist() == ["New pricing page, live"]
        next(button for button in app.button if button.label == "Delete for everyone").click().run()
        assert not app.exception
        assert shown(app) is None
        trace = next(frame.value for frame in app.dataframe if "change" in frame.value)
        assert trace["change"].tolist() == ["deleted", "changed", "written"]


def test_viewers_read_notes_and_whose_role_was_taken_writes_none(open_app, kept, said, monkeypatch):
    with Sandbox(cadences=1) as sandbox:
        app = open_app(sandbox, "explore/Changes", env=kept)
        note_field(app).set_value("Not mine to say")
        monkeypatch.setattr(sign_in, "role_now", lambda _: Role.VIEWER)
        next(button for button in app.button if button.label == "Add for everyone").click().run()
        assert "only operators and admins write notes" in said(app)
        assert shown(app) is None
        monkeypatch.setattr(session_changes, "may_write", lambda: False)
        app.run()
        assert not [button for button in app.button if button.label == "Add for everyone"]


def test_a_renamed_cadence_is_found_and_marked_until_marks_are_switched_off(open_app, kept, fillings):
    with Sandbox(cadences=2) as sandbox:
        open_app(sandbox, "explore/Changes", env=kept)
        cadence = sandbox.account.cadences[0]
        before = cadence.plan.name
        cadence.plan = replace(cadence.plan, name="Another name")
        st.cache_resource.clear()  # the list is asked again
        today = datetime.now(ZoneInfo("Europe/Berlin")).date()
        days = [str(today - timedelta(days=40)), str(today)]
        app = open_app(sandbox, "explore/Changes", env=kept, range="Custom", dates=days)
        (row,) = [row for row in shown(app).to_dict("records") if row["kind"] == "Cadences"]
        assert (row["cadence"], row["text"]) == ("Another name", f"Renamed from “{before}”")
        app.toggle(key="marks_on").set_value(False).run()
        assert app.query_params["marks"] == "off"

        def trends(**query):
            app = open_app(sandbox, "explore/Trends", env=kept, range="Custom", dates=days, **query)
            if fillings:
                fillings[-1].job.wait(60)
            return charts(app.run())

        assert "Renamed from" in trends()
        assert "Renamed from" not in trends(marks="off")
        app = open_app(sandbox, "explore/Trends", env=kept, range="Custom", dates=days)
        app.button(key="trend_team_changes").click().run()
        assert not app.exception
        assert "Renamed from" in shown(app)["text"].iloc[0]


def test_a_cadence_that_is_no_longer_listed_is_among_the_changes(open_app, kept):
    with Sandbox(cadences=3) as sandbox:
        open_app(sandbox, "explore/Changes", env=kept)
        gone = sandbox.account.cadences.pop(0).plan.name
        st.cache_resource.clear()  # the list is asked again
        today = datetime.now(ZoneInfo("Europe/Berlin")).date()
        days = [str(today - timedelta(days=40)), str(today)]
        app = open_app(sandbox, "explore/Changes", env=kept, range="Custom", dates=days)
        (row,) = shown(app).to_dict("records")
        assert (row["cadence"], row["text"]) == (gone, "No longer listed by Klenty")
        assert not app.exception


def charts(app):
    return "".join(chart.proto.spec for chart in app.get("plotly_chart"))
