"""Promises to the pages that show charts: safe titles, small figures, readable text, bounded length."""

import frames_by_hand as by_hand
import pandas as pd
import pytest
from drawn import lines, strings

from dashboard.analysis import metrics
from dashboard.analysis.performance import funnel, sentiment
from dashboard.charts import (
    EmptyChart,
    funnel_chart,
    palette,
    sentiment_chart,
    steps_comparison_chart,
)


def charts_of(name):
    """Charts in which everything is called `name`."""
    rows = by_hand.frame("engagements", [by_hand.engagement(name, **by_hand.PLAIN)])
    steps = metrics.with_rates(by_hand.odd_steps(name), "steps")
    silent = by_hand.frame("engagements", [by_hand.engagement(name), by_hand.engagement("Other", replies=0)])
    return [
        funnel_chart(funnel.funnel(rows)),
        sentiment_chart(sentiment.sentiment(rows)),
        sentiment_chart(sentiment.sentiment(silent)),
        steps_comparison_chart(steps, "reply_rate"),
    ]


@pytest.mark.parametrize("name", by_hand.HOSTILE)
def test_titles_captions_and_reasons_hold_no_names(name):
    """Pages set them as Markdown; names are in figures, tables and text alternatives only."""
    for chart in charts_of(name):
        words = [chart.title, chart.reason] if isinstance(chart, EmptyChart) else [chart.title, chart.caption]
        assert not any(name[:10] in text for text in words)


def test_text_takes_the_strong_colour_of_streamlits_theme():
    """The front end replaces this very value; should a Streamlit change it, texts would be unreadable on dark."""
    theme = pytest.importorskip("streamlit.elements.lib.streamlit_plotly_theme")
    assert theme.GRAY_90 == palette.INK
    figure = funnel_chart(funnel.funnel(by_hand.odd_engagements().head(1))).figure
    assert {note.font.color for note in figure.layout.annotations} == {palette.INK}


def test_figures_are_small():
    for chart in charts_of("Plain"):
        if not isinstance(chart, EmptyChart):
            assert len(chart.figure.to_json()) < 12_000, chart.title
            assert "template" not in chart.figure.to_plotly_json()["layout"]


def test_sentiment_of_fifty_starts_with_all_and_stops_at_twelve():
    rows = [by_hand.engagement(f"Cadence {n}", **{**by_hand.PLAIN, "replies": 24 + n}) for n in range(50)]
    chart = sentiment_chart(sentiment.sentiment(by_hand.frame("engagements", rows)))
    labels = [label for label, _ in lines(chart.figure)]
    assert labels[0] == "<b>All chosen cadences</b>"
    assert [label for label in labels if label.startswith("Cadence")] == [f"Cadence {n}" for n in range(49, 37, -1)]
    assert "12 cadences with most replies of 50" in chart.caption
    assert len(set(chart.table["Cadence"])) == 50
    assert len(chart.figure.to_json()) < 20_000


def test_a_stage_given_twice_is_drawn_once():
    """Two cadences of one name come as two equal answers."""
    stages = funnel.funnel(by_hand.odd_engagements().head(1))
    assert lines(funnel_chart(pd.concat([stages, stages])).figure) == lines(funnel_chart(stages).figure)


def test_a_stage_rate_shows_its_own_counts_where_they_are_not_the_bars():
    chart = funnel_chart(funnel.funnel_total(by_hand.odd_engagements()))
    assert chart.title == "Funnel of all chosen cadences"
    assert dict(lines(chart.figure))["Replies"] == "12,627 · 1.3\u202f% (12,625 of 1,003,608)"


def test_seven_cadences_give_six_series():
    steps = pd.concat([by_hand.odd_steps(f"C{n}") for n in range(7)])
    chart = steps_comparison_chart(metrics.with_rates(steps, "steps"), "reply_rate")
    assert sum(trace.error_x.array is not None for trace in chart.figure.data) == 6
    assert not any("C6" in text for text in strings(chart.figure))


def test_a_reply_to_three_emails_does_not_flatten_the_rest():
    steps = by_hand.frame(
        "steps", [by_hand.step(1, emails_sent=1000, replies=30), by_hand.step(2, emails_sent=3, replies=1)]
    )
    chart = steps_comparison_chart(metrics.with_rates(steps, "steps"), "reply_rate")
    assert chart.figure.layout.xaxis.range[1] < 0.06
    over = by_hand.frame(
        "steps", [by_hand.step(1, emails_sent=1000, replies=30), by_hand.step(2, emails_sent=30, replies=40)]
    )
    beyond = steps_comparison_chart(metrics.with_rates(over, "steps"), "reply_rate")
    assert beyond.figure.layout.xaxis.range[1] < 0.06
    few = by_hand.frame("steps", [by_hand.step(2, emails_sent=3, replies=1)])
    alone = steps_comparison_chart(metrics.with_rates(few, "steps"), "reply_rate")
    assert alone.figure.layout.xaxis.range[1] > 1 / 3
