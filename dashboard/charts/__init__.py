"""Frame in, figure out: every chart with title, text alternative, caption and the table of its numbers.

Each function returns a `Chart`, or an `EmptyChart` with the reason when there is nothing to draw; none raises for
odd data. A call with the frame of several cadences where one is meant is a mistake and raises ValueError.
"""

from dashboard.charts.activity import activity_chart
from dashboard.charts.chart import Chart, EmptyChart
from dashboard.charts.comparison import steps_comparison_chart
from dashboard.charts.funnel import funnel_chart
from dashboard.charts.ranking import ranking_chart
from dashboard.charts.sentiment import sentiment_chart
from dashboard.charts.trends import trend_chart

__all__ = [
    "Chart",
    "EmptyChart",
    "activity_chart",
    "funnel_chart",
    "ranking_chart",
    "sentiment_chart",
    "steps_comparison_chart",
    "trend_chart",
]
