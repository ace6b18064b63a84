"""What only a browser shows: URLs, downloads, dialogs, drawn charts, sizes, themes."""

import io
import re
import zipfile
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

PAGES = (
    "", "cadence", "ab_tests", "ab_tests?ab=Copies", "explore", "explore?explore=Compare", "alerts", "reports",
    "settings", "import_prospects",
)  # fmt: skip


def choose(page, label, option):
    page.get_by_role("combobox", name=label).fill(option)  # long lists draw only what is in sight
    page.get_by_role("option", name=option, exact=True).click()


def test_filters_are_in_the_url_and_a_link_shows_the_same(page, settle, browser, running):
    page.goto("/")
    settle(page)
    choose(page, re.compile("Cadences"), "Inbound demo requests")
    page.keyboard.press("Escape")
    choose(page, re.compile("Date range"), "Last 90 days")
    settle(page)
    assert parse_qs(urlsplit(page.url).query) == {"cadence": ["Inbound demo requests"], "range": ["Last 90 days"]}
    page.get_by_role("link", name="Cadence", exact=True).first.click()
    settle(page)
    expect(page.get_by_text("(90 days, Europe/Berlin)").first).to_be_visible()
    with browser.new_context() as colleague:
        other = colleague.new_page()
        other.goto(page.url)
        settle(other)
        assert other.get_by_text("(90 days, Europe/Berlin)").first.is_visible()
        assert other.get_by_text("active", exact=True).first.is_visible()
        assert (
            other.locator("[data-testid=stMetricValue]").all_inner_texts()
            == page.locator("[data-testid=stMetricValue]").all_inner_texts()
        )


def test_custom_dates_are_in_the_url(page, settle):
    page.goto("/cadence?range=Custom&dates=2026-10-01&dates=2026-10-31&tz=America%2FNew_York&cadence=Partner+referrals")
    settle(page)
    assert page.get_by_text("1–31 Oct 2026 (31 days, America/New_York)").first.is_visible()
    page.reload()
    settle(page)
    query = parse_qs(urlsplit(page.url).query)
    assert query["dates"] == ["2026-10-01", "2026-10-31"]
    assert query["tz"] == ["America/New_York"]


def test_a_name_in_the_ranking_leads_to_its_cadence(page, settle):
    page.goto("/?cadence=Partner+referrals&cadence=Free-trial+nudges&range=Last+90+days")
    settle(page)
    table = page.locator(".st-key-overview_ranking [data-testid=stDataFrame]")
    table.scroll_into_view_if_needed()
    row = table.get_by_role("row", name="Free-trial nudges", include_hidden=True)
    box, place = table.bounding_box(), int(row.get_attribute("aria-rowindex"))  # the heading is row 1
    page.mouse.click(box["x"] + 40, box["y"] + 35 * (place - 1) + 17)
    page.wait_for_url(re.compile("/cadence"))
    settle(page)
    expect(page.get_by_role("heading", name="Free-trial nudges", level=1)).to_be_visible()
    expect(page.get_by_text("(90 days, Europe/Berlin)").first).to_be_visible()
    assert "range=Last+90+days" in page.url


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_drawn_whole(browser, running, settle, name, width, scheme):
    with browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme) as context:
        page = context.new_page()
        foreign = []
        page.on(
            "request", lambda r: foreign.append(r.url) if urlsplit(r.url).hostname not in {"127.0.0.1", None} else None
        )
        page.goto(f"{running.url}/{name}{'&' if '?' in name else '?'}finished=true")
        settle(page)
        assert page.locator("[data-testid=stException]").count() == 0
        assert page.get_by_role("heading", level=1).first.is_visible()
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0  # nothing makes the page scroll sideways
        for chart in page.locator("[data-testid=stPlotlyChart]").all()[:6]:
            chart.scroll_into_view_if_needed()
            box = chart.locator(".main-svg").first.bounding_box()
            assert box["width"] <= width
        assert not [url for url in foreign if not url.startswith(("data:", "blob:"))]  # nobody else learns of the visit


def test_hover_shows_counts(page, settle):
    page.goto("/?cadence=Inbound+demo+requests&range=Last+90+days")
    settle(page)
    chart = page.locator(".st-key-chart_overview_funnel [data-testid=stPlotlyChart]")
    chart.scroll_into_view_if_needed()
    chart.locator("g.point path").first.hover(force=True)
    expect(chart.locator(".hoverlayer")).to_contain_text(re.compile(r"\d+ (prospects|replies)"))


