"""The ranking against a grid search and exact sums, and at its extremes."""

import math

import frames_by_hand as hand
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate
from scipy.special import gammaln
from scipy.stats import beta, betabinom

from dashboard.analysis.metrics import METRICS, rates_of, with_rates
from dashboard.analysis.performance import ranking
from dashboard.analysis.stats.shrinkage import fit


def log_beta(a, b):
    return gammaln(a) + gammaln(b) - gammaln(a + b)


def objective(x, n, m, k):
    """The fit written out with log gamma functions."""
    a, b = k, k * (1 - m) / m
    binomial = gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)
    likelihood = (binomial + log_beta(x + a, n - x + b) - log_beta(a, b)).sum()
    logit, usual = math.log(m / (1 - m)), math.log(0.04 / 0.96)
    return likelihood - (math.log(k) - math.log(10)) ** 2 / 2 - ((logit - usual) / 1.5) ** 2 / 2


GROUPS = [
    ([6, 12, 30, 3, 0], [200, 300, 500, 90, 60]),
    ([0, 0, 0], [10, 500, 10_000]),
    ([50, 50, 50, 50], [1000, 1000, 1000, 1000]),
    ([1], [2]),
    ([9, 900_000], [10, 1_000_000]),
    ([20, 30, 40], [20, 30, 40]),
]


@pytest.mark.parametrize(("x", "n"), GROUPS)
def test_no_other_average_and_weight_explain_the_counts_better(x, n):
    x, n = np.array(x, float), np.array(n, float)
    found = fit(x, n)
    best = objective(x, n, found.m, found.k)
    for logit in np.linspace(-9, 9, 181):
        for log_k in np.linspace(math.log(0.5), math.log(500), 60):
            assert objective(x, n, 1 / (1 + math.exp(-logit)), math.exp(log_k)) <= best + 1e-5


def table(*rows):
    frame = pd.DataFrame(rows, columns=["cadence", "x", "n"])
    return frame.astype({"cadence": "string", "x": "Int64", "n": "Int64"})


def test_a_group_of_a_single_trial_counts_and_one_without_trials_does_not():
    assert fit([1], [1]) != fit([], [])
    assert fit([5, 0, 9], [50, 0, 90]) == fit([5, 9], [50, 90])


def test_score_interval_and_label_are_those_of_the_posterior():
    frame = table(("a", 40, 400), ("b", 9, 500), ("c", 20, 500), ("d", 1, 4), ("e", 300, 9000))
    ranked = ranking.rank(frame, events="x", trials="n").set_index("cadence")
    shrunk = fit(frame["x"].tolist(), frame["n"].tolist())
    for name, x, n in frame.itertuples(index=False):
        a, b = shrunk.k + x, shrunk.k * (1 - shrunk.m) / shrunk.m + n - x

        def density(p, a=a, b=b):
            return math.exp((a - 1) * math.log(p) + (b - 1) * math.log1p(-p) - log_beta(a, b))

        row = ranked.loc[name]
        near = [row["low"], row["score"], row["high"]]
        mean = integrate.quad(lambda p, d=density: p * d(p), 0, 1, points=near, limit=200)[0]
        assert row["score"] == pytest.approx(mean, rel=1e-6)
        assert row["score"] == pytest.approx((shrunk.k + x) / (shrunk.k / shrunk.m + n))  # as the definitions say it
        below = integrate.quad(density, 0, row["low"], limit=200)[0]
        assert below == pytest.approx(0.025, abs=1e-6)
        assert integrate.quad(density, row["high"], 1, points=[row["high"] * 1.5], limit=200)[0] == pytest.approx(
            0.025, abs=1e-6
        )


def curvature_sd(x, n, shrunk):
    """Standard deviation of logit m, from second differences of the penalised likelihood."""
    x, n = np.asarray(x), np.asarray(n)

    def loss(u, v):
        k, m = math.exp(v), 1 / (1 + math.exp(-u))
        told = betabinom.logpmf(x, n, k, k * (1 - m) / m).sum()
        return -told + (v - math.log(10)) ** 2 / 2 + ((u - math.log(0.04 / 0.96)) / 1.5) ** 2 / 2

    u, v, h = math.log(shrunk.m / (1 - shrunk.m)), math.log(shrunk.k), 1e-3
    uu = (loss(u + h, v) - 2 * loss(u, v) + loss(u - h, v)) / h**2
    vv = (loss(u, v + h) - 2 * loss(u, v) + loss(u, v - h)) / h**2
    uv = (loss(u + h, v + h) - loss(u + h, v - h) - loss(u - h, v + h) + loss(u - h, v - h)) / (4 * h**2)
    return math.sqrt(vv / (uu * vv - uv * uv))


