"""The calculations that pages show: functions of analysis and charts, their results cached (`memo.cached`)."""

from dashboard import charts
from dashboard.analysis import metrics
from dashboard.analysis.ab_tests import same_copy
from dashboard.analysis.data_quality import checks, reconcile
from dashboard.analysis.data_quality import findings as data_quality
from dashboard.analysis.performance import (
    compare,
    ranking,
    step_value,
    totals,
    trends,
    weekly,
)
from dashboard.analysis.performance import funnel as funnels
from dashboard.analysis.performance import leaderboard as leaders
from dashboard.analysis.performance import rate_cards as cards
from dashboard.analysis.performance import sentiment as sentiments
from dashboard.analysis.watch_list import alert_rows as alerts
from dashboard.analysis.watch_list import watch_list
from dashboard.app_pages.session.memo import cached
from dashboard.charts import step_ladder as ladder
from dashboard.charts import trends as trend_charts
from dashboard.charts import weekly as weekly_charts
from dashboard.exports import tables

with_rates = cached(metrics.with_rates)
figures = cached(totals.figures)
one_row_per_name = cached(totals.one_row_per_name)
rate_cards = cached(cards.rate_cards)
ranked = cached(ranking.ranked)
ranking_notes = cached(ranking.notes)
leaderboard = cached(leaders.leaderboard)
weeks_of_each = cached(leaders.weeks_of_each)
weekly_counts = cached(weekly.weekly_counts)
weekly_rates = cached(weekly.weekly_rates)
weekly_chart = cached(weekly_charts.weekly_chart)
funnel = cached(funnels.funnel)
funnel_total = cached(funnels.funnel_total)
funnel_chart = cached(charts.funnel_chart)
sentiment = cached(sentiments.sentiment)
sentiment_chart = cached(charts.sentiment_chart)
lead_metric = cached(sentiments.lead_metric)
comparison = cached(compare.comparison)
differences = cached(compare.differences)
steps_comparison_chart = cached(charts.steps_comparison_chart)
costly_steps = cached(step_value.costly_steps)
step_ladder = cached(ladder.step_ladder)
largest_first = cached(trends.largest_first)
trend = cached(trends.trend)
common_top = cached(trend_charts.common_top)
trend_table = cached(trend_charts.trend_table)
copies = cached(same_copy.copies)
has_comparison = cached(same_copy.has_comparison)
places = cached(same_copy.places)
evaluate_tests = cached(tables.evaluate_tests)
definitions = cached(tables.definitions)
data_warnings = cached(checks.data_warnings)
sums = cached(reconcile.sums)
data_quality_frame = cached(data_quality.findings_frame)
level_findings = cached(watch_list.level_findings)
day_findings = cached(watch_list.day_findings)
alert_rows = cached(alerts.alert_rows)
watch_frame = cached(watch_list.findings_frame)
