"""The watch list against counts made by hand, the exact beta-binomial sum, and a simulated quiet account."""

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from dashboard.analysis.stats import shrinkage
from dashboard.analysis.watch_list import alarms
from dashboard.analysis.watch_list import watch_list as watch
from dashboard.analysis.watch_list.watch_list import Acknowledgement, Levels, Memory, watch_list
from dashboard.exports.csv import to_csv

NEWEST = date(2026, 11, 24)


def window_row(cadence, *, sent=1000, contacted=1000, bounces=0, unsubscribes=0, source="reported"):
    start, end = (pd.Timestamp(day, tz="Europe/Berlin") for day in (NEWEST - timedelta(days=27), NEWEST))
    return {
        "cadence": cadence, "window_start": start, "window_end": end + pd.Timedelta(hours=23), "emails_sent": sent,
        "contacted": contacted, "bounces": bounces, "unsubscribes": unsubscribes, "contacted_source": source,
    }  # fmt: skip


def engagements(*rows):
    counts = dict.fromkeys(("emails_sent", "contacted", "bounces", "unsubscribes"), "Int64")
    return pd.DataFrame(rows).astype(counts)


def daily(cadence, counts, *, newest=NEWEST, metric="bounces"):
    """One row per day, the last of `counts` on `newest`."""
    other = {"bounces": "unsubscribes", "unsubscribes": "bounces"}[metric]
    return pd.DataFrame(
        [
            {
                "cadence": cadence,
                "window_start": pd.Timestamp(newest - timedelta(days=len(counts) - 1 - index), tz="Europe/Berlin"),
                "emails_sent": sent, metric: events, other: 0,
            }
            for index, (sent, events) in enumerate(counts)
        ]
    ).astype({"emails_sent": "Int64", "bounces": "Int64", "unsubscribes": "Int64"})  # fmt: skip


def binomial_tail(x, n, p):
    return 1 - sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(x))


def day_findings(frame, **how):
    """Those of single days: a day that stands out may take its week with it."""
    return [finding for finding in watch.day_findings(frame, **how) if finding.kind == "day"]


def levels_of(**counts):
    return watch.level_findings(engagements(window_row("A", **counts)), Levels())


@pytest.mark.parametrize(
    ("bounces", "contacted", "severity", "level"),
    [
        (94, 1000, "alert", 0.05),
        (58, 1000, "alert", 0.02),  # surely over 2 %, perhaps over 5 %
        (4, 60, "watch", 0.05),  # the same rate on few prospects is not sure
        (5, 60, "alert", 0.02),
        (1, 55, None, None),  # one event says nothing
        (1, 15, None, None),
        (3, 55, "watch", 0.05),
        (24, 1000, "watch", 0.02),
        (20, 1000, None, None),  # exactly at the level is not above it
        (1, 30, None, None),  # too few for the bare rate to be told
    ],
)
def test_levels(bounces, contacted, severity, level):
    found = levels_of(bounces=bounces, contacted=contacted)
    assert [(f.severity, f.level) for f in found] == ([(severity, level)] if severity else [])
    at_level = binomial_tail(bounces, contacted, level or 0.02)  # Clopper–Pearson: as many or more, at the level itself
    assert (at_level < 0.025) == (severity == "alert")


def test_a_level_says_its_counts_its_base_and_its_rule():
    (finding,) = levels_of(bounces=58)
    assert finding.counts == "5.8 % (58 of 1,000 prospects contacted)"
    assert finding.rule.startswith("Above 2.0 % even at the low end of the 95 % interval (4.4 % to 7.4 %): sure in")
    assert "sure in these 28 days. Perhaps above 5.0 % too." in finding.rule
    october = window_row("A", bounces=58) | {
        "window_start": pd.Timestamp(NEWEST - timedelta(days=30), tz="Europe/Berlin")
    }
    assert "sure in these 31 days." in watch.level_findings(engagements(october), Levels())[0].rule
    assert (finding.first_day, finding.last_day) == (NEWEST - timedelta(days=27), NEWEST)
    (finding,) = levels_of(unsubscribes=30, contacted=None)
    assert finding.counts == "3.0 % (30 of 1,000 emails sent)"
    (finding,) = levels_of(unsubscribes=30, source="first_email_step")
    assert finding.counts == "3.0 % (30 of 1,000 first-step emails)"


def test_what_is_not_reported_or_no_proportion_raises_nothing():
    assert levels_of(bounces=None, unsubscribes=None) == []
    assert levels_of(bounces=40, contacted=None, sent=None) == []
    assert levels_of(bounces=40, contacted=0) == []
    assert levels_of(bounces=400, contacted=100) == []


