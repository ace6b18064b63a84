"""Names in figures stand there letter by letter, and are cut where a reader would cut them."""

import html

import frames_by_hand as by_hand
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.charts.cells import cell, records
from dashboard.charts.text import LABEL_LENGTH, clean, hover, literal, shorten, wrapped

ANY = st.one_of(st.text(), st.sampled_from(by_hand.HOSTILE))


@settings(deadline=None)
@given(ANY)
def test_a_literal_has_nothing_that_plotly_reads_as_more_than_text(text):
    shown = literal(text)
    assert "<" not in shown
    assert ">" not in shown
    assert "$" not in shown
    assert html.unescape(shown).split() == html.unescape(html.escape(clean(text), quote=False)).split()


@settings(deadline=None)
@given(ANY)
def test_cleaning_leaves_one_line_and_is_done_once(text):
    once = clean(text)
    assert "\n" not in once
    assert clean(once) == once


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\x00", "\x1b", "\ud800", "\ufeff"])
def test_signs_that_turn_or_hide_text_are_gone(sign):
    assert clean(f"ab{sign}cd") == "abcd"


@settings(deadline=None)
@given(ANY)
def test_a_short_name_is_the_beginning_of_the_name(text):
    short = shorten(text)
    whole = clean(text)
    if short != whole:
        assert short.endswith("…")
        assert whole.startswith(short[:-1])
        assert len(short) < len(whole) + 1


def test_long_names_are_cut_to_about_24_letters():
    assert shorten("Cold outreach") == "Cold outreach"
    assert len(shorten("a" * 200)) == LABEL_LENGTH
    assert len(shorten("日本語" * 20)) <= LABEL_LENGTH // 2 + 1  # such letters are twice as wide


def test_a_family_is_not_torn_apart():
    family = "👩‍👩‍👧‍👦"
    for before in range(LABEL_LENGTH):
        short = shorten("a" * before + family + "b" * 30)
        assert short.rstrip("…").strip("ab") in {"", family}


def test_hover_text_has_breaks_of_its_own_and_no_others():
    text = hover('<b>A</b><br><a href="x">', "", None, "second $x$")
    assert text == '<b>&lt;b&gt;A&lt;/b&gt;&lt;br&gt;&lt;a href="x"&gt;</b><br>second &#36;x&#36;'
    assert hover() == ""
    assert "<br>" in wrapped("word " * 40)
    assert all(len(html.unescape(line)) <= 44 for line in wrapped("A" * 200).split("<br>"))


@pytest.mark.parametrize("empty", [None, pd.NA, pd.NaT, float("nan")])
def test_everything_empty_becomes_none(empty):
    assert cell(empty) is None
    assert records(pd.DataFrame({"a": [empty, 1]}))[0]["a"] is None


def test_what_is_not_empty_stays():
    assert [cell(value) for value in (0, "", False, 1.5)] == [0, "", False, 1.5]
