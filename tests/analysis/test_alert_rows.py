"""Alerts as rows: one for each cadence, both rates, and the words of the levels that are surely passed."""

from datetime import date

import pandas as pd
import pytest
from test_watch import engagements, window_row

from dashboard.analysis.watch_list import watch_list as watch
from dashboard.analysis.watch_list.alert_rows import alert_rows


def rows_of(*rows, findings=None):
    frame = engagements(*rows)
    found = watch.level_findings(frame, watch.Levels()) if findings is None else findings
    return alert_rows(found, frame, watch.Levels())


@pytest.mark.parametrize(
    ("bounces", "standing"), [(94, "act"), (35, "watch"), (24, "perhaps")], ids=["act", "watch", "perhaps"]
)
def test_a_rate_has_the_word_of_the_level_that_it_is_surely_above(bounces, standing):
    (row,) = rows_of(window_row("A", bounces=bounces))
    assert row.rates["bounces"].standing == standing
    assert row.rates["bounces"].rate == bounces / 1000
    assert row.rates["unsubscribes"].standing == "ok"
    assert row.days == []


def test_two_findings_of_one_cadence_are_one_row_and_the_order_stays():
    first, second = rows_of(window_row("B", bounces=94, unsubscribes=40), window_row("A", bounces=94))
    assert (first.cadence, len(first.findings)) == ("B", 2)
    assert second.cadence == "A"


def test_what_is_not_reported_has_no_rate():
    (row,) = rows_of(window_row("A", bounces=94, unsubscribes=pd.NA))
    assert set(row.rates) == {"bounces"}


def test_a_day_of_a_cadence_whose_answer_did_not_come_is_still_a_row():
    day = date(2026, 11, 24)
    finding = watch.Finding("day", "Gone", "bounces", "alert", day, day, 12, 80, "emails sent", "Rule.", since=day)
    (row,) = rows_of(window_row("A"), findings=[finding])
    assert (row.cadence, dict(row.rates), row.days, row.since) == ("Gone", {}, [finding], day)
