"""The settings of a verdict: the defaults, what may be set, what each one does to a verdict, and what is said."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import special

from dashboard.analysis.ab_tests import posterior
from dashboard.analysis.ab_tests import wording as words
from dashboard.analysis.ab_tests.rules import DEFAULTS, LIMITS, Rules
from dashboard.analysis.ab_tests.verdicts import StepCounts, compare_steps

ACCOUNT = {"account_sent": 5000, "account_events": 100}


def judged(sent, events, rules=DEFAULTS, days=30):
    step = StepCounts((1, 2), np.array(sent, float), np.array(events, float), None, days)
    return compare_steps([step], **ACCOUNT, rules=rules)[0]


def test_the_defaults_are_those_of_the_rules():
    assert DEFAULTS.as_json() == {
        "fewest_mails": 50, "fewest_events": 10, "fewest_days": 7, "practical_ratio": 1.25, "leading_chance": 0.8,
        "evidence": 20, "prior_events": 10,
    }  # fmt: skip
    assert not DEFAULTS.problem
    assert not DEFAULTS.changed


def test_what_was_kept_comes_back_and_says_what_differs():
    rules = replace(DEFAULTS, fewest_mails=80, practical_ratio=1.1, evidence=100.0)
    assert Rules.from_json(rules.as_json()) == rules
    assert (
        rules.changed == "fewest mails of an option 80; no practical difference within ± 10 %; evidence that wins 100"
    )


@pytest.mark.parametrize(
    "kept",
    [
        None, [], "x", 5, {"fewest_mails": "many"}, {"fewest_mails": 1}, {"evidence": 1}, {"evidence": math.nan},
        {"fewest_days": math.inf}, {"leading_chance": 1.0}, {"practical_ratio": None}, {"practical_chance": 0.1},
        {"no such rule": 1},
    ],
)  # fmt: skip
def test_nonsense_that_was_kept_is_the_defaults(kept):
    assert Rules.from_json(kept) == DEFAULTS


@pytest.mark.parametrize("name", LIMITS)
def test_a_rule_beyond_its_limit_is_named_with_its_limits(name):
    limit = LIMITS[name]
    for value in (limit.low, limit.high):
        assert not replace(DEFAULTS, **{name: value}).problem
        assert limit.meant(limit.seen(value)) == value
    for value in (limit.low - 0.1, limit.high + 0.1):
        assert replace(DEFAULTS, **{name: value}).problem.startswith(f"{limit.label}: between ")


@pytest.mark.parametrize(
    ("sent", "events", "days", "before", "rule", "after"),
    [
        ([60, 60], [9, 4], 30, "leads", {"fewest_mails": 100}, "too_early"),
        ([60, 60], [9, 4], 30, "leads", {"fewest_events": 20}, "too_early"),
        ([60, 60], [9, 4], 10, "leads", {"fewest_days": 14}, "too_early"),
        ([60, 60], [9, 4], 30, "leads", {"leading_chance": 0.95}, "no_clear_leader"),
        ([9000, 9000], [380, 400], 30, "no_practical_difference", {"practical_ratio": 1.05}, "no_clear_leader"),
        ([1000, 1000], [60, 30], 30, "winner", {"evidence": 1000.0}, "leads"),
        ([60, 60], [9, 4], 30, "leads", {"prior_events": 30.0}, "no_clear_leader"),
    ],
)
def test_every_rule_decides(sent, events, days, before, rule, after):
    assert judged(sent, events, days=days).verdict == before
    assert judged(sent, events, replace(DEFAULTS, **rule), days=days).verdict == after


def test_the_usual_rate_alone_never_calls_options_equal():
    most = replace(DEFAULTS, practical_ratio=LIMITS["practical_ratio"].high, prior_events=LIMITS["prior_events"].high)
    beliefs = posterior.posterior(np.zeros(2), np.zeros(2), **ACCOUNT, prior_events=most.prior_events)
    assert not posterior.surely_within(beliefs, 0, 1, most.practical_ratio, most.practical_chance)


def test_the_interval_ends_and_the_mails_suffice_where_the_evidence_of_the_rules_is():
    stricter = judged([1000, 1000], [60, 30], replace(DEFAULTS, evidence=200.0))
    usual = judged([1000, 1000], [60, 30])
    assert stricter.ratio_low < usual.ratio_low < usual.ratio < usual.ratio_high < stricter.ratio_high
    w = stricter.ratio_low / (1 + stricter.ratio_low)
    log = special.betaln(20 * w + 60, 20 * (1 - w) + 30) - special.betaln(20 * w, 20 * (1 - w))
    assert log - special.xlogy(60, w) - special.xlogy(30, 1 - w) == pytest.approx(math.log(200), abs=1e-5)
    assert judged([60, 60], [9, 4], replace(DEFAULTS, evidence=200.0)).more_mails > judged([60, 60], [9, 4]).more_mails


def test_the_method_names_the_evidence_in_force():
    proof, assumed, many, _ = words.method(replace(DEFAULTS, evidence=1000.0))
    assert "has reached 1,000:" in proof
    assert "less than 0.1 % of tests" in proof
    assert "side by side" in assumed
    assert "colleagues who answer together" in assumed
    assert "+50 % with 4 chances in 5" in many
    assert "on average over many such lists" in many
