"""The history: what arrived is there, the latest is shown, and only what has settled is never asked again."""

import random
import threading
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
import sqlalchemy as sa
from pandas.testing import assert_frame_equal

from dashboard.data import frames
from dashboard.data.cadence_report import CadenceKey
from dashboard.data.database import Database, DatabaseError, DatabaseErrorKind
from dashboard.data.database.tables import ANSWERS, COPIES, CURRENT_OPTIONS, OBSERVATIONS
from dashboard.data.freshness import Freshness
from dashboard.data.history import History
from dashboard.data.windows import Window
from tests.data.history.conftest import NOW, ZONE, cadence, day, latest, option, report, step

RANGE = {"start": date(2026, 11, 2), "end": date(2026, 11, 8), "timezone": ZONE}
NAME = "Website visitors"


def count(history, table):
    with history.database.reading() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table))


def rows(frame):
    return [list(row) for row in frame.itertuples(index=False)]


def test_the_frames_are_those_of_the_reports_themselves(history):
    others = [cadence("Überraschung 🎉"), cadence("Again", id=None, owner=None)]
    windows = [day("2026-11-02"), day("2026-11-03")]
    rng = random.Random(3)
    kept = [
        report(w, c, steps=[step(n, [option(o, mails=rng.randint(0, 50)) for o in (1, 2)]) for n in (1, 2, 3)],
               mailSentCount=rng.choice([None, 12]))
        for c in (cadence(), *others)
        for w in windows
    ]  # fmt: skip
    history.save(rng.sample(kept, len(kept)))
    names = [NAME, *(c.name for c in others)]
    for mine, theirs in (
        (history.engagements, frames.engagements_frame),
        (history.steps, frames.steps_frame),
        (history.options, frames.options_frame),
    ):
        assert_frame_equal(mine(names, **RANGE, bucket="day"), theirs(kept), check_freq=False)


def test_an_empty_history_gives_empty_frames_of_the_same_shape(history):
    for mine, theirs in (
        (history.engagements, frames.engagements_frame),
        (history.steps, frames.steps_frame),
        (history.options, frames.options_frame),
    ):
        found = mine([NAME], **RANGE, bucket="day")
        assert found.empty
        assert list(found.columns) == list(theirs([]).columns)
        assert found.dtypes[["cadence", "cadence_id"]].tolist() == theirs([]).dtypes[["cadence", "cadence_id"]].tolist()
    assert list(history.option_days([NAME], timezone=ZONE).columns) == [
        "cadence", "step", "option", "day", "template", "subject", "snippet", "emails_sent", "replies",
        "positive_replies",
    ]  # fmt: skip
    assert history.revisions([NAME], since=NOW, timezone=ZONE).empty


def test_what_comes_again_is_one_more_observation_and_the_latest_is_shown(history):
    window = day("2026-11-02")
    history.save([report(window, replyCount=6)])
    history.save([report(window, at=NOW + timedelta(hours=1), replyCount=7, steps=[step(1, [option(1)])])])
    assert count(history, OBSERVATIONS) == 2
    assert history.engagements([NAME], **RANGE, bucket="day")["replies"].tolist() == [7]
    assert len(history.options([NAME], **RANGE, bucket="day")) == 1  # the second option is gone


def test_an_older_answer_that_is_written_later_does_not_become_current(history):
    window = day("2026-11-02")
    history.save([report(window, at=NOW, replyCount=7)])
    older = report(window, at=NOW - timedelta(hours=1), replyCount=6, steps=[])
    history.save([older])
    assert history.engagements([NAME], **RANGE, bucket="day")["replies"].tolist() == [7]
    assert len(history.options([NAME], **RANGE, bucket="day")) == 2
    assert count(history, OBSERVATIONS) == 2
    history.save([older])  # the same again is the same
    assert count(history, OBSERVATIONS) == 2


def test_equal_answers_and_copies_are_stored_once(history):
    history.save([report(day(f"2026-11-0{number}")) for number in range(1, 8)])
    assert count(history, ANSWERS) == 2
    assert count(history, COPIES) == 2
    assert count(history, CURRENT_OPTIONS) == 14
    history.save([report(day("2026-11-08"), steps=[step(1, [option(1, subject="Quick question!")])])])
    assert count(history, COPIES) == 3


