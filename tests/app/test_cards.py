"""What is one hover away from a figure."""

from dashboard.analysis.metrics import METRICS
from dashboard.analysis.performance.totals import Figure
from dashboard.app_pages.components.display import about_figure


def test_formulas_and_freshness_are_one_hover_away():
    figure = Figure("replies", "Replies", 5, 1, 1, rate_metric="reply_rate_contacted")
    about = about_figure(figure, "fetched 09:30 (just now)").replace("\\", "")
    assert METRICS["reply_rate_contacted"].formula in about
    assert METRICS["replies"].formula in about
    assert about.endswith("Fetched 09:30 (just now).")
