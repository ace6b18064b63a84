"""The history belongs to cadences: names may be swapped, taken over and used again."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pandas as pd
import pytest
import sqlalchemy as sa

from dashboard.data.cadence_report import CadenceKey
from dashboard.data.database import Database, migrate
from dashboard.data.database.tables import OBSERVATIONS
from dashboard.data.fetch.report_cache import ReportCache, list_cadences
from dashboard.data.fetch.sync import sync
from dashboard.data.freshness import Freshness
from dashboard.data.history import History, HistoryArchive
from dashboard.data.windows import buckets
from tests.data.history.conftest import NOW, ZONE, cadence, day, latest, option, report, step

RANGE = {"start": date(2026, 11, 1), "end": date(2026, 11, 20), "timezone": ZONE, "bucket": "day"}
MONDAY, TUESDAY = day("2026-11-02"), day("2026-11-03")
HOUR = timedelta(hours=1)
A, B = cadence("A", id="1", owner="ann@x.io"), cadence("B", id="2", owner="bob@x.io")
OLD_A, NEW_A = replace(A, name="A (old)"), replace(B, name="A")


def replies(history, *names, range_=RANGE):
    frame = history.engagements(names, **range_)
    return {(row.cadence, row.cadence_id): row.replies for row in frame.itertuples()}


def rows(history):
    with history.database.reading() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(OBSERVATIONS))


@pytest.fixture
def before(history):
    """A has 65 replies and B has 139, listed and asked at NOW."""
    history.record_listing([A, B], NOW - HOUR)
    history.save([report(MONDAY, A, replyCount=65), report(MONDAY, B, replyCount=139)])
    history.record_listing([A, B], NOW + HOUR)
    return history


def test_a_name_that_moves_on_takes_no_figures_with_it(before):
    before.record_listing([OLD_A, NEW_A], NOW + 2 * HOUR)
    assert replies(before, "A", "A (old)") == {("A", "2"): 139, ("A (old)", "1"): 65}
    assert replies(before, "B") == {("B", "2"): 139}  # who had it last
    found = latest(before, [OLD_A, NEW_A], [MONDAY], now=NOW + 2 * HOUR)
    assert {key[0].id: found[key].engagement.replies for key in found} == {"1": 65, "2": 139}


def test_two_that_swap_their_names_keep_their_figures(before):
    before.record_listing([replace(A, name="B"), replace(B, name="A")], NOW + 2 * HOUR)
    assert replies(before, "A", "B") == {("A", "2"): 139, ("B", "1"): 65}
    assert before.option_days(["A"], timezone=ZONE)["replies"].tolist() == [3, 3]
    assert before.revisions(["A", "B"], since=NOW + HOUR, timezone=ZONE).empty


def test_a_deleted_name_that_is_used_again_is_another_cadence(before):
    new = cadence("A", id="3", owner="cat@x.io")
    before.record_listing([B], NOW + 2 * HOUR)
    assert [(gone.cadence.id, gone.last_listed) for gone in before.unlisted_cadences()] == [("1", NOW + HOUR)]
    assert replies(before, "A") == {("A", "1"): 65}  # still there
    before.record_listing([B, new], NOW + 3 * HOUR)
    assert replies(before, "A") == {}
    assert before.missing([new], [MONDAY], now=NOW + 3 * HOUR) == [(new, MONDAY)]
    before.save([report(TUESDAY, new, at=NOW + 3 * HOUR, replyCount=1)])
    assert replies(before, "A") == {("A", "3"): 1}
    assert [gone.cadence.id for gone in before.unlisted_cadences()] == ["1"]


def test_what_arrived_after_the_last_confirmation_is_asked_again(before):
    """It was asked by a name that had already moved on, from a list that was kept."""
    late = NOW + HOUR + timedelta(minutes=5)
    before.save([report(MONDAY, A, at=late, replyCount=139), report(TUESDAY, A, at=late, replyCount=7)])
    assert replies(before, "A")["A", "1"] == 7  # the last row of two days
    before.record_listing([OLD_A, NEW_A], NOW + 2 * HOUR)
    assert replies(before, "A (old)") == {("A (old)", "1"): 65}  # Monday as it was confirmed, Tuesday not at all
    assert before.missing([OLD_A], [MONDAY, TUESDAY], now=NOW + 2 * HOUR) == [(OLD_A, MONDAY), (OLD_A, TUESDAY)][1:]
    assert len(before.options(["A (old)"], **RANGE)) == 2
    assert rows(before) == 4  # nothing is lost
    before.save([report(MONDAY, A, at=NOW + 3 * HOUR, replyCount=140)])  # a process that still has the old list
    assert replies(before, "A (old)") == {("A (old)", "1"): 65}
    assert rows(before) == 5
    assert before.revisions(["A (old)"], since=NOW + HOUR, timezone=ZONE).empty


def test_an_older_list_and_an_empty_one_change_nothing(before):
    before.record_listing([replace(A, name="Z"), B], NOW)
    before.record_listing([], NOW + 2 * HOUR)
    assert {each.name for each in before.listed_cadences()} == {"A", "B"}
    assert before.unlisted_cadences() == []


def test_renames_and_ends_are_known_with_their_times(before):
    before.record_listing([replace(A, name="A2", owner="kim@x.io", is_active=False)], NOW + 2 * HOUR)
    before.record_listing(
        [replace(A, name="A2", owner="kim@x.io", is_active=False), cadence("C", id="4")], NOW + 3 * HOUR
    )
    found = before.listing_changes()
    assert found[["cadence_id", "change", "before", "after"]].fillna("").to_numpy().tolist() == [
        ["1", "renamed", "A", "A2"],
        ["1", "owner", "ann@x.io", "kim@x.io"],
        ["1", "switched off", "", ""],
        ["2", "no longer listed", "B", ""],
        ["4", "appeared", "", "C"],
    ]
    renamed = found.iloc[0]
    assert (renamed["not_before"], renamed["at"]) == (pd.Timestamp(NOW + HOUR), pd.Timestamp(NOW + 2 * HOUR))
    assert before.listing_changes(since=NOW + 2 * HOUR)["change"].tolist() == ["appeared"]


def test_without_an_id_it_is_the_name_and_counts_for_no_id(history):
    typed = cadence("A", id=None, owner=None)
    history.save([report(MONDAY, typed, replyCount=5)])
    assert replies(history, "A") == {("A", pd.NA): 5} or list(replies(history, "A").values()) == [5]
    history.record_listing([A], NOW)
    assert history.missing([A], [MONDAY], now=NOW) == [(A, MONDAY)]
    history.save([report(MONDAY, A, replyCount=6)])
    assert list(replies(history, "A").values()) == [6]
    assert latest(history, [typed], [MONDAY], now=NOW)[CadenceKey.of(typed), MONDAY].engagement.replies in {5, 6}


def test_options_that_swap_places_are_known_by_their_copy(history):
    one, two = option(1, subject="Short"), option(2, subject="Long", replies=9)
    history.save([report(MONDAY, A, steps=[step(1, [one, two])])])
    swapped = [one | {"option": 2, "templateName": "T1"}, two | {"option": 1, "templateName": "T2"}]
    history.save([report(TUESDAY, A, steps=[step(1, swapped)])])
    days = history.option_days(["A"], timezone=ZONE)
    assert days.groupby(["template", "subject"])["replies"].agg(list).to_dict() == {
        ("T1", "Short"): [3, 3],
        ("T2", "Long"): [9, 9],
    }


def test_twins_share_an_answer_and_each_keeps_it(small_sandbox, make_client, database, monkeypatch):
    monkeypatch.setattr("dashboard.data.fetch.sync.list_cadences", lambda *_: [])  # the sandbox has no twins
    name = small_sandbox.cadence_names[0]
    twins = [cadence(name, id="x"), cadence(name, id="y")]
    history = History(database, base_url=small_sandbox.base_url, user=small_sandbox.user)
    history.record_listing(twins, NOW)
    client = make_client(small_sandbox)
    store = ReportCache(client, archive=HistoryArchive.over(history))
    window = day("2026-11-02")
    store.load(twins, window)
    assert sum("engagements" in r.operation for r in small_sandbox.requests) == 2
    assert history.missing(twins, [window]) == []
    done = sync(client, history, twins, [TUESDAY])
    assert (done.asked, done.there) == (2, 0)
    assert sum("engagements" in r.operation for r in small_sandbox.requests) == 4
    assert len(history.engagements([name], **RANGE)) == 2  # once a day


def test_a_listing_on_the_way_is_noted(small_sandbox, make_client, database):
    history = History(database, base_url=small_sandbox.base_url, user=small_sandbox.user)
    found = list_cadences(make_client(small_sandbox), HistoryArchive.over(history))
    assert {each.id for each in history.listed_cadences()} == {each.id for each in found}


def migrated(database_url, monkeypatch, fill):
    """A history that the version before the ids had written, opened by this one."""
    monkeypatch.setattr(migrate, "HEAD", "leases")
    old = Database.open(database_url)
    with old.writing() as connection:
        fill(connection)
    old.close()
    monkeypatch.undo()
    return History(Database.open(database_url), base_url="https://api.klenty.com", user="sam@x.io")


def old_rows(connection, answers):
    """Rows as the earlier version wrote them: a series for a name, the id of the list at that time in each answer."""
    from dashboard.data.history.rows import rows_of  # noqa: PLC0415

    connection.exec_driver_sql(
        "INSERT INTO accounts (id, base_url, \"user\") VALUES (1, 'https://api.klenty.com', 'sam@x.io')"
    )
    series = {name: number for number, name in enumerate(dict.fromkeys(a.cadence.name for a in answers), 1)}
    for name, number in series.items():
        connection.execute(
            sa.text("INSERT INTO series (id, account_id, cadence, timezone) VALUES (:n, 1, :name, :zone)"),
            {"n": number, "name": name, "zone": ZONE},
        )
    if connection.dialect.name == "postgresql":  # its numbers go on from here
        connection.exec_driver_sql("SELECT setval('series_id_seq', 100), setval('accounts_id_seq', 100)")
    for number, answer in enumerate(answers, 1):
        kept = rows_of(answer)
        for packed in (kept.engagement, kept.steps):
            connection.execute(
                sa.text("INSERT INTO answers VALUES (:d, :b) ON CONFLICT DO NOTHING"),
                {"d": packed.digest, "b": packed.body},
            )
        connection.execute(
            sa.text(
                "INSERT INTO observations (id, series_id, days, first_day, bucket, fetched_at, seconds, cadence_id,"
                " owner, engagement, steps, replies) VALUES"
                " (:id, :series, :days, :first, 'day', :at, 0.1, :cid, :owner, :e, :s, :r)"
            ),
            {"id": number, "series": series[answer.cadence.name], "days": kept.days, "first": kept.first_day,
             "at": kept.fetched_at, "cid": kept.cadence_id, "owner": kept.owner, "e": kept.engagement.digest,
             "s": kept.steps.digest, "r": answer.engagement.replies},
        )  # fmt: skip
        connection.execute(
            sa.text(
                "INSERT INTO current_windows (series_id, days, first_day, bucket, cadence_id, owner, engagement_at,"
                " steps_at, complete_at, replies) VALUES"
                " (:series, :days, :first, 'day', :cid, :owner, :at, :at, :at, :r)"
                " ON CONFLICT (series_id, days, first_day) DO UPDATE SET cadence_id = :cid, replies = :r"
            ),
            {"series": series[answer.cadence.name], "days": kept.days, "first": kept.first_day, "at": kept.fetched_at,
             "cid": kept.cadence_id, "owner": kept.owner, "r": answer.engagement.replies},
        )  # fmt: skip


def test_a_migration_gives_every_answer_to_the_cadence_of_its_time(database_url, monkeypatch):
    day_later = NOW + timedelta(days=1)
    still = cadence("Still", id="9")
    answers = [
        report(MONDAY, A, at=NOW, replyCount=65), report(MONDAY, B, at=NOW, replyCount=139),
        report(MONDAY, still, at=NOW, replyCount=4),
        report(MONDAY, NEW_A, at=day_later, replyCount=140), report(MONDAY, OLD_A, at=day_later, replyCount=66),
        report(TUESDAY, replace(A, id=None), at=NOW, replyCount=8),
        report(TUESDAY, A, at=day_later - timedelta(minutes=3), replyCount=9),
    ]  # fmt: skip
    history = migrated(database_url, monkeypatch, lambda connection: old_rows(connection, answers))
    assert rows(history) == len(answers)
    assert replies(history, "A", "A (old)", "Still", range_=RANGE | {"end": date(2026, 11, 2)}) == {
        ("A", "2"): 140, ("A (old)", "1"): 66, ("Still", "9"): 4,
    }  # fmt: skip
    # Asked three minutes before its name was seen at another: nobody can say whose it is.
    (kept,) = latest(history, [OLD_A], [TUESDAY], now=day_later).values()
    assert kept.engagement.replies == 8  # asked without an id, between two answers for the same one
    with history.database.reading() as connection:
        seen = sa.select(
            OBSERVATIONS.c.cadence_id, OBSERVATIONS.c.cadence, OBSERVATIONS.c.replies, OBSERVATIONS.c.doubtful
        )
        kept = {(row[0], row[1], row[2]): row[3] for row in connection.execute(seen)}
    assert kept["1", "A", 9] is True
    assert sum(kept.values()) == 1
    assert len(history.options(["A (old)"], **RANGE)) == 4  # two days of two options
    assert history.listing_changes()["change"].tolist() == ["renamed", "renamed"]
    history.database.close()
    again = History(Database.open(database_url), base_url="https://api.klenty.com", user="sam@x.io")
    assert len(replies(again, "A", "A (old)")) == 2
    again.database.close()


def test_a_migration_without_renames_moves_nothing(database_url, monkeypatch):
    answers = [report(d, c, at=NOW, replyCount=n) for n, (d, c) in enumerate(product([MONDAY, TUESDAY], [A, B]))]
    history = migrated(database_url, monkeypatch, lambda connection: old_rows(connection, answers))
    assert replies(history, "A", "B") == {("A", "1"): 2, ("B", "2"): 3}
    assert history.find([(CadenceKey.of(A), MONDAY)], freshness=Freshness(timedelta(0)))
    history.database.close()


def test_renamed_at_klenty_between_two_syncs(small_sandbox, make_client, database):
    """The whole way: list, ask, rename by a swap, list and ask again."""
    windows = buckets(date(2026, 10, 5), date(2026, 10, 8), "day", ZONE)
    history = History(
        database, base_url=small_sandbox.base_url, user=small_sandbox.user, freshness=Freshness(timedelta(0))
    )
    archive, client = HistoryArchive.over(history), make_client(small_sandbox)
    first, second, *_ = list_cadences(client, archive)
    sync(client, history, [first, second], windows)
    list_cadences(client, archive)  # so what arrived in between is confirmed
    range_ = RANGE | {"start": date(2026, 10, 1)}
    told = {each.id: history.engagements([each.name], **range_)["opens"].tolist() for each in (first, second)}
    swapped = [replace(first, name=second.name), replace(second, name=first.name)]
    history.record_listing(swapped, datetime.now(UTC))
    for each in swapped:
        frame = history.engagements([each.name], **range_)
        assert frame["opens"].tolist() == told[each.id]
        assert frame["cadence_id"].unique().tolist() == [each.id]
