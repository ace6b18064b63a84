"""Verdicts from daily counts against a slow calculation of another hand (`ab_oracle`), and the made cases."""

import math
from datetime import date, timedelta

import ab_oracle as oracle
import numpy as np
import pandas as pd
import pytest

from dashboard.analysis import options as short_name
from dashboard.analysis.ab_tests import evidence, options
from dashboard.analysis.ab_tests.options import compare_options, log_e_by_day, log_e_path
from dashboard.analysis.ab_tests.verdicts import Daily, StepCounts, compare_steps

FIRST = date(2026, 1, 1)
ACCOUNT = (10_000, 300)


def made(seed, *, days=45, k=2, mails=20):
    """Daily counts with what happens to tests: late starts, pauses, new weights, batches, weekends, silent weeks."""
    rng = np.random.default_rng(seed)
    sent = rng.poisson(mails, (days, k)).astype(float)
    for option in range(k):
        kind = rng.integers(0, 7)
        if kind == 1:
            sent[: rng.integers(1, days // 2), option] = 0
        elif kind == 2:
            start = rng.integers(0, days - 20)
            sent[start : start + rng.integers(5, 20), option] = 0
        elif kind == 3:
            sent[days // 2 :, option] = np.floor(sent[days // 2 :, option] / 5)
        elif kind == 4:
            sent[:, option] *= np.arange(days) % 9 == 0
        elif kind == 5:
            sent[np.arange(days) % 7 >= 5, option] = 0
    if seed % 3 == 0:
        sent[10 : 10 + seed % 20] = 0
    rates = rng.choice([0.02, 0.05, 0.12], k)
    events = np.minimum(rng.binomial(sent.astype(int), rates), sent) + (rng.random((days, k)) < 0.05)
    return sent, events.astype(float)


def columns(sent, events, a=0, b=1):
    return sent[:, a], events[:, a], sent[:, b], events[:, b]


def compared(sent, events, leave_out=0):
    day = [FIRST + timedelta(days=t) for t in range(len(sent))]
    daily = pd.concat(
        [
            pd.DataFrame({"day": day, "option": o + 1, "emails_sent": sent[:, o], "replies": events[:, o]})
            for o in range(sent.shape[1])
        ]
    )
    frame = daily.groupby("option", as_index=False)[["emails_sent", "replies"]].sum()
    # A day without a record is a day without mails; its rows need not be there.
    kept = daily[(daily["emails_sent"] > 0) | (daily["replies"] > 0)]
    account = {"account_sent": ACCOUNT[0], "account_events": ACCOUNT[1]}
    return compare_options(frame, **account, daily=kept, leave_out=leave_out)


@pytest.mark.parametrize("leave_out", [0, 14])
@pytest.mark.parametrize("seed", range(12))
def test_the_evidence_of_every_day(seed, leave_out):
    pair = columns(*made(seed))
    for way in (pair, (*pair[2:], *pair[:2])):
        slow = oracle.path(*way, leave_out)
        assert log_e_path(*way, leave_out=leave_out) == pytest.approx(slow, abs=1e-9)
        assert log_e_by_day(*map(list, way), leave_out=leave_out) == pytest.approx(slow[-1], abs=1e-9)


@pytest.mark.parametrize("leave_out", [0, 14])
@pytest.mark.parametrize("seed", range(12))
def test_the_best_guess_and_the_interval(seed, leave_out):
    pair = columns(*made(seed))
    guess, slow = (f(*pair, leave_out=leave_out) for f in (options.ratio_by_day, oracle.best_guess))
    assert guess == (slow if slow in {None, 0, math.inf} else pytest.approx(slow, rel=1e-9))
    low, high = options.ratio_interval_by_day(*pair, leave_out=leave_out)
    assert (low, high) == pytest.approx(oracle.interval(*pair, leave_out), rel=1e-6)
    assert (low > 1) == (log_e_by_day(*pair, leave_out=leave_out) > math.log(20))


@pytest.mark.parametrize("seed", range(24))
def test_the_whole_verdict(seed):
    sent, events = made(100 + seed, days=60, k=2 + seed % 3, mails=25)
    leave_out = 14 if seed % 4 == 0 else 0
    first = int(np.argmax(sent.sum(axis=1) > 0))
    sent, events = sent[first:], events[first:]
    events = np.where(sent.cumsum(axis=0) > 0, events, 0)
    slow, found = oracle.verdict(sent, events, ACCOUNT, leave_out), compared(sent, events, leave_out)
    assert found.verdict == slow["verdict"]
    assert found.basis == "days"
    for name in ("leading", "rival", "withdrawn"):
        assert getattr(found, name) == slow.get(name), name
    for name in ("log_e", "p_value", "ratio", "ratio_low", "ratio_high"):
        assert getattr(found, name) == (pytest.approx(slow[name], rel=1e-6) if slow.get(name) is not None else None)
    for name in ("won_on", "withdrawn_won_on"):
        assert getattr(found, name) == (FIRST + timedelta(days=slow[name]) if name in slow else None)


def test_many_steps_at_once_give_the_verdicts_of_each_alone():
    steps = []
    for seed in range(40):
        sent, events = made(seed, days=20 + seed, k=2 + seed % 2)
        totals = sent.sum(axis=0)
        daily = Daily(FIRST, sent, events, 14 if seed % 5 == 0 else 0)
        steps.append(StepCounts(tuple(range(1, len(totals) + 1)), totals, events.sum(axis=0), daily))
    account = {"account_sent": 9000, "account_events": 300}
    for step, together in zip(steps, compare_steps(steps, **account), strict=True):
        (alone,) = compare_steps([step], **account)
        for name in ("verdict", "leading", "rival", "won_on", "withdrawn", "withdrawn_won_on", "more_mails", "option"):
            assert getattr(together, name) == getattr(alone, name)
        assert together.log_e == (alone.log_e if alone.log_e is None else pytest.approx(alone.log_e, abs=1e-9))


def test_more_pair_days_than_one_portion_holds():
    pairs = [evidence.PairCounts(*columns(*made(seed, days=400))) for seed in range(24)]
    pairs.insert(3, evidence.PairCounts(np.zeros(5), np.zeros(5), np.zeros(5), np.zeros(5)))
    found = evidence.standings(pairs, math.log(20), fewest_mails=50, fewest_events=10, fewest_days=7)
    assert sum(len(evidence.paired_days([pair]).day) for pair in pairs) > 4096
    for pair, (own, other) in zip(pairs, found, strict=True):
        a, b = pair[:2], pair[2:4]
        assert own.log_e == pytest.approx(log_e_by_day(*a, *b), abs=1e-8)
        assert other.log_e == pytest.approx(log_e_by_day(*b, *a), abs=1e-8)


def test_before_any_event_and_at_the_edges():
    assert log_e_by_day([], [], [], []) == pytest.approx(math.log(0.43), abs=0.005)
    assert log_e_by_day([5], [0], [5], [0]) == pytest.approx(-0.84, abs=0.005)
    assert log_e_by_day([9] * 9, [5] * 9, [0] * 9, [0] * 9) == pytest.approx(-0.84, abs=0.005)
    assert options.ratio_interval_by_day([5], [0], [5], [0]) == (0, math.inf)
    assert options.ratio_by_day([20] * 9, [0] * 9, [20] * 9, [1] * 9) == 0
    assert options.ratio_by_day([20] * 9, [1] * 9, [20] * 9, [0] * 9) == math.inf
    assert options.ratio_by_day([20] * 9, [0] * 9, [20] * 9, [0] * 9) is None
    low, high = options.ratio_interval_by_day([20] * 30, [1] * 30, [20] * 30, [0] * 30)
    assert 1 < low < high == math.inf


# ---- what must not happen (docs/statistics.md) and what must: no randomness


def steadily(rate, sent):
    """Events that come as the rate lets expect: whole numbers whose running total never strays by more than a half."""
    total = np.round(np.cumsum(np.asarray(sent) * rate))
    return np.diff(np.concatenate([[0], total]))


def test_an_option_that_starts_five_days_late_does_not_lose_by_it():
    """Both truly 5 %, 200 a day; replies of a day answer to mails of about the day before."""
    a, b = np.full(26, 200.0), np.concatenate([np.zeros(5), np.full(21, 200.0)])
    sent = np.stack([a, b], axis=1)
    events = np.stack([steadily(0.05, np.concatenate([[0], x[:-1]])) for x in (a, b)], axis=1)
    events[-1] += [250, 200] - events.sum(axis=0)
    assert (sent.sum(axis=0).tolist(), events.sum(axis=0).tolist()) == ([5200, 4200], [250, 200])
    for last in range(8, 27):
        found = compared(sent[:last], events[:last])
        assert found.verdict not in {"winner", "leads"}, last
        assert found.won_on is None
        assert found.withdrawn is None


def test_a_win_that_turns_is_withdrawn():
    sent = np.full((120, 2), 40.0)
    events = np.stack(
        [
            np.concatenate([steadily(0.04, sent[:40, 0]), steadily(0.08, sent[40:, 0])]),
            np.concatenate([steadily(0.08, sent[:40, 1]), steadily(0.04, sent[40:, 1])]),
        ],
        axis=1,
    )
    early, late = compared(sent[:40], events[:40]), compared(sent, events)
    assert (early.verdict, early.option, early.withdrawn) == ("winner", 2, None)
    assert late.verdict != "winner"
    assert (late.withdrawn, late.withdrawn_won_on) == (2, early.won_on)
    assert late.won_on is None


def test_an_option_that_recovers_is_the_winner_again():
    sent = np.full((160, 2), 60.0)
    better, worse = steadily(0.08, sent[:, 0]), steadily(0.03, sent[:, 0])
    turned = (np.arange(160) >= 40) & (np.arange(160) < 80)
    events = np.stack([np.where(turned, better, worse), np.where(turned, worse, better)], axis=1)
    assert compared(sent[:40], events[:40]).option == 2
    withdrawn, again = compared(sent[:80], events[:80]), compared(sent, events)
    assert withdrawn.withdrawn == 2
    assert (again.verdict, again.option, again.withdrawn) == ("winner", 2, None)
    assert again.won_on == compared(sent[:40], events[:40]).won_on


def test_at_least_is_against_the_option_that_is_least_surely_beaten():
    """178 of 1,000 v 508 of 10,000 v 17 of 1,000, spread evenly over 20 days."""
    sent = np.tile([50.0, 500.0, 50.0], (20, 1))
    events = np.stack([steadily(0.178, sent[:, 0]), steadily(0.0508, sent[:, 1]), steadily(0.017, sent[:, 2])], axis=1)
    assert events.sum(axis=0).tolist() == [178, 508, 17]
    found = compared(sent, events)
    assert (found.verdict, found.option, found.against) == ("winner", 1, 2)
    assert found.ratio == pytest.approx(3.5, abs=0.05)
    assert found.ratio_low == pytest.approx(options.ratio_interval_by_day(*columns(sent, events))[0])


def test_whole_life_counts_never_prove_anything():
    frame = pd.DataFrame({"option": [1, 2], "emails_sent": [1000, 1000], "replies": [20, 60]})
    found = compare_options(frame, account_sent=10_000, account_events=300)
    assert (found.verdict, found.basis, found.proven, found.won_on) == ("winner", "life", False, None)
    assert found.log_e == pytest.approx(options.log_e(1000, 60, 1000, 20))
    worse = evidence.signed_log_e(1000, 20, 1000, 60)
    assert worse == pytest.approx(-found.log_e)


def test_both_names_are_the_same_functions():
    for name in short_name.__all__:
        assert getattr(short_name, name) is getattr(options, name)


def test_days_side_by_side_are_those_of_two_options_with_enough_mails():
    sent = np.full((20, 2), 10.0)
    assert compared(sent, sent // 10).counts.days_in_parallel == 20
    sent[:, 1] = 2  # 40 in all: too few to be compared, and one option runs next to nobody
    assert compared(sent, sent // 10).counts.days_in_parallel is None


def test_an_option_leads_only_where_it_is_ahead_of_every_other_on_shared_days():
    """B has its replies from good days on which A did not run; on the days that they share they are equal."""
    sent = np.array([[0, 20, 20]] * 15 + [[20, 20, 20]] * 15, float)
    events = np.array([[0, 2, 0]] * 15 + [[0, 0, 0], [1, 1, 0], [0, 0, 1]] * 5, float)
    found = compared(sent, events)
    assert found.p_best[1] > 0.8
    assert found.verdict == "no_clear_leader"
    events[15:, :2] = 0
    events[16:20, 0] = events[15:27, 1] = 1  # ahead of A by less than one reply: that leads
    assert compared(sent, events).verdict == "leads"


def test_days_without_a_mail_are_no_daily_counts():
    assert compared(np.full((9, 2), 0.0), np.full((9, 2), 1.0)).counts.daily is None
