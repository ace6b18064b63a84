"""Intervals against published examples."""

import pytest

from dashboard.analysis.stats.change import compare_periods
from dashboard.analysis.stats.proportions import wilson


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