def test_latest_gives_back_the_whole_report(history):
    window = day("2026-11-02")
    kept = report(window, of=cadence("Odd \ud83d\x00 name"), somethingNew={"data": [1, "ü\ud83d\x00"]}, replyCount="6")
    history.save([kept])
    found = latest(history, [kept.cadence], [window], now=NOW)
    assert found == {kept.key: kept}
    assert found[kept.key].engagement.raw["somethingNew"] == {"data": [1, "ü\ud83d\x00"]}


@pytest.mark.parametrize(
    ("fetched", "asked", "good"),
    [
        ("2026-11-16T23:00:00+01:00", "2026-11-16T23:14:59+01:00", True),  # young, and fresh
        ("2026-11-16T23:00:00+01:00", "2026-11-16T23:15:01+01:00", False),
        ("2026-11-16T23:59:59+01:00", "2027-11-16T00:00:00+01:00", False),  # it had not settled yet: once more
        ("2026-11-17T00:00:00+01:00", "2027-11-16T00:00:00+01:00", True),  # settled: never again
    ],
)
def test_what_has_settled_is_never_asked_again(history, fetched, asked, good):
    window = day("2026-11-02")  # ends on the 2nd; 14 days later the 16th has ended
    history.save([report(window, at=datetime.fromisoformat(fetched).astimezone(UTC))])
    now = datetime.fromisoformat(asked)
    assert bool(latest(history, [cadence()], [window], now=now)) is good
    assert bool(history.missing([cadence()], [window], now=now)) is not good


def test_the_times_are_settings(database):
    history = History(
        database,
        base_url="https://api.klenty.com",
        user="sam@x.io",
        freshness=Freshness(settling=timedelta(days=30), fresh=timedelta(minutes=1)),
    )
    history.save([report(day("2026-11-02"), at=NOW)])
    assert not latest(history, [cadence()], [day("2026-11-02")], now=NOW + timedelta(minutes=2))


def test_damage_behind_the_first_rows_says_so(tmp_path):
    path = tmp_path / "history.sqlite3"

    def opened():
        return History(Database.open(f"sqlite:///{path}"), base_url="https://api.klenty.com", user="sam@x.io")

    first = opened()
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(200)]
    first.save(
        [report(Window(each, each, ZONE), steps=[step(n, [option(1), option(2)]) for n in (1, 2)]) for each in days]
    )
    with first.database.reading() as connection:
        leaves = "SELECT pageno FROM dbstat WHERE name = 'current_options' AND pagetype = 'leaf'"
        page = connection.exec_driver_sql(leaves).scalars().all()[-1]
        size = connection.exec_driver_sql("PRAGMA page_size").scalar()
    first.database.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    with pytest.raises(DatabaseError) as caught:
        opened().option_days([NAME], timezone=ZONE)
    assert caught.value.kind is DatabaseErrorKind.DAMAGED


def test_only_what_was_asked_for_is_given(history):
    history.save([report(day("2026-11-02")), report(day("2026-11-02", 7)), report(day("2026-11-03", 7))])
    (key,) = latest(history, [cadence(), cadence("Other")], [day("2026-11-02", 7)], now=NOW)
    assert key == (CadenceKey.of(cadence()), day("2026-11-02", 7))
    assert history.missing([cadence(), cadence("Other")], [day("2026-11-02", 7)], now=NOW) == [
        (cadence("Other"), day("2026-11-02", 7))
    ]
    assert latest(history, [], [day("2026-11-02")], now=NOW) == {}
    assert latest(history, [cadence()], [], now=NOW) == {}