def test_labels_need_a_tenth_and_count_how_well_the_average_is_known():
    rows = [("a", 60, 400), ("b", 9, 500), ("c", 20, 500), ("d", 1, 4), ("e", 300, 9000), ("f", 160, 2000)]
    frame = table(*rows)
    ranked = ranking.rank(frame, events="x", trials="n").set_index("cadence")
    shrunk = fit(frame["x"].tolist(), frame["n"].tolist())
    sd = curvature_sd([x for _, x, _ in rows], [n for _, _, n in rows], shrunk)
    assert shrunk.logit_sd == pytest.approx(sd, rel=1e-3)
    z = np.linspace(-8, 8, 2001)
    weight = np.exp(-z * z / 2) / np.exp(-z * z / 2).sum()
    means = 1 / (1 + np.exp(-(math.log(shrunk.m / (1 - shrunk.m)) + z * sd)))
    labels = set()
    for name, x, n in rows:
        a, b = shrunk.k + x, shrunk.k * (1 - shrunk.m) / shrunk.m + n - x
        above = (weight * beta.sf(np.minimum(1, 1.1 * means), a, b)).sum()
        below = (weight * beta.cdf(means / 1.1, a, b)).sum()
        words = "above average" if above >= 0.95 else "below average" if below >= 0.95 else "average, or not known yet"
        assert ranked.loc[name, "label"] == words
        labels.add(words)
    assert len(labels) == 3


def test_a_large_cadence_among_small_ones_of_the_same_rate_has_no_label():
    small = [(str(n), 5 * n, 100 * n) for n in range(1, 8)]
    ranked = ranking.rank(table(("large", 2500, 50_000), *small), events="x", trials="n")
    assert set(ranked["label"]) == {"average, or not known yet"}


def test_where_rates_differ_little_nobody_has_a_label():
    rows = [(str(n), 400 + n, 10_000) for n in range(12)] + [("ahead", 560, 10_000)]
    frame = table(*rows)
    shrunk = fit(frame["x"].tolist(), frame["n"].tolist())
    assert shrunk.spread < ranking.LITTLE_SPREAD
    assert set(ranking.rank(frame, events="x", trials="n")["label"]) == {"average, or not known yet"}
    assert [ranking.interval_name(rows) for rows in (1, 4, 5)] == ["about 80 %", "about 80 %", "95 %"]


def test_where_the_weight_is_at_its_limit_the_curvature_along_the_mean_alone_counts():
    frame = table(*[(str(n), 4000, 100_000) for n in range(20)])
    shrunk = fit(frame["x"].tolist(), frame["n"].tolist())
    assert shrunk.k == pytest.approx(500)
    assert 0 < shrunk.logit_sd < 0.03


def test_a_lucky_few_do_not_lead_and_places_follow_the_score():
    frame = table(("two of ten", 2, 10), ("proven", 120, 1000), ("usual", 50, 1000), ("poor", 10, 1000))
    ranked = ranking.rank(frame, events="x", trials="n").set_index("cadence")
    assert ranked["position"].to_dict() == {"proven": 1, "two of ten": 2, "usual": 3, "poor": 4}
    assert ranked.loc["proven", "label"] == "average, or not known yet"  # four cadences do not tell what average is
    assert ranked.loc["two of ten", "label"] == "average, or not known yet"
    assert ranked.loc["poor", "label"] == "below average"


def test_what_has_no_rate_has_no_score():
    frame = table(("none", 0, 0), ("unknown", None, 100), ("no base", 5, None), ("over", 7, 5), ("fine", 5, 100))
    ranked = ranking.rank(frame, events="x", trials="n").set_index("cadence")
    assert ranked["label"].to_dict() == {
        "none": "no data", "unknown": "no data", "no base": "no data", "over": "over 100 %",
        "fine": "average, or not known yet",
    }  # fmt: skip
    assert ranked[["score", "low", "high", "position"]].notna().all(axis=1).tolist() == [False] * 4 + [True]


counts = st.integers(0, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n + 3), st.just(n)))


@settings(deadline=None, max_examples=40)
@given(st.lists(counts, max_size=8))
def test_any_counts_give_scores_between_their_bounds_and_no_nan(rows):
    frame = table(*[(str(at), *row) for at, row in enumerate(rows)])
    ranked = ranking.rank(frame, events="x", trials="n")
    assert len(ranked) == len(rows)
    known = ranked.dropna(subset=["score"])
    assert (known["low"] <= known["score"]).all()
    assert (known["score"] <= known["high"]).all()
    assert known["score"].between(0, 1).all()
    assert not any(math.isnan(value) for value in ranked["score"].dropna())
    assert (ranked["score"].isna() == ranked["label"].isin(["no data", "over 100 %"])).all()


def test_notes_say_too_few_and_little_spread():
    few = ranking.notes(table(("a", 5, 100)), events="x", trials="n")
    assert few == ["Only 1 cadence has counts to rank: a ranking of so few says little."]
    assert ranking.notes(table(), events="x", trials="n")[0].startswith("No cadences have counts")
    alike = table(*((name, 14 + number, 215) for number, name in enumerate("abcde")))
    assert ranking.notes(alike, events="x", trials="n") == [
        "No cadence is surely at least a tenth above or below the average: the whole order may be chance."
    ]
    rng = np.random.default_rng(3)
    n = np.full(40, 4000)
    same = pd.DataFrame({"x": rng.binomial(n, 0.05), "n": n})
    assert ranking.notes(same, events="x", trials="n") == [
        "The cadences differ little beyond chance: treat neighbours in the ranking as equal."
    ]
    apart = pd.DataFrame({"x": rng.binomial(n, np.linspace(0.01, 0.15, 40)), "n": n})
    assert ranking.notes(apart, events="x", trials="n") == []


