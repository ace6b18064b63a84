"""Saved views and their deliveries: whose they are, what they mean, and that each time is sent once."""

from datetime import date, timedelta

import pytest

from dashboard.data.history.deliveries import Deliveries, Delivery, DeliveryError, checked_target
from dashboard.data.history.saved_views import SavedViews
from dashboard.data.saved_view import SavedView, ViewError, choice_of
from tests.data.history.conftest import NOW, cadence

TODAY = date(2026, 11, 24)
KNOWN = [cadence("A", id="1"), cadence("B", id="2")]
HOOK = "https://hooks.slack.com/services/T0/B0/very-secret"


@pytest.fixture
def views(history):
    return SavedViews(history.database, history.account)


@pytest.fixture
def deliveries(history):
    return Deliveries(history.database, history.account)


def test_views_are_own_or_shared_renamed_and_deleted(views):
    own = views.save(SavedView("  My  week ", "overview.py", {"range": ["Last week"]}, person="ann@x.io"))
    shared = views.save(SavedView("all", "explore.py", {"cadence": ["A", "B"]}, shared=True, person="bob@x.io"))
    assert [view.name for view in views.of_person("ann@x.io")] == ["all", "My week"]
    assert [view.name for view in views.of_person("eve@x.io")] == ["all"]
    (mine,) = [view for view in views.all() if view.number == own]
    assert mine.query == {"range": ["Last week"]}
    assert views.save(SavedView("Ours", "overview.py", mine.query, person="ann@x.io", number=own)) == own
    views.delete(shared)
    assert [view.name for view in views.all()] == ["Ours"]
    with pytest.raises(ViewError, match="not there"):
        views.save(SavedView("x", "overview.py", {}, number=shared))
    with pytest.raises(ViewError, match="1 to 60"):
        views.save(SavedView(" ", "overview.py", {}))


def test_views_are_each_accounts_own(views, history):
    number = views.save(SavedView("a", "overview.py", {}, shared=True))
    other = SavedViews(history.database, history.account + 1)
    other.delete(number)
    assert other.all() == []
    assert [view.name for view in views.all()] == ["a"]


@pytest.mark.parametrize(
    ("query", "days", "names", "unknown"),
    [
        ({}, ("2026-10-27", "2026-11-23"), "AB", ()),
        ({"range": ["Last 7 days"], "cadence": ["B", "gone"]}, ("2026-11-17", "2026-11-23"), "B", ("gone",)),
        ({"range": ["Custom"], "dates": ["2026-11-20", "2026-11-01"]}, ("2026-11-01", "2026-11-20"), "AB", ()),
        ({"range": ["Custom"], "dates": ["nonsense"]}, ("2026-10-27", "2026-11-23"), "AB", ()),
        ({"range": ["never"], "tz": ["Mars"], "finished": ["true"]}, ("2026-10-27", "2026-11-23"), "AB", ()),
    ],
)
def test_an_address_means_the_same_as_on_the_page(query, days, names, unknown):
    found = choice_of(query, KNOWN, timezone="UTC", today=TODAY)
    assert (str(found.window.start), str(found.window.end)) == days
    assert "".join(one.name for one in found.cadences) == names
    assert found.unknown == unknown
    assert found.is_all == ("cadence" not in query)


def test_no_comparison_and_another_zone_are_kept():
    found = choice_of({"against": ["No comparison"], "tz": ["Asia/Tokyo"]}, KNOWN, timezone="UTC", today=TODAY)
    assert found.earlier is None
    assert found.window.timezone == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("channel", "text"),
    [
        ("slack", "http://hooks.slack.com/services/x"),
        ("slack", "https://hooks.slack.com.evil.example/x"),
        ("slack", "https://evil.example/?hooks.slack.com"),
        ("slack", "https://user@hooks.slack.com/x"),
        ("slack", "https://hooks.slack.com:8443/x"),
        ("teams", "https://logic.azure.com.evil.example/x"),
        ("teams", "https://169.254.169.254/x"),
        ("teams", "https://127.0.0.1\\.logic.azure.com/evil"),  # what connects ends the host at the backslash
        ("teams", "https://evil.example\\.logic.azure.com/x"),
        ("slack", "https://hooks.slack.com:99999/evil"),
        ("slack", "https://[evil"),
        ("slack", "https://@hooks.slack.com/evil"),
        ("google", "https://hooks.slack.com/services/x"),
        ("mail", "nobody"),
        ("mail", " , "),
    ],
)
def test_what_is_no_place_of_that_channel_is_refused_without_being_repeated(channel, text):
    with pytest.raises(DeliveryError) as caught:
        checked_target(channel, text)
    assert "evil" not in str(caught.value)


def test_places_that_may_be_used():
    assert checked_target("mail", "a@x.io; b@x.io, a@x.io") == "a@x.io, b@x.io"
    for channel, text in (
        ("slack", HOOK),
        ("teams", "https://prod-1.westeurope.logic.azure.com:443/workflows/x"),
        ("teams", "https://default1.environment.api.powerplatform.com/x"),
        ("google", "https://chat.googleapis.com/v1/spaces/x"),
    ):
        assert checked_target(channel, text) == text


def test_a_hook_is_in_no_text_about_its_delivery(views, deliveries):
    number = views.save(SavedView("a", "overview.py", {}))
    deliveries.add(Delivery(number, "slack", HOOK, "day", 480, "UTC"))
    (kept,) = deliveries.all()
    assert kept.target == HOOK
    assert "secret" not in repr(kept)
    assert kept.shown_target == "hooks.slack.com"


def test_a_time_is_claimed_once_and_its_outcome_is_kept(views, deliveries):
    number = views.save(SavedView("a", "overview.py", {}))
    deliveries.add(Delivery(number, "mail", "a@x.io", "day", 480, "UTC"), NOW)
    (kept,) = deliveries.all()
    run = deliveries.claim(kept, NOW + timedelta(hours=1))
    assert run is not None
    assert deliveries.claim(kept, NOW + timedelta(hours=1)) is None
    assert deliveries.claim(kept, NOW) is None  # an earlier one is dealt with, too
    assert deliveries.runs([kept.number])[kept.number][0].state == "unknown"  # until it ends
    deliveries.end(run, "done", "taken")
    (ended,) = deliveries.runs([kept.number])[kept.number]
    assert (ended.state, ended.message, ended.due) == ("done", "taken", NOW + timedelta(hours=1))
    views.delete(number)
    assert deliveries.all() == []
