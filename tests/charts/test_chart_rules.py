"""What holds for every chart, over the oddest frames there are."""

import json
import math
import re
import tomllib
from pathlib import Path

import frames_by_hand as by_hand
import pandas as pd
import plotly.graph_objects as go
import pytest
from drawn import everything, strings

from dashboard.analysis import metrics
from dashboard.analysis.performance import funnel, ranking, sentiment
from dashboard.charts import (
    Chart,
    EmptyChart,
    funnel_chart,
    palette,
    ranking_chart,
    sentiment_chart,
    steps_comparison_chart,
)

HOSTILE = by_hand.HOSTILE
NAMES = ["Plain", "A million", "Over-marked", "Nothing reported", HOSTILE[1], HOSTILE[2], HOSTILE[3]]
RATES = ["reply_rate", "positive_reply_rate", "bounce_rate", "unsubscribe_rate", "opens_per_email"]


def odd_charts():
    """Charts by a name for each, of frames with everything odd in them."""
    rows = metrics.with_rates(by_hand.odd_engagements(), "engagements")
    charts = {}
    for name, one in rows.groupby("cadence", sort=False):
        charts[f"funnel of {name[:20]}"] = funnel_chart(funnel.funnel(one))
        charts[f"sentiment of {name[:20]}"] = sentiment_chart(sentiment.sentiment(one))
    charts["funnel of all"] = funnel_chart(funnel.funnel_total(rows))
    charts["sentiment of all"] = sentiment_chart(sentiment.sentiment(rows))
    for per in ("contacted", "email"):
        ranked = ranking.in_order(ranking.ranked(rows, per), "score", per)
        charts[f"ranking per {per}"] = ranking_chart(ranked, ranking.base_rate(per), average=ranking.average(rows, per))
    apart = ranking.ranked(rows, "email", within="owner").sort_values("owner", na_position="last")
    charts["ranking within owners"] = ranking_chart(apart, "reply_rate", within="owner")
    of_owners = ranking.owners(rows.assign(owner=rows["cadence"]), "email")
    charts["ranking of owners"] = ranking_chart(of_owners, "reply_rate", by="owner")
    charts["ranking of none"] = ranking_chart(of_owners.iloc[:0], "reply_rate", by="owner")
    several = metrics.with_rates(pd.concat([by_hand.odd_steps(name) for name in NAMES]), "steps")
    for key in (*RATES[:2], "opens_per_email", "emails_sent"):
        charts[f"steps {key}"] = steps_comparison_chart(several, key)
    periods = pd.concat([by_hand.odd_steps(HOSTILE[1], by_hand.BEFORE), by_hand.odd_steps(HOSTILE[1])])
    charts["steps of periods"] = steps_comparison_chart(periods, "reply_rate", by="period")
    return charts


CHARTS = odd_charts()
DRAWN = {name: chart for name, chart in CHARTS.items() if isinstance(chart, Chart)}
every_chart = pytest.mark.parametrize("chart", DRAWN.values(), ids=DRAWN.keys())


def test_most_are_drawn_and_the_rest_say_why():
    assert len(DRAWN) > 40
    for name, chart in CHARTS.items():
        assert chart.title, name
        if isinstance(chart, EmptyChart):
            assert chart.reason.endswith("."), name


@every_chart
def test_no_value_is_nan_or_na(chart):
    for path, value in everything(chart.figure):
        assert value is not pd.NA, path
        assert not (isinstance(value, float) and not math.isfinite(value)), path
    json.loads(json.dumps(chart.figure.to_plotly_json()))  # plain lists and numbers, nothing encoded


@every_chart
def test_names_stand_there_letter_by_letter(chart):
    for text in strings(chart.figure):
        assert not set(re.findall(r"<[^>]*>?", text)) - {"<b>", "</b>", "<br>"}, text
        assert "$" not in text
        assert "onerror" not in re.sub(r"&lt;.*", "", text)
    for path, value in everything(chart.figure):
        if path.endswith(("hovertemplate", "texttemplate")):
            assert not value, path


@every_chart
def test_colours_of_page_and_text_are_left_to_the_theme(chart):
    layout = chart.figure.layout
    assert layout.paper_bgcolor is None
    assert layout.plot_bgcolor is None
    assert layout.font.color is None
    assert layout.title.text is None  # the page writes it above the figure
    assert layout.template.layout == go.layout.Template().layout


