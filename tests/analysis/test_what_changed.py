"""What changed is found from stored days, and says nothing of days of which nothing is known."""

from datetime import date, timedelta

import pandas as pd
import pytest

from dashboard.analysis import what_changed
from dashboard.analysis.before_after import before_and_after
from dashboard.analysis.watch_list.watch_list import Memory, parts_of, watch_list
from dashboard.charts.change_marks import marks_of_windows
from dashboard.data.account_check.facts import AccountFacts

MONDAY = date(2026, 10, 5)


def days_of(counts, *, step=1, cadence="A", subjects=None):
    """Daily emails by option: {option: [count of each day from MONDAY on]}."""
    rows = [
        {
            "cadence": cadence, "step": step, "option": option, "day": pd.Timestamp(MONDAY + timedelta(days=at)),
            "template": "T", "subject": (subjects or {}).get((option, at), f"S{option}"), "snippet": "x",
            "emails_sent": count, "replies": 0, "positive_replies": 0,
        }
        for option, series in counts.items()
        for at, count in enumerate(series)
    ]  # fmt: skip
    whole = dict.fromkeys(("step", "option", "emails_sent", "replies", "positive_replies"), "Int64")
    return pd.DataFrame(rows).astype(whole | dict.fromkeys(("cadence", "template", "subject", "snippet"), "string"))


def told(frame):
    return [(row["day"], row["kind"], row["text"]) for row in frame.to_dict("records")]


def daily(counts, *, start=MONDAY, cadence="A", **more):
    """Engagement rows of single days; None is a day of which nothing is known."""
    stamps = [pd.Timestamp(start + timedelta(days=at), tz="Europe/Berlin") for at in range(len(counts))]
    frame = pd.DataFrame({"cadence": pd.array([cadence] * len(counts), "string"), "window_start": stamps,
                          "emails_sent": pd.array(counts, "Int64"), **more})  # fmt: skip
    return frame[frame["emails_sent"].notna()].reset_index(drop=True)


def test_an_option_appears_and_stops_only_where_the_step_went_on():
    found = told(what_changed.of_options(days_of({1: [10] * 10, 2: [0, 0, 10, 10, 10, 0, 0, 0, 0, 0]})))
    assert found == [
        (MONDAY + timedelta(days=2), "option", "Step 1, B: first emails"),
        (MONDAY + timedelta(days=5), "option", "Step 1, B: no more emails"),
    ]
    assert told(what_changed.of_options(days_of({1: [10, 5, 5], 2: [0, 10, 0]}))) == []  # too few to say


def test_a_changed_subject_is_named():
    frame = days_of({1: [5, 5, 5]}, subjects={(1, 1): "New", (1, 2): "New"})
    assert told(what_changed.of_options(frame)) == [
        (MONDAY + timedelta(days=1), "copy", "Step 1, A: another subject, “New”")
    ]


def test_a_split_changes_once_and_not_by_chance():
    even, uneven = [10, 10, 10, 10, 10, 0, 0], [18, 18, 18, 18, 18, 0, 0]
    rest = [2, 2, 2, 2, 2, 0, 0]
    frame = days_of({1: even * 3 + uneven * 3, 2: even * 3 + rest * 3})
    assert told(what_changed.of_options(frame)) == [
        (MONDAY + timedelta(days=21), "split", "Step 1: split now A 90 %, B 10 %")
    ]
    near = [12, 9, 11, 10, 8, 0, 0]
    assert told(what_changed.of_options(days_of({1: even * 3 + near * 3, 2: even * 6}))) == []
    # Where an option begins, that is the change, and the week in which it began is held against none.
    begins = days_of({1: [20] * 28, 2: [0] * 10 + [20] * 18})
    assert [kind for _, kind, _ in told(what_changed.of_options(begins))] == ["option"]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([5] + [0] * 7 + [5], [(1, "No emails for 5 working days or more"), (8, "Sends again")]),
        ([5] + [0] * 4 + [5], []),
        ([5, 0, 0, None, 0, 0, 0, 0, 0, 0, 0, 0], [(3, "1 day is missing")]),
        ([0] * 7 + [5], [(7, "First emails")]),
        ([5, None, None, 5], [(1, "2 days are missing")]),
        ([5] + [None] * 20 + [5], []),
    ],
)
def test_silence_and_missing_days(counts, expected):
    found = [((day - MONDAY).days, text) for day, _, text in told(what_changed.of_days(daily(counts)))]
    assert found == expected


def test_steps_are_added_and_removed_between_days_that_are_known():
    first, last = MONDAY, MONDAY + timedelta(days=20)
    spans = pd.DataFrame(
        [("A", 1, first, last), ("A", 2, first, last - timedelta(days=5)), ("A", 3, first + timedelta(days=3), last)],
        columns=["cadence", "step", "first", "last"],
    ).assign(cadence_first=first, cadence_last=last)
    assert told(what_changed.of_steps(spans)) == [
        (last - timedelta(days=4), "step", "Step 2 removed"),
        (first + timedelta(days=3), "step", "Step 3 added"),
    ]


