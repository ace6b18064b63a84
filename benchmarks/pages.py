"""The pages in Chromium and over the wire: how long, how many bytes, how much memory, beside a plain page.

    python benchmarks/pages.py [--cadences 50] [--changes 20] [--part browser|people|memory|launch] [--page overview]…

Loopback only, with the sandbox as Klenty, in processes of their own. Prints Markdown for RESULTS.md. See README.md.
"""

import argparse
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

ROOT = Path(__file__).parents[1]
PAGES = [
    "overview", "cadence", "compare", "trends", "options", "winners", "copies", "watch", "data", "health", "check",
    "activity", "ledger", "webhooks", "work",
]  # fmt: skip
SWITCH = ".st-key-finished input"  # a filter that every page has, and the reference page too
THINK_SECONDS = 2.0

# Resolves when the script has run and nothing was drawn for 200 ms: when the script ended, and the last change.
WATCH = """() => new Promise(resolve => {
    const app = document.querySelector('[data-testid="stApp"]'), began = performance.now();
    let ran = false, ended = 0, last = began;
    const look = () => {
        const state = app.dataset.testScriptState;
        if (state !== 'notRunning') { ran = true; ended = 0; }
        else if (ran && !ended) ended = performance.now();
    };
    const observer = new MutationObserver(() => { last = performance.now(); look(); });
    observer.observe(document.body, {subtree: true, childList: true, attributes: true, characterData: true});
    const timer = setInterval(() => {
        look();
        const now = performance.now();
        if ((ended && now - last > 200 && now - ended > 200) || now - began > 30000) {
            clearInterval(timer); observer.disconnect();
            resolve([ended - began, Math.max(last, ended) - began]);
        }
    }, 10);
    document.querySelector('SWITCH').click();
})""".replace("SWITCH", SWITCH)

# The same for a page that is being opened; times count from the start of the navigation.
OPENED = """() => new Promise(resolve => {
    let last = performance.now();
    new MutationObserver(() => { last = performance.now(); })
        .observe(document.body, {subtree: true, childList: true, attributes: true, characterData: true});
    const timer = setInterval(() => {
        const app = document.querySelector('[data-testid="stApp"]'), now = performance.now();
        const over = app && app.dataset.testScriptState === 'notRunning' && document.querySelector('h1')
            && !document.querySelector('[data-testid="stSkeleton"]');
        if (!over) last = now;
        else if (now - last > 300) { clearInterval(timer); resolve(last); }
    }, 10);
})"""


