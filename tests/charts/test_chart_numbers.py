"""What is drawn equals the counts, recomputed here from the frames' rows."""

import frames_by_hand as by_hand
import pandas as pd
import pytest
from drawn import annotations, arrows, bars, lines, shown, wilson_by_formula

from dashboard.analysis.performance import funnel, sentiment
from dashboard.charts import (
    EmptyChart,
    funnel_chart,
    palette,
    sentiment_chart,
    steps_comparison_chart,
)


def cadence(name: str) -> pd.DataFrame:
    rows = by_hand.odd_engagements()
    return rows[rows["cadence"] == name]


def engagements(**named: dict[str, int | None]) -> pd.DataFrame:
    return by_hand.frame("engagements", [by_hand.engagement(name, **counts) for name, counts in named.items()])


def interval(x: int, n: int) -> tuple[float, float, float]:
    low, high = wilson_by_formula(x, n)
    return x / n, x / n - low, high - x / n


# ---- funnel


def test_funnel_bars_are_the_counts_and_faint_ones_the_base():
    figure = funnel_chart(funnel.funnel(cadence("Plain"))).figure
    assert bars(figure, palette.MAIN) == {
        "Prospects added": 120, "Prospects contacted": 300, "Replies": 24, "Positive replies": 10,
    }  # fmt: skip
    assert bars(figure, palette.GREY) == {
        "Completed, no reply": 31,
        "Bounced": 9,
        "Unsubscribed": 3,
        "In cadence now": 64,
    }
    based = ["Prospects contacted", "Replies", "Positive replies", "Bounced", "Unsubscribed"]
    assert bars(figure, palette.GHOST) == dict.fromkeys(based, 300)


def test_funnel_texts_name_count_rate_and_base():
    figure = funnel_chart(funnel.funnel(cadence("Plain"))).figure
    assert shown(figure, "Replies") == "24 · 8.0\u202f% of 300 contacted"
    assert shown(figure, "Positive replies") == "10 · 41.7\u202f% of 24 replies"
    assert shown(figure, "Bounced") == "9 · 3.0\u202f% of 300 contacted"
    assert shown(figure, "Prospects added") == "120"
    assert shown(figure, "In cadence now") == "64"  # a present state is no part of any rate


def test_funnel_sets_apart_who_left_and_who_is_in_it_now():
    labels = [label for label, _ in lines(funnel_chart(funnel.funnel(cadence("Plain"))).figure)]
    left, now = (next(i for i, label in enumerate(labels) if word in label) for word in ("Left", "Now"))
    assert labels[:left] == ["Prospects added", "Prospects contacted", "Replies", "Positive replies"]
    assert labels[left + 1 : now] == ["Completed, no reply", "Bounced", "Unsubscribed"]
    assert labels[now + 1 :] == ["In cadence now"]


def test_funnel_without_a_base_has_no_faint_bars_and_no_rates():
    chart = funnel_chart(funnel.funnel(cadence("No denominator")))
    assert bars(chart.figure, palette.GHOST) == {}
    assert shown(chart.figure, "Prospects contacted") == "not reported"
    assert shown(chart.figure, "Bounced") == "5"
    assert "No base" in chart.caption


def test_funnel_says_when_first_emails_replace_the_contacted():
    chart = funnel_chart(funnel.funnel(cadence("Stand-in")))
    assert "first-step emails standing in" in chart.caption


def test_a_funnel_rate_over_100_percent_is_shown():
    figure = funnel_chart(funnel.funnel(cadence("Over 100"))).figure
    assert shown(figure, "Bounced") == "9 · 112.5\u202f% of 8 contacted"
    assert bars(figure, palette.GREY)["Bounced"] == 9


def test_the_funnel_of_all_is_the_sum_of_each():
    rows = by_hand.odd_engagements()
    figure = funnel_chart(funnel.funnel_total(rows)).figure
    for label, column in (("Prospects added", "prospects_added"), ("Replies", "replies")):
        expected = sum(int(value) for value in rows[column] if value is not pd.NA)
        assert bars(figure, palette.MAIN)[label] == expected
        assert shown(figure, label).startswith(f"{expected:,}")


def test_a_funnel_of_several_cadences_is_refused():
    with pytest.raises(ValueError, match="one cadence"):
        funnel_chart(funnel.funnel(by_hand.odd_engagements()))


# ---- sentiment


def shares(figure):
    """Shares by class, in the order of the stack; one list entry per bar."""
    return {trace.name: list(trace.x) for trace in figure.data if trace.type == "bar"}


def test_sentiment_shares_are_counts_of_replies_in_a_fixed_order():
    chart = sentiment_chart(sentiment.sentiment(cadence("Plain")))
    found = shares(chart.figure)
    assert list(found) == ["Positive", "Negative", "Unmarked"]
    assert [found[kind][0] for kind in found] == pytest.approx([10 / 24, 8 / 24, 6 / 24])
    texts = {trace.name: trace.text[0] for trace in chart.figure.data if trace.type == "bar"}
    assert texts == {"Positive": "10", "Negative": "8", "Unmarked": "6"}
    assert shown(chart.figure, "Positive") == "41.7\u202f% (10 of 24)"
    assert shown(chart.figure, "Plain") == "24 replies, 75.0\u202f% marked"
    assert chart.figure.layout.barmode == "stack"


