"""The always-valid test, posteriors, ranking and alarms against calculations of another kind."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, special, stats

from dashboard.analysis.ab_tests import evidence, posterior
from dashboard.analysis.ab_tests.verdicts import compare_options
from dashboard.analysis.performance import ranking
from dashboard.analysis.watch_list import alarms


def by_integral(sent_a, x_a, sent_b, x_b, c=20.0):
    """The e-value as what it is: the mean likelihood ratio over a beta prior on a's share of the events."""
    w = sent_a / (sent_a + sent_b)
    prior = stats.beta(c * w, c * (1 - w))

    def ratio(share):
        return prior.pdf(share) * (share / w) ** x_a * ((1 - share) / (1 - w)) ** x_b

    return math.log(integrate.quad(ratio, 0, 1, limit=200, points=[w, (x_a + 1) / (x_a + x_b + 2)])[0])


@pytest.mark.parametrize(
    "counts", [(100, 3, 100, 9), (500, 10, 400, 30), (50, 0, 200, 12), (70, 5, 70, 5), (10, 1, 900, 40)]
)
def test_log_e_is_the_mean_likelihood_ratio(counts):
    assert evidence.log_e(*counts) == pytest.approx(by_integral(*counts), abs=1e-6)


def test_log_e_at_the_edges():
    assert evidence.log_e(0, 0, 100, 5) == 0
    assert evidence.log_e(100, 0, 100, 0) == pytest.approx(0)
    assert evidence.log_e(100, 9, 100, 2) == pytest.approx(evidence.log_e(100, 2, 100, 9))
    assert math.isfinite(evidence.log_e(1e6, 3e4, 60, 60))


def test_the_mean_evidence_under_equal_rates_is_one():
    """E[e] = 1 when the rates are equal: summed exactly over all splits of the events."""
    n_a, n_b, events = 300, 120, 18
    share = n_a / (n_a + n_b)
    mean = sum(
        stats.binom.pmf(x, events, share) * math.exp(evidence.log_e(n_a, x, n_b, events - x)) for x in range(events + 1)
    )
    assert mean == pytest.approx(1)


def test_days_on_which_one_option_ran_alone_count_for_nothing():
    alone = evidence.log_e_by_day([50] * 30 + [20] * 7, [9] * 30 + [1] * 7, [0] * 30 + [20] * 7, [0] * 30 + [1] * 7)
    # From the day on which the second has mails, the first's share is that of the seven days before.
    assert alone < math.log(20)
    assert evidence.log_e([50] * 30 and 1500, 270, 140, 7) > math.log(20)  # whole-life counts would be fooled


@pytest.mark.parametrize("counts", [(500, 30, 500, 12), (2000, 50, 1000, 40), (300, 0, 300, 9), (60, 60, 900, 300)])
def test_the_interval_ends_where_the_evidence_is_20(counts):
    sent_a, x_a, sent_b, x_b = counts
    low, high = evidence.ratio_interval(*counts)
    ratio = (x_a / sent_a) / (x_b / sent_b)
    assert low <= ratio <= high
    for end in (low, high):
        if 0 < end < math.inf:
            w = sent_a * end / (sent_a * end + sent_b)
            log = special.betaln(20 * w + x_a, 20 * (1 - w) + x_b) - special.betaln(20 * w, 20 * (1 - w))
            assert log - special.xlogy(x_a, w) - special.xlogy(x_b, 1 - w) == pytest.approx(math.log(20), abs=1e-5)


@pytest.mark.parametrize(
    ("rate", "lift", "mails"), [(0.02, 0.5, 7543), (0.02, 1.0, 2169), (0.05, 0.5, 2993), (0.05, 1.0, 860)]
)
def test_mails_needed_are_those_of_the_rules(rate, lift, mails):
    assert round(evidence.mails_needed(rate, lift=lift)) == mails


def test_mails_needed_at_the_edges():
    assert evidence.mails_needed(0) == math.inf
    assert evidence.mails_needed(1) == math.inf
    assert evidence.mails_needed(0.05, options=4) > evidence.mails_needed(0.05, options=2)


@pytest.mark.parametrize("counts", [([500, 500], [10, 20]), ([50, 10**6], [1, 20000]), ([100, 200, 300], [2, 10, 15])])
def test_chances_and_losses_against_adaptive_integration(counts):
    sent, events = counts
    beliefs = posterior.posterior(sent, events, account_sent=5000, account_events=100)
    dists = [stats.beta(a, b) for a, b in zip(beliefs.alpha, beliefs.beta, strict=True)]
    points = sorted(float(d.ppf(q)) for d in dists for q in (0.001, 0.5, 0.999))

    def best(i):
        return integrate.quad(
            lambda x: dists[i].pdf(x) * math.prod(d.cdf(x) for j, d in enumerate(dists) if j != i),
            0,
            1,
            points=points,
            limit=500,
        )[0]

    top = integrate.quad(lambda x: 1 - math.prod(d.cdf(x) for d in dists), 0, 1, points=points, limit=500)[0]
    losses, chances = posterior.expected_loss_and_chance(beliefs)
    assert chances == pytest.approx([best(i) for i in range(len(dists))], abs=1e-7)
    assert losses == pytest.approx([top - d.mean() for d in dists], abs=1e-8)


