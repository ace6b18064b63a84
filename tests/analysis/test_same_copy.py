"""Copies pooled over cadences: against the formulas written out, and where nothing can be compared."""

import math
from fractions import Fraction

import frames_by_hand as hand
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.analysis.ab_tests.same_copy import ALONE, DISAGREE, ONE_SIDED, TOO_LITTLE, copies, has_comparison, places

Z = 1.959963984540054


def frame(*rows):
    """Rows of cadence, step, option, template, emails, replies."""
    made = [
        {**hand.option(step, number, "S", cadence, emails_sent=sent, replies=x), "template": template}
        for cadence, step, number, template, sent, x in rows
    ]
    return hand.frame("options", made)


def mantel_haenszel(strata):
    """Pooled odds ratio with Robins, Breslow and Greenland's interval, and pooled risk ratio, from (a, b, c, d):
    events and rest of this copy, events and rest beside it."""
    r = [Fraction(a * d, a + b + c + d) for a, b, c, d in strata]
    s = [Fraction(b * c, a + b + c + d) for a, b, c, d in strata]
    p = [Fraction(a + d, a + b + c + d) for a, b, c, d in strata]
    q = [Fraction(b + c, a + b + c + d) for a, b, c, d in strata]
    big_r, big_s = sum(r), sum(s)
    variance = sum(x * y for x, y in zip(p, r, strict=True)) / (2 * big_r**2)
    variance += sum(u * y + v * x for u, v, x, y in zip(p, q, r, s, strict=True)) / (2 * big_r * big_s)
    variance += sum(x * y for x, y in zip(q, s, strict=True)) / (2 * big_s**2)
    log, half = math.log(big_r / big_s), Z * math.sqrt(variance)
    risk = sum(Fraction(a * (c + d), a + b + c + d) for a, b, c, d in strata)
    risk /= sum(Fraction(c * (a + b), a + b + c + d) for a, b, c, d in strata)
    return float(big_r / big_s), math.exp(log - half), math.exp(log + half), float(risk)


def test_a_good_list_does_not_flatter_a_bad_mail():
    # Sent mostly to the warm list, "Bad" has the higher rate in all, and the lower one in each cadence.
    options = frame(
        ("warm", 1, 1, "Bad", 900, 90), ("warm", 1, 2, "Good", 100, 15),
        ("cold", 1, 1, "Bad", 100, 1), ("cold", 1, 2, "Good", 900, 18),
    )  # fmt: skip
    found = copies(options, by="template").set_index("copy")
    assert found.loc["Bad", "events"] / found.loc["Bad", "emails_sent"] > 0.09
    assert found.loc["Good", "events"] / found.loc["Good", "emails_sent"] < 0.04
    expected = mantel_haenszel([(90, 810, 15, 85), (1, 99, 18, 882)])
    row = found.loc["Bad"]
    assert row["odds_ratio"] < 1
    measured = (row["odds_ratio"], row["odds_ratio_low"], row["odds_ratio_high"], row["risk_ratio"])
    assert measured == pytest.approx(expected)
    assert found.loc["Good", "odds_ratio"] == pytest.approx(1 / expected[0])
    assert (row["strata"], row["compared_emails"], row["other_emails"]) == (2, 1000, 1000)
    assert (row["compared_events"], row["other_events"]) == (91, 33)


def test_only_options_of_the_same_step_are_next_to_each_other():
    options = frame(
        ("a", 1, 1, "Intro", 500, 20), ("a", 2, 1, "Bump", 400, 40),
        ("b", 1, 1, "Intro", 300, 9), ("b", 1, 2, "Other", 300, 12), ("b", 2, 1, "Bump", 100, 5),
    )  # fmt: skip
    found = copies(options, by="template").set_index("copy")
    assert found.index.tolist() == ["Intro", "Bump"]  # "Other" is in one cadence only
    assert found.loc["Intro", ["strata", "compared_emails", "emails_sent"]].tolist() == [1, 300, 800]
    assert found.loc["Bump", "note"] == ALONE
    assert found.loc["Bump", ["odds_ratio", "odds_ratio_low", "risk_ratio"]].isna().all()
    shown = places(options, "Intro", by="template").set_index("cadence")
    assert shown["other_emails"].to_dict() == {"a": 0, "b": 300}
    assert shown["other_events"].to_dict() == {"a": 0, "b": 12}


