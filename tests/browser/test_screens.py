"""What a reader meets: few words, short pages, nothing that overflows."""

import pytest

# Visible words of the main column, numbers among them. Names of cadences are not counted: in tables they are drawn on
# a canvas, and links to them are left out.
WORDS = """() => {
  const main = document.querySelector('[data-testid="stMainBlockContainer"]');
  const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
  let above = 0, all = 0;
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (parent.closest('[data-testid="stIconMaterial"], .st-key-headline_chips, script, style, svg')) continue;
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const box = range.getBoundingClientRect();
    if (!box.width || getComputedStyle(parent).visibility === 'hidden') continue;
    const tokens = walker.currentNode.textContent.split(/\\s+/);
    const words = tokens.filter(token => /[\\p{L}\\p{N}]/u.test(token)).length;
    all += words;
    if (box.top < 900) above += words;
  }
  return [above, all];
}"""
HEIGHT = "() => document.querySelector('[data-testid=\"stMain\"]').scrollHeight"
NO_HORIZONTAL_SCROLL = "() => document.documentElement.scrollWidth <= window.innerWidth + 1"

pytestmark = pytest.mark.browser


@pytest.fixture
def open_place(page, settle):
    """`open_place(path, width)` shows a place at that width, with everything that comes in the background."""

    def run(path, width=1440, height=900):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(path)
        settle(page)
        page.wait_for_function("() => !document.body.innerText.includes('They are being fetched')", timeout=60_000)
        settle(page)
        return page

    return run


# Path, most words above the fold, most on the page, most pixels high.
@pytest.mark.parametrize(("path", "above", "words", "height"), [("/", 80, 250, 1_500)])
def test_a_place_keeps_to_its_budget_of_words_and_pixels(open_place, path, above, words, height):
    page = open_place(path)
    seen_above, seen = page.evaluate(WORDS)
    assert seen_above <= above, page.locator("[data-testid=stMainBlockContainer]").inner_text()
    assert seen <= words
    assert page.evaluate(HEIGHT) <= height


@pytest.mark.parametrize("path", ["/", "/settings"])
def test_a_phone_scrolls_in_one_direction_and_shows_cards_two_a_row(open_place, path):
    page = open_place(path, 390, 844)
    assert page.evaluate(NO_HORIZONTAL_SCROLL)
    cards = page.get_by_test_id("stMetric")
    if cards.count() > 1:
        first, second = (cards.nth(number).bounding_box() for number in (0, 1))
        assert first["y"] == second["y"]
        assert first["x"] < second["x"]
