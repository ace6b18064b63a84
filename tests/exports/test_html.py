"""The review pack: the numbers of the pages, every text as a text, and a policy that lets only its own script run."""

import base64
import gzip
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from plotly.offline import get_plotlyjs

from dashboard.charts.text import clean
from dashboard.data.history.listing import UnlistedCadence
from dashboard.exports.html import figure_json, grid, to_html
from dashboard.exports.review import MOST_CHAPTERS, review, review_tables
from klenty_api import Cadence, EmailEngagement


class Page(HTMLParser):
    """What a browser makes of the file: elements, text by element, scripts."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.scripts, self.words = [], [], [], []
        self._script = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.append((tag, dict(attrs)))
        self._script = dict(attrs) if tag == "script" else None
        if tag == "script":
            self.scripts.append((self._script, ""))

    def handle_data(self, data):
        if self._script is not None:
            self.scripts[-1] = (self._script, self.scripts[-1][1] + data)
        else:
            self.words.append(data)

    def handle_endtag(self, tag):
        if tag == "script":
            self._script = None


@pytest.fixture(scope="module")
def about(gathered, made_at):
    return review(gathered, made_at=made_at)


@pytest.fixture(scope="module")
def page(about):
    return Page(to_html(about).decode())


def test_tests_are_judged_by_what_leads_as_on_the_overview(gathered, about, made_at):
    assert "judged by replies" in about.about_verdicts
    marked = [
        replace(item, engagement=item.engagement and replace(item.engagement, positive_replies=25))
        for item in gathered.reports
    ]
    told = review(replace(gathered, reports=marked), made_at=made_at)
    assert "judged by positive replies" in told.about_verdicts


def test_the_policy_allows_the_two_scripts_of_the_file_and_nothing_else(page):
    policy = next(a["content"] for tag, a in page.attributes if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    allowed = set(re.findall(r"'sha256-([^']+)'", policy))
    (inline,) = [text for attributes, text in page.scripts if not attributes]
    packed = next(text for attributes, text in page.scripts if attributes.get("id") == "chart-script")
    unpacked = gzip.decompress(base64.b64decode(packed))
    assert unpacked.decode() == get_plotlyjs()
    sources = {base64.b64encode(hashlib.sha256(code).digest()).decode() for code in (inline.encode(), unpacked)}
    assert allowed == sources


def test_names_bring_no_element_and_no_script_of_their_own(page, about, hostile):
    assert "img" not in page.tags
    assert "b" not in page.tags
    links = [attributes["href"] for tag, attributes in page.attributes if tag == "a"]
    assert all(link.startswith("#") for link in links)
    assert not any(name.startswith("on") for _, attributes in page.attributes for name in attributes)
    assert all(attributes.get("type") in {None, "application/json", "text/plain"} for attributes, _ in page.scripts)
    words = " ".join("".join(page.words).split())
    for name in hostile:
        assert clean(name)[:60] in words
    assert "\u202e" not in words
    assert "x" * 500 not in words  # nobody reads ten thousand letters


def test_the_numbers_are_those_of_the_figures_and_tables(page, about):
    words = " ".join("".join(page.words).split())
    for figure in [*about.figures, *about.chapters[0].figures]:
        assert f"{figure.label}{figure.value_text}" in words.replace(" ", " ").replace(f"{figure.label} ", figure.label)
        for line in figure.lines:
            assert line in words
    for row in [*grid(about.ranking).rows, *grid(about.chapters[1].steps).rows]:
        for cell in row:
            assert clean(cell.text)[:100] in words


def test_what_needs_a_decision_comes_first_and_the_rest_is_named(page, about, hostile):
    words = " ".join("".join(page.words).split())
    weights = [point.weight for point in about.points]
    assert weights == sorted(weights, reverse=True)
    assert "Above 5.0 % even at the low end" in words  # 40 bounces of 400 contacted
    assert {point.cadence for point in about.points} == {*hostile, "=failed"}
    assert len(about.chapters) == MOST_CHAPTERS
    named = {chapter.name for chapter in about.chapters} | set(about.quiet)
    assert len(named) == len(hostile) + 1 - len({point.cadence for point in about.points} - named)
    assert "=failed: nothing came." in words
    assert about.watch_in_short.startswith("6 surely above a level")
    assert all(" ".join(text.split()) in words for text in about.not_in_the_data)


def test_alerts_are_those_of_the_chosen_cadences_and_days(gathered, made_at):
    one = [item for item in gathered.reports if item.cadence.id == "c1"]
    alone = replace(gathered, reports=one, earlier=[])
    alerts = review_tables(alone)["alerts"]
    assert set(alerts["cadence"]) == {one[0].cadence.name}
    assert set(alerts["trials"]) == {400}
    quiet = replace(one[0], engagement=EmailEngagement.read({"bounceCount": 0, "contactedCount": 400}))
    assert review_tables(replace(gathered, reports=[quiet], earlier=[]))["alerts"].empty


def test_every_chart_has_its_words(page):
    charts = [attributes for tag, attributes in page.attributes if attributes.get("class") == "chart"]
    assert charts
    assert all(len(attributes["aria-label"]) > 20 for attributes in charts)


def test_a_figure_cannot_end_its_script_element(about):
    assert "<" not in figure_json(about.ranking_chart)


def test_a_cadence_that_was_deleted_is_named(gathered, made_at):
    gone = UnlistedCadence(Cadence("c9", "Gone & forgotten", None, None, None), made_at)
    asked = replace(gathered.asked, unlisted=[gone])
    page = Page(to_html(review(replace(gathered, asked=asked), made_at=made_at)).decode())
    assert f"Gone & forgotten: Klenty listed it last on {made_at.date()}" in "".join(page.words)