def company():
    rows = [
        hand.engagement("Ann 1", owner="ann", emails_sent=900, contacted=300, replies=30),
        hand.engagement("Ann 2", owner="ann", emails_sent=900, contacted=300, replies=9),
        hand.engagement("Bob 1", owner="bob", emails_sent=200, contacted=100, replies=2),
        hand.engagement("Silent", owner="bob", emails_sent=50),
        hand.engagement("Shared", owner="ann", emails_sent=100, contacted=50, replies=40),
        hand.engagement("Shared", owner="bob", emails_sent=100, contacted=50, replies=40),
        hand.engagement("Nobody's", owner=None, emails_sent=100, contacted=50, replies=5),
    ]
    return with_rates(hand.frame("engagements", rows), "engagements")


@pytest.mark.parametrize(("per", "base"), [("contacted", "contacted"), ("email", "emails_sent")])
def test_cadences_are_ranked_by_the_chosen_denominator_and_a_shared_answer_counts_once(per, base):
    frame = company()
    ranked = ranking.ranked(frame, per)
    pd.testing.assert_frame_equal(ranked[frame.columns], frame)
    once = ranking.rank(frame.drop_duplicates("cadence"), events="replies", trials=base).set_index("cadence")
    for name in once.index:
        rows = ranked[ranked["cadence"] == name]
        for own, other in (("score", "score"), ("score_low", "low"), ("score_high", "high"), ("position", "position")):
            expected = once.loc[name, other]
            assert all((pd.isna(v) and pd.isna(expected)) or v == expected for v in rows[own])
    assert METRICS[ranking.base_rate(per)].denominator == base
    assert (
        ranking.average(frame, per)
        == fit(once["replies"].dropna().tolist(), once[base][once["replies"].notna()].tolist()).m
    )


def test_within_an_owner_places_and_averages_are_the_owners_own():
    ranked = ranking.ranked(company(), "contacted", within="owner").set_index(["owner", "cadence"])
    assert ranked.loc[("ann", "Shared"), "position"] == 1
    assert ranked.loc[("ann", "Ann 1"), "position"] == 2
    assert ranked.loc[("bob", "Bob 1"), "position"] == 2
    alone = fit([5], [50])
    row = ranked[ranked.index.get_level_values("owner").isna()].iloc[0]
    assert row["score"] == pytest.approx((alone.k + 5) / (alone.k / alone.m + 50))


def test_owners_are_sums_of_what_is_theirs_for_sure():
    table_ = ranking.owners(company(), "contacted").set_index("owner")
    assert table_[["cadences", "replies", "contacted"]].to_dict("index") == {
        "ann": {"cadences": 2, "replies": 39, "contacted": 600},
        "bob": {"cadences": 1, "replies": 2, "contacted": 100},
        "owner not reported": {"cadences": 1, "replies": 5, "contacted": 50},
    }
    assert table_.loc["ann", "reply_rate_contacted"] == 39 / 600
    assert ranking.shared_names(company()) == ["Shared"]


def test_orders():
    table_ = ranking.ranked(company().drop_duplicates("cadence"), "contacted")
    by = {sort: ranking.in_order(table_, sort, "contacted")["cadence"].tolist() for sort in ("score", "raw", "proven")}
    raw = table_.set_index("cadence")["reply_rate_contacted"].dropna().sort_values(ascending=False).index.tolist()
    assert by["raw"] == [*raw, "Silent"]
    low = table_.set_index("cadence")["score_low"].dropna().sort_values(ascending=False).index.tolist()
    assert by["proven"] == [*low, "Silent"]
    assert by["score"][0] == "Shared"
    assert by["score"][-1] == "Silent"


@pytest.mark.parametrize("within", [None, "owner"])
def test_an_empty_table_has_the_columns_and_several_windows_are_ranked_apart(within):
    empty = ranking.ranked(company().iloc[:0], "email", within=within)
    assert list(empty.columns) == [*company().columns, *ranking.RANKED]
    later = hand.engagement("Ann 1", hand.BEFORE, owner="ann", emails_sent=900, contacted=300, replies=1)
    both = pd.concat([company(), with_rates(hand.frame("engagements", [later]), "engagements")], ignore_index=True)
    ranked = ranking.ranked(both, "contacted", within=within)
    assert ranked["position"].iloc[-1] == 1
    assert ranking.owners(company().iloc[:0], "email").empty


def test_the_registrys_rates_are_not_disturbed_by_what_a_ranking_adds():
    assert not {metric.key for metric in rates_of("engagements")} & set(ranking.RANKED)
