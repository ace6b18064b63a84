"""The review pack in a real Chromium without a network: charts are drawn, nothing is asked for or run from outside."""

import re

import pytest

from dashboard.charts.text import clean
from dashboard.exports.formats import files
from tests.exports.conftest import HOSTILE, MADE_AT, gathered

pytestmark = pytest.mark.browser
__all__ = ["gathered"]  # the fixture


@pytest.fixture(scope="module")
def pack(gathered, tmp_path_factory):
    place = tmp_path_factory.mktemp("pack") / "review.html"
    (content,) = files(gathered, ["html"], made_at=MADE_AT).values()
    place.write_bytes(content)
    return place


@pytest.fixture
def open_pack(browser, pack):
    contexts = []

    def go(**options):
        context = browser.new_context(offline=True, locale="en-GB", **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        heard, asked = [], []
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("dialog", lambda dialog: heard.append(dialog.message))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(pack.as_uri())
        page.wait_for_selector('html[data-charts="ready"]')
        return page, heard, asked

    yield go
    for context in contexts:
        context.close()


def test_it_opens_offline_draws_and_stays_silent(open_pack, pack):
    page, heard, asked = open_pack(viewport={"width": 1200, "height": 900})
    page.wait_for_selector("#ranking .chart svg.main-svg")
    assert page.title() == "Cadence review, 27 Oct – 23 Nov 2026 (28 days, Europe/Berlin)"  # no name changed it
    last = page.locator(".chart").last
    last.scroll_into_view_if_needed()
    last.locator("svg.main-svg").first.wait_for()
    assert heard == []
    assert asked == [pack.as_uri()]
    assert page.locator("h2 bdi").first.inner_text() in {clean(name)[:120] for name in HOSTILE}
    assert page.evaluate("document.querySelectorAll('script[src], img, iframe, link').length") == 0


def test_a_script_that_is_not_its_own_does_not_run(open_pack):
    page, heard, _ = open_pack()
    page.evaluate(
        "() => { const other = document.createElement('script'); other.textContent = 'document.title = 1';"
        " document.head.append(other) }"
    )
    assert page.title().startswith("Cadence review")
    assert any("Content Security Policy" in line for line in heard)


@pytest.mark.parametrize(("scheme", "light"), [("light", False), ("dark", True)])
def test_charts_take_the_ink_of_the_page(open_pack, scheme, light):
    page, *_ = open_pack(color_scheme=scheme)
    page.wait_for_selector("#ranking .chart svg.main-svg")
    ink = page.evaluate("getComputedStyle(document.querySelector('#ranking .chart svg text')).fill")
    assert all((int(part) > 128) == light for part in re.findall(r"\d+", ink)[:3])


def test_a_phone_shows_it_without_sideways_scrolling_and_paper_shows_everything(open_pack):
    page, *_ = open_pack(viewport={"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    pages = re.findall(rb"/Type\s*/Page[^s]", page.pdf(format="A4", prefer_css_page_size=True))
    assert 1 <= len(pages) <= 6
    assert page.evaluate("[...document.querySelectorAll('.chart')].every((one) => one.querySelector('svg'))")
