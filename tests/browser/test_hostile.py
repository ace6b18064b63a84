"""Names, subjects, snippets and people from Klenty that would like to be more than text; and where secrets end up."""

import csv
import email
import io
import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from email.policy import default
from pathlib import Path
from urllib.parse import urlsplit

import openpyxl
import pytest
from aiosmtpd.controller import Controller
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from klenty_api.sandbox import Sandbox, catalogue
from klenty_api.sandbox.simulation import Option, Plan, Step

from .conftest import deliver

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
SECRET = "a-secret-of-more-than-24-letters"
PERSON = "hit.by.a.test@prospect.example"
MARKUP = '<img src="http://evil.example/i" onerror="window.hit=1"><script>window.hit=1</script><b class="evil">EVIL</b>'
MARKDOWN = "**EVIL** [EVIL](http://evil.example/md) ![EVIL](http://evil.example/md.png) :red[EVIL] `EVIL` $EVIL$ # EVIL"
FORMULA = '=HYPERLINK("http://evil.example/f";"EVIL")'
REVERSED = "\u202eLIVE\u2066 exe.fdp \u200b\u200f"
LONG = "W" * 10_000
TEXTS = (MARKUP, MARKDOWN, FORMULA, REVERSED, LONG)
PAGES = (
    "", "cadence", "explore", "explore?explore=Compare", "ab_tests", "ab_tests?ab=Copies",
    "alerts", "reports", "settings", "settings?settings=Account+check", "settings?settings=Webhooks",
    "settings?settings=Rules+and+levels", "settings?settings=Zone+and+denominator", "import_prospects", "activity",
    "action_log",
)  # fmt: skip
# Where prospects are what the page is about.
ABOUT_PEOPLE = {"import_prospects", "activity", "action_log"}
# A link to a page of ours may carry a name in its query; what counts is where it leads.
FOUND = """() => ({
    hit: window.hit === 1,
    elements: document.querySelectorAll('[onerror], .evil, iframe:not([src^="about:"])').length
        + [...document.querySelectorAll('[src], [href]')]
            .map(element => new URL(element.getAttribute('src') ?? element.getAttribute('href'), document.baseURI))
            .filter(({protocol, hostname}) => hostname.endsWith('evil.example') || protocol === 'javascript:').length,
    styled: [...document.querySelectorAll('strong, em, a, h1, h2, h3, [style*="color"]')]
        .filter(element => element.textContent.trim() === 'EVIL').length,
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
})"""
HARMLESS = {"hit": False, "elements": 0, "styled": 0, "wide": 0}


def plan(text: str, number: int) -> Plan:
    copy = [Option(0.05, text, text, text), Option(0.04, f"{number} {text}", f"{number} {text}", f"{number} {text}")]
    steps = (Step("mail", 0, tuple(copy)), Step("call", 1), Step("mail", 3, (copy[0],)))
    return Plan(text, catalogue.USERS[number], steps, added=9, began=60)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A Klenty of which every text is hostile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "PLANS", tuple(plan(text, number) for number, text in enumerate(TEXTS)))
        sandbox = Sandbox()
    sandbox.account.lists = {text: sandbox.account.new_id() for text in TEXTS}
    with sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def running(hostile, home, start_dashboard):
    env = {
        "KLENTY_USER": hostile.user,
        "KLENTY_API_KEY": hostile.api_key,
        "KLENTY_BASE_URL": hostile.base_url,
        "KLENTY_WEBHOOK_SECRET": SECRET,
        "KLENTY_PUBLIC_URL": "https://dashboard.example.com",
        "KLENTY_DATABASE_URL": f"sqlite:///{home / 'history.sqlite3'}",
        "KLENTY_LOG": "json",
    }
    with start_dashboard(home, **env) as process:
        yield process


