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


def drawn(*made, names=("A",), metric="replies", **options):
    frame = trend(by_hand.frame("engagements", [row for part in made for row in part]), names, DAYS, metric)
    return trend_chart(frame, **options)


def marks(chart: Chart):
    return [trace for trace in chart.figure.data if trace.mode == "markers"]


def lines(chart: Chart, dash=None):
    return [t for t in chart.figure.data if t.mode == "lines" and t.fill is None and t.line.dash == dash]


def test_points_are_the_counts_and_a_missing_day_breaks_the_line():
    chart = drawn(rows())
    (points,) = marks(chart)
    assert list(points.y) == [10, 12, 9, 11, 0, 0]
    (line,) = lines(chart)
    assert list(line.y) == [10, 12, None, 9, 11, 0, 0]
    assert line.connectgaps is False
    assert "1 not fetched" in chart.caption


def test_what_is_ripening_is_hollow_dotted_and_said():
    young = rows(values=(None, None, None, None, None, 4, 6), fetched_after=timedelta(days=2))
    chart = drawn(rows(values=(10, 12, 8, 9, 11, None, None)), young)
    (points,) = marks(chart)
    assert list(points.marker.symbol) == ["circle"] * 5 + ["circle-open"] * 2
    (solid,), (dotted,) = lines(chart), lines(chart, "dot")
    assert list(solid.y) == [10, 12, 8, 9, 11, None, None]
    assert list(dotted.y) == [11, 4, 6]
    assert (solid.x0, solid.dx) == ("2026-11-02", 24 * 3600 * 1000)
    assert (dotted.x0, dotted.dx) == ("2026-11-06", 24 * 3600 * 1000)
    assert "ripening" in chart.caption
    assert "ripening" in points.hovertext[-1]
    assert "ripening" not in points.hovertext[0]


def test_one_day_between_gaps_still_shows_its_interval():
    chart = drawn(rows(values=(None, 12, None, None, 9, 11, None)), metric="reply_rate")
    (band,) = [trace for trace in chart.figure.data if trace.fill == "toself"]
    shapes = "".join("." if x is None else "x" for x in band.x).strip(".").split(".")
    assert len(shapes) == 2
    assert len(set(band.x[:4])) == 2  # wider than a point
    assert max(y for y in band.y if y is not None) <= chart.figure.layout.yaxis.range[1]


def test_weekends_are_marked_on_days_and_not_on_weeks():
    chart = drawn(rows())
    (weekend,) = chart.figure.layout.shapes
    assert (weekend.x0, weekend.x1) == ("2026-11-06T12:00:00", "2026-11-08T12:00:00")
    window = by_hand.window(date(2026, 11, 8), 7) | {"cadence": "A", "replies": 3}
    weeks = trend(by_hand.frame("engagements", [window]), ["A"], [(MONDAY, date(2026, 11, 8))], "replies")
    weekly = trend_chart(weeks)
    assert len(weekly.figure.layout.shapes) == 0
    assert "2 Nov – 8 Nov 2026" in marks(weekly)[0].hovertext[0]


def test_lines_differ_by_more_than_colour_and_names_stay_text():
    names = ["A", by_hand.HOSTILE[1], by_hand.HOSTILE[2]]
    chart = drawn(*(rows(name) for name in names), names=names)
    assert len({trace.marker.symbol[0] for trace in marks(chart)}) == 3
    assert chart.figure.layout.showlegend
    for text in strings(chart.figure):
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
    (points,) = marks(trend_chart(frame[frame["cadence"] == "B"], title="B", top=top))
    assert set(points.marker.symbol) == {"triangle-up-open"}
    assert list(points.y) == [pytest.approx(top, abs=1e-5)] * 7
    assert "100.0 % (1 of 1 emails sent)" in points.hovertext[0]


@pytest.mark.parametrize("metric", METRICS_OVER_TIME)
def test_nothing_to_draw_says_why(metric):
    empty = drawn([], metric=metric)
    assert isinstance(empty, EmptyChart)
    assert "fetched" in empty.reason
    silent = drawn([by_hand.window(MONDAY, 1) | {"cadence": "A"}], metric=metric)
    assert isinstance(silent, EmptyChart)


def test_seven_lines_are_refused_and_the_table_has_every_window():
    names = [f"Cadence {number}" for number in range(7)]
    with pytest.raises(ValueError, match="at most 6"):
        drawn(*(rows(name) for name in names), names=names)
    chart = drawn(rows())
    assert len(chart.table) == 7
    assert chart.table["Replies"].tolist() == ["10", "12", "not fetched", "9", "11", "0", "0"]
    assert chart.alt.startswith("Replies over time. A: 6 of 7 windows")


def test_hours_of_the_answer_are_in_the_hover():
    window = by_hand.window(MONDAY, 1) | {
        "cadence": "A",
        "replies": 1,
        "fetched_at": datetime(2026, 11, 20, 9, 5, tzinfo=by_hand.ZONE),
    }
    chart = drawn([window])
    assert "20 Nov, 09:05" in marks(chart)[0].hovertext[0]
    assert isinstance(pd.Timestamp(marks(chart)[0].x[0]), pd.Timestamp)
