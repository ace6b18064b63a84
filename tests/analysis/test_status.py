"""The state of a test in a list: what is proven, what waits, and what to do, from the verdict alone."""

from test_experiments import days, life, steadily

from dashboard.analysis.ab_tests import experiments, status


def state(items):
    return [status.status_of(item) for item in items]


def by_life(*rows):
    return experiments.evaluate_steps(life(*rows))


def test_only_days_prove():
    counts = (("C", 1, 1, 1275, 20), ("C", 1, 2, 1278, 70))
    over_life = by_life(*counts)
    daily = experiments.evaluate_steps(life(*counts), days(steadily(20, 20), steadily(0, 2)))
    assert state(over_life) == ["ahead"]
    assert state(daily) == ["proven"]
    assert status.action(daily[0]) == "Keep B"
    assert status.interval_text(daily[0]).startswith("at least +")
    assert not status.interval_text(over_life[0]).startswith("at least")


def test_the_summary_counts_every_test_once():
    items = by_life(
        ("A", 1, 1, 1275, 20), ("A", 1, 2, 1278, 70), ("B", 1, 1, 600, 20), ("B", 1, 2, 600, 22),
        ("C", 1, 1, 10, 0), ("C", 1, 2, 10, 0),
    )  # fmt: skip
    assert status.summary(items) == "1 ahead · 2 undecided (2 cannot finish in 90 days)"
    assert status.summary([]) == "nothing to compare"
    assert state(status.in_order(items))[0] == "ahead"