class Witness:
    """Everything a page received and did."""

    def __init__(self, page):
        self.page, self.foreign, self.minded, self.received, self.uploads = page, [], [], [], []
        page.on("request", self._asked)
        page.on("dialog", lambda dialog: (self.minded.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: self.minded.append(str(error)))
        page.on("console", lambda said: self.minded.append(said.text) if "Content Security" in said.text else None)
        page.on("websocket", lambda socket: socket.on("framereceived", self._received))

    def _asked(self, request):
        if urlsplit(request.url).hostname not in {"127.0.0.1", None}:
            self.foreign.append(request.url)
        if request.method == "PUT":
            self.uploads.append(request.url)

    def _received(self, payload):
        self.received.append(payload if isinstance(payload, bytes) else payload.encode())

    def everything(self) -> str:
        """What arrived over the wire since the last look, and what became of it."""
        came = b"".join(self.received).decode("utf-8", "replace")
        self.received.clear()
        return came + self.page.content() + self.page.url


@pytest.fixture(scope="module")
def witness(browser, running):
    context = browser.new_context(base_url=running.url, viewport={"width": 1440, "height": 1000}, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield Witness(page)
    context.close()


def test_people_who_are_hostile_arrive_and_are_written_to(running, hostile, witness, settle):
    """What the pages then show; kept apart so that the pages below have it from the first look on."""
    for number, text in enumerate(TEXTS):
        fields = {"fullName": text, "company": text, "tags": text, "list": text, "cadenceName": text, "title": text}
        deliver(running.url, SECRET, {"event": "reply", "email": f"{number}.{PERSON}", **fields})
    page = witness.page
    page.goto("/import_prospects")
    settle(page)
    rows = io.StringIO()
    csv.writer(rows).writerows([("FirstName", "Email"), *((text, f"{n}.{PERSON}") for n, text in enumerate(TEXTS[:4]))])
    file = {"name": f"{MARKUP[:40]}.csv", "mimeType": "text/csv", "buffer": rows.getvalue().encode()}
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name=re.compile("Review and send")).click()
    dialog = page.get_by_role("dialog")
    send = dialog.get_by_role("button", name="Add 4 prospects to Klenty")
    send.wait_for()
    assert page.evaluate(FOUND) == HARMLESS
    send.click()
    page.get_by_role("button", name="Start another import").wait_for()
    assert page.evaluate(FOUND) == HARMLESS


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_text_as_text_and_no_secret(witness, settle, hostile, name):
    page = witness.page
    page.set_viewport_size({"width": 1440, "height": 1000})
    witness.received.clear()
    page.goto(f"/{name}")
    settle(page)
    assert page.get_by_role("heading", level=1).first.is_visible()
    assert page.locator("[data-testid=stException]").count() == 0
    assert page.evaluate(FOUND) == HARMLESS
    seen = witness.everything()
    assert hostile.api_key not in seen
    assert SECRET not in seen
    assert PERSON not in seen or name in ABOUT_PEOPLE
    assert PERSON not in page.url

    page.set_viewport_size({"width": 390, "height": 900})
    page.wait_for_timeout(300)

    assert page.evaluate(FOUND) == HARMLESS
    assert (witness.foreign, witness.minded) == ([], [])


def test_an_upload_needs_the_pages_own_token_and_is_limited(witness, settle):
    page = witness.page
    page.goto("/import_prospects")
    settle(page)
    assert PERSON not in page.content()  # another visit's import is not this one's
    page.locator("input[type=file]").set_input_files(
        {"name": "one.csv", "mimeType": "text/csv", "buffer": b"Email\nsomebody@prospect.example\n"}
    )
    page.get_by_text(re.compile("To be sent")).first.wait_for()
    url = witness.uploads[-1]
    (token,) = [cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "_streamlit_xsrf"]

    def put(size: int, **headers: str) -> int:
        file = {"name": "one.csv", "mimeType": "text/csv", "buffer": b"x" * size}
        return page.request.put(url, multipart={"file": file}, headers=headers).status

    assert put(100) == 403
    assert put(100, **{"X-Xsrftoken": "2|00000000|00|0"}) == 403
    assert put(100, **{"X-Xsrftoken": token}) == 204
    assert put(11_000_000, **{"X-Xsrftoken": token}) == 413


def test_another_page_cannot_open_the_connection_that_runs_this_one(running):
    url = running.url.replace("http", "ws") + "/_stcore/stream"
    for origin, open_ in (("https://foreign.example", False), (running.url, True)):
        try:
            with connect(url, origin=origin, subprotocols=["streamlit"]):
                opened = True
        except InvalidStatus:
            opened = False
        assert opened is open_


class Postbox:
    """A mail server's end: what was handed in."""

    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.mails.append(envelope.content)
        return "250 OK"


@pytest.fixture(scope="module")
def mailed(hostile, tmp_path_factory):
    """The report on the hostile company with all its files, as it arrives by mail, and the folder it is unpacked in."""
    folder, postbox = tmp_path_factory.mktemp("mailed"), Postbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(postbox, hostname="127.0.0.1", port=port)
    server.start()
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("KLENTY_", "STREAMLIT_"))}
    settings = {
        "KLENTY_USER": hostile.user,
        "KLENTY_API_KEY": hostile.api_key,
        "KLENTY_BASE_URL": hostile.base_url,
        "KLENTY_DATABASE_URL": f"sqlite:///{folder / 'history.sqlite3'}",
        "KLENTY_SMTP_HOST": "127.0.0.1",
        "KLENTY_SMTP_PORT": str(port),
        "KLENTY_SMTP_FROM": "reports@company.example",
        "KLENTY_SMTP_SECURITY": "none",
        "HOME": str(folder),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-P", "-c", "from dashboard.cli import main; main()"]
    command += ["report", "--range", "28d", "--all"]
    command += [part for kind in ("html", "xlsx", "zip") for part in ("--format", kind)]
    command += ["--email-to", "boss@company.example"]
    done = subprocess.run(command, env=clean | settings, cwd=folder, capture_output=True, text=True, check=False)
    server.stop()
    assert (done.returncode, done.stderr) == (0, "")
    (mail,) = postbox.mails
    arrived = email.message_from_bytes(mail, policy=default)
    (folder / "mail.html").write_text(arrived.get_body(["html"]).get_content(), "utf-8")
    for part in arrived.iter_attachments():
        name = part.get_filename()
        (folder / f"report{Path(name).suffix}").write_bytes(part.get_payload(decode=True))
    return arrived, folder, done.stdout


@pytest.fixture
def opened(browser):
    """`opened(path)` opens a file as somebody does who got it; the page, and everything it said or asked for."""
    contexts = []

    def go(path, width=1440):
        context = browser.new_context(viewport={"width": width, "height": 900}, locale="en-GB")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        said, asked = [], []
        page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri())
        return page, said, asked

    yield go
    for context in contexts:
        context.close()


