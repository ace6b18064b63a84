"""Lines over time: what is drawn are the counts, gaps stay gaps, and what is not final does not look final."""

from datetime import date, datetime, timedelta

import frames_by_hand as by_hand
import pandas as pd
import pytest
from drawn import strings

from dashboard.analysis.performance.trends import METRICS_OVER_TIME, trend
from dashboard.charts import Chart, EmptyChart, trend_chart
from dashboard.charts.trends import common_top

MONDAY = date(2026, 11, 2)
DAYS = [(MONDAY + timedelta(days=number), MONDAY + timedelta(days=number)) for number in range(7)]


def rows(cadence="A", values=(10, 12, None, 9, 11, 0, 0), *, fetched_after=timedelta(days=30), sent=100):
    made = []
    for (day, _), value in zip(DAYS, values, strict=True):
        if value is not None:
            window = by_hand.window(day, 1)
            came = window["window_end"] + fetched_after
            made.append(window | {"cadence": cadence, "fetched_at": came, "replies": value, "emails_sent": sent})
    return made


def drawn(*made, name="A", metric="replies", days=DAYS, **options):
    frame = trend(by_hand.frame("engagements", [row for part in made for row in part]), [name], days, metric)
    return trend_chart(frame, **options)


def marks(chart: Chart):
    return [trace for trace in chart.figure.data if trace.mode == "markers"]


def lines(chart: Chart, dash=None):
    return [t for t in chart.figure.data if t.mode == "lines" and t.fill is None and t.line.dash == (dash or "solid")]


def test_points_are_the_counts_and_a_missing_day_breaks_the_line():
    chart = drawn(rows())
    (points,) = marks(chart)
    assert list(points.y) == [10, 12, 9, 11]
    (line,) = lines(chart)
    assert list(line.y) == [10, 12, None, 9, 11]
    assert line.connectgaps is False
    assert "1 not fetched" in chart.caption


def test_what_is_maturing_is_hollow_dotted_and_said():
    young = rows(values=(None, None, None, 4, 6, None, None), fetched_after=timedelta(days=2))
    chart = drawn(rows(values=(10, 12, 8, None, None, 1, 1)), young)
    (points,) = marks(chart)
    assert list(points.marker.symbol) == ["circle"] * 3 + ["circle-open"] * 2
    (solid,), (dotted,) = lines(chart), lines(chart, "dot")
    assert list(solid.y) == [10, 12, 8, None, None]
    assert list(dotted.y) == [None, None, 8, 4, 6]
    assert "Maturing" in points.hovertext[-1]
    assert "Maturing" not in points.hovertext[0]
    assert chart.table["State"].tolist() == ["final"] * 3 + ["maturing"] * 2 + ["final"] * 2


def test_one_day_between_gaps_still_shows_its_interval():
    chart = drawn(rows(values=(None, 12, None, None, 9, 11, None)), metric="reply_rate")
    (band,) = [trace for trace in chart.figure.data if trace.fill == "toself"]
    shapes = "".join("." if x is None else "x" for x in band.x).strip(".").split(".")
    assert len(shapes) == 2
    assert len(set(band.x[:4])) == 2  # wider than a point
    assert max(y for y in band.y if y is not None) <= chart.figure.layout.yaxis.range[1]


def test_weekends_are_cut_out_of_days_and_what_they_held_is_said():
    chart = drawn(rows(values=(10, 12, 8, 9, 11, 2, 3)))
    axis = chart.figure.layout.xaxis
    assert [tuple(cut.bounds) for cut in axis.rangebreaks] == [("sat", "mon")]
    assert [date.fromisoformat(x).weekday() for x in marks(chart)[0].x] == [0, 1, 2, 3, 4]
    assert "At weekends, not drawn: 5." in chart.caption
    assert len(chart.table) == 7
    assert not drawn(rows(values=(None,) * 5 + (2, 3)), days=DAYS[5:]).figure.layout.xaxis.rangebreaks


