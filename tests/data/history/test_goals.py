"""Goals are kept with who set them and when; CSV in and out; daily counts of account, owner and cadence."""

from datetime import date, timedelta

import pandas as pd
import pytest

from dashboard.data.goals import Goal, GoalError, GoalKey, cadence_key, goals_of, goals_table
from dashboard.data.history.goals import Goals, read_goal_days
from tests.data.history.conftest import NOW, ZONE, cadence, day, report

ACCOUNT = GoalKey("account", "", "replies", "month")
OWNER = GoalKey("owner", "ann@x.io", "emails_sent", "week")
A, TYPED = cadence("A", id="1", owner="ann@x.io"), cadence("Typed", id=None)


@pytest.fixture
def goals(history):
    return Goals(history.database, history.account)


def test_nobody_has_goals_at_first(goals):
    assert goals.in_force() == []
    assert goals.changes().empty


def test_every_change_stays_known(goals):
    assert goals.set([Goal(ACCOUNT, 50), Goal(OWNER, 200)], person="boss@x.io", now=NOW) == 2
    assert goals.set([Goal(ACCOUNT, 60), Goal(OWNER, 200)], person="ann@x.io", now=NOW + timedelta(days=1)) == 1
    assert goals.set([Goal(OWNER, 200)], person="", now=NOW + timedelta(days=2)) == 1
    assert goals.set([Goal(OWNER, 200)], person="") == 0
    assert goals.in_force() == [Goal(OWNER, 200)]
    changes = goals.changes()
    assert changes["target"].tolist() == [50, 200, 60, pd.NA]
    assert changes["set_by"].tolist() == ["boss@x.io", "boss@x.io", "ann@x.io", ""]
    assert changes["in_force"].tolist() == [False, True, False, False]
    assert changes["set_at"].tolist()[-1] == NOW + timedelta(days=2)


def test_goals_are_each_accounts_own(goals, history):
    goals.set([Goal(ACCOUNT, 50)], person="")
    assert Goals(history.database, history.account + 1).in_force() == []


def test_a_table_comes_back_as_it_went(goals):
    several = [Goal(ACCOUNT, 50), Goal(OWNER, 200), Goal(GoalKey("cadence", "1", "replies", "quarter"), 9)]
    table = goals_table(several, [A])
    assert table["subject"].tolist() == ["", "ann@x.io", "A"]
    text = pd.read_csv(pd.io.common.StringIO(table.to_csv(index=False)), dtype=str)
    assert goals_of(text, [A]) == several
    with_gaps = pd.concat([table, pd.DataFrame([{}])], ignore_index=True)
    assert goals_of(with_gaps, [A]) == several


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("team", "", "replies", "month", 5), "Row 1: scope is one of account, owner, cadence."),
        (("account", "", "reply_rate", "month", 5), "Row 1: metric is one of"),
        (("account", "", "replies", "year", 5), "Row 1: period is one of week, month, quarter."),
        (("account", "", "replies", "month", 0), "Row 1: the target is a whole number from 1"),
        (("account", "", "replies", "month", "many"), "Row 1: the target is a whole number from 1"),
        (("account", "", "replies", "month", "inf"), "Row 1: the target is a whole number from 1"),
        (("account", "x", "replies", "month", 5), "leave the subject of the account empty"),
        (("owner", "", "replies", "month", 5), "name the owner by email address"),
        (("cadence", "B", "replies", "month", 5), "the account lists no cadence of this name"),
    ],
)
def test_what_is_no_goal_is_said_by_its_row(row, said):
    columns = ["scope", "subject", "metric", "period", "target"]
    with pytest.raises(GoalError, match=said):
        goals_of(pd.DataFrame([row], columns=columns), [A])


def test_two_goals_for_the_same_and_a_missing_column_are_refused():
    table = goals_table([Goal(ACCOUNT, 50), Goal(ACCOUNT, 60)], [])
    with pytest.raises(GoalError, match="Row 2 is for the same"):
        goals_of(table, [])
    with pytest.raises(GoalError, match="The column target is missing"):
        goals_of(table.drop(columns="target"), [])


def test_daily_counts_are_of_the_account_its_owners_and_cadences(history):
    history.record_listing([A], NOW - timedelta(hours=1))
    history.save([report(day("2026-11-02"), A), report(day("2026-11-03"), A, replyCount=9)])
    history.save([report(day("2026-11-02"), TYPED), report(day("2026-11-02", days=7), A)])
    keys = [ACCOUNT, OWNER, GoalKey("cadence", "1", "replies", "week"),
            GoalKey("cadence", cadence_key(TYPED), "replies", "week")]  # fmt: skip
    options = {"start": date(2026, 11, 1), "end": date(2026, 11, 30), "timezone": ZONE}
    found = read_goal_days(history.database, history.account, keys, **options)
    counted = {(row.scope, row.subject, row.day): row.replies for row in found.itertuples()}
    first, second = date(2026, 11, 2), date(2026, 11, 3)
    assert counted == {
        ("account", "", first): 12, ("account", "", second): 9, ("owner", "ann@x.io", first): 6,
        ("owner", "ann@x.io", second): 9, ("cadence", "1", first): 6, ("cadence", "1", second): 9,
        ("cadence", "name:Typed", first): 6,
    }  # fmt: skip
    assert read_goal_days(history.database, history.account, [], **options).empty