def test_levels_are_settings():
    strict = Levels(bounces_watch=0.001, bounces_act=0.002)
    (finding,) = watch.level_findings(engagements(window_row("A", bounces=12)), strict)
    assert (finding.severity, finding.level) == ("alert", 0.002)
    assert Levels.from_json(strict.as_json()) == strict
    assert Levels(bounces_watch=0.05, bounces_act=0.02).problem.startswith("Bounced")
    for broken in (None, 7, {"bounces_watch": "x"}, {"other": 1}, {"bounces_act": 0.0001}):
        assert Levels.from_json(broken) == Levels()


def test_cadences_of_one_name_are_told_once():
    rows = engagements(window_row("A", bounces=94), window_row("A", bounces=94))
    assert len(watch.level_findings(rows, Levels())) == 1


USUAL = [(40, 1), (40, 0)] * 14


def test_a_day_is_held_against_the_28_before_it_with_the_exact_sum():
    (finding,) = day_findings(daily("A", [*USUAL, (50, 9)]), newest=NEWEST)
    assert (finding.kind, finding.severity, finding.last_day) == ("day", "alert", NEWEST)
    assert finding.counts == "18.0 % (9 of 50 emails sent)"
    assert "Usual is 1.2 % (14 of 1,120 emails on 28 days before)" in finding.rule
    usual = shrinkage.fit([x for _, x in USUAL], [n for n, _ in USUAL])
    a, b = usual.k, usual.k * (1 - usual.m) / usual.m

    def mass(x):
        choose = math.lgamma(51) - math.lgamma(x + 1) - math.lgamma(51 - x)
        beta = math.lgamma(x + a) + math.lgamma(50 - x + b) - math.lgamma(50 + a + b)
        return math.exp(choose + beta + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b))

    alarm = alarms.day_alarm(USUAL, (50, 9), tests_today=1)
    assert alarm.tail == pytest.approx(sum(mass(x) for x in range(9, 51)))
    assert alarm.tail < alarm.threshold == 1 / 60


@pytest.mark.parametrize(
    ("baseline", "today"),
    [
        (USUAL, (19, 9)),  # fewer than 20 mails today
        ([(40, 1)] * 4, (50, 9)),  # fewer than 200 before
        (USUAL, (50, 2)),  # fewer than three events
        ([(1000, 100)] * 28, (1000, 145)),  # unlikely enough, but not 1.5 times the usual
        (USUAL, (5, 9)),  # more events than mails: they belong to earlier ones
        ([(0, 0)] * 20 + [(10, 20)] * 20, (50, 9)),  # days that are no proportion teach nothing
        ([], (50, 9)),
    ],
)
def test_days_that_do_not_qualify(baseline, today):
    assert alarms.day_alarm(baseline, today, tests_today=1).label != "alarm"
    assert day_findings(daily("A", [*baseline[-28:], today]), newest=NEWEST) == []


def test_the_limit_is_shared_among_all_questions_of_the_day():
    borderline = next(x for x in range(3, 50) if alarms.day_alarm(USUAL, (50, x), tests_today=2).label == "alarm")
    alone = daily("A", [*USUAL, (50, borderline)])
    assert day_findings(alone, newest=NEWEST)
    crowd = pd.concat([alone, *(daily(f"B{n}", [*USUAL, (50, 0)]) for n in range(60))])
    assert day_findings(crowd, newest=NEWEST) == []
    few_mails = pd.concat([alone, *(daily(f"B{n}", [*USUAL, (5, 0)]) for n in range(60))])
    (finding,) = day_findings(few_mails, newest=NEWEST)  # days that are not judged cost nothing
    assert "; 2 such questions" in finding.rule  # bounces and unsubscribes of A


def test_a_flagged_day_is_left_out_of_what_is_usual():
    burst = (60, 25)
    found = day_findings(daily("A", [*USUAL, burst, (50, 9)]), newest=NEWEST)
    assert [finding.last_day for finding in found] == [NEWEST - timedelta(days=1), NEWEST]
    assert "(13 of 1,080 emails on 27 days before)" in found[1].rule  # neither the burst nor the 29th day


def test_only_the_last_days_are_told_and_none_after_the_newest():
    frame = daily("A", [*USUAL, (50, 20), *USUAL[:8]])
    assert day_findings(frame, newest=NEWEST) == []
    (finding,) = day_findings(frame, newest=NEWEST, days_told=9)
    assert finding.last_day == NEWEST - timedelta(days=8)
    assert watch.day_findings(frame, newest=NEWEST - timedelta(days=9)) == []


