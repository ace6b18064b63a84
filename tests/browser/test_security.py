"""What a browser minds and what a log keeps, after pages, actions and the receiver were used."""

import json
import re
import urllib.request
from urllib.parse import quote

import pytest

pytestmark = pytest.mark.browser
PAGES = (
    "", "cadence", "explore", "explore?explore=Compare", "ab_tests", "ab_tests?ab=Copies",
    "alerts", "reports", "settings", "settings?settings=Account+check", "settings?settings=Webhooks",
    "settings?settings=Rules+and+levels", "settings?settings=Zone+and+denominator", "import_prospects", "activity",
    "action_log",
)  # fmt: skip
SECRET = "a-secret-of-more-than-24-letters"
VISITOR = "driven.by.a.test@example.com"


@pytest.fixture(scope="module")
def settings(sandbox, tmp_path_factory):
    return {
        "KLENTY_USER": sandbox.user,
        "KLENTY_API_KEY": sandbox.api_key,
        "KLENTY_BASE_URL": sandbox.base_url,
        "KLENTY_WEBHOOK_SECRET": SECRET,
        "KLENTY_DATABASE_URL": f"sqlite:///{tmp_path_factory.mktemp('kept') / 'history.sqlite3'}",
        "KLENTY_LOG": "json",
    }


def test_pages_break_no_policy_and_leave_no_secret_in_the_log(browser, settle, start_dashboard, tmp_path, settings):
    minded = []
    with start_dashboard(tmp_path, **settings) as process, browser.new_context() as context:
        page = context.new_page()
        page.on("console", lambda m: minded.append(m.text) if "Content Security Policy" in m.text else None)
        page.on("pageerror", lambda error: minded.append(str(error)))
        for name in PAGES:
            page.goto(f"{process.url}/{name}")
            settle(page)
            assert page.get_by_role("heading", level=1).first.is_visible()
        _act(page, settle)
        assert _deliver(process.url, SECRET) == 200
        assert _deliver(process.url, "wrong-" + SECRET) == 404
        page.goto(f"{process.url}/?cadence={quote(VISITOR)}")  # a name that Klenty does not know
        settle(page)
    assert minded == []
    log = process.log.read_text()
    lines = [json.loads(line) for line in log.splitlines()]
    assert any("listening" in line["message"] for line in lines)
    for secret in (SECRET, settings["KLENTY_API_KEY"], VISITOR, quote(VISITOR), settings["KLENTY_USER"], "Traceback"):
        assert secret not in log


def _act(page, settle) -> None:
    """Create a prospect from the sidebar."""
    sidebar = page.get_by_test_id("stSidebar")
    sidebar.get_by_text("Prospect", exact=True).click()
    settle(page)
    page.get_by_role("combobox", name="Prospect action").click()
    page.get_by_role("option", name="Create prospect").click()
    settle(page)
    sidebar.get_by_label(re.compile("Email")).first.fill(VISITOR)
    sidebar.get_by_role("button", name=re.compile("Create prospect")).click()
    page.get_by_role("dialog").get_by_role("button", name=f"Create {VISITOR}").click()
    page.get_by_text(re.compile("done", re.IGNORECASE)).first.wait_for()


def _deliver(url: str, secret: str) -> int:
    body = json.dumps({"event": "reply", "email": VISITOR, "cadenceName": "Partners"}).encode()
    request = urllib.request.Request(f"{url}/webhook/klenty/{secret}", data=body)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code
