"""The roll-up of accounts: always what the single days add up to, whatever is written, doubted or given back."""

import random
from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import sqlalchemy as sa

from dashboard.data.database.tables import ACCOUNT_COUNTS, ACCOUNT_DAYS, CURRENT_WINDOWS, SERIES
from dashboard.data.history import History
from dashboard.data.history.account_days import account_totals
from tests.data.history.conftest import NOW, ZONE, cadence, day, report

RANGE = {"start": date(2026, 11, 1), "end": date(2026, 11, 30), "timezone": ZONE}


def added_up(database, *, together=False):
    """What the current single days add up to, by plain SQL."""
    window = CURRENT_WINDOWS.c
    owner = sa.literal("*") if together else sa.func.coalesce(window.owner, "")
    sums = sa.select(
        SERIES.c.account_id, SERIES.c.timezone, window.first_day, owner, sa.func.count(),
        *(sa.cast(sa.func.sum(window[name]), sa.BigInteger) for name in ACCOUNT_COUNTS),
    )  # fmt: skip
    sums = sums.join_from(CURRENT_WINDOWS, SERIES, SERIES.c.id == window.series_id)
    sums = sums.where(window.days == 1, window.engagement_at.is_not(None))
    groups = [SERIES.c.account_id, SERIES.c.timezone, window.first_day, *([] if together else [owner])]
    sums = sums.group_by(*groups)
    with database.reading() as connection:
        mine = ACCOUNT_DAYS.c.owner == "*" if together else ACCOUNT_DAYS.c.owner != "*"
        kept = connection.execute(sa.select(*ACCOUNT_DAYS.c).where(mine)).all()
        return sorted(map(tuple, connection.execute(sums))), sorted(map(tuple, kept))


def test_it_is_what_the_days_add_up_to_whatever_happens(history, database):
    rng = random.Random(5)
    cadences = [cadence(f"C{n}", owner=rng.choice(["ann@x.io", "bob@x.io", None])) for n in range(6)]
    other = History(database, base_url="https://api.klenty.com", user="kim@x.io")
    for hour in range(12):
        at = NOW + timedelta(hours=hour)
        for each in (history, other):
            each.save(
                [
                    report(day(f"2026-11-{rng.randint(1, 5):02}", rng.choice([1, 1, 7])),
                           replace(rng.choice(cadences), owner=rng.choice(["ann@x.io", "bob@x.io", None])),
                           at=at - timedelta(minutes=rng.choice([0, 90])), failed=rng.choice([(), (), ("steps",)]),
                           replyCount=rng.choice([None, 1, 7]), bounceCount=rng.randint(0, 3))
                    for _ in range(9)
                ]
            )  # fmt: skip
        for together in (False, True):
            expected, kept = added_up(database, together=together)
            assert kept == expected
    history.record_listing(cadences, NOW + timedelta(days=1))
    history.save([report(day("2026-11-02"), cadences[0], at=NOW + timedelta(days=2), replyCount=40)])
    history.record_listing([replace(c, name=f"new {c.name}") for c in cadences], NOW + timedelta(days=3))
    for together in (False, True):
        expected, kept = added_up(database, together=together)
        assert kept == expected


def test_a_row_for_each_account(history, database):
    other = History(database, base_url="https://api.klenty.com", user="kim@x.io")
    history.save([report(day("2026-11-02"), cadence(f"C{n}"), replyCount=n, bounceCount=None) for n in range(4)])
    history.save([report(day("2026-11-03"), cadence("C1", owner="bob@x.io"), replyCount=10)])
    other.save([report(day("2026-11-02", 7))])
    found = account_totals(database, [history.account, other.account], **RANGE)
    assert found[["account_id", "days", "windows", "replies", "bounces"]].to_numpy().tolist() == [
        [history.account, 2, 5, 16, 0]
    ]
    owners = account_totals(database, [history.account], **RANGE, by_owner=True)
    assert owners[["owner", "replies"]].to_numpy().tolist() == [["bob@x.io", 10], ["sam@x.io", 6]]
    assert owners["bounces"].tolist() == [0, pd.NA]
    assert account_totals(database, [], **RANGE).empty