def test_sentiment_keeps_its_colours():
    for name in ("Plain", "No sentiment", "Half sentiment"):
        for trace in sentiment_chart(sentiment.sentiment(cadence(name))).figure.data:
            if trace.type == "bar":
                kind = trace.name.lower().replace(" ", "_")
                assert trace.marker.color == palette.SENTIMENT[kind]


def test_sentiment_not_reported_is_a_state_of_its_own():
    chart = sentiment_chart(sentiment.sentiment(cadence("No sentiment")))
    found = shares(chart.figure)
    assert found["Not reported"] == [1.0]
    assert [found[kind] for kind in ("Positive", "Negative", "Unmarked")] == [[None]] * 3
    assert shown(chart.figure, "Positive") == "not reported"
    assert shown(chart.figure, "No sentiment") == "24 replies, not reported"
    assert "24 replies, not reported" in chart.alt


def test_sentiment_half_reported_leaves_the_rest_unknown():
    found = shares(sentiment_chart(sentiment.sentiment(cadence("Half sentiment"))).figure)
    assert found["Positive"] == pytest.approx([10 / 24])
    assert found["Not reported"] == pytest.approx([14 / 24])
    assert found["Negative"] == found["Unmarked"] == [None]


def test_more_marked_than_received_gives_counts_and_a_warning_instead_of_shares():
    chart = sentiment_chart(sentiment.sentiment(cadence("Over-marked")))
    found = {}
    for colour in palette.SENTIMENT.values():
        found |= bars(chart.figure, colour)
    assert found == {"Replies received": 4, "Marked positive": 5, "Marked negative": 1}
    assert not any("%" in text for text in annotations(chart.figure))
    assert "not shares" in chart.caption


@pytest.mark.parametrize("name", ["All zero", "Replies unknown", "Nothing reported"])
def test_without_replies_there_is_no_sentiment_to_draw(name):
    assert isinstance(sentiment_chart(sentiment.sentiment(cadence(name))), EmptyChart)


def test_sentiment_of_several_has_a_bar_for_all_over_those_that_report_all():
    rows = engagements(
        Big={"replies": 100, "positive_replies": 50, "negative_replies": 10},
        Small={"replies": 10, "positive_replies": 1, "negative_replies": 9},
        Silent={"replies": 40},
    )
    chart = sentiment_chart(sentiment.sentiment(rows))
    found = shares(chart.figure)
    assert found["Positive"][0] == pytest.approx(51 / 110)
    assert found["Negative"][0] == pytest.approx(19 / 110)
    assert found["Unmarked"][0] == pytest.approx(40 / 110)
    for bar in range(4):
        assert sum(found[kind][bar] or 0 for kind in found) == pytest.approx(1)


# ---- steps of several


def test_steps_of_cadences_are_grouped_by_step_each_with_colour_and_symbol():
    chart = steps_comparison_chart(pd.concat([by_hand.odd_steps("A"), by_hand.odd_steps("B")]), "reply_rate")
    dotted = [trace for trace in chart.figure.data if trace.error_x.array is not None]
    assert [(trace.marker.color, trace.marker.symbol) for trace in dotted] == list(
        zip(palette.SERIES[:2], palette.SYMBOLS[:2], strict=True)
    )
    for trace in dotted:
        assert list(trace.x) == pytest.approx([12 / 300, 6 / 200])
        assert list(trace.error_x.array) == pytest.approx([interval(12, 300)[2], interval(6, 200)[2]])
    places = sorted(y for trace in dotted for y in trace.y)
    assert places[1] - places[0] < places[2] - places[1]  # A and B of one step together
    assert [label for label, _ in lines(chart.figure)] == ["A", "B", "<b>Step 1</b>", "<b>Step 3</b>", "<b>Step 7</b>"]
    assert "Step 1: A 4.0 % (12 of 300), B 4.0 % (12 of 300)" in chart.alt


def test_a_rate_over_100_percent_keeps_its_number_and_gets_no_interval():
    chart = steps_comparison_chart(by_hand.odd_steps("A"), "reply_rate")
    ((place, value),) = arrows(chart.figure).values()
    assert value == pytest.approx(5 / 3)
    assert place == chart.figure.layout.xaxis.range[1]
    assert "beyond the axis" in chart.caption


def test_opens_per_email_have_no_interval():
    (dotted,) = [
        trace for trace in steps_comparison_chart(by_hand.odd_steps("A"), "opens_per_email").figure.data
        if trace.error_x.array is not None
    ]  # fmt: skip
    assert set(dotted.error_x.array) == {None}