FOREIGN = """() => document.querySelectorAll(['a[href]:not([href^="#"])', 'img', 'iframe', 'object', 'embed', 'link',
    'form', 'base', 'script[src]', '[onload]', '[onclick]'].join()).length"""
IN_CHARTS = """() => [...document.querySelectorAll('svg a, svg tspan')]
    .filter(element => element.tagName === 'a' || element.textContent.trim() === 'EVIL').length"""


@pytest.mark.parametrize("width", [1440, 390])
def test_a_pack_that_is_opened_from_a_mail_runs_nothing_and_shows_text_as_text(mailed, opened, hostile, width):
    _, folder, _ = mailed
    page, said, asked = opened(folder / "report.html", width)
    page.wait_for_selector('html[data-charts="ready"]')
    page.evaluate("dispatchEvent(new Event('beforeprint'))")  # draws every chart, opens every fold
    page.wait_for_function("() => [...document.querySelectorAll('.chart')].every((one) => one.querySelector('svg'))")
    assert page.evaluate(FOUND) == HARMLESS
    assert page.evaluate(FOREIGN) == 0
    assert page.evaluate(IN_CHARTS) == 0
    assert page.locator(".chart svg.main-svg").count() > 0
    names = page.locator("section.chapter h2 bdi, #notes bdi").all_inner_texts()
    assert len(names) == len(TEXTS)
    for text in (MARKUP, MARKDOWN, FORMULA):
        assert text in names
    assert "\u202e" not in page.content()
    assert (said, asked) == ([], [(folder / "report.html").as_uri()])
    assert hostile.api_key not in page.content()


