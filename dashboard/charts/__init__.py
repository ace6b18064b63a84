"""Frame in, figure out: every chart with title, text alternative, caption and the table of its numbers.

Each function returns a `Chart`, or an `EmptyChart` with the reason when there is nothing to draw; none raises for
odd data. A call with the frame of several cadences where one is meant is a mistake and raises ValueError.
"""

from dashboard.charts.activity import activity_chart
from dashboard.charts.chart import Chart, EmptyChart
from dashboard.charts.comparison import comparison_chart, steps_comparison_chart
from dashboard.charts.funnel import funnel_chart
from dashboard.charts.options import options_chart, verdict_chart
from dashboard.charts.ranking import ranking_chart
from dashboard.charts.same_copy import same_copy_chart
from dashboard.charts.sentiment import sentiment_chart
from dashboard.charts.step_value import step_value_chart
from dashboard.charts.steps import step_work_chart, steps_chart
from dashboard.charts.trends import trend_chart

__all__ = [
    "Chart",
    "EmptyChart",
    "activity_chart",
    "comparison_chart",
    "funnel_chart",
    "options_chart",
    "ranking_chart",
    "same_copy_chart",
    "sentiment_chart",
    "step_value_chart",
    "step_work_chart",
    "steps_chart",
    "steps_comparison_chart",
    "trend_chart",
    "verdict_chart",
]