def test_missing_counts_are_no_zeros():
    frame = daily("A", [*USUAL, (50, 9)])
    frame.loc[frame.index[:24], "bounces"] = pd.NA
    assert watch.day_findings(frame, newest=NEWEST) == []  # 160 mails with known bounces are too few
    assert watch.day_findings(frame.iloc[:0], newest=NEWEST) == []


def test_a_quiet_account_is_left_alone():
    """Days that differ as days do: the rule stays quiet where "three standard deviations" cries many times."""
    rng = np.random.default_rng(5)
    frames, cried = [], 0
    for number in range(12):
        usual = rng.beta(4, 196)
        sent = np.array([0 if day % 7 in (5, 6) else rng.poisson(45) for day in range(43)])
        events = rng.binomial(sent, rng.beta(10, 10 * (1 - usual) / usual, 43))
        frames.append(daily(f"C{number}", list(zip(sent.tolist(), events.tolist(), strict=True))))
        for day in range(29, 43):
            n, x = sent[day - 28 : day].sum(), events[day - 28 : day].sum()
            expected = sent[day] * x / n
            cried += bool(events[day] > expected + 3 * math.sqrt(max(expected, 0.1)))
    told = watch.day_findings(pd.concat(frames), newest=NEWEST, days_told=14)
    assert len(told) <= 1
    assert cried >= 4


def test_acknowledged_findings_stay_away_until_something_new_fires():
    at = datetime(2026, 11, 24, 9, tzinfo=UTC)
    (level,) = levels_of(bounces=58)
    first = watch_list([level], Memory(), checked={"A"}, today=NEWEST)
    assert first.open[0].since == NEWEST
    seen = Acknowledgement.of(level, who="Ana", at=at, note="list cleaned")
    memory = Memory.from_json(first.memory.with_acknowledged(level, seen).as_json())
    assert memory.acknowledged == {level.key: seen}

    tomorrow = replace(level, events=60, last_day=NEWEST + timedelta(days=1), first_day=NEWEST - timedelta(days=26))
    again = watch_list([tomorrow], memory, checked={"A"}, today=NEWEST + timedelta(days=1))
    assert (again.open, len(again.acknowledged)) == ((), 1)
    assert again.acknowledged[0][0].since == NEWEST

    graver = replace(tomorrow, level=0.05)
    assert watch_list([graver], memory, checked={"A"}, today=NEWEST).open[0].level == 0.05
    other_days = replace(level, first_day=NEWEST + timedelta(days=1), last_day=NEWEST + timedelta(days=28))
    assert len(watch_list([other_days], memory, checked={"A"}, today=other_days.last_day).open) == 1

    gone = watch_list([], memory, checked={"A"}, today=NEWEST)
    assert gone.memory == Memory(ended=((level.key, NEWEST),))
    assert len(watch_list([tomorrow], gone.memory, checked={"A"}, today=NEWEST).open) == 1  # it is back
    failed = watch_list([], memory, checked=set(), today=NEWEST)  # its answer did not come: nothing is known
    assert failed.memory == memory
    assert memory.without(level).acknowledged == {}


def test_a_day_comes_back_when_its_counts_were_restated():
    (day,) = day_findings(daily("A", [*USUAL, (50, 9)]), newest=NEWEST)
    seen = Acknowledgement.of(day, who="Ana", at=datetime(2026, 11, 25, tzinfo=UTC), note="")
    memory = Memory().with_acknowledged(day, seen)
    assert watch_list([day], memory, checked={"A"}, today=NEWEST).open == ()
    assert len(watch_list([replace(day, events=12)], memory, checked={"A"}, today=NEWEST).open) == 1


def test_the_level_surely_passed_comes_first_then_the_most_events_above_it():
    rows = [
        window_row("perhaps act", bounces=3, contacted=55),
        window_row("perhaps watch", bounces=24),
        window_row("watch", bounces=58),
        window_row("act", bounces=94),
        window_row("act, more", bounces=800, contacted=10_000, sent=10_000),
        window_row("act, few", bounces=8, contacted=40),
    ]
    findings = [
        *watch.level_findings(engagements(*rows), Levels()),
        *day_findings(daily("day", [*USUAL, (50, 9), (0, 0)]), newest=NEWEST),
    ]
    found = watch_list(findings, Memory(), checked=set(), today=NEWEST).open
    order = ["act, more", "act", "act, few", "watch", "day", "perhaps act", "perhaps watch"]
    assert [finding.cadence for finding in found] == order
    assert [finding.reached for finding in found[:4]] == ["act", "act", "act", "watch"]
    assert [round(finding.excess, 1) for finding in found[:3]] == [300, 44, 6]
    assert [finding.title for finding in found[3:6]] == [
        "Bounces above 2.0 %", "Bounces stand out", "Bounces perhaps above 5.0 %",
    ]  # fmt: skip


