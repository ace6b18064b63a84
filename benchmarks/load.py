"""People clicking for minutes: real Chromium pages, and sessions over the same WebSocket that a browser opens.

    python benchmarks/load.py                        30 sessions, 4 of them in Chromium, for five minutes
    python benchmarks/load.py --sessions 6 --browsers 1 --seconds 30

A dashboard process and a sandbox of its own, on loopback. A click is a change of page or filter; the next one follows
one to five seconds after its answer. Counted: clicks, what went wrong, the time until the script had ended, memory.
"""

import argparse
import json
import random
import statistics
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from collections import Counter
from pathlib import Path

from playwright.sync_api import sync_playwright
from receiver import SECRET, dashboard  # beside this file
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from klenty_api.sandbox import Sandbox

RANGES = ("Last 7 days", "Last 14 days", "Last 28 days", "Last 90 days")
CADENCES = ("Inbound demo requests", "Partner referrals", "Free-trial nudges", "Event follow-up: SaaStr Annual")
PAGES = ("", "cadence", "options", "winners", "copies", "compare", "watch", "trends", "data", "health")
LONGEST = 120.0
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


class Tally:
    """What all sessions saw. Safe for threads."""

    def __init__(self):
        self.lock, self.times, self.wrong, self.clicks = threading.Lock(), [], Counter(), Counter()

    def took(self, how: str, seconds: float) -> None:
        with self.lock:
            self.clicks[how] += 1
            self.times.append(seconds)

    def went_wrong(self, what: str) -> None:
        with self.lock:
            self.wrong[what] += 1


def pause(rng: random.Random, end: float, stop: threading.Event) -> bool:
    """Think; False when it is time to go."""
    return not stop.wait(min(rng.uniform(1, 5), max(0.0, end - time.monotonic()))) and time.monotonic() < end


def query(rng: random.Random) -> str:
    chosen = rng.sample(CADENCES, rng.randint(0, 3))
    asked = [("range", rng.choice(RANGES)), *(("cadence", name) for name in chosen)]
    return urllib.parse.urlencode(asked)


class Session:
    """One visitor as the server sees them: a WebSocket, reruns, and what they answer."""

    def __init__(self, socket: ClientConnection):
        self.socket = socket
        self.pages: dict[str, str] = {}

    def click(self, page: str, text: str) -> list[str]:
        """Change page and filters; what went wrong until the script had ended."""
        message = BackMsg()
        message.rerun_script.query_string = text
        message.rerun_script.page_script_hash = self.pages.get(page, "")
        self.socket.send(message.SerializeToString())
        wrong, end = [], time.monotonic() + LONGEST
        while time.monotonic() < end:
            answer = ForwardMsg()
            answer.ParseFromString(self.socket.recv(timeout=LONGEST))
            kind = answer.WhichOneof("type")
            if kind == "navigation":
                self.pages = {known.url_pathname: known.page_script_hash for known in answer.navigation.app_pages}
            elif kind == "delta" and answer.delta.new_element.WhichOneof("type") == "exception":
                wrong.append(f"exception on {page or 'overview'}")
            elif kind == "delta" and answer.delta.new_element.WhichOneof("type") == "alert":
                if "Something went wrong" in str(answer.delta.new_element.alert):
                    wrong.append(f"error on {page or 'overview'}")
            elif kind == "script_finished" and answer.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                return wrong
        return [*wrong, "no end"]


def socket_visitor(port: int, seed: int, end: float, stop: threading.Event, tally: Tally) -> None:
    rng = random.Random(seed)
    stop.wait(rng.uniform(0, 10))
    url = f"ws://127.0.0.1:{port}/_stcore/stream"
    try:
        with connect(url, subprotocols=["streamlit"], max_size=None, open_timeout=60) as socket:
            session = Session(socket)
            session.click("", "")
            while pause(rng, end, stop):
                began = time.monotonic()
                for what in session.click(rng.choice(PAGES), query(rng)):
                    tally.went_wrong(what)
                tally.took("socket", time.monotonic() - began)
    except Exception as error:  # noqa: BLE001  # whatever it is, it is a session that broke
        tally.went_wrong(f"session broke: {type(error).__name__}")


def browser_visitors(port: int, number: int, end: float, stop: threading.Event, tally: Tally) -> None:
    """Chromium pages, clicked in turn: navigation by address and by the links of the page."""
    rng = random.Random(number)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        pages = [browser.new_context().new_page() for _ in range(number)]
        for page in pages:
            page.set_default_timeout(LONGEST * 1000)
            page.on("pageerror", lambda error: tally.went_wrong(f"page error: {str(error)[:60]}"))
            page.goto(f"http://127.0.0.1:{port}/")
        while pages and time.monotonic() < end and not stop.is_set():
            page = rng.choice(pages)
            began = time.monotonic()
            try:
                page.goto(f"http://127.0.0.1:{port}/{rng.choice(PAGES)}?{query(rng)}")
                page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
                page.get_by_role("heading", level=1).first.wait_for()
                if page.locator("[data-testid=stException]").count():
                    tally.went_wrong("exception in Chromium")
                tally.took("Chromium", time.monotonic() - began)
            except Exception as error:  # noqa: BLE001  # counted
                tally.went_wrong(f"Chromium: {type(error).__name__}")
            stop.wait(0.5)
        browser.close()


def memory(pid: int) -> float:
    """Resident memory of a process in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def quantile(times: list[float], share: float) -> float:
    return statistics.quantiles(times, n=100)[round(share * 100) - 1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=30)
    parser.add_argument("--browsers", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=300)
    asked = parser.parse_args()
    tally, stop = Tally(), threading.Event()
    with Sandbox() as sandbox, tempfile.TemporaryDirectory() as folder:
        settings = {
            "HOME": folder, "KLENTY_USER": sandbox.user, "KLENTY_API_KEY": sandbox.api_key,
            "KLENTY_BASE_URL": sandbox.base_url, "KLENTY_DATABASE_URL": f"sqlite:///{folder}/history.sqlite3",
            "KLENTY_WEBHOOK_SECRET": SECRET,
        }  # fmt: skip
        with dashboard(settings) as (process, port):
            end = time.monotonic() + asked.seconds
            visitors = [
                threading.Thread(target=socket_visitor, args=(port, seed, end, stop, tally))
                for seed in range(asked.sessions - asked.browsers)
            ]
            if asked.browsers:
                visitors.append(
                    threading.Thread(target=browser_visitors, args=(port, asked.browsers, end, stop, tally))
                )
            for visitor in visitors:
                visitor.start()
            sizes = []
            while any(visitor.is_alive() for visitor in visitors):
                sizes.append((round(asked.seconds - (end - time.monotonic())), round(memory(process.pid))))
                time.sleep(min(10.0, asked.seconds / 10))
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10).read()
            quiet = memory(process.pid)
    steps = max(1, len(sizes) // 10)
    print(json.dumps({"clicks": tally.clicks, "wrong": tally.wrong}))
    print("memory (s: MB):", ", ".join(f"{at}: {size}" for at, size in sizes[::steps]), f"end: {quiet:.0f}")
    p50, p95 = quantile(tally.times, 0.5), quantile(tally.times, 0.95)
    print(f"seconds until a click's script had ended: p50 {p50:.2f}, p95 {p95:.2f}, max {max(tally.times):.2f}")


if __name__ == "__main__":
    main()
