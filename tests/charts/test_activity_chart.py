"""Deliveries by day: the bars are the counts, days before the first delivery are not drawn, names stay text."""

from datetime import date

import pandas as pd

from dashboard.charts import Chart, EmptyChart, activity_chart
from dashboard.data.webhooks.store import COUNT_COLUMNS


def counted(*rows):
    frame = pd.DataFrame(rows, columns=list(COUNT_COLUMNS))
    return frame.astype({"cadence": "string", "event": "string", "deliveries": "Int64", "repeats": "Int64"})


COUNTS = counted(
    (date(2026, 11, 24), "A", "reply", 2, 1),
    (date(2026, 11, 24), "B", "reply", 1, 0),
    (date(2026, 11, 26), "A", "open", 5, 0),
    (date(2026, 11, 26), "A", "<b>odd</b>", 1, 0),
)


def test_bars_are_the_counts_of_each_day():
    chart = activity_chart(COUNTS, start=date(2026, 11, 24), end=date(2026, 11, 26))
    assert isinstance(chart, Chart)
    bars = {bar.name: list(bar.y) for bar in chart.figure.data}
    assert bars == {"Replies": [3, 0, 0], "Opens": [0, 0, 5], "All others": [0, 0, 1]}
    assert list(chart.figure.data[0].x) == ["2026-11-24", "2026-11-25", "2026-11-26"]
    assert "Replies 3" in chart.alt
    assert chart.table["Replies"].to_list() == [3, 0, 0]
    assert len({bar.marker.color for bar in chart.figure.data}) == 3
    assert len({bar.marker.pattern.shape for bar in chart.figure.data}) == 3
    assert chart.figure.layout.template.layout.to_plotly_json() == {}


def test_nothing_is_a_sentence():
    assert isinstance(activity_chart(counted(), start=date(2026, 11, 24), end=date(2026, 11, 26)), EmptyChart)
    assert isinstance(activity_chart(COUNTS, start=date(2026, 11, 27), end=date(2026, 11, 26)), EmptyChart)
