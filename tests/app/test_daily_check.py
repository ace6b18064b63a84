"""Tests that lead by whole-life counts become proven within minutes: checked day by day in the background."""

import pytest

from dashboard.app_pages.session import daily_checks
from dashboard.data.fetch import daily_steps

PAGE = "ab_tests"
VP = "Outbound – VP Sales, North America"


def state(app, test):
    labels = [link.proto.label.replace("\\", "").replace("\u2060", "") for link in app.get("page_link")]
    badges = [m.value for m in app.markdown if "-badge[" in m.value]
    return badges[labels.index(test)]


def test_a_test_that_leads_is_checked_and_then_proven(open_app, read_only_sandbox, monkeypatch):
    monkeypatch.setattr(daily_steps, "MOST_CALLS_WITHOUT_ASKING", 500)
    app = open_app(read_only_sandbox, PAGE, finished="true", decide="Replies")
    assert "Ahead" in state(app, f"{VP} · step 1")
    check = daily_checks.checks()
    assert check.job.wait(120)
    assert not check.job.progress.failure
    assert check.job.result.failed == 0
    app.run()
    assert not app.exception
    assert ":green-badge" in state(app, f"{VP} · step 1")
    assert "Check day by day" not in "".join(button.label for button in app.button)


def test_many_calls_are_offered_with_their_number_first(open_app, read_only_sandbox, monkeypatch):
    monkeypatch.setattr(daily_steps, "MOST_CALLS_WITHOUT_ASKING", 9)
    app = open_app(read_only_sandbox, PAGE, finished="true", decide="Replies")
    check = daily_checks.checks()
    assert not check.job.progress.running
    assert check.job.result is None
    (button,) = [button for button in app.button if button.key == "check"]
    assert button.label.startswith("Check day by day: ")
    assert button.label.endswith(" calls to Klenty")
    button.click().run()
    assert check.job.wait(120)
    assert check.job.result.asked > 9


@pytest.fixture(autouse=True)
def ended():
    """No check outlives its test."""
    yield
    check = daily_checks.checks()
    check.job.cancel()
    check.job.wait(30)
