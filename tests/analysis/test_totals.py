"""Figures of a range: sums, rates, changes, and who reported."""

from datetime import date

import frames_by_hand as hand
import pandas as pd
import pytest

from dashboard.analysis.performance.rate_cards import rate_cards
from dashboard.analysis.performance.totals import figures, one_row_per_name, pair_total


def by_key(now, before=None):
    return {figure.metric: figure for figure in figures(now, before)}


def two(where, first, second):
    return [hand.engagement("One", where, **first), hand.engagement("Two", where, **second)]


def test_sums_are_over_the_cadences_that_reported():
    now = hand.odd_engagements()
    found = by_key(now)
    reported = [row for row in now["replies"] if row is not hand.pd.NA]
    assert found["replies"].value == sum(reported)
    assert (found["replies"].reported, found["replies"].cadences) == (len(reported), len(now))
    assert "reported for 16 of 18 cadences" in found["replies"].lines


def test_order_and_labels_come_from_the_registry():
    assert [figure.label for figure in figures(hand.odd_engagements())] == [
        "Prospects added", "Emails sent", "Replies", "Positive replies", "Bounced", "Unsubscribed", "In cadence now",
    ]  # fmt: skip


def test_nothing_reported_is_not_zero():
    found = by_key(hand.frame("engagements", [hand.engagement("Silent")]))
    assert all(figure.value is None and figure.value_text == "not reported" for figure in found.values())
    assert all(not figure.rate_text for figure in found.values())


def test_zeros_are_zeros_and_their_rate_is_empty():
    found = by_key(hand.frame("engagements", [hand.engagement("Idle", **hand.ZEROS)]))
    assert found["replies"].value_text == "0"
    assert found["replies"].rate_text == "– (0 of 0 prospects contacted)"


def test_an_empty_frame_gives_figures_without_values():
    assert all(figure.value is None for figure in figures(hand.frame("engagements", [])))


def test_a_card_and_a_figure_say_the_same_change_of_the_same_cadences():
    now = hand.frame("engagements", two(hand.NOW, {"emails_sent": 900, "replies": 9}, {"emails_sent": 900}))
    before = hand.frame(
        "engagements",
        two(hand.BEFORE, {"emails_sent": 900, "replies": 45}, {"emails_sent": 900, "replies": 500}),
    )
    figure = next(item for item in figures(now, before, per="email") if item.metric == "replies")
    card = next(item for item in rate_cards(now, before, per="email", maturing=False) if item.rate == "reply_rate")
    assert card.change == figure.rate_change
    assert card.change.label == "down"
    assert "Before: 5.0 % (45 of 900)." in " ".join(card.notes)


def test_cards_without_anything_before_have_no_change():
    now = hand.frame("engagements", [hand.engagement("One", emails_sent=900, replies=45)])
    for before in (None, hand.frame("engagements", [])):
        card = next(item for item in rate_cards(now, before, per="email", maturing=False) if item.rate == "reply_rate")
        assert card.value == "5.0 %"
        assert card.change is None


def test_the_change_covers_only_cadences_that_reported_in_both_periods():
    now = hand.frame(
        "engagements", two(hand.NOW, {"emails_sent": 100, "replies": 5}, {"emails_sent": 900, "replies": 9})
    )
    before = hand.frame(
        "engagements",
        [
            hand.engagement("One", hand.BEFORE, emails_sent=80, replies=8),
            hand.engagement("Gone", hand.BEFORE, replies=99),
        ],
    )
    replies = by_key(now, before)["replies"]
    assert (replies.value, replies.before) == (14, 8)
    assert replies.change_text == "−3 (5 against 8), over the one cadence with both periods"
    assert replies.rate_text == "1.4 % (14 of 1,000 emails sent)"
    assert replies.rate_change is not None
    assert replies.rate_change.difference == pytest.approx(5 / 100 - 8 / 80)
    assert replies.rate_change_text.endswith("before: 10.0 % (8 of 80)")


@pytest.mark.parametrize(
    ("earlier", "text"), [(10, "the same (10 before)"), (4, "+6 (4 before)"), (0, "+10 (0 before)")]
)
def test_change_of_a_count_is_said_in_words(earlier, text):
    now = hand.frame("engagements", [hand.engagement("One", prospects_added=10)])
    before = hand.frame("engagements", [hand.engagement("One", hand.BEFORE, prospects_added=earlier)])
    assert by_key(now, before)["prospects_added"].change_text == text


