"""The sentence and the chips of the Overview: each rule, the order, and silence where no rule speaks."""

from datetime import date
from types import SimpleNamespace

import pandas as pd
import pytest

from dashboard.analysis.performance.headline import QUIET, Headline, HeadlineChip, Target, headline, with_goals
from dashboard.analysis.performance.totals import Figure
from dashboard.analysis.stats.change import compare_periods
from dashboard.analysis.watch_list.watch_list import Finding

EVEN = [[(20, 250)] * 4] * 2
DAY = date(2026, 11, 24)


def finding(cadence, *, metric="bounces", severity="alert", level=0.05, reached="act", events=94, kind="level"):
    return Finding(
        kind, cadence, metric, severity, DAY, DAY, events, 1000, "prospects contacted", "", level,
        reached=reached, expected=1000 * (level or 0.01),
    )  # fmt: skip


def figure(metric, rate, before, now, weeks=EVEN):
    return Figure(metric, metric, 1, 1, 1, rate_metric=rate, rate_change=compare_periods(*before, *now, weeks=weeks))


def step_test(cadence="VP Sales", *, proven=True, finished=False, pace=20.0, option=2, step=1):
    comparison = SimpleNamespace(proven=proven, option=option)
    return SimpleNamespace(comparison=comparison, finished=finished, pace=pace, cadence=cadence, step=step)


NO_RANKING = pd.DataFrame({"cadence": [], "standing": [], "score_low": []}).astype({"standing": "string"})


def ranking(*rows):
    return pd.DataFrame(rows, columns=["cadence", "standing", "score_low"]).astype({"standing": "string"})


def told(figures=(), ranked=NO_RANKING, findings=(), tests=(), *, lead="replies", maturing=False):
    return headline(figures, ranked, findings, tests, lead=lead, maturing=maturing)


FALL = figure("replies", "reply_rate", (60, 1000), (20, 1000))
RISE = figure("replies", "reply_rate", (20, 1000), (60, 1000))
MORE_BOUNCES = figure("bounces", "bounce_rate", (20, 1000), (60, 1000))


def test_with_nothing_to_say_it_says_so_in_four_words():
    assert told() == headline([], pd.DataFrame(), [], [], lead="replies", maturing=True)
    assert told().sentence == QUIET
    assert len(QUIET.split()) == 4
    assert told().chips == ()


def test_everything_in_order_of_what_it_costs():
    found = told(
        [RISE], ranking(("Usual", "average, or not known yet", 0.02), ("Inbound", "above average", 0.1)),
        [finding("Bought list")], [step_test()],
    )  # fmt: skip
    assert found.sentence == "Bounces above 5.0 % in one cadence, one A/B decision is due, reply rate up."
    assert found.chips == (
        HeadlineChip("risk", "Bought list", "bounces 9.4 %", "bad", Target("alerts", "Bought list")),
        HeadlineChip("decision", "VP Sales, step 1", "keep B", "good", Target("ab_tests", "VP Sales", 1)),
        HeadlineChip("change", "Reply rate", "up 4.0 pt", "good", Target("explore")),
        HeadlineChip("best", "Inbound", "above average", "good", Target("cadence", "Inbound")),
    )


def test_a_risk_is_what_is_sure_the_gravest_first():
    several = [
        finding("perhaps", severity="watch"),
        finding("low", level=0.02, reached="watch", events=58),
        finding("act", events=94),
        finding("more", events=300),
    ]
    found = told(findings=several)
    assert found.sentence == "Bounces above 5.0 % in 2 cadences."
    assert [chip.about for chip in found.chips] == ["more"]
    assert told(findings=several[:1]).sentence == QUIET
    day = finding("day", kind="day", level=None, reached=None, metric="unsubscribes")
    assert told(findings=[day]).sentence == "Unsubscribes stand out in one cadence."


def test_a_decision_is_a_proven_test_that_still_sends_the_busiest_first():
    slow, busy, open_ = step_test("a", pace=5.0), step_test("b", pace=50.0, step=3, option=1), step_test(proven=False)
    found = told(tests=[slow, busy, open_])
    assert found.sentence == "2 A/B decisions are due."
    assert found.chips == (HeadlineChip("decision", "b, step 3", "keep A", "good", Target("ab_tests", "b", 3)),)
    assert told(tests=[step_test(proven=False), step_test(finished=True)]).sentence == QUIET
    assert told(tests=[step_test(pace=None)]).chips[0].says == "keep B"


def test_a_change_is_told_where_weeks_prove_it_bad_news_first():
    assert told([FALL]).sentence == "Reply rate down."
    assert told([FALL]).chips[0].tone == "bad"
    assert told([RISE, MORE_BOUNCES]).sentence == "Bounce rate up."
    assert told([RISE, MORE_BOUNCES]).chips[0].tone == "bad"
    assert told([MORE_BOUNCES, FALL]).sentence == "Reply rate down."  # of two bad ones that of the lead metric


@pytest.mark.parametrize(
    ("figures", "how"),
    [
        ([FALL], {"maturing": True}),  # the missing replies may be the newest emails'
        ([figure("replies", "reply_rate", (20, 1000), (60, 1000), weeks=())], {}),  # no weeks to hold it against
        ([figure("replies", "reply_rate", (20, 1000), (24, 1000))], {}),
        ([RISE], {"lead": "positive_replies"}),  # not the metric that leads
        ([Figure("emails_sent", "Emails sent", 5, 1, 1)], {}),
    ],
)
def test_a_change_that_no_rule_carries_is_not_told(figures, how):
    assert told(figures, **how).sentence == QUIET
    assert told(figures, **how).chips == ()


def test_the_best_cadence_is_the_one_of_which_most_is_proven():
    found = told(ranked=ranking(("high", "above average", 0.03), ("proven", "above average", 0.05), ("x", None, None)))
    assert [(chip.kind, chip.about) for chip in found.chips] == [("best", "proven")]
    assert found.sentence == QUIET  # nothing to do about it
    assert told(ranked=ranking(("low", "below average", 0.01))).chips == ()


def test_what_is_sure_about_goals_follows_the_sentence_or_takes_its_place():
    busy = Headline("Bounces above 5.0 % in one cadence.", ())
    assert with_goals(busy, "") == busy
    assert with_goals(busy, "Replies are behind.").sentence == f"{busy.sentence} Replies are behind."
    assert with_goals(Headline(QUIET, ()), "Replies are behind.").sentence == "Replies are behind."