def test_alerts_begin_and_end_and_a_cadence_that_was_not_looked_at_ends_nothing():
    memory = Memory({"bounce_rate/level/A/B": MONDAY, "bounce_rate/level/C": MONDAY})
    seen = watch_list([], memory, checked={"A/B"}, today=MONDAY + timedelta(days=3)).memory
    assert seen.ended == (("bounce_rate/level/A/B", MONDAY + timedelta(days=3)),)
    assert Memory.from_json(seen.as_json()) == seen
    assert Memory.from_json({"since": {}, "acknowledged": {}}).ended == ()  # as it was kept before
    frame = what_changed.of_alerts(seen.since, seen.ended)
    assert sorted(zip(frame["cadence"], frame["text"], strict=True)) == [
        ("A/B", "Bounce rate: alert ends"),
        ("C", "Bounce rate: alert begins"),
    ]
    assert parts_of("bounce_rate/2026-10-05/A/B") == ("bounce_rate", False, "A/B")


def test_together_is_newest_first_and_of_the_days_asked():
    rows = [(MONDAY, "copy", "B", "b"), (MONDAY + timedelta(days=1), "copy", "A", "a"), (MONDAY, "copy", "A", "c")]
    found = what_changed.together(
        [what_changed.table(rows), what_changed.table([])], MONDAY, MONDAY + timedelta(days=9)
    )
    assert found["text"].tolist() == ["a", "c", "b"]
    assert what_changed.together([found], MONDAY + timedelta(days=1), MONDAY + timedelta(days=1))["text"].tolist() == [
        "a"
    ]
    assert what_changed.together([], MONDAY, MONDAY).empty


def test_marks_are_of_the_cadences_shown_and_of_all():
    found = what_changed.table([(MONDAY, "copy", "A", "a"), (MONDAY, "note", "", "n"), (MONDAY, "copy", "B", "b")])
    assert [words for _, _, words in what_changed.marks(found, ["A"])] == ["n", "a"]
    assert [words for _, _, words in what_changed.marks(found, ["A", "B"])] == ["B: b", "n", "A: a"]
    assert what_changed.in_words(()) == ""
    many = tuple((MONDAY + timedelta(days=at), MONDAY + timedelta(days=at), f"w{at}") for at in range(5))
    assert what_changed.in_words(many) == ("Changed in these weeks: 7 Oct w2; 8 Oct w3; 9 Oct w4; and 2 more before.")


def replies(before, after, days=28):
    counts = [100] * (2 * days)
    events = pd.array([before] * days + [after] * days, "Int64")
    return daily(counts, replies=events)


def test_before_and_after_are_of_the_same_weekdays_and_judged():
    day = MONDAY + timedelta(days=28)
    both = before_and_after(replies(2, 8), day, "reply_rate", newest=day + timedelta(days=40))
    assert (both.days, both.first_before, both.first_after) == (28, MONDAY, day)
    assert (both.before.events, both.before.trials, both.after.events, both.after.trials) == (56, 2800, 224, 2800)
    assert both.change.label == "up"
    assert both.sentence.startswith("Reply rate: 2.0 % (56 of 2,800) (5 Oct – 1 Nov")


def test_few_days_after_are_held_against_the_same_weekdays_of_the_week_before():
    day = MONDAY + timedelta(days=28)
    both = before_and_after(replies(2, 2), day, "reply_rate", newest=day + timedelta(days=2))
    assert (both.days, both.first_before) == (3, day - timedelta(days=7))
    assert both.change.label in {"no clear change", "too little data"}
    weeks = before_and_after(replies(2, 2), day, "reply_rate", newest=day + timedelta(days=17))
    assert weeks.days == 14
    assert before_and_after(replies(2, 2), day, "reply_rate", newest=day - timedelta(days=1)) is None
    assert before_and_after(replies(2, 2).iloc[:0], day, "reply_rate", newest=day) is None


def test_a_mark_is_over_every_window_that_its_days_touch():
    weeks = [(MONDAY + timedelta(days=7 * at), MONDAY + timedelta(days=7 * at + 6)) for at in range(3)]
    drawn = marks_of_windows([(MONDAY - timedelta(days=3), MONDAY + timedelta(days=8), "long")], weeks)
    assert list(drawn.x) == [start.isoformat() for start, _ in weeks[:2]]
    assert marks_of_windows([(MONDAY - timedelta(days=3), MONDAY - timedelta(days=1), "before")], weeks) is None


def test_an_alert_of_a_metric_that_is_no_more_is_told_by_its_name():
    assert told(what_changed.of_alerts({"old_rate/level/A": MONDAY}, ())) == [
        (MONDAY, "alert", "old_rate: alert begins")
    ]


def test_only_days_count_whose_counterpart_is_known_of_the_same_cadence():
    day = MONDAY + timedelta(days=28)
    some = replies(2, 2).drop(index=[0, 40])  # one day before, one after
    late = replies(0, 50).assign(cadence="B").iloc[28:]  # begins on the day: it has no before
    both = before_and_after(
        pd.concat([some, late], ignore_index=True), day, "reply_rate", newest=day + timedelta(days=40)
    )
    assert (both.before.trials, both.after.trials) == (2600, 2600)
    assert both.change.label == "no clear change"
    assert before_and_after(late, day, "reply_rate", newest=day + timedelta(days=40)) is None


def test_while_replies_arrive_no_change_is_called_a_fall():
    day = MONDAY + timedelta(days=28)
    last = day + timedelta(days=27)
    assert before_and_after(replies(8, 2), day, "reply_rate", newest=last).change.label == "maturing"
    assert before_and_after(replies(2, 8), day, "reply_rate", newest=last).change.label == "up"
    settled = AccountFacts(dated_by="event")
    assert before_and_after(replies(8, 2), day, "reply_rate", newest=last, facts=settled).change.label == "down"
    later = last + timedelta(days=8)
    assert before_and_after(replies(8, 2), day, "reply_rate", newest=later).change.label == "down"