def test_buckets_are_kept_apart(history):
    young = cadence("Young", created=datetime(2026, 11, 3, 22, tzinfo=UTC))
    history.save([
        report(day("2026-11-03"), young), report(day("2026-11-02", 7), young), report(day("2026-11-03", 7), young),
        report(day("2026-11-03", 6), young), report(day("2026-11-05", 2), young),
    ])  # fmt: skip

    def found(bucket, start="2026-11-01", end="2026-11-30"):
        frame = history.engagements(
            ["Young"], start=date.fromisoformat(start), end=date.fromisoformat(end), timezone=ZONE, bucket=bucket
        )
        steps = history.steps(
            ["Young"], start=date.fromisoformat(start), end=date.fromisoformat(end), timezone=ZONE, bucket=bucket
        )
        assert len(steps) == 2 * len(frame)
        return [(str(row.window_start)[8:10], str(row.window_end)[8:10]) for row in frame.itertuples()]

    assert found("day") == [("03", "03")]
    assert found("week") == [("02", "08")]
    assert found("week", "2026-11-03") == []  # it begins before
    assert found("life") == [("03", "08"), ("03", "09")]
    assert found("range") == []
    assert found("range", "2026-11-05", "2026-11-06") == [("05", "06")]
    assert found("range", "2026-11-02", "2026-11-08") == [("02", "08")]


def test_accounts_and_zones_are_kept_apart(history, database):
    history.save([report(day("2026-11-02"))])
    other = History(database, base_url="https://api.klenty.com", user="kim@x.io")
    assert other.engagements([NAME], **RANGE, bucket="day").empty
    assert not latest(other, [cadence()], [day("2026-11-02")], now=NOW)
    assert history.engagements([NAME], **RANGE | {"timezone": "UTC"}, bucket="day").empty


def test_a_half_that_arrived_is_kept_and_the_whole_is_asked_again(history):
    window = day("2026-11-02")
    history.save([report(window, failed=("steps",))])
    assert history.engagements([NAME], **RANGE, bucket="day")["replies"].tolist() == [6]
    assert history.steps([NAME], **RANGE, bucket="day").empty
    assert not latest(history, [cadence()], [window], now=NOW)
    history.save([report(window, failed=("engagement",), at=NOW + timedelta(minutes=1))])
    assert len(history.options([NAME], **RANGE, bucket="day")) == 2
    assert not latest(history, [cadence()], [window], now=NOW)
    whole = report(window, at=NOW + timedelta(minutes=2))
    half = report(window, at=NOW + timedelta(minutes=3), failed=("steps",), replyCount=8)
    history.save([whole, half])
    assert latest(history, [cadence()], [window], now=NOW)[CadenceKey.of(cadence()), window] == whole
    assert history.engagements([NAME], **RANGE, bucket="day")["replies"].tolist() == [8]
    assert len(history.options([NAME], **RANGE, bucket="day")) == 2


def test_failures_are_not_kept(history):
    history.save([report(day("2026-11-02"), failed=("engagement", "steps"))])
    assert count(history, OBSERVATIONS) == 0


def test_options_day_by_day_with_the_copy_of_their_time(history):
    history.save([
        report(day("2026-11-03"), steps=[step(1, [option(1, subject="New", mails=None), option(2)])]),
        report(day("2026-11-02"), steps=[step(1, [option(1, subject="Old")]), step(2, [option(1, replies=0)])]),
        report(day("2026-11-01", 7)),
    ])  # fmt: skip
    found = history.option_days([NAME], timezone=ZONE)
    assert rows(found.drop(columns=["cadence", "template", "snippet", "positive_replies"])) == [
        [1, 1, pd.Timestamp(2026, 11, 2), "Old", 20, 3],
        [2, 1, pd.Timestamp(2026, 11, 2), "Quick question", 20, 0],
        [1, 1, pd.Timestamp(2026, 11, 3), "New", pd.NA, 3],
        [1, 2, pd.Timestamp(2026, 11, 3), "Quick question", 20, 3],
    ]
    assert len(history.option_days([NAME], timezone=ZONE, start=date(2026, 11, 3))) == 2


