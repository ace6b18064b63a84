"""Which counts a step is judged by, when a comparison begins anew, winners over many tests, and the extremes."""

import math
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from scipy import special, stats

from dashboard.analysis.ab_tests import evidence, experiments, fixed_horizon, posterior, tables
from dashboard.analysis.ab_tests import wording as words
from dashboard.analysis.ab_tests.options import OptionComparison, compare_options, log_e, log_e_by_day
from dashboard.analysis.ab_tests.rules import Rules
from dashboard.analysis.ab_tests.verdicts import Daily, StepCounts, compare_steps

FIRST = date(2026, 6, 1)
ACCOUNT = {"account_sent": 10_000, "account_events": 300}


def life(*rows, start="2026-04-01", end="2026-11-24"):
    """Rows of (cadence, step, option, mails, replies)."""
    frame = pd.DataFrame(rows, columns=["cadence", "step", "option", "emails_sent", "replies"])
    frame = frame.astype(dict.fromkeys(("step", "option", "emails_sent", "replies"), "Int64"))
    return frame.assign(
        cadence=frame["cadence"].astype("string"),
        template="T", subject="S", snippet="N",
        positive_replies=pd.array([pd.NA] * len(frame), "Int64"),
        window_start=pd.Timestamp(start, tz="Europe/Berlin"), window_end=pd.Timestamp(end, tz="Europe/Berlin"),
    )  # fmt: skip


def days(sent, replies, *, cadence="C", step=1, subjects=None, first=FIRST):
    """Daily rows from arrays day × option; `subjects(day, option)` is the copy."""
    subject = subjects or (lambda _day, _option: "S")
    rows = [
        (cadence, step, option + 1, first + timedelta(days=day), "T", subject(day, option + 1), "N",
         int(sent[day][option]), int(replies[day][option]), 0)
        for day in range(len(sent))
        for option in range(len(sent[0]))
    ]  # fmt: skip
    columns = [
        "cadence", "step", "option", "day", "template", "subject", "snippet", "emails_sent", "replies",
        "positive_replies",
    ]  # fmt: skip
    counts = ("step", "option", "emails_sent", "replies", "positive_replies")
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(counts, "Int64"))


def steadily(*per_day, count=100):
    return np.tile(np.array(per_day), (count, 1))


# ---- the names others rely on, and the batch


def test_the_names_are_where_they_are_promised():
    assert log_e(100, 9, 100, 2) == evidence.log_e(100, 9, 100, 2)
    assert log_e_by_day([5], [1], [5], [0]) == evidence.log_e_by_day([5], [1], [5], [0])
    found = compare_options(life(("C", 1, 1, 900, 20), ("C", 1, 2, 900, 70)), **ACCOUNT)
    assert isinstance(found, OptionComparison)
    assert {"rate", "low", "high", "p_best", "expected_loss", "compared"} <= set(found.table.columns)
    assert found.table.index.name == "option"


