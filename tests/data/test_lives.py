"""What A/B steps are judged by: one answer for a life, or the history's days; never the page's range."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from dashboard.analysis.ab_tests.experiments import evaluate_steps
from dashboard.data.database import DatabaseError, DatabaseErrorKind
from dashboard.data.fetch.lifetime import first_days, life_windows, lifetime_cache, load_lifetime, read_days
from dashboard.data.fetch.report_cache import ReportCache, list_cadences
from dashboard.data.history import History, HistoryArchive
from dashboard.data.windows import Window
from klenty_api import Cadence

TODAY = date(2026, 11, 24)


class Kept:
    """A history that holds `frame`."""

    def __init__(self, frame=None, problem=None):
        self.frame, self.problem, self.asked = frame, problem, []

    def option_days(self, names, *, timezone, start=None, end=None):
        self.asked.append((list(names), timezone, start, end))
        if self.problem:
            raise self.problem
        return self.frame[self.frame["cadence"].isin(names)]


def daily(name, first, count, *, without=()):
    rows = [
        (name, 1, option, first + timedelta(days=day), "T", "S", "N", 20, 1, 0)
        for day in range(count)
        if day not in without
        for option in (1, 2)
    ]
    columns = ["cadence", "step", "option", "day", "template", "subject", "snippet", "emails_sent", "replies"]
    return pd.DataFrame(rows, columns=[*columns, "positive_replies"])


def loaded(client, history, timezone="UTC"):
    cadences = list_cadences(client)
    days = read_days(history, cadences, timezone=timezone, today=TODAY)
    return load_lifetime(lifetime_cache(client), cadences, timezone=timezone, today=TODAY, days=days)


def cadence(name, created=None, *, active=True):
    return Cadence(id=name, name=name, owner=None, is_active=active, created=created)


def test_a_life_runs_from_creation_in_the_zone_or_from_two_years_back_to_yesterday():
    late = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)  # already 2 March in Berlin
    twins = [cadence("Twin", datetime(2026, 5, 1, tzinfo=UTC)), cadence("Twin", datetime(2026, 2, 1, tzinfo=UTC))]
    new = cadence("New", datetime(2026, 11, 24, 9, tzinfo=UTC))
    windows = life_windows([cadence("A", late), cadence("B"), new, *twins, cadence("")], TODAY, "Europe/Berlin")
    yesterday = date(2026, 11, 23)
    assert windows == {
        "A": Window(date(2026, 3, 2), yesterday, "Europe/Berlin"),
        "B": Window(date(2024, 11, 23), yesterday, "Europe/Berlin"),
        "New": Window(yesterday, yesterday, "Europe/Berlin"),
        "Twin": Window(date(2026, 2, 1), yesterday, "Europe/Berlin"),
    }


def test_one_call_a_name_of_steps_alone_and_none_again(small_sandbox, make_client):
    client = make_client(small_sandbox)
    store, cadences = lifetime_cache(client), list_cadences(client)
    first = load_lifetime(store, [*cadences, cadences[0]], timezone="Europe/Berlin", today=TODAY)
    again = load_lifetime(store, cadences, timezone="Europe/Berlin", today=TODAY)
    asked = Counter(request.operation for request in small_sandbox.requests)
    assert asked["stepwise_engagements"] == 3
    assert asked["email_engagements"] == 0
    assert first.version == again.version
    assert set(first.options["cadence"]) == {c.name for c in cadences}
    assert not first.finished


def test_what_failed_is_in_the_reports_and_the_rest_is_there(small_sandbox, make_client):
    client = make_client(small_sandbox)
    broken = small_sandbox.cadence_names[1]
    small_sandbox.faults.add("refused_json", cadence=broken)
    found = load_lifetime(lifetime_cache(client), list_cadences(client), timezone="Europe/Berlin", today=TODAY)
    assert [report.cadence.name for report in found.reports if report.failed] == [broken]
    assert broken not in set(found.options["cadence"])


def test_cadences_that_the_history_covers_are_not_asked(small_sandbox, make_client):
    client = make_client(small_sandbox)
    covered, *others = small_sandbox.cadence_names
    history = Kept(daily(covered, date(2026, 1, 1), 327))
    found = loaded(client, history)
    assert history.asked[0][1] == "UTC"
    assert all(len(names) == 1 for names, *_ in history.asked)  # never the rows of a whole account at once
    assert set(found.days["cadence"]) == {covered}
    assert set(found.options["cadence"]) == set(others)
    more = Kept(daily(covered, date(2026, 1, 2), 326))
    again = loaded(client, more)
    assert again.version != found.version


def test_a_history_that_cannot_be_read_is_done_without(small_sandbox, make_client):
    client = make_client(small_sandbox)
    history = Kept(problem=DatabaseError(DatabaseErrorKind.LOCKED))
    found = loaded(client, history)
    assert found.days.empty
    assert set(found.options["cadence"]) == set(small_sandbox.cadence_names)


@pytest.mark.parametrize(
    ("first", "count", "without", "usable"),
    [
        (40, 40, (), True),
        (60, 40, (), False),  # ended long ago
        (40, 40, range(5, 15), False),  # too many days missing
        (40, 40, (7,), True),
    ],
)
def test_days_have_to_be_there_up_to_now(first, count, without, usable):
    begin = TODAY - timedelta(days=first)
    assert first_days(daily("A", begin, count, without=without), TODAY) == ({"A": begin} if usable else {})


def test_how_many_days_somebody_looked_at_decides_nothing(small_sandbox, make_client):
    """Days that do not reach back to the beginning leave the decision to the life, until the copy changes in them."""
    client = make_client(small_sandbox)
    name = small_sandbox.cadence_names[0]
    recent = daily(name, TODAY - timedelta(days=60), 60)
    cadences = list_cadences(client)
    without = load_lifetime(lifetime_cache(client), cadences, timezone="UTC", today=TODAY)
    beside = loaded(client, Kept(recent))
    assert beside.covered == frozenset()
    assert set(beside.options["cadence"]) == set(small_sandbox.cadence_names)
    left, right = (evaluate_steps(lives.options, lives.days, covered=lives.covered) for lives in (without, beside))
    assert [item.comparison.counts.sent.tolist() for item in left] == [
        item.comparison.counts.sent.tolist() for item in right
    ]
    changed = recent.assign(subject=["new" if day > TODAY - timedelta(days=30) else "old" for day in recent["day"]])
    lives = loaded(client, Kept(changed))
    (item,) = [
        item for item in evaluate_steps(lives.options, lives.days, covered=lives.covered) if item.cadence == name
    ]
    assert (item.basis, item.first) == ("days", TODAY - timedelta(days=29))
    assert item.comparison.counts.sent.tolist() == [580, 580]


def test_finished_cadences_are_named(small_sandbox, make_client):
    client = make_client(small_sandbox)
    some = [cadence("Over", active=False), cadence("Twin", active=False), cadence("Twin"), cadence("On")]
    assert load_lifetime(lifetime_cache(client), some, timezone="UTC", today=TODAY).finished == {"Over"}


def test_days_that_were_really_asked_decide_like_the_life_they_make_up(database, small_sandbox, make_client):
    """Sandbox, HTTP, history, verdict: the days of a cadence since its beginning hold the counts of its life."""
    client = make_client(small_sandbox)
    first, *others = list_cadences(client)
    young = replace(first, created=datetime(2026, 10, 20, tzinfo=UTC))
    history = History(database, base_url=small_sandbox.base_url, user=small_sandbox.user)
    windows = [Window(day, day, "UTC") for day in (date(2026, 10, 20) + timedelta(n) for n in range(35))]
    history.save(ReportCache(client).load([young], windows))
    days = read_days(history, [young, *others], timezone="UTC", today=TODAY)
    assert days.covered == {young.name}
    by_days = load_lifetime(lifetime_cache(client), [young, *others], timezone="UTC", today=TODAY, days=days)
    by_life = load_lifetime(lifetime_cache(client), [young, *others], timezone="UTC", today=TODAY)
    left, right = (
        {(item.cadence, item.step): item for item in evaluate_steps(lives.options, lives.days, covered=lives.covered)}
        for lives in (by_days, by_life)
    )
    assert set(left) == set(right)
    for key, item in left.items():
        assert item.basis == ("days" if key[0] == young.name else "life")
        assert item.comparison.counts.sent.tolist() == right[key].comparison.counts.sent.tolist()
        assert item.comparison.counts.events.tolist() == right[key].comparison.counts.events.tolist()
        assert (item.first, item.last) == (right[key].first, right[key].last)


def test_a_life_that_was_asked_is_found_again_after_a_restart(database, small_sandbox, make_client):
    client = make_client(small_sandbox)
    cadences = list_cadences(client)

    def asked_by_a_new_process():
        history = History(database, base_url=small_sandbox.base_url, user=small_sandbox.user)
        before = len(small_sandbox.requests)
        lives = load_lifetime(
            lifetime_cache(client, HistoryArchive.over(history)), cadences, timezone="UTC", today=TODAY
        )
        return len(small_sandbox.requests) - before, lives.options.drop(columns=["fetched_at", "owner"])

    first, second = asked_by_a_new_process(), asked_by_a_new_process()
    assert first[0] == len(cadences)
    assert second[0] == 0
    assert len(first[1]) > 0
    pd.testing.assert_frame_equal(first[1], second[1])


@pytest.mark.parametrize(("minutes", "calls"), [(40, 0), (80, 3)])
def test_a_life_lasts_in_the_history_as_long_as_in_memory(database, small_sandbox, make_client, minutes, calls):
    client = make_client(small_sandbox)
    cadences = list_cadences(client)
    history = History(database, base_url=small_sandbox.base_url, user=small_sandbox.user)
    then = datetime.now(UTC) - timedelta(minutes=minutes)
    lives = load_lifetime(lifetime_cache(client), cadences, timezone="UTC", today=TODAY)
    history.save([replace(report, fetched_at=then) for report in lives.reports])
    small_sandbox.requests.clear()
    load_lifetime(lifetime_cache(client, HistoryArchive.over(history)), cadences, timezone="UTC", today=TODAY)
    assert len(small_sandbox.requests) == calls


def test_the_same_days_are_the_same_when_they_are_read_again_and_others_are_not():
    begin = TODAY - timedelta(days=30)
    names = [cadence("A", datetime(2026, 10, 20, tzinfo=UTC))]
    one, again, fewer = (
        read_days(Kept(daily("A", begin, count)), names, timezone="UTC", today=TODAY) for count in (30, 30, 29)
    )
    assert one.version == again.version != fewer.version