def test_what_changed_since_is_told_for_windows_that_had_ended(history):
    old, going_on = day("2026-11-02"), day("2026-11-20", 10)
    history.save([report(w, at=NOW - timedelta(days=2)) for w in (old, going_on, day("2026-11-03"))])
    history.save([report(old, at=NOW - timedelta(days=1), replyCount=8)])
    assert history.revisions([NAME], since=NOW - timedelta(hours=36), timezone=ZONE)["now"].tolist() == [8, 5]
    history.save([report(w, at=NOW, replyCount=9, inCadenceCount=1, clickCount=None) for w in (old, going_on)])
    found = history.revisions([NAME], since=NOW - timedelta(hours=36), timezone=ZONE)
    assert rows(found[["metric", "before", "now"]]) == [["replies", 6, 9], ["unmarked_replies", 3, 6]]
    first = found.iloc[0]
    assert (first["cadence"], first["bucket"]) == (NAME, "day")
    assert (first["before_at"], first["now_at"]) == (NOW - timedelta(days=2), NOW)
    assert (first["window_start"], first["window_end"]) == (old.first_instant, old.last_instant)
    assert history.revisions([NAME], since=NOW, timezone=ZONE).empty
    assert history.revisions([NAME], since=NOW - timedelta(days=9), timezone=ZONE).empty


def test_a_count_that_appears_or_vanishes_is_a_change(history):
    window = day("2026-11-02")
    history.save([report(window, at=NOW, bounceCount=None), report(window, at=NOW + timedelta(days=1), openCount=None)])
    found = history.revisions([NAME], since=NOW, timezone=ZONE).set_index("metric")
    assert found.loc["bounces", ["before", "now"]].tolist() == [pd.NA, 0]
    assert found.loc["opens", ["before", "now"]].tolist() == [70, pd.NA]


def test_steps_that_did_not_come_are_no_change(history):
    early, late = day("2026-11-02"), day("2026-11-03")
    history.save([report(early, failed=("steps",)), report(late)])
    history.save(
        [report(early, at=NOW + timedelta(days=1)), report(late, at=NOW + timedelta(days=1), failed=("steps",))]
    )
    assert history.revisions([NAME], since=NOW, timezone=ZONE).empty
    history.save([report(late, at=NOW + timedelta(days=2), steps=[step(1, [option(1)], mailCount=39)])])
    found = history.revisions([NAME], since=NOW, timezone=ZONE)
    assert rows(found[["metric", "before", "now"]]) == [["contacted", 40, 39], ["emails_sent", 80, 39]]


def test_absurd_answers_are_kept_as_they_arrived(history):
    absurd = [
        step(10**14, [option(10**14), option(None), option(1), option(1)]),
        step(1, []),
        {"stepType": "\x00\udc00"},
    ]
    kept = report(day("2026-11-02"), steps=absurd, openCount=10**14, replyCount=0)
    history.save([kept])
    options = history.options([NAME], **RANGE, bucket="day")
    assert options["option"].tolist() == [10**14, pd.NA, 1, 1]
    engagements = history.engagements([NAME], **RANGE, bucket="day")
    assert engagements["unmarked_replies"].tolist() == [-3]
    assert (
        latest(history, [cadence()], [day("2026-11-02")], now=NOW)[CadenceKey.of(cadence()), day("2026-11-02")] == kept
    )


def test_many_threads_write_the_same_and_different_windows(database):
    several = [History(database, base_url="https://api.klenty.com", user="sam@x.io") for _ in range(4)]
    reports = [
        report(
            day(f"2026-11-{number:02}"), cadence(f"C{number % 5}"), at=NOW + timedelta(seconds=seed), replyCount=seed
        )
        for number in range(1, 21)
        for seed in range(4)
    ]
    failures = []

    def write(seed):
        rng = random.Random(seed)
        mine = rng.sample(reports, len(reports))
        try:
            for start in range(0, len(mine), 7):
                several[seed].save(mine[start : start + 7])
        except Exception as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert count(several[0], OBSERVATIONS) == 80
    shown = several[0].engagements(
        [f"C{n}" for n in range(5)], start=date(2026, 11, 1), end=date(2026, 11, 30), timezone=ZONE, bucket="day"
    )
    assert shown["replies"].tolist() == [3] * 20
    assert count(several[0], CURRENT_OPTIONS) == 40