def test_many_steps_at_once_give_the_numbers_of_each_alone():
    rng = np.random.default_rng(3)
    steps = []
    for size in rng.integers(1, 6, 60):
        sent = rng.integers(0, 900, size).astype(float)
        events = np.where(rng.random(size) < 0.1, np.nan, rng.binomial(sent.astype(int), 0.05))
        steps.append(StepCounts(tuple(range(1, size + 1)), sent, events))
    together = compare_steps(steps, **ACCOUNT)
    for step, found in zip(steps, together, strict=True):
        (alone,) = compare_steps([step], **ACCOUNT)
        assert (found.verdict, found.option, found.rival, found.more_mails) == (
            alone.verdict, alone.option, alone.rival, alone.more_mails,
        )  # fmt: skip
        np.testing.assert_allclose(found.p_best, alone.p_best, rtol=1e-12)
        np.testing.assert_allclose(found.expected_loss, alone.expected_loss, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("seed", range(4))
def test_chances_and_losses_of_a_batch_against_sums_over_the_incomplete_beta_function(seed):
    rng = np.random.default_rng(seed)
    sent = rng.choice([60, 300, 2000, 40_000, 10**6], (5, 4)).astype(float)
    beliefs = posterior.posterior(
        sent, np.floor(sent * rng.uniform(0, 0.2, sent.shape)), account_sent=9, account_events=1
    )
    chances, losses = posterior.judged(beliefs)
    nodes, weights = np.polynomial.legendre.leggauss(60)
    for row in range(len(sent)):
        laws = [stats.beta(a, b) for a, b in zip(beliefs.alpha[row], beliefs.beta[row], strict=True)]
        edges = np.unique([law.ppf(q) for law in laws for q in np.linspace(1e-13, 1 - 1e-13, 15)])
        half = np.diff(edges)[:, None] / 2
        x = (edges[:-1, None] + edges[1:, None]) / 2 + half * nodes
        below = np.array([law.cdf(x) for law in laws])
        for option, law in enumerate(laws):
            best = (law.pdf(x) * np.delete(below, option, axis=0).prod(axis=0) * half * weights).sum()
            assert chances[row, option] == pytest.approx(best, abs=1e-8)
        top = edges[0] + ((1 - below.prod(axis=0)) * half * weights).sum()
        assert losses[row] == pytest.approx([top - law.mean() for law in laws], abs=1e-9)


@pytest.mark.parametrize("counts", [([4000, 5000], [120, 160]), ([10**6, 900], [30_000, 25]), ([60, 60], [30, 29])])
def test_practically_equal_against_draws(counts):
    beliefs = posterior.posterior(*counts, account_sent=5000, account_events=100)
    rng = np.random.default_rng(1)
    other, leader = (rng.beta(beliefs.alpha[i], beliefs.beta[i], 400_000) for i in (0, 1))
    drawn = ((other / leader >= 0.8) & (other / leader <= 1.25)).mean()
    exact = posterior.chance_of_ratio_within(beliefs, 0, 1, 0.8, 1.25)
    assert exact == pytest.approx(drawn, abs=0.004)
    for limit in (exact - 1e-9, exact + 1e-9):
        assert posterior.surely_within(beliefs, 0, 1, 1.25, limit) is (exact >= limit)


def test_the_prior_of_practical_equality_leans_on_all_options_that_sent():
    """A third option with too few mails to be compared still belongs to the step's usual rate."""
    frame = life(("C", 1, 1, 6000, 300), ("C", 1, 2, 6000, 306), ("C", 1, 3, 40, 2))
    assert compare_options(frame, **ACCOUNT).verdict == "no_practical_difference"


def test_mails_needed_start_from_the_pooled_rate_of_the_rules():
    found = compare_options(life(("C", 1, 1, 60, 0), ("C", 1, 2, 60, 0)), account_sent=10_000, account_events=300)
    middle = (0 + 100 * (302 / 10_050)) / (120 + 100)
    assert found.verdict == "too_early"
    assert found.more_mails == math.ceil(evidence.mails_needed(middle) - 60)


def test_mails_needed_of_many_rates_are_those_of_each():
    rates = np.array([0.002, 0.02, 0.05, 0.3, 0.5])
    found = evidence.mails_needed(rates, options=np.array([2, 3, 2, 5, 4]))
    alone = [evidence.mails_needed(rate, options=k) for rate, k in zip(rates.tolist(), [2, 3, 2, 5, 4], strict=True)]
    assert found.tolist() == pytest.approx(alone)
    n, low, high = found[1], 0.02, 0.03
    theta, events = high / (low + high), n * (low + high)
    spread = math.sqrt(theta * (1 - theta) / events * (theta * (1 - low) + (1 - theta) * (1 - high)))
    share = theta - stats.norm.ppf(0.8**0.5) * spread
    assert evidence.log_e(n, events * share, n, events * (1 - share)) == pytest.approx(math.log(20), abs=1e-9)


# ---- daily evidence


def test_the_path_is_the_evidence_of_every_day_so_far():
    rng = np.random.default_rng(5)
    sent_a, sent_b = rng.poisson(20, 60), np.where(np.arange(60) < 20, 0, rng.poisson(12, 60))
    x_a, x_b = rng.binomial(sent_a, 0.05), rng.binomial(sent_b, 0.05)
    path = evidence.path(sent_a, x_a, sent_b, x_b)
    for day, found in zip(path.day, path.log_e, strict=True):
        until = slice(day + 1)
        assert found == pytest.approx(evidence.log_e_by_day(sent_a[until], x_a[until], sent_b[until], x_b[until]))
    assert path.last == pytest.approx(evidence.log_e_by_day(sent_a, x_a, sent_b, x_b))


def test_daily_evidence_against_the_formula_written_out():
    sent_a, sent_b = [20, 20, 0, 10, 30], [10, 0, 0, 40, 20]
    x_a, x_b = [1, 0, 2, 1, 3], [0, 1, 1, 2, 0]
    nodes, weights = np.polynomial.hermite_e.hermegauss(81)
    terms = []
    for node, weight in zip(nodes, weights / weights.sum(), strict=True):
        d, total = 0.45 * node, 0.0
        for t in range(5):
            a, b = sum(sent_a[max(0, t - 6) : t + 1]), sum(sent_b[max(0, t - 6) : t + 1])
            total += x_a[t] * d - (x_a[t] + x_b[t]) * math.log1p(a / (a + b) * math.expm1(d))
        terms.append(math.log(weight) + total)
    assert evidence.log_e_by_day(sent_a, x_a, sent_b, x_b) == pytest.approx(special.logsumexp(terms))


def test_the_most_likely_ratio_by_day_is_the_ratio_where_days_are_alike():
    assert evidence.ratio_by_day([20] * 9, [1, 2] * 4 + [0], [20] * 9, [1] * 9) == pytest.approx(12 / 9)
    assert evidence.ratio_by_day([20] * 9, [0] * 9, [20] * 9, [1] * 9) == 0
    assert evidence.ratio_by_day([20] * 9, [1] * 9, [20] * 9, [0] * 9) == math.inf
    assert evidence.ratio_by_day([20] * 9, [0] * 9, [20] * 9, [0] * 9) is None
    low, high = evidence.ratio_interval_by_day([20] * 9, [1, 2] * 4 + [0], [20] * 9, [1] * 9)
    assert low < 12 / 9 < high


def test_the_better_mail_wins_though_the_other_had_better_days_alone():
    """Day by day option 2 doubles option 1; over the whole life option 1 has the higher rate."""
    sent = np.array([[40, 0]] * 60 + [[40, 40]] * 140)
    replies = np.array([[8, 0]] * 60 + [[1, 3]] * 140)
    (item,) = experiments.judge(life(), days(sent, replies))
    table = item.comparison.table
    assert table.loc[1, "rate"] < table.loc[2, "rate"] or item.comparison.option == 2
    assert (item.comparison.verdict, item.comparison.option) == ("winner", 2)
    assert item.comparison.ratio == pytest.approx(3, rel=0.1)


def test_once_won_the_winner_and_the_day_stay():
    """The daily verdict is that of a reader who looks every evening: the first day it says so is the day it keeps."""
    sent = steadily(20, 20, count=120)
    rng = np.random.default_rng(11)
    replies = np.stack([rng.binomial(20, 0.03, 120), rng.binomial(20, 0.10, 120)], axis=1)
    replies[90:] = [5, 0]  # later the luck turns
    looks = {}
    for last in range(10, 121):
        (item,) = experiments.judge(life(), days(sent[:last], replies[:last]))
        looks[last] = (item.comparison.verdict, item.comparison.option, item.comparison.won_on)
    first = next(last for last, look in looks.items() if look[0] == "winner")
    won_on = FIRST + timedelta(days=first - 1)
    assert all(look == ("winner", 2, won_on) for last, look in looks.items() if last >= first)
    assert item.comparison.log_e < math.log(20)  # today's counts alone would not say it any more
    assert item.comparison.p_value <= 1 / 20
    assert item.comparison.ratio_low > 1
    assert "does not undo" in words.reason(item)


def test_a_paused_option_freezes_the_verdict():
    sent, replies = steadily(20, 20, count=60), steadily(1, 2, count=60)
    pause_sent, pause_replies = steadily(20, 0, count=40), steadily(4, 0, count=40)
    (before,) = experiments.judge(life(), days(sent, replies))
    (after,) = experiments.judge(
        life(), days(np.concatenate([sent, pause_sent]), np.concatenate([replies, pause_replies]))
    )
    late = evidence.path(sent[:, 1], replies[:, 1], sent[:, 0], replies[:, 0]).last
    assert before.comparison.log_e == pytest.approx(late)
    # For the week in which replies to its last mails may come the option still counts, then no more.
    assert abs(after.comparison.log_e - before.comparison.log_e) < 6
    (longer,) = experiments.judge(
        life(),
        days(
            np.concatenate([sent, pause_sent, pause_sent]), np.concatenate([replies, pause_replies, pause_replies * 3])
        ),
    )
    assert longer.comparison.log_e == pytest.approx(after.comparison.log_e)
    assert after.pace == 0
    assert "stands still" in words.suggestion(after) or after.comparison.verdict == "winner"


def test_the_newest_option_needs_a_week_beside_the_others():
    sent = np.concatenate([steadily(60, 0, count=30), steadily(60, 60, count=6)])
    replies = np.concatenate([steadily(2, 0, count=30), steadily(2, 9, count=6)])
    (young,) = experiments.judge(life(), days(sent, replies))
    assert young.comparison.verdict == "too_early"
    assert "6 of at least 7 days side by side" in words.reason(young)
    more = np.concatenate([sent, [[60, 60]]]), np.concatenate([replies, [[2, 9]]])
    (old,) = experiments.judge(life(), days(*more))
    assert old.comparison.verdict != "too_early"


# ---- what it is decided on


def test_a_change_of_copy_begins_a_new_comparison():
    sent, replies = steadily(20, 20, count=80), steadily(1, 4, count=80)

    def subjects(day, option):
        return "new" if day >= 60 and option == 1 else "old"

    (item,) = experiments.judge(life(), days(sent, replies, subjects=subjects))
    assert item.copy_changed == item.first == FIRST + timedelta(days=60)
    assert item.comparison.counts.sent.tolist() == [400, 400]
    assert item.rows["subject"].tolist() == ["new", "old"]
    assert item.rows["emails_sent"].tolist() == [400, 400]
    (unchanged,) = experiments.judge(life(), days(sent, replies))
    assert unchanged.copy_changed is None
    assert unchanged.comparison.counts.sent.tolist() == [1600, 1600]


def test_copy_that_was_not_reported_is_no_change_and_neither_is_a_new_option():
    sent = np.concatenate([steadily(20, 0, count=40), steadily(20, 20, count=40)])
    frame = days(sent, steadily(1, 1, count=80), subjects=lambda day, option: None if day in {10, 50} else "S")
    assert experiments.judge(life(), frame)[0].copy_changed is None


def test_the_copy_of_an_option_that_sends_nothing_changes_nothing():
    frame = days(
        steadily(20, 20, 0), steadily(1, 1, 0), subjects=lambda day, option: f"{option}{day > 50 and option == 3}"
    )
    assert experiments.judge(life(), frame)[0].copy_changed is None


def test_days_decide_where_they_are_and_a_life_elsewhere():
    found = experiments.judge(
        life(("C", 1, 1, 9, 1), ("C", 1, 2, 9, 1), ("Other", 3, 1, 900, 20), ("Other", 3, 2, 900, 70)),
        days(steadily(20, 20), steadily(1, 1)),
    )
    assert [(item.cadence, item.step, item.basis) for item in found] == [("C", 1, "days"), ("Other", 3, "life")]
    assert found[1].first == date(2026, 4, 1)
    assert found[1].last == date(2026, 11, 24)
    assert found[1].comparison.verdict == "winner"
    assert "whole life" in words.decided_on(found[1])
    assert "day by day" in words.decided_on(found[0])


def test_over_a_life_nobody_wins_when_the_split_was_uneven():
    even, uneven = life(("C", 1, 1, 900, 20), ("C", 1, 2, 900, 70)), life(("C", 1, 1, 900, 20), ("C", 1, 2, 500, 45))
    assert compare_options(uneven, **ACCOUNT).verdict == "winner"
    (item,) = experiments.judge(uneven)
    assert item.comparison.verdict == "leads"
    assert item.uneven == (stats.chisquare([900, 500]).pvalue < 0.001)
    assert "did not get the same number of mails" in words.reason(item)
    assert "option 1 900, option 2 500" in words.uneven_note(item)
    assert experiments.judge(even)[0].comparison.verdict == "winner"
    assert words.uneven_note(experiments.judge(even)[0]) is None


def test_a_young_cadence_is_too_early_whatever_its_counts():
    frame = life(("C", 1, 1, 900, 20), ("C", 1, 2, 900, 70), start="2026-11-20")
    (item,) = experiments.judge(frame)
    assert item.comparison.verdict == "too_early"
    assert item.pace is None
    assert not item.cannot_finish


def test_the_account_leans_on_every_step_once():
    """Steps without a choice and cadences that share a name: the first belong to the usual rate, the second once."""
    one = life(("C", 1, 1, 200, 10), ("C", 1, 2, 200, 6), ("C", 2, 1, 1000, 5))
    twice = pd.concat([one, one], ignore_index=True)
    expected = compare_options(one[one["step"] == 1], account_sent=1400, account_events=21)
    for frame in (one, twice):
        (item,) = experiments.judge(frame)
        np.testing.assert_allclose(item.comparison.p_best, expected.p_best)


def test_what_was_not_reported_is_not_zero():
    (item,) = experiments.judge(life(("C", 1, 1, 900, 20), ("C", 1, 2, 900, 70)), events="positive_replies")
    assert item.comparison.verdict == "no_data"
    assert words.headline(item) == "Nothing to compare yet: Klenty did not report positive replies."
    frame = days(steadily(20, 20), steadily(1, 1))
    frame.loc[5, "replies"] = pd.NA
    (by_day,) = experiments.judge(life(), frame)
    assert by_day.comparison.verdict in {"single_option", "no_data"}


# ---- many tests


def test_winners_over_all_tests_are_those_of_benjamini_and_hochberg_on_e_values():
    rng = np.random.default_rng(2)
    rows = []
    for step in range(1, 41):
        good = 0.09 if step <= 8 else 0.03
        rows += [("C", step, 1, 900, rng.binomial(900, 0.03)), ("C", step, 2, 900, rng.binomial(900, good))]
    found = experiments.judge(life(*rows))
    e = sorted((math.exp(item.comparison.log_e) for item in found), reverse=True)
    size = max((j for j in range(1, 41) if e[j - 1] >= 40 / (0.10 * j)), default=0)
    limit = e[size - 1] if size else math.inf
    expected = {i.step for i in found if math.exp(i.comparison.log_e) >= limit and i.comparison.verdict == "winner"}
    assert {item.step for item in experiments.winners(found)} == expected
    assert 1 <= len(expected) <= sum(item.comparison.verdict == "winner" for item in found)
    assert experiments.winners([]) == []


def test_newest_winners_come_first():
    strong = np.random.default_rng(4)
    frames = []
    for number, start in enumerate((0, 40, 20)):
        sent = np.concatenate([steadily(0, 0, count=start), steadily(40, 40, count=120 - start)])
        replies = np.stack([strong.binomial(sent[:, 0], 0.02), strong.binomial(sent[:, 1], 0.2)], axis=1)
        frames.append(days(sent, replies, cadence=f"C{number}"))
    held = experiments.winners(experiments.judge(life(), pd.concat(frames, ignore_index=True)))
    assert [item.cadence for item in held] == ["C1", "C2", "C0"]


def test_tests_that_cannot_finish():
    slow = life(
        ("Slow", 1, 1, 230, 7), ("Slow", 1, 2, 240, 8), ("Fast", 1, 1, 20_000, 900), ("Fast", 1, 2, 20_000, 950)
    )
    over = life(("Over", 1, 1, 230, 7), ("Over", 1, 2, 240, 8))
    found = experiments.judge(pd.concat([slow, over]), finished={"Over"})
    by_name = {item.cadence: item for item in found}
    assert [item.cadence for item in experiments.cannot_finish(found)] == ["Slow", "Over"]
    slow_one = by_name["Slow"]
    assert slow_one.pace == pytest.approx(230 / 238)
    assert slow_one.days_needed == math.ceil(slow_one.comparison.more_mails / (230 / 238))
    assert "Do not wait" in words.suggestion(slow_one)
    assert "Nothing more will come" in words.suggestion(by_name["Over"])


# ---- words, tables, details


def test_every_verdict_has_words_without_jargon_and_without_nan():
    rows = {
        "no_data": [(1, 0, 0), (2, 0, 0)],
        "single_option": [(1, 500, 20), (2, 30, 90)],
        "too_early": [(1, 40, 9), (2, 900, 40)],
        "winner": [(1, 1000, 20), (2, 1000, 60)],
        "leads": [(1, 300, 9), (2, 300, 17)],
        "no_clear_leader": [(1, 300, 12), (2, 300, 12)],
        "no_practical_difference": [(1, 10**6, 30000), (2, 10**6, 30100)],
    }
    for verdict, counts in rows.items():
        frame = life(*(("C", 1, *row) for row in counts))
        sent, events = (frame[name].to_numpy(float) for name in ("emails_sent", "replies"))
        (found,) = compare_steps([StepCounts((1, 2), sent, events)], **ACCOUNT)
        item = experiments.Experiment("C", 1, "replies", "life", FIRST, FIRST, found, 1.0, False, None, frame, (0, 1))
        assert found.verdict == verdict
        told = [words.headline(item), words.reason(item), words.suggestion(item), words.better(item)]
        told += [text for fact in words.facts(item) for text in (fact.value, fact.note, fact.help)]
        assert not [text for text in told if "nan" in text.lower().split() or "None" in text or "inf" in text.split()]
        assert words.headline(item).endswith(".")
        table = tables.verdict_table([item], [])
        assert table.loc[0, "in_words"] == words.headline(item)
    assert words.headline(item) == "No practical difference, keep either."


def test_the_winner_is_told_as_the_rules_say():
    (item,) = experiments.judge(life(("C", 1, 1, 1000, 20), ("C", 1, 2, 1000, 60)))
    low, _ = evidence.ratio_interval(1000, 60, 1000, 20)
    assert words.headline(item) == f"Option 2 wins: replies +200 % (at least +{math.floor(100 * (low - 1))} %)."


@pytest.mark.parametrize(
    ("ratio", "toward", "shown"),
    [
        (2.0, 0, "+100 %"), (1.026, -1, "+2.6 %"), (1.0199, -1, "+1.9 %"), (0.8, 0, "−20 %"), (1.0, 0, "±0 %"),
        (1.0001, 0, "±0 %"), (1.0001, 1, "+0.1 %"), (0.756, -1, "−25 %"), (13.0, 1, "+1,200 %"), (0.0, -1, "−100 %"),
    ],
)  # fmt: skip
def test_changes_are_rounded_to_the_safe_side(ratio, toward, shown):
    assert words.change(ratio, toward=toward) == shown


def test_options_carry_the_verdict_of_their_step_to_the_digit():
    frame = life(("C", 1, 1, 1000, 20), ("C", 1, 2, 1000, 60), ("C", 2, 1, 500, 9))
    found = experiments.judge(frame)
    table = tables.with_verdicts(frame, found)
    assert len(table) == 3
    comparison = found[0].comparison
    assert table["verdict"].fillna("").tolist() == ["winner", "winner", ""]
    assert table["p_best"].tolist()[:2] == comparison.p_best.tolist()
    assert table["log_e"].tolist()[:2] == [comparison.log_e] * 2
    assert table.loc[1, "ratio_low"] == comparison.ratio_low
    assert table["expected_loss_per_1000"].tolist()[:2] == (1000 * comparison.expected_loss).tolist()
    assert set(tables.definitions()["metric"]) >= {"verdict", "p_best", "log_e", "winner_since"}


def test_if_looked_at_once_against_direct_calls():
    counts = StepCounts((1, 2, 3), np.array([500.0, 450, 480]), np.array([10.0, 30, 12]))
    found = fixed_horizon.fixed_horizon_test(counts)
    table = [[10, 490], [30, 420], [12, 468]]
    assert found.p == pytest.approx(stats.chi2_contingency(table).pvalue)
    direct = [stats.fisher_exact([table[a], table[b]]).pvalue for a, b in ((0, 1), (0, 2), (1, 2))]
    assert found.pairs["p"].tolist() == pytest.approx(direct)
    order = np.argsort(direct)
    adjusted, worst = [0.0] * 3, 0.0
    for place, index in enumerate(order):
        worst = adjusted[index] = min(1.0, max(worst, direct[index] * (3 - place)))
    assert found.pairs["p_adjusted"].tolist() == pytest.approx(adjusted)


@pytest.mark.parametrize("events", [[0, 0], [500, 500], [math.nan, 3]])
def test_a_table_without_contrast_is_not_tested(events):
    found = fixed_horizon.fixed_horizon_test(StepCounts((1, 2), np.array([500.0, 500]), np.array(events, float)))
    assert found.p is None
    assert found.pairs.empty


EXTREMES = {
    "zeros": ([0, 0], [0, 0]),
    "no events": ([500, 500], [0, 0]),
    "all events": ([500, 500], [500, 500]),
    "all equal": ([500] * 5, [20] * 5),
    "one option": ([500], [20]),
    "nothing": ([], []),
    "a million": ([10**6, 10**6], [20_000, 21_000]),
    "a billion": ([10**9, 10**9], [1, 2]),
    "more events than mails": ([100, 100], [300, 5]),
    "tiny beside huge": ([51, 10**7], [1, 300_000]),
    "all of one, none of the other": ([10**5, 10**5], [10**5, 0]),
    "not reported": ([math.nan, 500], [3, math.nan]),
    "many options": ([60] * 40, list(range(40))),
    "below zero": ([500, 500], [-1, 20]),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", EXTREMES)
def test_no_extreme_raises_or_gives_a_number_where_there_is_none(name):
    sent, events = (np.array(values, float) for values in EXTREMES[name])
    options = tuple(range(1, len(sent) + 1))
    (found,) = compare_steps([StepCounts(options, sent, events)], **ACCOUNT)
    table = found.table
    usable = [bool(yes) for yes in found.counts.eligible]
    for column in ("rate", "low", "high", "p_best", "expected_loss"):
        assert table[column].notna().tolist() == usable, column
        assert ((table[column].dropna() >= 0) & (table[column].dropna() <= 1)).all()
    if any(usable):
        assert table["p_best"].sum() == pytest.approx(1)
    if found.log_e is not None:
        assert math.isfinite(found.log_e)
        assert 0 <= found.p_value <= 1
        assert found.ratio is None or 0 <= found.ratio_low <= found.ratio <= found.ratio_high
    fixed_horizon.fixed_horizon_test(found.counts)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("seed", range(5))
def test_no_daily_extreme_raises(seed):
    rng = np.random.default_rng(seed)
    size, length = int(rng.integers(2, 5)), int(rng.integers(1, 40))
    sent = rng.choice([0, 0, 1, 50, 10_000], (length, size)).astype(float)
    events = np.minimum(sent, rng.choice([0, 0, 1, 3, 5000], (length, size)))
    step = StepCounts(tuple(range(size)), sent.sum(axis=0), events.sum(axis=0), Daily(FIRST, sent, events))
    (found,) = compare_steps([step], **ACCOUNT, rules=Rules(fewest_days=0))
    assert found.ratio is None or 0 <= found.ratio_low <= found.ratio * (1 + 1e-9)
    assert found.log_e is None or math.isfinite(found.log_e)


def test_a_winner_over_a_life_is_promised_only_where_the_mails_were_shared_alike():
    (over_life,) = experiments.judge(life(("C", 1, 1, 1000, 60), ("C", 1, 2, 1000, 20)))
    assert over_life.comparison.verdict == "winner"
    assert "as long as the options shared the mails alike all the time." in words.reason(over_life)
    sent = [[50, 50]] * 20
    (by_day,) = experiments.judge(life(), days(sent, [[3, 1]] * 20))
    assert by_day.comparison.verdict == "winner"
    assert "shared the mails" not in words.reason(by_day)


def test_that_every_test_can_finish_is_said_only_where_it_is_known():
    assert words.none_stuck([]) == "No test is under way."
    fast = ("C", 1, 1, 40_000, 1600), ("C", 1, 2, 40_000, 1640)
    slow = ("C", 1, 1, 60, 6), ("C", 1, 2, 60, 5)
    young = experiments.judge(life(*slow, start="2026-11-15"))
    assert words.none_stuck(young).startswith("No test is known to take more than 90 days; the pace of 1")
    known = experiments.judge(life(("C", 1, 1, 1500, 60), ("C", 1, 2, 1500, 62), start="2026-11-01"))
    assert not experiments.cannot_finish(known)
    assert words.none_stuck(known) == "Every test under way can finish within 90 days."
    assert words.none_stuck(experiments.judge(life(*fast))) == "No test is under way."  # it is decided