@dataclass
class Server:
    """A process that serves pages."""

    name: str
    url: str
    process: subprocess.Popen[bytes]
    launched_in: float

    @property
    def megabytes(self) -> float:
        """Resident memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]


@contextmanager
def serving(name: str, command: Sequence[str], **env: str) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("KLENTY_", "STREAMLIT_"))}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-P", *command, str(port)],
        cwd=ROOT,
        env=clean | {"PYTHONPATH": str(ROOT)} | env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until_healthy(f"http://127.0.0.1:{port}/_stcore/health")
        yield Server(name, f"http://127.0.0.1:{port}", process, time.perf_counter() - began)
    finally:
        process.terminate()
        process.wait(20)


def wait_until_healthy(url: str) -> None:
    for _ in range(3000):
        with suppress(OSError), urllib.request.urlopen(url, timeout=2) as answer:
            if answer.status == 200:
                return
        time.sleep(0.01)
    raise RuntimeError(f"{url} does not answer")


@contextmanager
def sandbox(cadences: int) -> Iterator[dict[str, str]]:
    command = [sys.executable, "-m", "klenty_api.sandbox", "--port", "0", "--cadences", str(cadences)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        said = "".join(process.stdout.readline() for _ in range(2))  # type: ignore[union-attr]
        yield dict(re.findall(r"(KLENTY_\w+)=(\S+)", said))
    finally:
        process.terminate()
        process.wait()


DASHBOARD = ["-c", "from dashboard.cli import main; main()", "--port"]
REFERENCE = [
    "-m", "streamlit", "run", "benchmarks/reference_page.py", "--server.headless", "true", "--server.address",
    "127.0.0.1", "--server.fileWatcherType", "none", "--browser.gatherUsageStats", "false", "--server.port",
]  # fmt: skip


@dataclass
class Person:
    """Someone at a page, over the connection that a browser would have; without drawing."""

    url: str
    page: str = ""
    switch: str = ""
    on: bool = False
    milliseconds: list[float] = field(default_factory=list)
    _open: ExitStack = field(default_factory=ExitStack)
    _socket: ClientConnection | None = None

    def open(self) -> "Person":
        """Open the page."""
        address = f"{self.url.replace('http', 'ws')}/_stcore/stream"
        opening = connect(address, subprotocols=["streamlit"], max_size=None, open_timeout=60)
        self._socket = self._open.enter_context(opening)
        self._run(self._message())
        return self

    def change(self) -> None:
        """Turn the switch over."""
        message = self._message()
        self.on = not self.on
        state = message.rerun_script.widget_states.widgets.add()
        state.id, state.bool_value = self.switch, self.on
        self.milliseconds.append(self._run(message))

    def _message(self) -> BackMsg:
        message = BackMsg()
        message.rerun_script.page_name = "" if self.page == "overview" else self.page
        return message

    def close(self) -> None:
        """Leave."""
        self._open.close()

    def _run(self, message: BackMsg) -> float:
        assert self._socket is not None
        began = time.perf_counter()
        self._socket.send(message.SerializeToString())
        while True:
            answer = ForwardMsg.FromString(self._socket.recv(timeout=120))  # type: ignore[arg-type]
            kind = answer.WhichOneof("type")
            element = answer.delta.new_element if kind == "delta" else None
            if element and element.WhichOneof("type") == "checkbox" and element.checkbox.id.endswith("-finished"):
                self.switch = element.checkbox.id
            if kind == "script_finished":
                return 1000 * (time.perf_counter() - began)


def marks(milliseconds: Sequence[float]) -> str:
    if len(milliseconds) < 2:
        return "–"
    cut = statistics.quantiles(milliseconds, n=20, method="inclusive")
    return f"{statistics.median(milliseconds):.0f} / {cut[18]:.0f}"


def opened(context: BrowserContext, url: str) -> tuple[Page, float]:
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(url)
    page.wait_for_selector("h1")
    return page, page.evaluate(OPENED)


def quiet(url: str, page: str) -> None:
    """Until nothing is fetched in the background for this page any more: three runs in a row alike and quick."""
    person = Person(url, page).open()
    for _ in range(60):
        if person.switch:
            person.change()
            person.change()
        if not person.switch or max(person.milliseconds[-2:]) < 1000:
            break
        time.sleep(1)
    person.close()


def browser(server: Server, pages: Sequence[str], changes: int) -> None:
    """A row for each page: second visit, a changed filter, bytes."""
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        running = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        context = running.new_context(viewport={"width": 1440, "height": 1000}, locale="en-GB")
        for name in pages:
            print(browser_row(context, server, name, changes), flush=True)
        running.close()


def browser_row(context: BrowserContext, server: Server, name: str, changes: int) -> str:
    url = server.url if name in {"overview", "reference"} else f"{server.url}/{name}"
    opened(context, url)[0].close()
    quiet(server.url, name)
    visits = []
    for _ in range(5):
        page, settled = opened(context, url)
        visits.append(settled)
        page.close()
    received: list[int] = []
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.on("websocket", lambda ws: ws.on("framereceived", lambda data: received.append(len(data))))
    page.goto(url)
    page.wait_for_selector(SWITCH, state="attached")
    page.evaluate(OPENED)
    for _ in range(4):
        page.evaluate(WATCH)
    received.clear()
    times = []
    for _ in range(changes):
        times.append(page.evaluate(WATCH))
        page.wait_for_timeout(150)
    page.close()
    finished, settled = marks([end for end, _ in times]), marks([last for _, last in times])
    kilobytes = sum(received) / 1000 / changes
    return f"| {name} | {statistics.median(visits):.0f} | {finished} | {settled} | {kilobytes:.0f} |"


def wire(server: Server, pages: Sequence[str], changes: int) -> None:
    """Without a browser: a rerun on the server alone, with all its bytes, and when the filter was never set before."""
    for name in pages:
        person = Person(server.url, name).open()
        if not person.switch:
            continue
        for _ in range(changes + 4):
            person.change()
        person.close()
        print(f"| {name} | {marks(person.milliseconds[4:])} |", flush=True)


def people(server: Server, others: Sequence[str], changes: int) -> None:
    """One in Chromium at the overview and nine more at the other pages, each changing a filter every two seconds."""
    stop = threading.Event()
    nine = [Person(server.url, others[number % len(others)]).open() for number in range(9)]

    def use(person: Person) -> None:
        chance = random.Random(person.page)
        while not stop.wait(chance.uniform(0.5, 1.5) * THINK_SECONDS):
            person.change()

    threads = [threading.Thread(target=use, args=(person,)) for person in nine]
    for thread in threads:
        thread.start()
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        running = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        context = running.new_context(viewport={"width": 1440, "height": 1000})
        page, _ = opened(context, server.url)
        page.wait_for_selector(SWITCH, state="attached")
        times = []
        for _ in range(changes):
            times.append(page.evaluate(WATCH)[0])
            page.wait_for_timeout(1000 * THINK_SECONDS)
        running.close()
    stop.set()
    for thread in threads:
        thread.join(30)
    alone = [ms for person in nine for ms in person.milliseconds]
    for person in nine:
        person.close()
    print(f"| {server.name} | {marks(times)} | {marks(alone)} |", flush=True)


def saturation(server: Server, page: str, sessions: int, seconds: float = 8.0) -> str:
    """Reruns a second when nobody thinks."""
    persons = [Person(server.url, page).open() for _ in range(sessions)]
    for person in persons:
        person.change()
        person.milliseconds.clear()
    until = time.perf_counter() + seconds

    def hurry(person: Person) -> None:
        while time.perf_counter() < until:
            person.change()

    threads = [threading.Thread(target=hurry, args=(person,)) for person in persons]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds + 60)
    for person in persons:
        person.close()
    every = [ms for person in persons for ms in person.milliseconds]
    return f"{len(every) / seconds:.1f}/s ({marks(every)} ms)"


def memory(server: Server, pages: Sequence[str], sessions: int, gone_after: float) -> None:
    """Resident memory: at the start, with the pages loaded, with more sessions, and when these have left."""
    found = [server.megabytes]
    for page in pages:
        Person(server.url, page).open().close()
    quiet(server.url, "overview")
    found.append(server.megabytes)
    persons = [Person(server.url, pages[number % len(pages)]).open() for number in range(sessions)]
    for person in persons:
        if person.switch:
            person.change()
    found.append(server.megabytes)
    for person in persons:
        person.close()
    time.sleep(gone_after)
    Person(server.url).open().close()
    found.append(server.megabytes)
    print(f"| {server.name} | " + " | ".join(f"{value:.0f}" for value in found) + " |", flush=True)


def launch(name: str, command: Sequence[str], times: int, **env: str) -> None:
    seconds = []
    for _ in range(times):
        with tempfile.TemporaryDirectory() as home, serving(name, command, HOME=home, **env) as server:
            seconds.append(1000 * server.launched_in)
    print(f"| {name} | {marks(seconds)} |", flush=True)


def table(*headings: str) -> None:
    print(f"\n| {' | '.join(headings)} |\n|{'---|' * len(headings)}", flush=True)


def measure(dashboard: Server, reference: Server, asked: argparse.Namespace) -> None:
    """Everything that needs the two servers."""
    pages, changes = asked.page or PAGES, asked.changes
    for name in pages:
        quiet(dashboard.url, name)
    if "browser" in asked.part:
        table("page", "second visit, ms", "change finished, ms p50 / p95", "settled, ms p50 / p95", "KB a rerun")
        browser(reference, ["reference"], changes)
        browser(dashboard, pages, changes)
        table("page", "rerun on the server alone, ms p50 / p95")
        wire(reference, ["reference"], changes)
        wire(dashboard, pages, changes)
    if "people" in asked.part:
        table("ten people", "the one in Chromium, ms p50 / p95", "the other nine, server alone, ms p50 / p95")
        people(reference, [""], changes)
        people(dashboard, pages, changes)
        table("without a pause", "1 session", "5 sessions", "10 sessions")
        for server, page in ((reference, ""), *((dashboard, page) for page in pages[:5])):
            cells = [saturation(server, page, sessions) for sessions in (1, 5, 10)]
            print(f"| {page or 'reference'} | {' | '.join(cells)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cadences", type=int, default=50)
    parser.add_argument("--changes", type=int, default=20)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--gone-after", type=float, default=150.0, help="seconds; sessions are kept two minutes")
    parser.add_argument("--part", action="append", choices=["browser", "people", "memory", "launch"])
    parser.add_argument("--page", action="append", choices=PAGES)
    asked = parser.parse_args()
    asked.part = asked.part or ["browser", "people", "memory", "launch"]
    print(f"Load average at the start: {os.getloadavg()[0]:.1f}; {os.cpu_count()} processors.")
    with tempfile.TemporaryDirectory() as home, sandbox(asked.cadences) as account:
        env = {"HOME": home, "KLENTY_DATABASE_URL": f"sqlite:///{home}/history.sqlite3", **account}
        if {"browser", "people"} & set(asked.part):
            with serving("reference", REFERENCE, HOME=home) as plain, serving("dashboard", DASHBOARD, **env) as ours:
                measure(ours, plain, asked)
        if "memory" in asked.part:
            table("resident MB", "start", "loaded", f"{asked.sessions} sessions", "gone")
            with serving("dashboard", DASHBOARD, **env) as ours:
                memory(ours, asked.page or PAGES, asked.sessions, asked.gone_after)
            with serving("reference", REFERENCE, HOME=home) as plain:
                memory(plain, [""], asked.sessions, asked.gone_after)
        if "launch" in asked.part:
            table("launch to healthy", "ms p50 / p95")
            launch("reference", REFERENCE, 5)
            launch("dashboard", DASHBOARD, 5, **account)
    print(f"\nLoad average at the end: {os.getloadavg()[0]:.1f}.")


if __name__ == "__main__":
    main()
