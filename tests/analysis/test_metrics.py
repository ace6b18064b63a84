"""The registry, and how numbers are formed and written."""

from fractions import Fraction
from typing import get_args

import frames_by_hand as hand
import pandas as pd
import pytest

from dashboard.analysis.metrics import (
    METRICS,
    as_int,
    definitions,
    denominator_label,
    format_count,
    format_percent,
    format_rate,
    format_value,
    rates_of,
    with_rates,
)
from dashboard.analysis.metrics.metric import Kind


def test_every_count_column_of_every_frame_is_in_the_registry():
    counts = {*hand.ENGAGEMENT_COUNTS, *hand.STEP_COUNTS, *hand.OPTION_COUNTS}
    assert counts == {key for key, metric in METRICS.items() if metric.kind == "count"}
    for table, columns in (("engagements", hand.ENGAGEMENT_COUNTS), ("steps", hand.STEP_COUNTS)):
        assert set(columns) == {k for k, m in METRICS.items() if m.kind == "count" and table in m.tables}


@pytest.mark.parametrize("table", ["engagements", "steps", "options"])
def test_a_rate_is_formed_from_columns_its_frame_has(table):
    for metric in rates_of(table):
        assert set(metric.columns) <= set(hand.COLUMNS[table]), metric.key


def test_no_rate_is_based_on_prospects_added_or_on_the_present_state():
    for metric in METRICS.values():
        assert "prospects_added" not in (metric.denominator or "")
        assert "in_cadence_now" not in (metric.denominator or "") + (metric.numerator or "")


def test_counts_of_people_and_rates_do_not_add_up():
    for metric in METRICS.values():
        if metric.unit == "prospects" or metric.kind != "count":
            assert not metric.additive, metric.key


def test_every_metric_is_of_a_known_kind():
    assert {metric.kind for metric in METRICS.values()} == set(get_args(Kind))


def test_labels_are_distinct_and_texts_complete():
    labels = [metric.label for metric in METRICS.values()]
    assert len(set(labels)) == len(labels)
    for metric in METRICS.values():
        assert metric.formula.endswith(".")
        assert metric.key in METRICS
        assert metric.kind == "count" or metric.base_label


def test_rates_equal_exact_fractions_of_the_counts():
    rated = with_rates(hand.odd_engagements(), "engagements").set_index("cadence")
    plain = rated.loc["Plain"]
    assert plain["reply_rate"] == float(Fraction(24, 640))
    assert plain["reply_rate_contacted"] == float(Fraction(24, 300))
    assert plain["bounce_rate"] == float(Fraction(9, 300))
    assert plain["unsubscribe_rate_sent"] == float(Fraction(3, 640))
    assert plain["opens_per_email"] == float(Fraction(410, 640))
    assert plain["positive_share"] == float(Fraction(10, 18))
    assert plain["positive_of_replies"] == float(Fraction(10, 24))
    assert plain["sentiment_coverage"] == float(Fraction(18, 24))
    assert rated.loc["A million", "opens_per_email"] == 7.654321


def test_missing_counts_and_empty_denominators_give_empty_rates():
    rated = with_rates(hand.odd_engagements(), "engagements").set_index("cadence")
    keys = [metric.key for metric in rates_of("engagements")]
    assert rated.loc[["Nothing reported", "All zero"], keys].isna().to_numpy().all()
    assert pd.isna(rated.loc["No denominator", "bounce_rate"])
    assert rated.loc["No denominator", "positive_of_replies"] == 0.5


def test_events_without_trials_are_no_infinite_rate():
    frame = hand.frame("engagements", [hand.engagement("Late replies", emails_sent=0, contacted=0, replies=3, opens=2)])
    rated = with_rates(frame, "engagements")
    assert rated[[metric.key for metric in rates_of("engagements")]].isna().to_numpy().all()


def test_a_rate_over_one_is_not_clamped():
    rated = with_rates(hand.odd_engagements(), "engagements").set_index("cadence")
    assert rated.loc["Over 100", "reply_rate"] == 1.2
    assert rated.loc["Over 100", "bounce_rate"] == 1.125


@pytest.mark.parametrize("table", ["engagements", "steps", "options"])
def test_rates_are_nullable_floats_without_nan_and_survive_an_empty_frame(table):
    full = {"engagements": hand.odd_engagements, "steps": hand.odd_steps, "options": hand.odd_options}[table]()
    for frame in (full, full.iloc[:0]):
        rated = with_rates(frame, table)
        for metric in rates_of(table):
            column = rated[metric.key]
            assert column.dtype == "Float64"
            assert not any(value != value for value in column.dropna())  # noqa: PLR0124  # NaN
            assert not column.isin([float("inf")]).any()
        assert list(rated.columns[: len(frame.columns)]) == list(frame.columns)


