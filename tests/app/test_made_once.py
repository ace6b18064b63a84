"""A rerun whose inputs did not change makes no figure, asks Klenty nothing and reads no counts from the database."""

import threading
from collections import Counter
from datetime import timedelta

import pandas as pd
import plotly.graph_objects as go
import pytest
import sqlalchemy as sa

from dashboard.analysis.ab_tests import experiments
from dashboard.app_pages.session import connection, loaders, memo
from dashboard.app_pages.session.memo import ByIdentity, cached, cached_history_read
from dashboard.data.fetch.lifetime import read_days
from dashboard.data.fetch.sync import AutoSync
from klenty_api.sandbox import Sandbox

DRAWN = [
    "overview", "cadence", "ab_tests/Tests", "ab_tests/Copies", "explore/Compare", "alerts",
    "explore/Trends", "reports", "settings_page/Data quality",
]  # fmt: skip
BACKGROUND = {"watch list", "trends"}


@pytest.fixture
def counted(monkeypatch):
    """How many figures were made, and which statements about counts reached the database."""
    found = Counter()
    make = go.Figure.__init__

    def count_figure(*args, **named):
        found["figures"] += 1
        return make(*args, **named)

    def count_statement(_connection, _cursor, statement, *_):
        found["statements"] += any(table in statement for table in ("current_", "observations", "answers"))

    monkeypatch.setattr(go.Figure, "__init__", count_figure)
    monkeypatch.setattr(memo, "_READ_AGAIN_SECONDS", 3600.0)
    sa.event.listen(sa.Engine, "before_cursor_execute", count_statement)
    yield found
    sa.event.remove(sa.Engine, "before_cursor_execute", count_statement)


def settle(app):
    """Until nothing is fetched in the background any more."""
    for thread in threading.enumerate():
        if thread.name in BACKGROUND:
            thread.join(60)
    connection.connect().archive.flush()
    app.run()


@pytest.mark.filterwarnings("ignore:.*ScriptRunContext.*")
def test_a_rerun_makes_nothing_again_and_asks_nothing(open_app, small_sandbox, counted, go):
    app = open_app(small_sandbox)
    for page in DRAWN:
        go(app, page)
        settle(app)
        counted["pages"] += bool(app.get("plotly_chart") or app.get("arrow_data_frame"))
        drawn = counted.total()
        small_sandbox.requests.clear()
        app.run()
        assert not app.exception, (page, app.exception)
        assert counted.total() == drawn, (page, counted)
        assert not small_sandbox.requests, page
    assert counted["figures"], "the counter counts"
    assert counted["statements"]


@pytest.mark.filterwarnings("ignore:.*ScriptRunContext.*")
def test_going_back_to_an_earlier_range_makes_nothing_again(open_app, small_sandbox, counted):
    app = open_app(small_sandbox)
    before = counted["figures"]
    app.selectbox(key="range").set_value("Last 7 days").run()
    assert counted["figures"] > before
    settle(app)
    app.selectbox(key="range").set_value("Last 28 days").run()  # reads its days again, as others were written
    counted.clear()
    small_sandbox.requests.clear()
    app.selectbox(key="range").set_value("Last 7 days").run()
    app.selectbox(key="range").set_value("Last 28 days").run()
    app.selectbox(key="range").set_value("Last 7 days").run()
    assert not app.exception
    assert not counted.total(), counted
    assert not small_sandbox.requests


@pytest.mark.filterwarnings("ignore:.*ScriptRunContext.*")
def test_days_that_are_read_again_and_are_the_same_make_no_verdict_again(open_app, counted, monkeypatch, go):
    """They are read again every ten minutes, and each time are another frame."""
    judged = Counter()
    evaluate = experiments.evaluate_steps
    monkeypatch.setattr(
        experiments, "evaluate_steps", lambda *given, **named: judged.update(["times"]) or evaluate(*given, **named)
    )
    with Sandbox(cadences=3) as sandbox:
        app = open_app(sandbox)
        link = connection.connect()
        AutoSync(link.client, link.history, timezone="Europe/Berlin", every=timedelta(hours=1)).once()
        loaders.forget_days()  # the first page read them before they were there
        go(app, "ab_tests/Tests")
        figures, verdicts = counted["figures"], judged["times"]
        assert verdicts
        loaders._days.clear()
        app.run()
        assert not app.exception
        assert (counted["figures"], judged["times"]) == (figures, verdicts)
        everyone = connection.listing().cadences
        one, other = (read_days(link.history, everyone, timezone="Europe/Berlin") for _ in range(2))
        assert one.frame is not other.frame
        assert one.version == other.version != 0


calls = []


@cached
def total(frame, column, *, times=1):
    calls.append(column)
    if column not in frame:
        raise KeyError(column)
    return times * int(frame[column].sum())


def test_the_same_frame_is_one_object_and_everything_else_is_equal():
    calls.clear()
    frame = pd.DataFrame({"a": [1, 2], "b": [3, 4]})
    assert [total(frame, "a"), total(frame, "a"), total(frame, "b")] == [3, 3, 7]
    assert total(frame, "a", times=2) == 6
    assert calls == ["a", "b", "a"]
    assert total(frame.copy(), "a") == 3
    assert len(calls) == 4
    assert total(frame, "a", times=True) == 3, "True is not 1"
    assert total(frame, "a", times=1) == 3
    assert len(calls) == 6
    assert ByIdentity(frame) == ByIdentity(frame) != ByIdentity(frame.copy())


def test_a_failure_is_not_kept_and_lists_are_refused():
    calls.clear()
    frame = pd.DataFrame({"a": [1]})
    for _ in range(2):
        with pytest.raises(KeyError):
            total(frame, "c")
    assert calls == ["c", "c"]
    with pytest.raises(TypeError, match="unhashable"):
        total(frame, ["a"])


def days(_history, answers):
    calls.append("read")
    return answers.value[0].copy()


@pytest.mark.filterwarnings("ignore:.*ScriptRunContext.*")
def test_the_history_is_read_again_when_it_was_written_to(open_app, small_sandbox, monkeypatch):
    open_app(small_sandbox)
    connection.connect().archive.flush()
    calls.clear()
    answers = ByIdentity([pd.DataFrame({"a": [1]})])
    first = cached_history_read(days, answers)
    assert cached_history_read(days, answers) is first
    assert calls == ["read"]
    connection.connect().history.writes += 1
    assert cached_history_read(days, answers) is first, "equal, so it stays the same object"
    assert calls == ["read", "read"]
    answers.value[0] = pd.DataFrame({"a": [2]})
    connection.connect().history.writes += 1
    assert cached_history_read(days, answers)["a"].tolist() == [2]
    monkeypatch.setattr(memo, "_READ_AGAIN_SECONDS", 0.0)
    connection.connect().history.writes += 1
    cached_history_read(days, answers)
    cached_history_read(days, answers)
    assert len(calls) == 5, "other processes write too: read again after a while"


@pytest.mark.filterwarnings("ignore:.*ScriptRunContext.*")
def test_what_is_written_counts_as_a_write(open_app, small_sandbox):
    open_app(small_sandbox)
    link = connection.connect()
    link.archive.flush()
    before = link.history.writes
    assert before
    link.history.save([])
    assert link.history.writes == before