def test_the_same_copy_twice_in_a_step_is_one_and_spaces_do_not_matter():
    options = frame(
        ("a", 1, 1, "Intro  v3 ", 100, 9), ("a", 1, 2, "Intro v3", 100, 8), ("a", 1, 3, "New", 200, 20),
        ("b", 1, 1, "Intro v3", 100, 3), ("b", 1, 2, "New", 100, 5),
    )  # fmt: skip
    row = copies(options, by="template").set_index("copy").loc["Intro v3"]
    assert (row["emails_sent"], row["events"], row["strata"]) == (300, 20, 2)
    assert row["odds_ratio"] == pytest.approx(mantel_haenszel([(17, 183, 20, 180), (3, 97, 5, 95)])[0])


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        ([(100, 0), (100, 30), (100, 0), (100, 30)], ONE_SIDED),
        ([(100, 30), (100, 0), (100, 30), (100, 0)], ONE_SIDED),
        ([(100, 100), (100, 100), (50, 50), (50, 50)], ONE_SIDED),
        ([(100, 0), (100, 0), (100, 0), (100, 0)], TOO_LITTLE),
        ([(100, 3), (100, 2), (100, 2), (100, 2)], TOO_LITTLE),
        ([(100, 3), (100, 2), (100, 2), (100, 3)], ""),
        ([(1000, 100), (1000, 10), (1000, 10), (1000, 100)], DISAGREE),
        ([(1000, 100), (1000, 100), (1000, 100), (1000, 100)], ""),
        ([(1_000_000, 9000), (1_000_000, 9000), (100, 1), (100, 1)], ""),
        ([(100, 0), (100, 0), (100, 10), (100, 12)], ""),  # a step without a reply says nothing, and spoils nothing
    ],
)
def test_notes(rows, note):
    (a, x), (b, y), (c, u), (d, v) = rows
    options = frame(("p", 1, 1, "A", a, x), ("p", 1, 2, "B", b, y), ("q", 1, 1, "A", c, u), ("q", 1, 2, "B", d, v))
    row = copies(options, by="template").set_index("copy").loc["A"]
    assert row["note"] == note
    assert pd.isna(row["odds_ratio"]) == (note in {ONE_SIDED, TOO_LITTLE})


def test_one_copy_that_can_be_compared_is_enough_to_offer_it():
    alone = [("p", 1, 1, "A", 100, 9), ("q", 1, 1, "A", 100, 9)]
    assert not has_comparison(frame(*alone), by="template")
    beside = [("p", 2, 1, "B", 100, 9), ("p", 2, 2, "C", 100, 9), ("q", 2, 1, "B", 100, 9)]
    assert has_comparison(frame(*alone, *beside), by="template")


def test_what_is_no_proportion_or_has_no_text_is_left_out_and_names_count_once():
    options = frame(
        ("a", 1, 1, "A", 100, 10), ("a", 1, 2, "B", 10, 30), ("a", 1, 3, "B", 0, 0), ("a", 1, 4, None, 100, 5),
        ("b", 1, 1, "A", 100, 10), ("b", 1, 2, "B", 100, None), ("b", 1, 3, "  ", 100, 5),
    )  # fmt: skip
    twice = pd.concat([options, options.assign(cadence_id="another")], ignore_index=True)
    (row,) = copies(twice, by="template").to_dict("records")
    assert (row["copy"], row["emails_sent"], row["strata"], row["note"]) == ("A", 200, 0, ALONE)


def test_positive_replies_not_reported_are_no_zero():
    options = frame(("a", 1, 1, "A", 100, 10), ("b", 1, 1, "A", 100, 10))
    assert copies(options, by="template", events="positive_replies").empty
    assert copies(options.iloc[:0], by="subject").empty
    assert list(copies(options.iloc[:0], by="subject").columns) == list(copies(options, by="template").columns)


counts = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(counts, counts), min_size=2, max_size=6))
def test_any_strata_give_the_formulas_or_a_reason(strata):
    rows = []
    for number, ((n, x), (m, y)) in enumerate(strata):
        rows += [(str(number), 1, 1, "A", n, x), (str(number), 1, 2, "B", m, y)]
    row = copies(frame(*rows), by="template").set_index("copy").loc["A"]
    if pd.isna(row["odds_ratio"]):
        assert row["note"]
        return
    expected = mantel_haenszel([(x, n - x, y, m - y) for (n, x), (m, y) in strata])
    found = [row[name] for name in ("odds_ratio", "odds_ratio_low", "odds_ratio_high", "risk_ratio")]
    assert found == pytest.approx(expected, rel=1e-9)
    assert all(np.isfinite(found))