@every_chart
def test_every_trace_has_a_colour_of_its_own(chart):
    allowed = {palette.MAIN, palette.GHOST, palette.TRACK, palette.GREY, *palette.SERIES, *palette.SENTIMENT.values()}
    for trace in chart.figure.data:
        assert trace.marker.color in allowed


@every_chart
def test_it_is_as_high_as_its_rows_and_holds_them_all(chart):
    height = chart.figure.layout.height
    axis_end = chart.figure.layout.yaxis.range[0]
    places = [note.y for note in chart.figure.layout.annotations]
    places += [y for trace in chart.figure.data for y in trace.y]
    assert min(places) > 0
    assert max(places) < axis_end < height <= 2400
    assert len({note.y for note in chart.figure.layout.annotations}) * 17 < height


@every_chart
def test_lines_of_text_fit_340_pixels(chart):
    """Names left and numbers right, 13 px type: together no wider than the narrowest card."""
    for note in chart.figure.layout.annotations:
        beside = [other for other in chart.figure.layout.annotations if other.y == note.y and other is not note]
        texts = [re.sub(r"<[^>]+>|&\w+;|&#\d+;", "x", part.text) for part in (note, *beside)]
        assert sum(map(len, texts)) <= 62, texts


@every_chart
def test_marks_lie_on_the_axis(chart):
    start, end = chart.figure.layout.xaxis.range
    if chart.figure.layout.xaxis.type == "log":  # ratios, as far below 1 as above it
        assert start == -end
        start, end = 10**start, 10**end
    else:
        assert start == 0
    for trace in chart.figure.data:
        assert all(x is None or start <= x <= end for x in trace.x)


@every_chart
def test_it_can_be_read_without_seeing_it(chart):
    assert chart.alt.endswith(".")
    assert re.search(r"\d", chart.alt)
    assert len(chart.alt) < 3000
    assert chart.caption
    assert chart.table is not None
    assert len(chart.table) > 0
    assert not any(pd.api.types.is_object_dtype(dtype) for dtype in chart.table.dtypes)


@every_chart
def test_nothing_is_dragged_or_zoomed_so_that_a_finger_scrolls_the_page(chart):
    layout = chart.figure.layout
    assert layout.dragmode is False
    assert layout.xaxis.fixedrange
    assert layout.yaxis.fixedrange


def test_units_stand_on_the_axis():
    titles = {name: chart.figure.layout.xaxis.title.text for name, chart in DRAWN.items()}
    assert all(titles.values())
    assert titles["steps reply_rate"] == "Reply rate (of emails sent)"
    assert titles["steps opens_per_email"] == "Opens per email"
    assert titles["steps emails_sent"] == "Emails sent"


def test_long_names_are_cut_and_whole_on_hover():
    figure = DRAWN["sentiment of all"].figure
    cut = [note for note in figure.layout.annotations if note.text.endswith("…")]
    assert cut
    assert all(note.hovertext for note in cut)
    assert "👩‍👩‍👧‍👦" in "".join(note.hovertext for note in cut)


@pytest.mark.parametrize("kind", ["light", "dark"])
def test_every_colour_stands_out_from_the_page(kind):
    theme = tomllib.loads((Path(__file__).parents[2] / ".streamlit/config.toml").read_text())["theme"][kind]
    page = luminance(theme["backgroundColor"])
    for colour in (*palette.SERIES, palette.GREY):
        lighter, darker = sorted((luminance(colour), page), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 3, (colour, kind)


def luminance(colour: str) -> float:
    """WCAG 2 relative luminance of #RRGGBB."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("kind", ["no rows", "nothing reported"])
def test_nothing_to_draw_is_said_and_not_raised(kind):
    some = kind == "nothing reported"
    rows = by_hand.frame("engagements", [by_hand.engagement("A"), by_hand.engagement("B")] if some else [])
    steps = by_hand.frame("steps", [by_hand.step(1), by_hand.step(2, "call")] if some else [])
    one = rows.head(1)
    drawn = [
        funnel_chart(funnel.funnel(one)),
        funnel_chart(funnel.funnel_total(rows)),
        sentiment_chart(sentiment.sentiment(one)),
        sentiment_chart(sentiment.sentiment(rows)),
        steps_comparison_chart(steps, "reply_rate"),
    ]
    for chart in drawn:
        assert isinstance(chart, EmptyChart), chart.title
        assert chart.reason


def test_frames_are_left_as_they_were():
    steps = by_hand.odd_steps()
    steps_comparison_chart(steps, "reply_rate")
    pd.testing.assert_frame_equal(steps, by_hand.odd_steps())
