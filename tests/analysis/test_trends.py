"""Rows of a trend: every window is there, what is missing says so, and what may still change is distinguished."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import frames_by_hand as by_hand
import pandas as pd
import pytest
from scipy.stats import norm

from dashboard.analysis.performance.trends import METRICS_OVER_TIME, over, trend
from dashboard.data.account_check.facts import AccountFacts

DAY = date(2026, 11, 2)  # a Monday
DAYS = [(DAY + timedelta(days=back), DAY + timedelta(days=back)) for back in range(4)]


def row(cadence: str, day: date, *, fetched: datetime | None = None, **counts: int) -> dict[str, object]:
    return by_hand.window(day, 1) | {"cadence": cadence} | ({"fetched_at": fetched} if fetched else {}) | counts


def engagements(*rows: dict[str, object]) -> pd.DataFrame:
    return by_hand.frame("engagements", list(rows))


def test_every_window_of_every_cadence_has_a_row_in_order():
    frame = trend(engagements(row("B", DAYS[1][0], replies=3)), ["A", "B"], DAYS, "replies")
    assert frame["cadence"].tolist() == ["A"] * 4 + ["B"] * 4
    assert frame["start"].tolist() == [start for start, _ in DAYS] * 2
    assert frame["state"].tolist() == ["missing"] * 5 + ["final"] + ["missing"] * 2
    assert frame["value"].isna().tolist() == [True] * 5 + [False] + [True] * 2
    assert frame["value"][5] == 3


def test_rates_follow_the_chosen_denominator_and_first_step_emails_never_replace_them():
    stand_in = row("A", DAY, replies=3, contacted=10, emails_sent=40) | {"contacted_source": "first_email_step"}
    reported = row("B", DAY, replies=3, contacted=20, emails_sent=40) | {"contacted_source": "reported"}
    both = engagements(stand_in, reported)
    assert over("reply_rate", "contacted", both) == "reply_rate_contacted"
    assert over("reply_rate", "email", both) == "reply_rate"
    assert over("reply_rate", "contacted", engagements(stand_in)) == "reply_rate"
    assert over("replies", "contacted", both) == "replies"
    frame = trend(both, ["A", "B"], DAYS[:1], "reply_rate_contacted").set_index("cadence")
    assert pd.isna(frame.loc["A", "value"])
    assert frame.loc["B", "value"] == 3 / 20


def test_a_rate_carries_its_counts_and_wilsons_interval():
    frame = trend(engagements(row("A", DAY, replies=3, emails_sent=40)), ["A"], DAYS[:1], "reply_rate")
    (only,) = frame.to_dict("records")
    assert (only["events"], only["trials"], only["value"]) == (3, 40, 3 / 40)
    z, p, n = norm.ppf(0.975), 3 / 40, 40
    middle, half = (
        (p + z * z / 2 / n) / (1 + z * z / n),
        z * (p * (1 - p) / n + z * z / 4 / n / n) ** 0.5 / (1 + z * z / n),
    )
    assert (only["low"], only["high"]) == (pytest.approx(middle - half), pytest.approx(middle + half))


@pytest.mark.parametrize(
    ("counts", "events", "value"),
    [
        ({"emails_sent": 0, "replies": 0}, 0, None),
        ({"emails_sent": 5}, None, None),
        ({"emails_sent": 2, "replies": 3}, 3, 1.5),
    ],
)
def test_no_number_where_there_is_none_and_none_is_cut(counts, events, value):
    (only,) = trend(engagements(row("A", DAY, **counts)), ["A"], DAYS[:1], "reply_rate").to_dict("records")
    assert (None if pd.isna(only["events"]) else only["events"]) == events
    assert (None if pd.isna(only["value"]) else only["value"]) == value
    assert pd.isna(only["low"])
    assert pd.isna(only["high"])


def test_an_answer_is_judged_by_its_age_when_it_arrived_not_by_today():
    zone = ZoneInfo("Europe/Berlin")
    end = datetime(2026, 11, 2, 23, 59, 59, 999_000, zone)
    states = {
        end - timedelta(seconds=1): "running",
        end + timedelta(days=6, hours=23): "maturing",
        end + timedelta(days=7, seconds=1): "final",
    }
    for fetched, state in states.items():
        frame = trend(engagements(row("A", DAY, fetched=fetched, replies=1)), ["A"], DAYS[:1], "replies")
        assert frame["state"].tolist() == [state]


def test_nothing_is_maturing_where_events_count_on_their_own_date():
    end = datetime(2026, 11, 2, 23, 59, 59, 999_000, ZoneInfo("Europe/Berlin"))
    for late, state in ((-1, "running"), (1, "final")):
        told = engagements(row("A", DAY, fetched=end + timedelta(seconds=late), replies=1))
        for dated_by, expected in (("event", state), ("send", "running" if late < 0 else "maturing")):
            frame = trend(told, ["A"], DAYS[:1], "replies", AccountFacts(dated_by=dated_by))
            assert frame["state"].tolist() == [expected]


@pytest.mark.parametrize("metric", METRICS_OVER_TIME)
def test_nothing_at_all_is_all_missing(metric):
    empty = trend(engagements(), ["A"], DAYS, metric)
    assert empty["state"].tolist() == ["missing"] * 4
    assert empty["value"].isna().all()
    assert trend(engagements(), [], DAYS, metric).empty
