"""What a place may take of the reader's time at 1440 × 900: words above the fold and in all, and height.

Names of cadences and subjects, which are the account's, are not counted.
"""

import re
from itertools import chain

import pytest

pytestmark = pytest.mark.browser

VP = "Outbound – VP Sales, North America"
# place: words above the fold, words in all, height in pixels (None: any)
PLACES = {
    f"cadence?focus={VP}": (80, 250, None),
    "ab_tests": (80, 250, 1_400),
    "alerts": (80, 250, 1_400),
    "explore": (80, 250, 1_500),
    "explore?explore=Compare": (80, 250, 1_700),
    "explore?explore=Changes": (80, 250, 1_500),
    "reports?table=Views+and+deliveries": (80, 250, 1_500),
    "reports": (80, 250, None),
}
# The visible text nodes of the main column, and where they are.
_TEXTS = """() => {
  const main = document.querySelector('[data-testid="stMainBlockContainer"]');
  const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const node = walker.currentNode, box = node.parentElement.getBoundingClientRect();
    const icon = getComputedStyle(node.parentElement).fontFamily.includes('Material');
    const drawn = node.parentElement.closest('svg, title');
    if (!icon && !drawn && box.width && box.height) found.push([node.textContent, box.top]);
  }
  return found;
}"""


@pytest.fixture
def account_texts(sandbox):
    """Names and subjects of the account, the longest first."""
    plans = [cadence.plan for cadence in sandbox.account.cadences]
    subjects = {option.subject for plan in plans for step in plan.steps for option in step.options if option.subject}
    return sorted({*(plan.name for plan in plans), *subjects}, key=len, reverse=True)


def words(texts, of_the_account):
    text = " ".join(texts).replace("\u2060", "")
    for known in of_the_account:
        text = text.replace(known, " ")
    return re.findall(r"[^\W\d_]{2,}", text)


@pytest.mark.parametrize("place", PLACES)
def test_a_place_keeps_its_budget(page, settle, account_texts, place):
    above, in_all, height = PLACES[place]
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"/{place}")
    settle(page)
    page.wait_for_timeout(1_500)
    settle(page)
    texts = page.evaluate(_TEXTS)
    first_screen = words((text for text, top in texts if top < 900), account_texts)
    assert len(first_screen) <= above, " ".join(first_screen)
    assert len(words(chain(text for text, _ in texts), account_texts)) <= in_all
    if height is not None:
        container = page.locator('[data-testid="stMainBlockContainer"]')
        assert container.evaluate("element => element.scrollHeight") <= height


def test_the_first_step_of_a_cadence_is_high_on_the_page(page, settle):
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"/cadence?focus={VP}")
    settle(page)
    first = page.locator(".st-key-open_step_1")
    first.wait_for()
    assert first.bounding_box()["y"] <= 420


def test_an_opened_step_and_a_test_are_left_by_going_back(page, settle):
    page.goto(f"/cadence?focus={VP}")
    settle(page)
    page.locator(".st-key-open_step_2 button").click()
    page.wait_for_url("**step=2**")
    page.go_back()
    settle(page)
    assert "step=" not in page.url
    page.get_by_role("link", name="A/B:").first.click()
    page.wait_for_url("**/ab_tests**test=**")
    settle(page)
    page.locator(".st-key-open_test").wait_for()