def test_downloads_are_the_tables(page, settle):
    page.goto("/reports?range=Last+90+days&finished=true")
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Tables (CSV)").click()
    archive = zipfile.ZipFile(download.value.path())
    frame = pd.read_csv(io.BytesIO(archive.read("engagements.csv")), encoding="utf-8-sig")
    assert len(frame) == 20
    assert any(name.startswith("'=HYPERLINK") for name in frame["cadence"])
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()
    assert download.value.suggested_filename.endswith(".csv")
    assert download.value.path().read_bytes() == archive.read("engagements.csv")


def test_a_failing_cadence_has_its_error_and_its_retry(page, settle, sandbox):
    sandbox.faults.add("refused_json", cadence="Partner referrals")
    page.goto("/?cadence=Partner+referrals&cadence=Free-trial+nudges&range=Last+7+days")
    settle(page)
    assert page.get_by_text("1 of 2 cadences did not load").is_visible()
    assert page.get_by_text("Partner referrals: no figures").is_visible()
    sandbox.faults.clear()
    page.get_by_role("button", name="Retry", exact=True).click()
    settle(page)
    assert page.get_by_text("did not load").count() == 0


def test_progress_is_shown_and_a_filter_changed_meanwhile_is_heeded(page, settle, sandbox):
    sandbox.faults.add("latency", seconds=0.4)
    try:
        page.goto("/?range=Last+14+days")
        page.get_by_text(re.compile(r"Asking Klenty, \d+ of \d+ reports")).wait_for()
        choose(page, re.compile("Cadences"), "Partner referrals")
        page.keyboard.press("Escape")
        page.locator("[data-testid=stMetricValue]").first.wait_for()
        settle(page)
        assert "cadence=Partner+referrals" in page.url
        assert page.locator("[data-testid=stException]").count() == 0
    finally:
        sandbox.faults.clear()


def test_an_action_is_previewed_confirmed_and_sent_once(page, settle, sandbox):
    page.goto("/import_prospects")
    settle(page)
    page.get_by_test_id("stSidebar").get_by_text("Prospect", exact=True).click()
    settle(page)
    choose(page, "Prospect action", "Create prospect")
    settle(page)
    sidebar = page.locator("[data-testid=stSidebar]")
    sidebar.get_by_label(re.compile("Email")).first.fill("browser.test@example.com")
    before = len(sandbox.requests)
    sidebar.get_by_role("button", name=re.compile("Create prospect")).click()
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    assert "browser.test@example.com" in dialog.inner_text()
    assert "sandbox-key" not in dialog.inner_text()
    assert not [r for r in list(sandbox.requests)[before:] if r.method == "POST"]  # nothing is sent by looking at it
    confirm = dialog.get_by_role("button", name="Create browser.test@example.com")
    confirm.dblclick()
    settle(page)
    # The table of this visit may be the first to say it; its text for screen readers is no visible element.
    page.get_by_text(re.compile("done", re.IGNORECASE)).first.wait_for(state="attached")
    sent = [r for r in list(sandbox.requests)[before:] if r.operation == "create_prospect"]
    assert [r.body for r in sent] == [{"Email": "browser.test@example.com"}]
    assert "browser.test" not in page.url


def test_the_log_holds_no_secret_and_no_traceback(page, settle, running, sandbox):
    page.goto("/")
    settle(page)
    log = running.log.read_text()
    assert sandbox.api_key not in log
    assert "browser.test@example.com" not in log
    assert "Traceback" not in log


def test_without_credentials_it_is_the_sandbox_and_says_so(browser, settle, start_dashboard, tmp_path):
    with start_dashboard(tmp_path) as process, browser.new_context() as context:
        page = context.new_page()
        page.goto(process.url)
        settle(page)
        page.get_by_text("Sandbox: invented data, nobody is mailed").first.wait_for()
        assert page.locator("[data-testid=stMetricValue]").first.is_visible()


def test_a_wrong_key_has_a_page_that_says_so(browser, settle, start_dashboard, tmp_path, sandbox):
    env = {"KLENTY_USER": sandbox.user, "KLENTY_API_KEY": "wrong", "KLENTY_BASE_URL": sandbox.base_url}
    with start_dashboard(tmp_path, **env) as process, browser.new_context() as context:
        page = context.new_page()
        page.goto(process.url)
        settle(page)
        assert page.get_by_text("Klenty refuses the API key", exact=True).is_visible()
        assert page.get_by_role("button", name="Try again").is_visible()
