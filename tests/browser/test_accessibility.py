"""Every place read by axe-core, and the main jobs done without a mouse."""

import re
from urllib.parse import quote, quote_plus

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from dashboard.app_pages.navigation import PLACES

pytestmark = pytest.mark.browser

ADDRESSES = [
    f"/{'' if place is PLACES[0] else place.file.removesuffix('.py').removesuffix('_page')}{opened}"
    for place in PLACES
    for opened in ["", *(f"?{place.key}={quote_plus(tab.title)}" for tab in place.tabs[1:])]
]
# Faults of the parts we build from: rule, what its element looks like, and where it is known. The test fails when one
# no longer occurs, so that it leaves this list.
NOT_OURS = (
    # The sparkline of st.metric is drawn by Vega, whose empty group of marks has a role and no name.
    # https://github.com/vega/vega/pull/2438
    ("svg-img-alt", r"metric_chart_\w+_highlighted_points_marks"),
    # On a phone the places are a list in the sidebar, and sections put a <div> between <ul> and <li>.
    # https://github.com/streamlit/streamlit/tree/develop/frontend/app/src/components/Navigation
    ("list", r'data-testid="stSidebarNavItems"'),
    ("listitem", r'^<li class="st-emotion-cache'),
)


def findings(page: Page) -> list[tuple[str, str, str]]:
    """Return rule, element and reason of everything serious, and of headings out of order."""
    found = []
    for violation in Axe().run(page).response["violations"]:
        if violation["impact"] in {"serious", "critical"} or violation["id"] == "heading-order":
            found += [(violation["id"], node["html"], node.get("failureSummary", "")) for node in violation["nodes"]]
    return found


def excuse(rule: str, element: str) -> str | None:
    """Return the pattern of `NOT_OURS` that this finding is."""
    return next((pattern for known, pattern in NOT_OURS if known == rule and re.search(pattern, element)), None)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_place_has_a_serious_fault_of_ours(browser, running, settle, scheme):
    context = browser.new_context(base_url=running.url, color_scheme=scheme, locale="en-GB")
    page = context.new_page()
    ours, excused = [], set()
    for place in ADDRESSES:
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(place)
        settle(page)
        for width, height in ((1440, 900), (390, 844)):
            page.set_viewport_size({"width": width, "height": height})
            settle(page)
            for rule, element, reason in findings(page):
                pattern = excuse(rule, element)
                if pattern is None:
                    ours.append((place, width, rule, element[:200], reason[:300]))
                excused.add(pattern)
    context.close()
    assert ours == []
    assert {pattern for _, pattern in NOT_OURS} <= excused


def press_until(page: Page, name: str, key: str = "Tab") -> None:
    """Press `key` until what has the focus is called `name`."""
    focused = ""
    for _ in range(200):
        page.keyboard.press(key)
        focused = page.evaluate(
            "() => {const it = document.activeElement; return it.getAttribute('aria-label') || it.innerText || ''}"
        )
        if re.search(name, focused):
            return
    pytest.fail(f"{name!r} is not reached with {key}; {focused!r} was last")


def test_a_cadence_is_filtered_opened_and_stopped_for_one_person_without_a_mouse(page, settle, ask):
    email = "one.person@example.com"
    ask("prospects", {"Email": email})
    ask("startcadence", {"Email": email, "cadenceName": "Free-trial nudges"})
    page.goto("/")
    settle(page)
    press_until(page, "^Cadences$")
    page.keyboard.type("Free-trial")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.wait_for_url("**cadence=Free-trial**")
    settle(page)
    press_until(page, r"^\W*\w*\s*Cadence$", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Free-trial nudges", level=1)).to_be_visible()
    settle(page)
    press_until(page, r"Stop$")
    page.keyboard.press("Enter")
    settle(page)
    press_until(page, r"^Email", "Shift+Tab")
    page.keyboard.type(email)
    press_until(page, "Stop cadence")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    press_until(page, r"^\W*\w*\s*Stop")
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("done", re.IGNORECASE)).first).to_be_attached()
    assert ask(f"prospects/{quote(email, safe='')}/status")["cadenceStatus"] == "Manually stopped"
