"""Asking at a few ages ends with the counts of asking at every pass, for a fraction of the calls."""

from datetime import UTC, date, datetime, timedelta

import pytest

from dashboard.data.cadence_report import CadenceReport
from dashboard.data.freshness import Freshness, ThinnedFreshness
from dashboard.data.history import History
from dashboard.data.windows import buckets
from klenty_api import Cadence, EmailEngagement

FIRST, LAST, ZONE = date(2026, 9, 1), date(2026, 9, 2), "Europe/Berlin"
WINDOWS = buckets(FIRST, LAST, "day", ZONE)
CADENCES = [Cadence(id=f"c{n}", name=f"Cadence {n}", owner="ann@x.io", is_active=True, created=None) for n in (1, 2)]
EVERY, PASSES = timedelta(hours=6), 125


def answer(cadence, window, now):
    """Return what Klenty counts at `now`: one reply more every ten hours, for 20 days after the day's end."""
    hours = (min(now, window.last_instant + timedelta(days=20)) - window.first_instant) / timedelta(hours=1)
    replies = int(hours // 10) + int(cadence.id[1:])
    return EmailEngagement.read({"mailSentCount": 40, "replyCount": replies, "inCadenceCount": 1})


def run(database, user, rule):
    history = History(database, base_url="https://klenty.test", user=user)
    calls, now = 0, WINDOWS[0].first_instant.astimezone(UTC)
    for _ in range(PASSES):
        now += EVERY
        ended = [window for window in WINDOWS if window.last_instant < now]
        missing = history.missing(CADENCES, ended, now=now, freshness=rule) if ended else []
        history.save([CadenceReport(c, w, answer(c, w, now), (), None, None, now, 0.1) for c, w in missing])
        calls += len(missing)
    names = [cadence.name for cadence in CADENCES]
    frame = history.engagements(names, start=FIRST, end=LAST, timezone=ZONE, bucket="day")
    return calls, frame[["cadence", "window_start", "emails_sent", "replies"]]


@pytest.mark.parametrize("settling", [21])
def test_the_same_counts_for_a_quarter_of_the_calls_or_less(database, settling):
    often = Freshness(timedelta(days=settling), timedelta(hours=1))
    calls, counts = run(database, "often@x.io", often)
    fewer, thinned = run(database, "thinned@x.io", ThinnedFreshness.of(often))
    assert thinned.equals(counts)
    end = datetime(2026, 12, 1, tzinfo=UTC)
    expected = [answer(c, w, end).replies for c in CADENCES for w in WINDOWS]
    assert thinned["replies"].tolist() == expected
    assert 0 < fewer <= calls / 4