def test_no_change_without_an_earlier_figure_and_lengths_that_differ_are_said():
    now = hand.frame("engagements", [hand.engagement("One", **hand.PLAIN)])
    silent = hand.frame("engagements", [hand.engagement("One", hand.BEFORE)])
    assert by_key(now, silent)["replies"].change_text == "no earlier figure"
    week = hand.window(date(2026, 10, 26), days=7)
    short = hand.frame("engagements", [hand.engagement("One", week, **hand.PLAIN)])
    replies = by_key(now, short)["replies"]
    assert replies.change_text == "the same (24 before); 28 days against 7"
    assert replies.rate_change.label == "no clear change"


def test_equal_length_is_counted_in_days_across_the_change_of_the_clock():
    now = hand.frame("engagements", [hand.engagement("One", hand.window(date(2026, 11, 7), 14), **hand.PLAIN)])
    before = hand.frame("engagements", [hand.engagement("One", hand.window(date(2026, 10, 24), 14), **hand.PLAIN)])
    over = hand.frame("engagements", [hand.engagement("One", hand.window(date(2026, 10, 31), 14), **hand.PLAIN)])
    assert by_key(now, before)["replies"].before == 24
    assert by_key(over, now)["replies"].before == 24


def test_windows_are_never_summed():
    both = hand.frame(
        "engagements", [hand.engagement("One", **hand.PLAIN), hand.engagement("One", hand.BEFORE, **hand.PLAIN)]
    )
    with pytest.raises(ValueError, match="one window"):
        figures(both)


def test_cadences_of_one_name_count_once():
    twin = {**hand.engagement("One", **hand.PLAIN), "cadence_id": "another"}
    now = hand.frame("engagements", [hand.engagement("One", **hand.PLAIN), twin])
    assert len(one_row_per_name(now)) == 1
    assert by_key(now)["replies"].value == 24


def test_bounces_fall_back_to_emails_sent_when_nobody_reports_contacted():
    now = hand.frame("engagements", [hand.engagement("One", emails_sent=200, bounces=6)])
    bounces = by_key(now)["bounces"]
    assert bounces.rate_metric == "bounce_rate_sent"
    assert bounces.rate_text == "3.0 % (6 of 200 emails sent)"


def test_a_substitute_for_contacted_is_said():
    row = hand.engagement("One", contacted_source="first_email_step", **hand.PLAIN)
    assert by_key(hand.frame("engagements", [row]))["bounces"].rate_text == ("3.0 % (9 of 300 first-step emails)")


def test_a_rate_is_over_cadences_that_have_both_parts_and_says_so():
    now = hand.frame("engagements", two(hand.NOW, {"emails_sent": 200, "replies": 6}, {"replies": 50}))
    replies = by_key(now)["replies"]
    assert replies.value == 56
    assert replies.rate_text == "3.0 % (6 of 200 emails sent), over 1 of 2 cadences"
    pair = pair_total(now, "reply_rate")
    assert pair is not None
    assert (pair.events, pair.trials, pair.cadences) == (6, 200, 1)


def test_in_cadence_now_is_set_apart():
    now = hand.frame("engagements", [hand.engagement("One", **hand.PLAIN)])
    before = hand.frame("engagements", [hand.engagement("One", hand.BEFORE, **hand.PLAIN)])
    current = by_key(now, before)["in_cadence_now"]
    assert current.before is None
    assert current.change_text == ""
    assert current.as_of == hand.FETCHED
    assert current.lines == ("whatever the range; as of 24 Nov 2026, 09:30",)


def test_a_rate_over_one_is_shown_but_not_judged():
    rows = [hand.engagement("One", emails_sent=10, replies=12)]
    earlier = [hand.engagement("One", hand.BEFORE, emails_sent=100, replies=12)]
    replies = by_key(hand.frame("engagements", rows), hand.frame("engagements", earlier))["replies"]
    assert replies.rate_text == "120.0 % (12 of 10 emails sent)"
    assert replies.rate_change is not None
    assert replies.rate_change.label == "no comparison"


def test_what_was_restated_is_named_beside_the_sum_it_is_part_of():
    now = hand.frame("engagements", two(hand.NOW, {"replies": 5}, {"replies": 9}))
    before = hand.frame("engagements", two(hand.BEFORE, {"replies": 20}, {"replies": 30}))
    seen = pd.DataFrame(
        {
            "cadence": ["One", "One", "Elsewhere", "Two"],
            "metric": ["replies", "bounces", "replies", "replies"],
            "before": pd.array([18, 1, 5, None], "Int64"),
            "now": pd.array([20, 2, 9, 30], "Int64"),
            "before_at": [hand.FETCHED] * 4,
        }
    )
    found = {figure.metric: figure for figure in figures(now, before, restated=seen)}
    assert found["replies"].restated_text == "before restated since 24 Nov 2026, 09:30: was 48"
    assert found["replies"].restated_text in found["replies"].lines
    assert not found["bounces"].restated_text
    assert not found["emails_sent"].restated_text