def frame(*rows):
    return pd.DataFrame(rows, columns=["option", "emails_sent", "replies"]).astype("Int64")


ACCOUNT = {"account_sent": 10_000, "account_events": 300}


@pytest.mark.parametrize(
    ("rows", "verdict", "option"),
    [
        ([], "no_data", None),
        ([(1, 0, 0), (2, None, None)], "no_data", None),
        ([(1, 500, 20), (2, 0, 0)], "single_option", None),
        ([(1, 40, 9), (2, 900, 40)], "too_early", None),
        ([(1, 500, 4), (2, 500, 5)], "too_early", None),
        ([(1, 1000, 20), (2, 1000, 60)], "winner", 2),
        ([(1, 300, 9), (2, 300, 17)], "leads", 2),
        ([(1, 300, 12), (2, 300, 12)], "no_clear_leader", None),
        ([(1, 10**6, 30000), (2, 10**6, 30100)], "no_practical_difference", None),
        ([(1, 100, 300), (2, 500, 20)], "single_option", None),
        ([(1, 10**6, 30000), (2, 60, 2)], "no_clear_leader", None),
        ([(1, 10**6, 30000), (2, 10**6, 30100), (3, 100, 1)], "no_clear_leader", None),  # 2 leads; of 3 little is known
    ],
)
def test_verdicts(rows, verdict, option):
    found = compare_options(frame(*rows), **ACCOUNT)
    assert (found.verdict, found.option) == (verdict, option)
    assert len(found.table) == len(rows)
    if found.p_value is not None:
        assert 0 <= found.p_value <= 1
        assert 0 <= found.ratio_low <= found.ratio_high


def test_a_young_option_is_too_early():
    rows = [(1, 1000, 20), (2, 1000, 60)]
    assert compare_options(frame(*rows), **ACCOUNT, days_in_parallel=6).verdict == "too_early"
    assert compare_options(frame(*rows), **ACCOUNT, days_in_parallel=7).verdict == "winner"


def test_a_verdict_from_days_is_not_fooled_by_a_late_option():
    days = pd.date_range("2026-01-01", periods=60)
    early = pd.DataFrame({"day": days, "option": 1, "emails_sent": 40, "replies": [4] * 40 + [1] * 20})
    late = pd.DataFrame({"day": days[40:], "option": 2, "emails_sent": 40, "replies": 1})
    daily = pd.concat([early, late])
    whole = daily.groupby("option", as_index=False)[["emails_sent", "replies"]].sum().astype("Int64")
    assert compare_options(whole, **ACCOUNT).verdict == "winner"
    assert compare_options(whole, **ACCOUNT, daily=daily).verdict != "winner"


def test_ranking_draws_small_samples_towards_the_rest():
    frame_ = pd.DataFrame(
        {"cadence": list("abcdef"), "x": [2, 60, 30, 20, 0, None], "n": [10, 1000, 1000, 1000, 0, 50]}
    ).astype({"x": "Int64", "n": "Int64"})
    ranked = ranking.rank(frame_, events="x", trials="n").set_index("cadence")
    assert ranked.loc["a", "score"] < 0.2
    assert ranked["score"].idxmax() == "b"
    assert ranked.loc[["e", "f"], "label"].tolist() == ["no data", "no data"]
    assert ranked.loc[["e", "f"], "score"].isna().all()
    known = ranked.dropna(subset=["score"])
    assert (known["low"] < known["score"]).all()
    assert (known["score"] < known["high"]).all()
    assert ranking.notes(frame_, events="x", trials="n")[0].startswith("Only 4 cadences")


def test_alarms_speak_only_of_what_stands_out():
    usual = [(100, 2)] * 28
    assert alarms.day_alarm(usual, (100, 15), tests_today=20).label == "alarm"
    assert alarms.day_alarm(usual, (100, 3), tests_today=20).label == "ok"
    assert alarms.day_alarm(usual[:1], (100, 15), tests_today=20).label == "not_checked"
    assert alarms.day_alarm(usual, (10, 9), tests_today=20).label == "not_checked"
    assert alarms.level_alarm(30, 200, 0.05) == "alert"
    assert alarms.level_alarm(4, 60, 0.05) == "watch"
    assert alarms.level_alarm(2, 20, 0.05) == "ok"
    assert alarms.level_alarm(0, 0, 0.05) == "not_checked"


def test_equal_groups_show_little_spread():
    rng = np.random.default_rng(1)
    n = np.full(30, 2000)
    same = pd.DataFrame({"x": rng.binomial(n, 0.05), "n": n})
    assert any("little" in note for note in ranking.notes(same, events="x", trials="n"))
