"""What stands on the cards: words for changes, in colour only where there is one, and what is one hover away."""

import pytest

from dashboard.analysis.metrics import METRICS
from dashboard.analysis.performance.totals import Figure
from dashboard.analysis.stats.change import compare_periods
from dashboard.app_pages.components.display import _line, about_figure


def figure(metric, *counts):
    change = compare_periods(*counts)
    return Figure("replies", "Replies", 5, 1, 1, rate_metric=metric, rate_change=change, rate_change_text=change.text)


@pytest.mark.parametrize(
    ("metric", "counts", "begins"),
    [
        ("reply_rate", (20, 1000, 80, 1000), ":green[**up**] by 6"),
        ("reply_rate", (80, 1000, 20, 1000), ":red[**down**] by 6"),
        ("bounce_rate", (20, 1000, 80, 1000), ":red[**up**] by 6"),
        ("unsubscribe_rate", (80, 1000, 20, 1000), ":green[**down**] by 6"),
        ("reply_rate", (80, 1000, 81, 1000), "**no clear change** \\(−"),
        ("reply_rate", (1, 30, 2, 30), "**too little data** \\("),
        ("reply_rate", (0, 0, 2, 30), "**no comparison**"),
    ],
)
def test_only_a_change_has_a_colour_and_good_is_not_always_up(metric, counts, begins):
    found = figure(metric, *counts)
    assert _line(found.rate_change_text, found).startswith(begins)
    assert _line("up to here", found) == "up to here"


def test_formula_base_and_freshness_are_one_hover_away(open_app, read_only_sandbox):
    app = open_app(read_only_sandbox, cadence=["Inbound demo requests"])
    for metric in app.metric:
        assert "Fetched" in metric.proto.help.replace("\\", "")
    about = about_figure(figure("reply_rate_contacted", 1, 30, 2, 30), "fetched 09:30 (just now)").replace("\\", "")
    assert METRICS["reply_rate_contacted"].formula in about
    assert METRICS["replies"].formula in about
    assert about.endswith("Fetched 09:30 (just now).")
