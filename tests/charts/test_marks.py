"""The small marks: where their parts are, what colour they may have, and that their text cannot break out."""

import re
from xml.etree import ElementTree as ET

import pytest

from dashboard.app_pages.components.marks import inline
from dashboard.charts.marks import bar_mark, bullet_mark, difference_mark, interval_mark
from dashboard.charts.palette import GREEN, MAIN, VERMILLION


def parts(mark, tag):
    root = ET.fromstring(mark.svg)
    return [part.attrib for part in root if part.tag.endswith(tag)]


def full_width(mark):
    return float(ET.fromstring(mark.svg).attrib["width"])


@pytest.mark.parametrize(("value", "end", "share"), [(0, 10, 0), (5, 10, 0.5), (10, 10, 1), (20, 10, 1), (3, 0, 0)])
def test_a_bar_is_as_long_as_its_share_of_the_axis(value, end, share):
    mark = bar_mark(value, end, "x")
    (bar,) = [part for part in parts(mark, "rect") if part["fill"] == MAIN]
    assert float(bar["width"]) == pytest.approx(share * full_width(mark), abs=0.1)


def test_what_arrived_before_is_faint_and_the_rest_strong():
    mark = bar_mark(10, 10, "x", before=4)
    (own,) = [part for part in parts(mark, "rect") if part["fill"] == MAIN]
    assert float(own["x"]) == pytest.approx(0.4 * full_width(mark), abs=0.1)
    assert float(own["width"]) == pytest.approx(0.6 * full_width(mark), abs=0.1)


def test_a_rate_beyond_the_axis_is_an_arrow_and_no_dot():
    assert len(parts(interval_mark(0.1, 0.05, 0.2, 0.3, "x"), "circle")) == 1
    assert parts(interval_mark(0.5, 0.1, 0.9, 0.3, "x"), "circle") == []


def test_green_is_for_what_is_proven_alone_and_no_dot_for_what_is_not():
    assert GREEN not in difference_mark(None, 1.2, 3.0, "x", proven=False).svg
    assert GREEN in difference_mark(1.8, 1.2, 3.0, "x", proven=True).svg
    assert parts(difference_mark(None, 0.5, 2.0, "x", proven=False), "circle") == []


@pytest.mark.parametrize(
    ("low", "high", "arrows"), [(0.5, 2.0, 0), (0.0, 2.0, 1), (0.5, float("inf"), 1), (0.0, float("inf"), 2)]
)
def test_an_interval_without_a_limit_has_an_arrow(low, high, arrows):
    mark = difference_mark(None, low, high, "x", proven=False)
    assert sum("Z" in part["d"] for part in parts(mark, "path")) == arrows


def test_twice_and_half_are_equally_far_from_the_same():
    found = re.search(r"M([\d.]+) 8.0H([\d.]+)", difference_mark(None, 0.5, 2.0, "x", proven=False).svg)
    start, end = float(found[1]), float(found[2])
    middle = full_width(difference_mark(None, 0.5, 2.0, "x", proven=False)) / 2
    assert middle - start == pytest.approx(end - middle, abs=0.2)


def test_red_only_above_a_level_for_sure_and_both_levels_are_marked():
    sure, open_ = (bullet_mark(0.06, 0.02, 0.05, 0.08, "x", sure=sure) for sure in (True, False))
    assert VERMILLION in sure.svg
    assert VERMILLION not in open_.svg
    assert sum(part["width"] == "2" for part in parts(sure, "rect")) == 2


def test_a_text_cannot_end_the_image_it_describes():
    mark = bar_mark(1, 2, 'a](http://evil.example) "quoted" <b>\nline')
    assert inline(mark).count("](") == 1
    assert inline(mark, 'hover "x"').count('"') == 2
    assert "\n" not in inline(mark)