def test_a_mail_says_hostile_text_as_text(mailed, opened, hostile):
    arrived, folder, printed = mailed
    page, said, asked = opened(folder / "mail.html")
    assert page.evaluate(FOUND) | {"wide": 0} == HARMLESS
    assert page.evaluate(FOREIGN) == 0
    assert (said, asked) == ([], [(folder / "mail.html").as_uri()])
    assert arrived["To"] == "boss@company.example"
    assert "\u202e" not in f"{arrived['Subject']}{printed}"
    assert hostile.api_key not in arrived.as_string() + printed


def test_a_workbook_holds_texts_and_numbers_and_nothing_that_runs(mailed, hostile):
    _, folder, _ = mailed
    texts = set()
    for sheet in openpyxl.load_workbook(folder / "report.xlsx"):
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", (sheet.title, cell.coordinate)
                assert cell.hyperlink is None
                texts.add(cell.value)
    assert {MARKUP, MARKDOWN, FORMULA} <= texts
    with zipfile.ZipFile(folder / "report.xlsx") as parts:
        assert not [name for name in parts.namelist() if re.search("vba|external|embed|macro|connections", name)]
        assert not [name for name in parts.namelist() if b"<f>" in parts.read(name)]
        for name in parts.namelist():
            content = parts.read(name).decode("utf-8", "replace")
            assert hostile.api_key not in content
            assert PERSON not in content


def test_downloads_hold_no_formula_no_secret_and_nobody(witness, settle, hostile):
    page = witness.page
    page.set_viewport_size({"width": 1440, "height": 1000})
    page.goto("/reports")
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Tables (CSV)").click()
    check_tables(download.value.path(), hostile)


def test_mailed_tables_hold_no_formula_no_secret_and_nobody(mailed, hostile):
    check_tables(mailed[1] / "report.zip", hostile)


def check_tables(path, hostile):
    archive = zipfile.ZipFile(path)
    for name in archive.namelist():
        text = archive.read(name).decode("utf-8-sig")
        assert hostile.api_key not in text
        assert PERSON not in text
        for row in csv.reader(io.StringIO(text)):
            for cell in row:
                assert not re.match(r"[=+@\t\r]|-(?!\d)", cell), (name, cell[:40])
    with archive.open("engagements.csv") as file:
        names = {row["cadence"] for row in csv.DictReader(io.TextIOWrapper(file, "utf-8-sig", newline=""))}
    assert names == {MARKUP, MARKDOWN, f"'{FORMULA}", REVERSED, LONG}


def test_failures_say_no_secret_and_nobody(witness, settle, hostile):
    page = witness.page
    witness.received.clear()
    for kind in ("server_error", "html", "wrong_key", "cut_json"):
        hostile.faults.add(kind)
        page.goto("/?range=Custom&dates=2026-10-01&dates=2026-10-0" + str(len(kind) % 9 + 1))
        settle(page)
        hostile.faults.clear()
        seen = witness.everything()
        assert hostile.api_key not in seen
        assert PERSON not in seen
        assert page.evaluate(FOUND) == HARMLESS


def test_log_and_database_keep_what_they_may(running, home, hostile):
    log = running.log.read_text()
    for line in log.splitlines():
        json.loads(line)
    for text in (hostile.api_key, SECRET, PERSON, hostile.user, "Traceback", "evil.example"):
        assert text not in log
    with closing(sqlite3.connect(home / "history.sqlite3")) as database:
        kept = {
            table: "\n".join(map(str, database.execute(f'SELECT * FROM "{table}"')))
            for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
    assert not [table for table, rows in kept.items() if hostile.api_key in rows or SECRET in rows]
    assert {table for table, rows in kept.items() if PERSON in rows} == {"deliveries", "ledger_rows"}
