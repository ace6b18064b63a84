"""Saved views: kept from any page, opened with exactly their filters, own or shared, renamed, deleted, started with."""

from urllib.parse import parse_qs

import pytest

from dashboard.app_pages.session.connection import account_services
from dashboard.data.history.saved_views import SavedViews, ViewError
from klenty_api.sandbox import Sandbox


@pytest.fixture
def sandbox():
    with Sandbox(cadences=3) as running:
        yield running


def store():
    history = account_services("").history
    history.writes += 1  # what pages have read is outdated
    return SavedViews(history.database, history.account)


def press(app, label):
    next(button for button in app.button if button.label.replace("\\", "") == label).click().run()
    assert not app.exception


def test_what_is_shown_is_kept_and_opened_again_with_exactly_its_filters(open_app, sandbox, said):
    name = sandbox.cadence_names[0]
    app = open_app(sandbox, "explore", cadence=name, range="Last 7 days")
    next(field for field in app.text_input if field.label == "Save what is shown as").set_value("  Team  week ")
    press(app, "Save view")
    assert "Not saved" not in said(app)
    (view,) = store().all()
    assert (view.name, view.page, view.is_shared) == ("Team week", "explore", False)
    assert view.cadences == [name]
    assert view.value("range") == "Last 7 days"

    (link,) = (found for found in app.get("page_link") if found.proto.label == "Team week")
    asked = parse_qs(link.proto.query_string, keep_blank_values=True)
    assert (asked["cadence"], asked["range"], asked["against"]) == ([name], ["Last 7 days"], ["Period before"])
    store().add("All", "explore", {}, person="")
    app = open_app(sandbox, "explore", cadence=name, range="Last 7 days")
    (link,) = (found for found in app.get("page_link") if found.proto.label == "All")
    asked = parse_qs(link.proto.query_string, keep_blank_values=True)
    assert (asked["cadence"], asked["range"], asked["finished"]) == ([""], ["Last 28 days"], ["false"])


def test_a_view_is_renamed_started_with_and_deleted_on_the_reports_page(open_app, sandbox, said):
    open_app(sandbox)
    number = store().add("Mine", "alerts", {"cadence": ["Gone"]}, person="")
    app = open_app(sandbox, "reports", table="Saved views")
    assert "Klenty does not list Gone." in said(app)
    assert open_app(sandbox).title[0].value == "Overview"
    app = open_app(sandbox, "reports", table="Saved views")
    press(app, "Start with this view")
    assert store().start_of("") == number
    assert "start page" in said(app)
    assert open_app(sandbox).title[0].value == "Alerts"
    assert open_app(sandbox, range="Last 7 days").title[0].value == "Overview"  # a link wins

    app = open_app(sandbox, "reports", table="Saved views")
    next(field for field in app.text_input if field.label == "Name").set_value("Ours")
    press(app, "Save")
    assert [view.name for view in store().all()] == ["Ours"]
    press(app, "Delete view and deliveries")
    assert store().all() == []
    assert open_app(sandbox).title[0].value == "Overview"


def test_own_views_are_seen_by_their_person_and_shared_ones_by_all(open_app, sandbox):
    open_app(sandbox)
    views = store()
    own = views.add("Own", "overview", {}, person="ann@x.io")
    shared = views.add("Shared", "overview", {}, person="ann@x.io", is_shared=True)
    assert [view.number for view in views.seen_by("ann@x.io")] == [own, shared]
    assert [view.number for view in views.seen_by("bob@x.io")] == [shared]
    with pytest.raises(ViewError, match="of this name"):
        views.add("shared", "overview", {}, person="bob@x.io")
    with pytest.raises(ViewError, match="of this name"):
        views.change(shared, name="OWN", is_shared=True)
    for name in ("", " ", "x" * 61):
        with pytest.raises(ViewError, match="1 to 60"):
            views.add(name, "overview", {}, person="")
    with pytest.raises(ViewError, match="too many"):
        views.add("Large", "overview", {"cadence": ["x" * 100] * 300}, person="")


def test_a_viewer_neither_shares_nor_changes_what_others_share(open_app, sandbox):
    env = {"KLENTY_ROLES_VIEWER": "@x.io"}
    open_app(sandbox)
    store().add("Shared", "overview", {}, person="ann@x.io", is_shared=True)
    app = open_app(sandbox, "reports", table="Saved views", listens_on="0.0.0.0", env=env)  # said only
    labels = {button.label for button in app.button}
    assert "Start with this view" in labels
    assert not {"Delete view and deliveries", "Save"} & labels
    assert "For everyone" not in {toggle.label for toggle in app.toggle}
