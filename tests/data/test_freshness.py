"""When a sync asks again: at certain ages, at last after settling, and never believing a clock that was ahead."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboard.data.freshness import AskedSince, Freshness, ThinnedFreshness
from dashboard.data.windows import Window
from tests.data.history.conftest import NOW, cadence, day, latest, report

ZONE = ZoneInfo("Europe/Berlin")
WINDOW = Window(date(2026, 10, 20), date(2026, 10, 20), ZONE.key)  # the clocks change on the 25th


def asked_at(rule, hours):
    """The ages at which the window is asked by somebody who looks every hour."""
    first, ages, fetched = datetime(2026, 10, 21, 0, 20, tzinfo=ZONE).astimezone(UTC), [], None
    for hour in range(hours):
        now = (first + timedelta(hours=hour)).astimezone(ZONE)
        if fetched is None or not rule.lasts(WINDOW, fetched, now):
            fetched = now
            ages.append((now.date() - WINDOW.end).days)
    return ages


def test_a_day_is_asked_at_the_ages_of_the_rule_and_then_never():
    assert asked_at(ThinnedFreshness(), 24 * 60) == [1, 2, 3, 5, 8, 13, 21]
    assert len(asked_at(Freshness(), 24 * 60)) > 300


@pytest.mark.parametrize("days", [0, 3, 14, 21, 30, 60])
def test_the_last_time_is_after_it_has_settled(days):
    rule = ThinnedFreshness(settling=timedelta(days=days))
    ages = asked_at(rule, 24 * 80)
    assert ages[-1] >= days
    assert ages == sorted(set(ages))


def test_a_day_that_goes_on_is_as_fresh_as_ever():
    rule, now = ThinnedFreshness(), datetime(2026, 10, 20, 12, tzinfo=ZONE)
    assert rule.lasts(WINDOW, now - timedelta(minutes=14), now)
    assert not rule.lasts(WINDOW, now - timedelta(minutes=16), now)


def test_an_answer_from_the_future_is_not_believed():
    now = datetime(2026, 12, 1, tzinfo=UTC)
    assert Freshness().lasts(WINDOW, now + timedelta(minutes=4), now)
    assert not Freshness().lasts(WINDOW, now + timedelta(days=20), now)
    assert not AskedSince(since=now).lasts(WINDOW, now - timedelta(seconds=1), now)


def test_what_a_clock_ahead_has_written_gives_way(database):
    from dashboard.data.history import History  # noqa: PLC0415

    history, window = History(database, base_url="https://api.klenty.com", user="sam@x.io"), day("2026-11-02")
    ahead = datetime.now(UTC) + timedelta(days=30)
    history.save([report(window, cadence("A"), at=ahead, replyCount=1)])
    assert history.missing([cadence("A")], [window], now=NOW) == [(cadence("A"), window)]
    history.save([report(window, cadence("A"), at=datetime.now(UTC), replyCount=7)])
    (kept,) = latest(history, [cadence("A")], [window]).values()
    assert kept.engagement.replies == 7
