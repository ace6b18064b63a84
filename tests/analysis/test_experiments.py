"""Which counts a step is judged by, when a new comparison begins, winners over many tests, and the extremes."""

import math
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dashboard.analysis.ab_tests import evidence, experiments, fixed_horizon, posterior, tables
from dashboard.analysis.ab_tests import wording as words
from dashboard.analysis.ab_tests.options import compare_options
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
    losses, chances = posterior.expected_loss_and_chance(beliefs)
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


def test_the_better_mail_wins_though_the_other_had_better_days_alone():
    """Day by day option 2 doubles option 1; over the whole life option 1 has the higher rate."""
    sent = np.array([[40, 0]] * 60 + [[40, 40]] * 140)
    replies = np.array([[8, 0]] * 60 + [[1, 3]] * 140)
    (item,) = experiments.evaluate_steps(life(), days(sent, replies))
    table = item.comparison.table
    assert table.loc[1, "rate"] < table.loc[2, "rate"] or item.comparison.option == 2
    assert (item.comparison.verdict, item.comparison.option) == ("winner", 2)
    assert item.comparison.ratio == pytest.approx(3, rel=0.1)


def test_a_paused_option_freezes_the_verdict():
    """Replies to its last mails may come for two weeks; what the other gets later, however much, says nothing."""
    sent, replies = steadily(20, 20, count=60), steadily(1, 2, count=60)
    pause_sent, pause_replies = steadily(20, 0, count=40), steadily(1, 0, count=40)
    (after,) = experiments.evaluate_steps(
        life(), days(np.concatenate([sent, pause_sent]), np.concatenate([replies, pause_replies]))
    )
    (longer,) = experiments.evaluate_steps(
        life(),
        days(
            np.concatenate([sent, pause_sent, pause_sent]), np.concatenate([replies, pause_replies, pause_replies * 9])
        ),
    )
    assert longer.comparison.log_e == pytest.approx(after.comparison.log_e)
    assert after.pace == 0
    assert "stands still" in words.suggestion(after) or after.comparison.verdict == "winner"


def test_the_newest_option_needs_a_week_beside_the_others():
    sent = np.concatenate([steadily(60, 0, count=30), steadily(60, 60, count=6)])
    replies = np.concatenate([steadily(2, 0, count=30), steadily(2, 9, count=6)])
    (young,) = experiments.evaluate_steps(life(), days(sent, replies))
    assert young.comparison.verdict == "too_early"
    assert "6 of at least 7 days side by side" in words.reason(young)
    more = np.concatenate([sent, [[60, 60]]]), np.concatenate([replies, [[2, 9]]])
    (old,) = experiments.evaluate_steps(life(), days(*more))
    assert old.comparison.verdict != "too_early"


# ---- what it is decided on


def test_a_change_of_copy_begins_a_new_comparison_without_the_replies_to_the_old_one():
    sent, replies = steadily(20, 20, count=80), steadily(1, 4, count=80)

    def subjects(day, option):
        return ("old", "newer", "new")[(day >= 20) + (day >= 60)] if option == 1 else "old"

    (item,) = experiments.evaluate_steps(life(), days(sent, replies, subjects=subjects))
    assert item.tested.copy_changed == item.first == FIRST + timedelta(days=60)
    assert item.tested.copy_changes == 2
    assert item.comparison.counts.sent.tolist() == [400, 400]
    assert item.comparison.counts.daily.leave_out == 14
    known = item.comparison.counts.daily.pair(1, 0)
    assert item.comparison.log_e == evidence.log_e_by_day(*known[:4], leave_out=14)
    assert item.rows["subject"].tolist() == ["new", "old"]
    assert item.rows["emails_sent"].tolist() == [400, 400]
    (unchanged,) = experiments.evaluate_steps(life(), days(sent, replies))
    assert (unchanged.tested.copy_changed, unchanged.tested.copy_changes) == (None, 0)
    assert unchanged.comparison.counts.sent.tolist() == [1600, 1600]
    assert unchanged.comparison.counts.daily.leave_out == 0


def test_days_are_counted_from_the_first_mail_after_the_change():
    sent = np.concatenate([steadily(20, 20, count=40), steadily(0, 0, count=9), steadily(20, 20, count=30)])
    frame = days(sent, steadily(1, 1, count=79), subjects=lambda day, option: "new" if day >= 45 else "old")
    (item,) = experiments.evaluate_steps(life(), frame)
    assert item.tested.copy_changed == FIRST + timedelta(days=45)
    assert item.first == FIRST + timedelta(days=49)


def test_copy_that_was_not_reported_is_no_change_and_neither_is_a_new_option():
    sent = np.concatenate([steadily(20, 0, count=40), steadily(20, 20, count=40)])
    frame = days(sent, steadily(1, 1, count=80), subjects=lambda day, option: None if day in {10, 50} else "S")
    assert experiments.evaluate_steps(life(), frame)[0].tested.copy_changed is None


