"""Wilson and Newcombe against formulas written out here, and the words for a change."""

import math
from statistics import NormalDist

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.analysis.stats.change import Chip, compare_many, compare_periods
from dashboard.analysis.stats.proportions import wilson, wilson_columns

Z = 1.959963984540054  # 97.5 % point of the normal distribution
COUNTS = st.integers(1, 1_000_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def roots(x, n, z=Z):
    """Where (p − x/n)² = z² p (1 − p) / n."""
    a, b, c = 1 + z * z / n, 2 * x / n + z * z / n, (x / n) ** 2
    root = math.sqrt(max(b * b - 4 * a * c, 0.0))
    return (b - root) / (2 * a), (b + root) / (2 * a)


def newcombe(x_before, n_before, x_now, n_now, z=Z):
    """Method 10 of Newcombe 1998: now − before."""
    (low, high), (low_before, high_before) = roots(x_now, n_now, z), roots(x_before, n_before, z)
    now, before = x_now / n_now, x_before / n_before
    below, above = math.hypot(now - low, high_before - before), math.hypot(high - now, before - low_before)
    return now - before - below, now - before + above


@settings(deadline=None)
@given(COUNTS)
def test_wilson_solves_its_equation_and_holds_the_rate(counts):
    x, n = counts
    low, high = wilson(x, n)
    assert (low, high) == pytest.approx(roots(x, n), abs=1e-9)
    assert 0 <= low <= x / n + 1e-12
    assert x / n - 1e-12 <= high <= 1


@pytest.mark.parametrize("counts", [(0, 0), (3, 0), (11, 10), (-1, 10), (None, 10), (3, pd.NA), (math.nan, 5)])
def test_no_proportion_no_interval(counts):
    assert all(math.isnan(bound) for bound in wilson(*counts))


def test_columns_agree_with_single_calls_and_are_empty_where_there_is_no_interval():
    events = pd.Series([6, 0, 5, None, 12, 200], dtype="Int64", index=list("abcdef"))
    trials = pd.Series([200, 0, 5, 10, 10, 200], dtype="Int64", index=list("abcdef"))
    low, high = wilson_columns(events, trials)
    assert low.dtype == high.dtype == "Float64"
    assert low.isna().tolist() == high.isna().tolist() == [False, True, False, True, True, False]
    assert (low["a"], high["a"]) == wilson(6, 200)
    assert high["c"] == high["f"] == 1.0
    assert list(low.index) == list("abcdef")


@settings(deadline=None)
@given(COUNTS, COUNTS)
def test_change_is_newcombes_interval_of_now_minus_before(before, now):
    change = compare_periods(*before, *now)
    low, high = newcombe(*before, *now)
    assert change.difference == pytest.approx(now[0] / now[1] - before[0] / before[1])
    assert (change.low, change.high) == pytest.approx((low, high), abs=1e-9)
    if min(before[1], now[1]) < 20 or before[0] + now[0] < 10:
        assert change.label == "too little data"
    elif abs(low) > 1e-9 and abs(high) > 1e-9:
        assert change.label == ("up" if low > 0 else "down" if high < 0 else "no clear change")


@pytest.mark.parametrize(
    ("counts", "label"),
    [
        ((5, 19, 15, 500), "too little data"),
        ((5, 20, 5, 500), "down"),
        ((0, 500, 9, 500), "too little data"),
        ((0, 500, 10, 500), "up"),
        ((5, 500, 5, 500), "no clear change"),
        ((0, 1_000_000, 0, 1_000_000), "too little data"),
        ((500, 500, 500, 500), "no clear change"),
    ],
)
def test_labels_at_their_limits(counts, label):
    assert compare_periods(*counts).label == label


@pytest.mark.parametrize(
    "counts",
    [(0, 0, 5, 100), (5, 100, 0, 0), (None, 100, 5, 100), (5, 100, 5, pd.NA), (11, 10, 5, 100), (5, 100, 7, 6)],
)
def test_no_comparison_where_a_period_has_no_proportion(counts):
    change = compare_periods(*counts)
    assert change.label == change.text == "no comparison"
    assert change.difference is change.low is change.high is None


def test_words_name_a_direction_only_where_one_is_warranted():
    assert compare_periods(1, 19, 15, 1000).text == "too little data (−23.1 to +0.67 points)"
    assert compare_periods(20, 1000, 24, 1000).text.startswith("no clear change (−")
    assert compare_periods(60, 1000, 20, 1000).text.startswith("down by 4.0 points (−")


def benjamini_hochberg(p_values, level=0.05):
    """The textbook's step-up rule."""
    order = sorted(range(len(p_values)), key=lambda at: p_values[at])
    passing = [place for place, at in enumerate(order, 1) if p_values[at] <= level * place / len(order)]
    return set(order[: max(passing, default=0)])


def level_reaching_zero(before, now):
    """1 − confidence at which Newcombe's interval just holds 0, by bisection over the normal quantile."""
    least, most = 0.0, 40.0
    for _ in range(80):
        middle = (least + most) / 2
        low, high = newcombe(*before, *now, middle)
        least, most = (least, middle) if low <= 0 <= high else (middle, most)
    return 2 * (1 - NormalDist().cdf(most))


def test_many_rows_keep_their_words_only_at_a_false_discovery_rate_of_five_per_cent():
    alone = [(20, 1000), (20, 1000), (20, 1000), (20, 1000), (20, 1000), (5, 19), (None, 5)]
    now = [(36, 1000), (37, 1000), (60, 1000), (20, 1000), (21, 1000), (15, 500), (3, 5)]
    found = compare_many([(*a, *b) for a, b in zip(alone, now, strict=True)])
    single = [compare_periods(*a, *b) for a, b in zip(alone, now, strict=True)]
    assert [change.label for change in single[:5]] == ["up", "up", "up", "no clear change", "no clear change"]
    kept = benjamini_hochberg([level_reaching_zero(a, b) for a, b in zip(alone[:5], now[:5], strict=True)])
    assert {at for at, change in enumerate(found) if change.label == "up"} == kept
    assert kept == {2}
    assert [change.label for change in found[5:]] == ["too little data", "no comparison"]


def test_one_change_among_many_that_did_not_is_not_called_one():
    rows = [(20, 1000, 36, 1000)] + [(20, 1000, 20, 1000)] * 19
    assert compare_periods(*rows[0]).label == "up"
    first = compare_many(rows)[0]
    assert first.label == "no clear change"
    assert first.text == f"no clear change among 20 (+{100 * first.low:.2f} to +{100 * first.high:.1f} points)"
    assert (first.low, first.high) == (compare_periods(*rows[0]).low, compare_periods(*rows[0]).high)


def test_a_change_beyond_doubt_stays_one_among_a_thousand():
    rows = [(20, 1000, 300, 1000), (300, 1000, 20, 1000)] + [(20, 1000, 20, 1000)] * 998
    assert [change.label for change in compare_many(rows)[:2]] == ["up", "down"]


@pytest.mark.parametrize("rows", [[], [(None, None, None, None)], [(0, 0, 0, 0)], [(5, 3, 5, 3)]])
def test_nothing_to_judge_together(rows):
    assert all(change.label == "no comparison" for change in compare_many(rows))


@settings(deadline=None, max_examples=30)
@given(COUNTS, COUNTS)
def test_a_row_alone_is_judged_as_on_its_own(before, now):
    assert compare_many([(*before, *now)]) == [compare_periods(*before, *now)]


WEEKS = ([(9, 100), (2, 110), (5, 100), (0, 0)], [(5, 120), (14, 90)], [(7, 5), (8, 100), (1, 100), (0, 50)])


def dispersion_of(weeks):
    """χ² of the groups' weeks about their own rate, over its degrees of freedom."""
    chi, degrees = 0.0, 0
    for group in weeks:
        rows = [(x, n) for x, n in group if n and x <= n]
        p = sum(x for x, _ in rows) / sum(n for _, n in rows)
        chi += sum((x - n * p) ** 2 / (n * p * (1 - p)) for x, n in rows)
        degrees += len(rows) - 1
    return max(1, chi / degrees), degrees


def test_an_interval_is_as_wide_as_weeks_differ():
    counts = (16, 310, 60, 500)
    plain, found = compare_periods(*counts), compare_periods(*counts, weeks=WEEKS)
    phi, degrees = dispersion_of(WEEKS)
    assert (degrees, phi > 2) == (5, True)
    stretch = math.sqrt(phi) * 2.570581835636 / Z  # Student's t at 97.5 % and 5 degrees of freedom
    assert (found.basis, found.dispersion) == ("weeks", pytest.approx(phi))
    assert found.low == pytest.approx(plain.difference - stretch * (plain.difference - plain.low))
    assert found.high == pytest.approx(plain.difference + stretch * (plain.high - plain.difference))
    assert (plain.label, found.label) == ("up", "no clear change")
    assert (plain.basis, plain.dispersion) == ("counts", None)
    assert "weeks differ for other reasons, too" in plain.text


def test_even_weeks_leave_the_interval_as_it_is_and_too_few_tell_nothing():
    even = [[(5, 100), (5, 100), (5, 100)]] * 2
    plain, found = compare_periods(15, 300, 40, 300), compare_periods(15, 300, 40, 300, weeks=even)
    assert (found.low, found.high, found.label) == (plain.low, plain.high, "up")
    assert (found.basis, found.dispersion) == ("weeks", 1)
    for few in ((), ([(5, 100)] * 3, [(0, 50)] * 9, [(3, 3)] * 9, [(1, 9)])):  # 2 degrees; none, all, one week
        assert compare_periods(15, 300, 40, 300, weeks=few) == plain


def test_an_interval_never_leaves_what_a_difference_can_be():
    wild = [[(0, 20), (20, 20), (0, 20), (20, 20), (1, 20)]]
    found = compare_periods(0, 20, 20, 20, weeks=wild)
    assert (found.low >= -1, found.high) == (True, 1)
    assert found.label == "no clear change"


def test_many_rows_are_corrected_by_the_level_at_which_their_own_interval_reaches_zero():
    even, wild = [[(20, 250)] * 4] * 2, WEEKS
    rows = [(20, 1000, 60, 1000)] * 3
    found = compare_many(rows, [even, wild, ()])
    assert [change.label for change in found] == ["up", "no clear change", "up"]
    assert [change.basis for change in found] == ["weeks", "weeks", "counts"]


@pytest.mark.parametrize(
    ("counts", "how", "chip"),
    [
        ((20, 1000, 60, 1000), {}, Chip("up 4.0 pt", "good")),
        ((20, 1000, 60, 1000), {"lower_is_better": True}, Chip("up 4.0 pt", "bad")),
        ((20, 1000, 60, 1000), {"maturing": True}, Chip("up 4.0 pt", "good")),
        ((60, 1000, 20, 1000), {}, Chip("down 4.0 pt", "bad")),
        ((60, 1000, 20, 1000), {"maturing": True}, Chip("maturing")),
        ((60, 1000, 20, 1000), {"lower_is_better": True, "maturing": True}, Chip("maturing")),
        ((20, 1000, 24, 1000), {"maturing": True}, Chip("normal")),
        ((1, 19, 15, 1000), {}, Chip("too few")),
        ((5, 3, 1, 1), {}, None),
    ],
)
def test_one_chip_says_what_is_proven(counts, how, chip):
    even = [[(20, 250)] * 4] * 2
    assert compare_periods(*counts, weeks=even).chip(**how) == chip
    grey = compare_periods(*counts).chip(**how)  # without weeks nothing is coloured
    assert grey == (None if chip is None else Chip(chip.text))
