"""The webhook receiver under load, in a real process: none lost, repeated ones counted once, killed in the middle.

    python benchmarks/receiver.py [--deliveries 1000] [--connections 20]

Loopback only, with a sandbox as Klenty. Prints one Markdown table for RESULTS.md.
"""

import argparse
import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from dashboard.data.database import Database
from dashboard.data.webhooks.store import DeliveryStore
from klenty_api.sandbox import Sandbox

ROOT = Path(__file__).parents[1]
SECRET = "a-secret-for-the-benchmark-only"
REPEATED = 4  # every fourth delivery is sent a second time


@dataclass
class Sent:
    """What became of all requests."""

    answers: Counter = field(default_factory=Counter)
    kept: Counter = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def body(number: int) -> bytes:
    fields = {"event": "reply", "email": f"p{number}@example.com", "cadenceName": "Load", "fullName": "Ann " * 50}
    return json.dumps(fields).encode()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def dashboard(settings: dict[str, str]):
    port = free_port()
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("KLENTY_", "STREAMLIT_"))}
    command = [sys.executable, "-P", "-c", "from dashboard.cli import main; main()", "--port", str(port)]
    env = clean | settings | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until_warm(port)
        yield process, port
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(20)


def wait_until_warm(port: int) -> None:
    """Until mailboxes are open and the first page would be quick."""
    for _ in range(600):
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            if answer.status == 200 and post(port, b"{}") == 400:
                time.sleep(3)
                return
        time.sleep(0.05)
    raise RuntimeError("the dashboard did not get ready")


def post(port: int, content: bytes) -> int:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("POST", f"/webhook/klenty/{SECRET}", content)
        return connection.getresponse().status


def send(port: int, numbers: list[int], sent: Sent) -> None:
    """Deliver over one connection; a refused connection ends it, as the process may have been killed."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        for number in numbers:
            began = time.perf_counter()
            try:
                connection.request("POST", f"/webhook/klenty/{SECRET}", body(number))
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                return
            took = time.perf_counter() - began
            with sent.lock:
                sent.answers[answer.status] += 1
                sent.seconds.append(took)
                if answer.status == 200:
                    sent.kept[number] += 1


def burst(port: int, deliveries: int, connections: int, kill=None) -> tuple[Sent, float]:
    """All deliveries, every fourth twice, spread over the connections; `kill` is called when half is answered."""
    numbers = [number for number in range(deliveries) for _ in range(2 if number % REPEATED == 0 else 1)]
    sent, began = Sent(), time.perf_counter()
    with ThreadPoolExecutor(connections) as pool:
        for place in range(connections):
            pool.submit(send, port, numbers[place::connections], sent)
        while kill is not None and sum(sent.answers.values()) < len(numbers) // 2:
            time.sleep(0.001)
        if kill is not None:
            kill()
    return sent, time.perf_counter() - began


def stored(url: str) -> tuple[Counter, int]:
    """How often each number was received, by what the database has, and how many rows that is."""
    with closing(Database.open(url)) as database:
        feed = DeliveryStore(database, 1).feed(limit=100_000)
    found = Counter(
        {int(p[1:].split("@")[0]): 1 + int(r) for p, r in zip(feed["prospect"], feed["repeats"], strict=True)}
    )
    return found, len(feed)


def refresh(port: int, stop: threading.Event, runs: list[int]) -> None:
    """Open the overview again and again, each time with days that nobody asked for yet, so that Klenty is asked."""
    while not stop.is_set():
        runs.append(0)
        start = date(2026, 1, 1) + timedelta(days=len(runs))
        with connect(f"ws://127.0.0.1:{port}/_stcore/stream", subprotocols=["streamlit"], max_size=None) as session:
            message = BackMsg()
            message.rerun_script.query_string = f"range=Custom&dates={start}&dates={start + timedelta(days=20)}"
            session.send(message.SerializeToString())
            finished = False
            while not (finished or stop.is_set()):
                with suppress(TimeoutError):
                    answer = ForwardMsg.FromString(session.recv(timeout=1.0))
                    finished = answer.WhichOneof("type") == "script_finished"
            runs[-1] = int(finished)


def percentiles(seconds: list[float]) -> str:
    marks = statistics.quantiles(seconds, n=100)
    return f"{1000 * marks[49]:.0f} / {1000 * marks[94]:.0f} / {1000 * max(seconds):.0f}"


def row(name: str, sent: Sent, took: float, url: str) -> str:
    found, rows = stored(url)
    lost = sum(1 for number, times in sent.kept.items() if found[number] < times)
    answers = ", ".join(f"{count:,} × {code}" for code, count in sorted(sent.answers.items()))
    return (
        f"| {name} | {answers} | {rows:,} | {sum(found.values()) - rows:,} | {lost} | "
        f"{sum(sent.answers.values()) / took:,.0f} | {percentiles(sent.seconds)} |"
    )


def single(port: int, count: int, sent: Sent) -> None:
    """One delivery at a time, with a pause: what Klenty sees on an ordinary day."""
    for number in range(count):
        send(port, [1_000_000 + number], sent)
        time.sleep(0.05)


def idle(process, port: int, asked) -> tuple[str, Sent, float]:
    sent, took = burst(port, asked.deliveries, asked.connections)
    return f"{asked.connections} connections", sent, took


def killed(process, port: int, asked) -> tuple[str, Sent, float]:
    kill = partial(process.send_signal, signal.SIGKILL)
    sent, took = burst(port, asked.deliveries, asked.connections, kill)
    return "the same, `kill -9` at half", sent, took


def busy(process, port: int, asked) -> tuple[str, Sent, float]:
    sent, began, stop, runs = Sent(), time.perf_counter(), threading.Event(), []
    visitor = threading.Thread(target=refresh, args=(port, stop, runs))
    visitor.start()
    single(port, 200, sent)
    took = time.perf_counter() - began
    stop.set()
    visitor.join()
    return f"one at a time while a visitor loads {sum(runs)} new ranges", sent, took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deliveries", type=int, default=1_000)
    parser.add_argument("--connections", type=int, default=20)
    asked = parser.parse_args()
    print("| run | answers | events stored | repeats | answered 200 and lost | per second | ms p50 / p95 / max |")
    print("|---|---|---|---|---|---|---|")
    with Sandbox() as sandbox:
        for run in (idle, killed, busy):
            with tempfile.TemporaryDirectory() as folder:
                url = f"sqlite:///{folder}/history.sqlite3"
                settings = {
                    "HOME": folder, "KLENTY_USER": sandbox.user, "KLENTY_API_KEY": sandbox.api_key,
                    "KLENTY_BASE_URL": sandbox.base_url, "KLENTY_DATABASE_URL": url, "KLENTY_WEBHOOK_SECRET": SECRET,
                }  # fmt: skip
                with dashboard(settings) as (process, port):
                    name, sent, took = run(process, port, asked)
                print(row(name, sent, took, url), flush=True)


if __name__ == "__main__":
    main()