def test_the_copy_of_an_option_that_sends_nothing_changes_nothing():
    frame = days(
        steadily(20, 20, 0), steadily(1, 1, 0), subjects=lambda day, option: f"{option}{day > 50 and option == 3}"
    )
    assert experiments.evaluate_steps(life(), frame)[0].tested.copy_changed is None


def test_days_decide_where_they_are_and_a_life_elsewhere():
    found = experiments.evaluate_steps(
        life(("C", 1, 1, 9, 1), ("C", 1, 2, 9, 1), ("Other", 3, 1, 900, 20), ("Other", 3, 2, 900, 70)),
        days(steadily(20, 20), steadily(1, 1)),
    )
    assert [(item.cadence, item.step, item.basis) for item in found] == [("C", 1, "days"), ("Other", 3, "life")]
    assert found[1].first == date(2026, 4, 1)
    assert found[1].last == date(2026, 11, 24)
    assert found[1].comparison.verdict == "winner"
    assert "whole life" in words.decided_on(found[1])
    assert words.decided_on(found[0]).startswith("Day by day")


def test_a_young_cadence_is_too_early_whatever_its_counts():
    frame = life(("C", 1, 1, 900, 20), ("C", 1, 2, 900, 70), start="2026-11-20")
    (item,) = experiments.evaluate_steps(frame)
    assert item.comparison.verdict == "too_early"
    assert item.pace is None
    assert not item.cannot_finish


def test_the_account_leans_on_every_step_once():
    """Steps without a choice and cadences that share a name: the first belong to the usual rate, the second once."""
    one = life(("C", 1, 1, 200, 10), ("C", 1, 2, 200, 6), ("C", 2, 1, 1000, 5))
    twice = pd.concat([one, one], ignore_index=True)
    expected = compare_options(one[one["step"] == 1], account_sent=1400, account_events=21)
    for frame in (one, twice):
        (item,) = experiments.evaluate_steps(frame)
        np.testing.assert_allclose(item.comparison.p_best, expected.p_best)


def test_what_was_not_reported_is_not_zero():
    (item,) = experiments.evaluate_steps(life(("C", 1, 1, 900, 20), ("C", 1, 2, 900, 70)), events="positive_replies")
    assert item.comparison.verdict == "no_data"
    assert words.headline(item) == "Nothing to compare yet: Klenty did not report positive replies."
    frame = days(steadily(20, 20), steadily(1, 1))
    frame.loc[5, "replies"] = pd.NA
    (by_day,) = experiments.evaluate_steps(life(), frame)
    assert by_day.comparison.verdict in {"single_option", "no_data"}


# ---- many tests


def test_winners_over_all_tests_are_those_of_benjamini_and_hochberg_on_e_values():
    """By today's evidence of steps with days; what leads by whole-life counts is neither in the list nor counted."""
    rng = np.random.default_rng(2)
    frames = []
    for step in range(1, 41):
        sent = steadily(30, 30, count=30)
        replies = rng.binomial(sent, [0.03, 0.09 if step <= 8 else 0.03])
        frames.append(days(sent, replies, step=step))
    over_life = life(*(("Life", step, option, 900, 20 * option) for step in range(1, 30) for option in (1, 2)))
    found = experiments.evaluate_steps(over_life, pd.concat(frames, ignore_index=True), covered={"C"})
    by_day = [item for item in found if item.basis == "days"]
    assert len(by_day) == 40
    e = sorted((math.exp(item.comparison.log_e) for item in by_day), reverse=True)
    size = max((j for j in range(1, 41) if e[j - 1] >= 40 / (0.10 * j)), default=0)
    limit = e[size - 1] if size else math.inf
    expected = {i.step for i in by_day if math.exp(i.comparison.log_e) >= limit and i.comparison.verdict == "winner"}
    assert {item.step for item in experiments.winners(found)} == expected
    assert 1 <= len(expected) <= sum(item.comparison.proven for item in found)
    assert experiments.winners([]) == []


def test_newest_winners_come_first():
    strong = np.random.default_rng(4)
    frames = []
    for number, start in enumerate((0, 40, 20)):
        sent = np.concatenate([steadily(0, 0, count=start), steadily(40, 40, count=120 - start)])
        replies = np.stack([strong.binomial(sent[:, 0], 0.02), strong.binomial(sent[:, 1], 0.2)], axis=1)
        frames.append(days(sent, replies, cadence=f"C{number}"))
    held = experiments.winners(experiments.evaluate_steps(life(), pd.concat(frames, ignore_index=True)))
    assert [item.cadence for item in held] == ["C1", "C2", "C0"]


