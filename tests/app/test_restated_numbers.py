"""Counts that Klenty gives otherwise than a week ago are distinguished from new ones."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dashboard.app_pages.session.connection import connect
from klenty_api import EmailEngagement

NAME = "Inbound demo requests"


def seen_earlier(app, days_ago, **changed):
    """Put an older answer for the earlier period into the history, as if it had been asked then."""
    view = app.session_state["view"]
    link = connect()
    (report,) = link.reports.load(view.cadences, view.earlier)
    raw = dict(report.engagement.raw) | changed
    then = datetime.now(UTC) - timedelta(days=days_ago)
    link.archive.flush()
    link.history.save([replace(report, engagement=EmailEngagement.read(raw), fetched_at=then)])
    return report.engagement, then


@pytest.mark.parametrize("page", ["overview", "cadence"])
def test_what_was_seen_a_week_ago_is_named_where_it_differs(open_app, read_only_sandbox, said, page):
    app = open_app(read_only_sandbox, page, cadence=[NAME])
    assert "restated" not in said(app)
    now = seen_earlier(app, 10, replyCount=3)[0]
    app.run()
    assert not app.exception
    assert f"replies {now.replies}, was 3 on" in said(app)
    assert "bounced" not in said(app).split("restated by Klenty")[-1].splitlines()[0].lower()


def test_what_only_ripened_or_arrived_within_the_week_is_not_restated(open_app, read_only_sandbox, said):
    app = open_app(read_only_sandbox, cadence=[NAME])
    seen_earlier(app, 3, replyCount=3)  # after the last weekly review
    seen_earlier(app, 34, replyCount=2)  # two days after the period's end, replies were still arriving
    app.run()
    assert not app.exception
    assert "restated" not in said(app)


def test_what_changed_since_an_earlier_day_can_be_asked(open_app, read_only_sandbox, said, go):
    app = open_app(read_only_sandbox, cadence=[NAME])
    now, then = seen_earlier(app, 10, replyCount=3)
    go(app, "settings_page/Data quality")
    (shown,) = [frame.value for frame in app.dataframe if "before_at" in frame.value]
    replies = shown.set_index("count").loc["Replies"]
    assert (replies["cadence"], replies["before"], replies["now"]) == (NAME, 3, now.replies)
    assert replies["before_at"] == then
    app.date_input(key="restated_since").set_value((then - timedelta(days=2)).date()).run()
    assert not app.exception
    assert not [frame for frame in app.dataframe if "before_at" in frame.value]
    assert f"Nothing that was asked by {then - timedelta(days=2):%-d %b %Y}, and again since" in said(app)
