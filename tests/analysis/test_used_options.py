"""Which options of a step were used."""

import frames_by_hand as hand

from dashboard.analysis.ab_tests.options import used_options


def test_used_options_sent_at_least_one_email():
    used = used_options(hand.odd_options())
    assert list(zip(used["step"], used["option"], strict=True)) == [(1, 1), (1, 2), (3, 1), (3, 2), (7, 1)]
    assert used_options(hand.frame("options", [])).empty