def test_a_finding_is_new_for_a_week():
    (level,) = levels_of(bounces=58)
    seen = replace(level, since=NEWEST)
    assert [seen.is_new(NEWEST + timedelta(days=days)) for days in (0, 6, 7)] == [True, True, False]
    assert not level.is_new(NEWEST)


def negative_binomial_tail(x, r, q):
    """Chance of `x` or more, summed term by term."""
    total, term = 0.0, q**r
    for k in range(x):
        total += term
        term *= (k + r) / (k + 1) * (1 - q)
    return 1 - total


def test_a_week_is_held_against_the_28_days_before_it_by_how_much_days_differ():
    baseline = [(40, 1), (40, 0), (0, 0), (10, 12), (40, 3)] * 5
    week = [(40, 3)] * 5 + [(0, 1), (0, 0)]
    n, events = 200, 16
    days = [(40, x) for x in (1, 0, 3) * 5]
    p = (20 + 0.5) / (600 + 1)
    scatter = sum((x - 40 * p) ** 2 / (40 * p * (1 - p)) for _, x in days) / 14
    v = max(1, scatter) * (1 + n / 600)
    alarm = alarms.week_alarm(baseline, week, tests_today=2)
    assert alarm.tail == pytest.approx(negative_binomial_tail(events, n * p / (v - 1), 1 / v))
    assert (alarm.threshold, alarm.label) == (1 / 120, "ok" if alarm.tail >= 1 / 120 else "alarm")


@pytest.mark.parametrize(
    ("baseline", "week", "label"),
    [
        ([(40, 1)] * 28, [(40, 6)] * 7, "alarm"),
        ([(40, 1)] * 28, [(7, 6)] * 7, "not_checked"),  # fewer than 50 emails
        ([(40, 1)] * 28, [(20, 10)] * 2 + [(10, 40)], "not_checked"),  # more events than emails
        ([(24, 1)] * 8, [(40, 6)] * 7, "not_checked"),  # fewer than 200 emails before
        ([(40, 1)] * 7, [(40, 6)] * 7, "not_checked"),  # fewer than 8 days before
        ([(4000, 400)] * 28, [(4000, 580)] * 7, "ok"),  # not one and a half times the usual
        ([(40, 0)] * 28, [(40, 1)] * 2, "ok"),  # fewer than three events
        ([(40, 0)] * 28, [(40, 0)] * 7, "ok"),
    ],
)
def test_weeks_at_their_limits(baseline, week, label):
    assert alarms.week_alarm(baseline, week, tests_today=1).label == label


def test_a_week_that_goes_on_standing_out_is_told_once_until_a_week_without():
    quiet, loud = [(40, 1)] * 35, [(40, 3)] * 9
    frame = daily("A", [*quiet, *loud])
    found = [finding for finding in watch.day_findings(frame, newest=NEWEST, days_told=99) if finding.kind == "week"]
    assert len(found) == 1
    told = found[0]
    assert told.first_day == told.last_day - timedelta(days=6)
    assert told.key == f"bounces/week to {told.last_day}/A"
    assert told.since == told.last_day
    assert [told] == [f for f in watch.day_findings(frame, newest=told.last_day) if f.kind == "week"]
    assert watch.day_findings(frame, newest=told.last_day + timedelta(days=7)) == []
    calm = daily("A", [*quiet, *loud, *[(40, 0)] * 35, *loud])
    again = [finding for finding in watch.day_findings(calm, newest=NEWEST, days_told=99) if finding.kind == "week"]
    assert len(again) == 2


def test_findings_as_a_file():
    (level,) = levels_of(bounces=58)
    level = replace(level, cadence='=HYPERLINK("http://evil.example")')
    seen = Acknowledgement.of(level, who="Ana", at=datetime(2026, 11, 24, 9, tzinfo=UTC), note="-done")
    listed = watch_list([level], Memory().with_acknowledged(level, seen), checked=set(), today=NEWEST)
    text = to_csv(watch.findings_frame(listed)).decode("utf-8-sig")
    assert text.splitlines()[0] == ",".join(watch.COLUMNS)
    assert "'=HYPERLINK" in text
    assert ",58,1000,prospects contacted,0.058,0.02," in text
    assert "Ana,2026-11-24T09:00:00+00:00,'-done" in text
    empty = watch.findings_frame(watch_list([], Memory(), checked=set(), today=NEWEST))
    assert to_csv(empty).decode("utf-8-sig").strip() == ",".join(watch.COLUMNS)
    for broken in (None, [], {"since": 3}, {"since": {"a": "x"}, "acknowledged": {}}):
        assert Memory.from_json(broken) == Memory()
