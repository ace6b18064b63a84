"""Klenty accepts connections and answers nothing: pages say so soon, and show what is kept."""

from datetime import timedelta

import pytest

from dashboard.app_pages.session import loaders
from dashboard.data.fetch.report_cache import ReportCache


@pytest.fixture
def impatient(monkeypatch):
    """Silence is noticed within tenths of a second."""
    monkeypatch.setattr("klenty_api.circuit.PATIENCE", 0.3)
    monkeypatch.setattr(loaders, "_PATIENCE", 0.2)


def hang(sandbox):
    for operation in ("email_engagements", "stepwise_engagements"):
        sandbox.faults.add("latency", operation, seconds=5)


def test_a_first_visit_is_told_and_may_wait(open_app, small_sandbox, impatient, said, no_weeks):
    hang(small_sandbox)
    app = open_app(small_sandbox)
    assert "Klenty does not answer. Nothing is kept for this range." in said(app)
    small_sandbox.faults.clear()
    next(button for button in app.button if button.label == "Ask again and wait").click().run()
    assert not app.exception
    assert "Klenty does not answer" not in said(app)


def test_older_answers_are_shown_and_said_to_be_older(
    open_app, small_sandbox, impatient, said, no_weeks, monkeypatch, tmp_path
):
    env = {"KLENTY_DATABASE_URL": f"sqlite:///{tmp_path / 'kept.sqlite3'}", "KLENTY_FRESH_MINUTES": "15"}
    app = open_app(small_sandbox, env=env)
    sent = [metric.value for metric in app.metric]
    assert sent
    hang(small_sandbox)
    monkeypatch.setattr(ReportCache, "_is_good_enough", lambda *_: False)
    monkeypatch.setattr(
        "dashboard.data.freshness.Freshness.needed",
        lambda self, _window, now: now - self.fresh if self.fresh > timedelta(days=9_000) else now + timedelta(1),
    )
    app.run()
    assert not app.exception
    assert "answers are older ones" in said(app)
    assert [metric.value for metric in app.metric][:2] == sent[:2]
