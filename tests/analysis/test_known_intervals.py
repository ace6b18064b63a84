"""Intervals against published examples, and the price of the libraries that compute them."""

import subprocess
import sys

import pytest

from dashboard.analysis.stats.change import compare_periods
from dashboard.analysis.stats.proportions import warm, wilson


@pytest.mark.parametrize(
    ("events", "trials", "interval"),
    [(81, 263, (0.2553, 0.3662)), (15, 148, (0.0624, 0.1605)), (0, 20, (0.0, 0.1611)), (1, 29, (0.0061, 0.1718))],
)
def test_wilson_as_printed_by_newcombe(events, trials, interval):
    """R. G. Newcombe, Statistics in Medicine 17 (1998) 857–872, table I, method 3."""
    assert wilson(events, trials) == pytest.approx(interval, abs=5e-5)


def test_difference_as_printed_by_newcombe():
    """R. G. Newcombe, Statistics in Medicine 17 (1998) 873–890, table II, example (a), method 10: 56/70 − 48/80."""
    change = compare_periods(48, 80, 56, 70)
    assert (change.low, change.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    words = "up by 20.0 points (+5.2 to +33.4 points), beyond chance; weeks differ for other reasons, too"
    assert change.text == words


def test_a_tiny_change_is_not_written_as_zero():
    small = compare_periods(1000, 1_000_000, 1200, 1_000_000)
    assert small.text.startswith("up by 0.02 points (+0.01 to +0.03 points)")


def test_slow_libraries_are_not_imported_before_they_are_needed():
    modules = ["metrics", "stats.proportions", "stats.change", "ab_tests.options", "data_quality.checks"]
    modules += [f"performance.{name}" for name in ("totals", "funnel", "sentiment", "compare")]
    imports = "; ".join(f"import dashboard.analysis.{name}" for name in modules)
    script = (
        f"{imports}; import dashboard.charts, sys; sys.exit(any(m in sys.modules for m in ('scipy', 'statsmodels')))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_warm_imports_them_ahead():
    warm()
    assert "statsmodels.stats.proportion" in sys.modules