def test_tests_that_cannot_finish():
    slow = life(
        ("Slow", 1, 1, 230, 7), ("Slow", 1, 2, 240, 8), ("Fast", 1, 1, 20_000, 900), ("Fast", 1, 2, 20_000, 950)
    )
    over = life(("Over", 1, 1, 230, 7), ("Over", 1, 2, 240, 8))
    found = experiments.evaluate_steps(pd.concat([slow, over]), finished={"Over"})
    by_name = {item.cadence: item for item in found}
    assert {item.cadence for item in found if item.cannot_finish} == {"Slow", "Over"}
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
        tested = experiments.TestedStep("C", 1, FIRST, FIRST, found.counts, 1.0, frame=frame, places=(0, 1))
        item = experiments.Experiment(tested, found)
        assert found.verdict == verdict
        told = [words.headline(item), words.reason(item), words.suggestion(item), words.better(item)]
        told += [text for fact in words.facts(item) for text in (fact.value, fact.note, fact.help)]
        assert not [text for text in told if "nan" in text.lower().split() or "None" in text or "inf" in text.split()]
        assert words.headline(item).endswith(".")
        table = tables.verdict_table([item], [])
        assert table.loc[0, "in_words"] == words.headline(item)
    assert words.headline(item) == "No practical difference, keep either."


def test_the_winner_is_told_with_what_is_sure_first():
    (item,) = experiments.evaluate_steps(life(), days(steadily(20, 20), steadily(1, 3)))
    found = item.comparison
    low = math.floor(100 * (found.ratio_low - 1))
    assert words.headline(item) == (
        f"B wins: at least +{low} % more replies; best guess {words.change(found.ratio)}, usually falls later."
    )
    assert words.reason(item).startswith(f"Proven on {words.day(found.won_on)}: under 5 % chance of error")


def test_a_lead_by_whole_life_counts_is_never_called_won():
    (item,) = experiments.evaluate_steps(life(("C", 1, 1, 1000, 20), ("C", 1, 2, 1000, 60)))
    assert item.comparison.verdict == "winner"
    assert words.headline(item) == "B is ahead by whole-life counts; not proven without daily counts."
    assert "Proven" not in words.reason(item)
    assert "day by day" in words.suggestion(item)
    assert "right only if the mails were always split alike" in words.evidence_words(item)
    assert experiments.winners([item]) == []
    assert tables.verdict_table([item], []).loc[0, "proven"] == "no"


def test_a_withdrawn_win_is_the_first_thing_said():
    sent = steadily(40, 40, count=120)
    replies = np.concatenate([steadily(2, 4, count=40), steadily(4, 2, count=80)])
    (item,) = experiments.evaluate_steps(life(), days(sent, replies))
    won_on = words.day(item.comparison.withdrawn_won_on)
    ahead = "A is ahead" if item.comparison.verdict == "leads" else "the options look alike"
    assert words.headline(item) == f"B had won on {won_on}; since then {ahead}: test anew."
    row = tables.verdict_table([item], []).loc[0]
    assert (row["withdrawn_option"], row["proven"]) == (2, "no")
    assert "Do not act on the earlier win of B" in words.suggestion(item)


def test_a_winner_whose_lead_is_no_longer_sure_is_told_with_its_whole_range():
    sent = steadily(40, 40, count=70)
    replies = np.concatenate([steadily(2, 4, count=30), steadily(3, 3, count=40)])
    (item,) = experiments.evaluate_steps(life(), days(sent, replies))
    assert item.comparison.proven
    assert item.comparison.ratio_low < 1
    assert " to " in words.headline(item)
    assert "at least" not in words.headline(item)


def test_changes_of_copy_are_counted():
    frame = days(steadily(20, 20), steadily(1, 1), subjects=lambda day, option: str((day >= 20) + (day >= 50)))
    (item,) = experiments.evaluate_steps(life(), frame)
    assert "The copy has changed 2 times, last on 21 Jul 2026" in words.decided_on(item)


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
    found = experiments.evaluate_steps(frame)
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


def test_what_a_young_test_lacks_is_named():
    (item,) = experiments.evaluate_steps(life(("C", 1, 1, 900, 20), ("C", 1, 2, 30, 2), ("C", 1, 3, 0, 0)))
    assert item.comparison.verdict == "too_early"
    text = words.reason(item)
    assert "At least two options with 50 mails are needed: B has 30." in text
    assert "A has" not in text


def test_the_counts_of_a_test_are_a_column_without_options_that_sent_nothing():
    items = experiments.evaluate_steps(life(("C", 1, 1, 1900, 21), ("C", 1, 2, 1000, 52), ("C", 1, 3, 0, 0)))
    assert tables._option_counts(items[0]) == "1: 21 of 1,900; 2: 52 of 1,000"


def test_large_evidence_is_told_as_a_power_of_ten():
    assert words._e(math.log(999_999)) == "999,999.00"
    assert words._e(math.log(1e6)) == "10^6.0"
    assert words._e(12.34 * math.log(10)) == "10^12.3"