def test_the_rest_of_the_frame_is_left_alone():
    frame = hand.odd_engagements()
    before = frame.copy()
    with_rates(frame, "engagements")
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234, "1,234"), (0, "0"), (None, "not reported"), (pd.NA, "not reported"), (float("nan"), "not reported"),
     (-2, "−2"), (1_000_000, "1,000,000")],
)  # fmt: skip
def test_format_count(value, text):
    assert format_count(value) == text


@pytest.mark.parametrize(
    ("events", "trials", "metric", "text"),
    [
        (6, 200, "reply_rate", "3.0 % (6 of 200)"),
        (0, 200, "reply_rate", "0.0 % (0 of 200)"),
        (1, 400, "reply_rate", "0.25 % (1 of 400)"),
        (1, 1_000_000, "reply_rate", "< 0.01 % (1 of 1,000,000)"),
        (9999, 10_000, "reply_rate", "> 99.9 % (9,999 of 10,000)"),
        (10, 10, "reply_rate", "100.0 % (10 of 10)"),
        (12, 10, "reply_rate", "120.0 % (12 of 10)"),
        (0, 0, "reply_rate", "– (0 of 0)"),
        (3, 0, "reply_rate", "– (3 of 0)"),
        (None, 10, "reply_rate", "not reported"),
        (3, pd.NA, "reply_rate", "not reported"),
        (270, 200, "opens_per_email", "1.35 per email (270 opens, 200 emails)"),
        (0, 0, "clicks_per_email", "– (0 clicks, 0 emails)"),
    ],
)
def test_format_rate_always_shows_its_counts(events, trials, metric, text):
    assert format_rate(events, trials, metric) == text
    assert format_rate(events, trials, METRICS[metric]) == text


def test_what_replaces_those_contacted_is_called_what_it_is():
    rate = METRICS["bounce_rate"]
    assert denominator_label(rate) == denominator_label(rate, ["reported", None]) == "prospects contacted"
    assert denominator_label(rate, ["first_email_step"]) == "first-step emails"
    assert denominator_label(rate, ["first_email_step", "reported"]) == "prospects contacted, or first-step emails"
    assert denominator_label(METRICS["reply_rate"], ["first_email_step"]) == "emails sent"
    assert (
        format_rate(3, 100, rate, base=denominator_label(rate, ["first_email_step"]))
        == "3.0 % (3 of 100 first-step emails)"
    )


def test_format_rate_names_its_base_on_request():
    assert format_rate(6, 200, "reply_rate", base=True) == "3.0 % (6 of 200 emails sent)"
    assert format_rate(10, 18, "positive_share", base=True) == "55.6 % (10 of 18 marked replies)"


@pytest.mark.parametrize(
    ("fraction", "text"), [(0.00995, "1.0 %"), (0.0099, "0.99 %"), (0.9995, "> 99.9 %"), (0.999, "99.9 %")]
)
def test_rounding_hides_neither_something_nor_its_lack(fraction, text):
    assert format_percent(fraction) == text


def test_format_value():
    assert format_value(0.03, "reply_rate") == "3.0 %"
    assert format_value(1.35, "opens_per_email") == "1.35"
    assert format_value(pd.NA, "reply_rate") == "–"
    assert format_value(pd.NA, "replies") == "not reported"
    assert format_value(1200, "replies") == "1,200"


def test_axis_titles_name_unit_or_base():
    assert METRICS["reply_rate"].axis_title == "Reply rate (of emails sent)"
    assert METRICS["contacted"].axis_title == "Prospects contacted"
    assert METRICS["bounces"].axis_title == "Bounced (prospects)"
    assert METRICS["opens_per_email"].axis_title == "Opens per email"


def test_definitions_hold_every_metric_in_order():
    sheet = definitions()
    assert list(sheet.columns) == ["metric", "label", "formula", "numerator", "denominator", "unit", "adds_up", "note"]
    assert list(sheet["metric"]) == list(METRICS)
    assert set(sheet["adds_up"]) == {"yes", "no"}
    assert sheet.set_index("metric").loc["reply_rate", "denominator"] == "emails_sent"


@pytest.mark.parametrize(("value", "number"), [(pd.NA, None), (None, None), (float("nan"), None), (3.0, 3), (0, 0)])
def test_whole(value, number):
    assert as_int(value) == number
