"""A cold fetch and a warm one: 50 cadences x 14 days x 2 reports, with everything that belongs to it.

    python benchmarks/fetch.py [--workers 16 32 64] [--latency 0.1] [--database URL] [--rounds 3]

The server is a process of its own: one event loop that gives ready-made answers after the latency, because the
sandbox, which counts every answer from its simulation in Python, would be the slower half. Cold is `ReportCache.load`
with an empty history: asked, read, and stored in SQLite (or in the database of `--database`, which has to be empty).
Warm is a new store over the same history. Ideal is calls x latency / workers. Beside each round stands what the machine
gave in that minute: the same calls by threads with a bare `requests` session that throw the answers away.
"""

import argparse
import asyncio
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import made_up
import requests

from dashboard.data.database import Database
from dashboard.data.fetch.report_cache import ReportCache, cadence_from_name
from dashboard.data.freshness import Freshness
from dashboard.data.history import History, HistoryArchive
from dashboard.data.windows import buckets
from dashboard.web.gc_tuning import freeze_heap
from klenty_api import KlentyClient

CADENCES, DAYS, VARIETIES = 50, 14, 200


async def serve(latency: float) -> None:
    rng = random.Random(1)
    answers = {
        b"/emailEngagements": [_response(made_up.engagement(rng)) for _ in range(VARIETIES)],
        b"/stepWiseEngagements": [_response(made_up.steps(rng)) for _ in range(VARIETIES)],
    }

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                began = time.monotonic()
                at = head.lower().index(b"content-length:") + 15
                await reader.readexactly(int(head[at : head.index(b"\r\n", at)]))
                kind = next(kind for kind in answers if kind in head[: head.index(b"\r\n")])
                await asyncio.sleep(latency - (time.monotonic() - began))
                writer.write(rng.choice(answers[kind]))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def _response(answer: object) -> bytes:
    body = json.dumps(answer).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def load(port: int, workers: int, url: str) -> tuple[int, float, float]:
    """Calls asked, seconds, and seconds of CPU of one load over the history at `url`."""
    freshness = Freshness(settling=timedelta(days=14))
    base_url, user = f"http://127.0.0.1:{port}", "sam@example.com"
    history = History(Database.open(url), base_url=base_url, user=user, freshness=freshness)
    archive = HistoryArchive.over(history)
    cadences = [cadence_from_name(f"Cadence {number}") for number in range(CADENCES)]
    windows = buckets(date(2026, 6, 1), date(2026, 6, 1) + timedelta(days=DAYS - 1), "day", "Europe/Berlin")
    missing = 2 * len(history.missing(cadences, windows))
    with KlentyClient(user, "a-key", base_url=base_url, workers=workers) as client:
        wall, used = time.monotonic(), cpu()
        reports = ReportCache(client, archive=archive).load(cadences, windows)
        wall, used = time.monotonic() - wall, cpu() - used
    assert len(reports) == CADENCES * DAYS
    assert not any(report.failed or report.partial for report in reports)
    assert not history.missing(cadences, windows)
    archive.close()
    return missing, wall, used


def bare(port: int, workers: int) -> float:
    """Seconds that the calls alone take."""
    session = requests.Session()
    session.trust_env = False  # reading the environment for every call would take a quarter of it
    session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=workers))
    address = f"http://127.0.0.1:{port}/apis/v1/user/sam/"

    def call(number: int) -> None:
        kind = ("emailEngagements", "stepWiseEngagements")[number % 2]
        session.post(address + kind, data=b'{"cadenceName": "Cadence 1"}', timeout=30).content  # noqa: B018

    began = time.monotonic()
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(call, range(2 * CADENCES * DAYS)))
    return time.monotonic() - began


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--workers", type=int, nargs="+", default=[16, 32, 64])
    parser.add_argument("--latency", type=float, default=0.1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve(options.latency))
        return
    freeze_heap()  # as the dashboard and `sync` do
    command = [sys.executable, __file__, "--serve", "--latency", str(options.latency)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        first_port = int(server.stdout.readline())
        for workers in options.workers:
            for _ in range(options.rounds):
                measure(first_port, workers, options.latency, options.database)
    finally:
        server.terminate()
        server.wait()


def measure(port: int, workers: int, latency: float, database: str | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = database or f"sqlite:///{Path(folder) / 'history.sqlite3'}"
        calls, wall, used = load(port, workers, url)
        again, warm, warm_used = load(port, workers, url)
    ideal, alone = calls * latency / workers, bare(port, workers)
    print(
        f"{workers} workers: bare calls {alone / ideal:.2f} x ideal; cold {calls} calls in {wall:.2f} s, "
        f"{wall / ideal:.2f} x ideal, "
        f"{used / calls * 1000:.2f} ms CPU a call; warm {again} calls in {warm:.2f} s ({warm_used:.2f} s CPU)",
        flush=True,
    )


if __name__ == "__main__":
    main()