def test_ticks_are_mondays():
    weeks = [(MONDAY + timedelta(days=7 * n), MONDAY + timedelta(days=7 * n + 6)) for n in range(13)]
    made = [by_hand.window(end, 7) | {"cadence": "A", "replies": 3} for _, end in weeks]
    axis = drawn(made, days=weeks).figure.layout.xaxis
    assert not axis.rangebreaks
    assert 3 <= len(axis.tickvals) <= 5
    assert {pd.Timestamp(tick).weekday() for tick in axis.tickvals} == {0}
    assert {pd.Timestamp(tick).weekday() for tick in drawn(rows()).figure.layout.xaxis.tickvals} == {0}


def test_a_week_is_named_by_its_days():
    window = by_hand.window(date(2026, 11, 8), 7) | {"cadence": "A", "replies": 3}
    chart = drawn([window], days=[(MONDAY, date(2026, 11, 8))])
    assert "2–8 Nov 2026" in marks(chart)[0].hovertext[0]


@pytest.mark.parametrize("name", by_hand.HOSTILE)
def test_names_stay_text(name):
    for text in strings(drawn(rows(name), name=name).figure):
        assert "<a href" not in text
        assert "<img" not in text


@pytest.mark.parametrize("sent", [97, 103, 107, 109, 113, 127])
def test_a_point_beyond_the_axis_lies_on_its_end_and_not_a_hair_above(sent):
    few = by_hand.window(MONDAY, 1) | {"cadence": "A", "replies": 3, "emails_sent": 3}
    came = few["window_end"] + timedelta(days=30)
    chart = drawn(rows(values=(None, 12, 8, 9, 11, 7, 6), sent=sent), [few | {"fetched_at": came}], metric="reply_rate")
    (points,) = marks(chart)
    assert points.marker.symbol[0] == "triangle-up-open"
    assert points.y[0] == chart.figure.layout.yaxis.range[1]


def test_panels_share_a_scale_and_what_lies_beyond_is_an_arrow_with_its_number():
    frame = trend(
        by_hand.frame("engagements", rows(sent=30) + rows("B", (1,) * 7, sent=1)), ["A", "B"], DAYS, "reply_rate"
    )
    top = common_top(frame)
    assert 12 / 30 <= top < 1
    (points,) = marks(trend_chart(frame[frame["cadence"] == "B"], top=top))
    assert set(points.marker.symbol) == {"triangle-up-open"}
    assert list(points.y) == [pytest.approx(top, abs=1e-5)] * 5
    assert "100.0\u202f% (1 of 1 emails sent)" in points.hovertext[0]


@pytest.mark.parametrize("metric", METRICS_OVER_TIME)
def test_nothing_to_draw_says_why(metric):
    empty = drawn([], metric=metric)
    assert isinstance(empty, EmptyChart)
    assert "fetched" in empty.reason
    silent = drawn([by_hand.window(MONDAY, 1) | {"cadence": "A"}], metric=metric)
    assert isinstance(silent, EmptyChart)


def test_two_cadences_are_refused_and_the_table_has_every_window():
    frame = trend(by_hand.frame("engagements", rows() + rows("B")), ["A", "B"], DAYS, "replies")
    with pytest.raises(ValueError, match="one cadence"):
        trend_chart(frame)
    chart = drawn(rows())
    assert chart.table["Replies"].tolist() == ["10", "12", "not fetched", "9", "11", "0", "0"]
    assert chart.alt.startswith("A: Replies in 6 of 7 windows")


def test_hours_of_the_answer_are_in_the_hover():
    window = by_hand.window(MONDAY, 1) | {
        "cadence": "A",
        "replies": 1,
        "fetched_at": datetime(2026, 11, 20, 9, 5, tzinfo=by_hand.ZONE),
    }
    chart = drawn([window])
    assert "20 Nov, 09:05" in marks(chart)[0].hovertext[0]
    assert isinstance(pd.Timestamp(marks(chart)[0].x[0]), pd.Timestamp)
