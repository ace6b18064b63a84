"""Cadences and periods side by side."""

import frames_by_hand as hand
import pandas as pd
import pytest

from dashboard.analysis.metrics import with_rates
from dashboard.analysis.performance.compare import comparison, differences, row_names
from dashboard.analysis.stats.proportions import wilson

COLUMNS = ["name", "cadence", "period", "metric", "value", "low", "high", "events", "trials", "base", "compared_by"]


def test_values_are_the_registrys_rates_and_counts():
    rated = with_rates(hand.odd_engagements(), "engagements")
    frame = comparison(rated, ["reply_rate", "emails_sent", "opens_per_email"])
    assert list(frame.columns) == COLUMNS
    for metric in ("reply_rate", "emails_sent", "opens_per_email"):
        own = frame[frame["metric"] == metric]
        expected = rated[metric].astype("Float64").reset_index(drop=True)
        pd.testing.assert_series_equal(own["value"].reset_index(drop=True), expected, check_names=False)


def test_intervals_are_for_proportions_only():
    frame = comparison(hand.odd_engagements(), ["reply_rate", "emails_sent", "opens_per_email"])
    rows = frame.set_index(["metric", "cadence"])
    plain = rows.loc[("reply_rate", "Plain")]
    assert (plain["low"], plain["high"]) == pytest.approx(wilson(24, 640))
    assert (plain["events"], plain["trials"]) == (24, 640)
    assert pd.isna(rows.loc[("reply_rate", "Over 100"), "low"])
    assert rows.loc[["emails_sent", "opens_per_email"], "low"].isna().all()
    assert rows.loc[("reply_rate", "All zero"), ["events", "trials"]].tolist() == [0, 0]


def test_two_periods_are_named_by_their_days():
    frame = hand.frame(
        "engagements", [hand.engagement("One", hand.BEFORE, **hand.PLAIN), hand.engagement("One", **hand.PLAIN)]
    )
    names = comparison(frame, ["replies"], by="period")["name"].tolist()
    assert names == ["29 Sep – 26 Oct 2026", "27 Oct – 23 Nov 2026"]


def test_equal_names_are_distinguished_whatever_the_index():
    rows = [hand.engagement("Twin", replies=n, emails_sent=10) for n in (1, 2, 3)]
    for row, identity in zip(rows, ("a", "b", None), strict=True):
        row["cadence_id"] = identity
    frame = hand.frame("engagements", rows)
    frame.index = pd.Index([7, 7, 7])
    assert row_names(frame, "cadence").tolist() == ["Twin", "Twin (2)", "Twin (3)"]
    assert comparison(frame, ["replies"])["name"].tolist() == ["Twin", "Twin (2)", "Twin (3)"]


def test_steps_of_one_cadence_share_its_name():
    steps = pd.concat([hand.odd_steps("One"), hand.odd_steps("Two"), hand.odd_steps("One", hand.BEFORE)])
    assert set(row_names(steps, "cadence")) == {"One", "Two", "One (2)"}
    assert set(row_names(steps, "period")) == {
        "27 Oct – 23 Nov 2026", "27 Oct – 23 Nov 2026 (2)", "29 Sep – 26 Oct 2026",
    }  # fmt: skip


def test_nothing_to_compare():
    empty = comparison(hand.frame("engagements", []), ["reply_rate"])
    assert list(empty.columns) == COLUMNS
    assert comparison(hand.odd_engagements(), []).empty
    assert dict(empty.dtypes) == dict(comparison(hand.odd_engagements(), ["reply_rate"]).dtypes)


def of(*counts, by="cadence"):
    windows = (hand.BEFORE, hand.NOW)[: len(counts)] if by == "period" else (hand.NOW,) * len(counts)
    rows = [
        hand.engagement("A" if by == "period" else f"C{at}", where, replies=x, contacted=n, emails_sent=2 * n)
        for at, ((x, n), where) in enumerate(zip(counts, windows, strict=True))
    ]
    return comparison(hand.frame("engagements", rows), ["reply_rate_contacted", "emails_sent"], by=by)


def chips(frame, **more):
    return {name: found.chip and found.chip.text for (_, name), found in differences(frame, **more).items()}


def test_a_cadence_is_held_against_the_others_added_up():
    found = differences(of((90, 900), (20, 1000), (22, 1000)))
    assert {name: difference.chip.text for (_, name), difference in found.items()} == {
        "C0": "higher", "C1": "lower", "C2": "lower",
    }  # fmt: skip
    assert {difference.chip.tone for difference in found.values()} == {"neutral"}
    assert found["reply_rate_contacted", "C0"].words.startswith("Against the others together: +7.9 points (")
    assert {metric for metric, _ in found} == {"reply_rate_contacted"}  # counts have no verdict


def test_what_may_be_chance_has_no_chip_and_few_are_called_few():
    assert chips(of((50, 1000), (52, 1000))) == {"C0": None, "C1": None}
    assert chips(of((1, 100), (2, 100))) == {"C0": "too few", "C1": "too few"}
    assert chips(of((5, 0), (52, 1000))) == {}


def test_the_later_period_is_held_against_the_earlier_one():
    frame = of((20, 1000), (60, 1000), by="period")
    assert chips(frame) == {"27 Oct – 23 Nov 2026": "up 4.0 pt"}
    fall = of((60, 1000), (20, 1000), by="period")
    assert chips(fall) == {"27 Oct – 23 Nov 2026": "down 4.0 pt"}
    assert chips(fall, maturing=True) == {"27 Oct – 23 Nov 2026": "maturing"}
    assert chips(of((60, 1000), by="period")) == {}
