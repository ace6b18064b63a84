"""`/readyz` looks at the database as it is now, not as it was opened."""

import shutil
from collections import namedtuple

import pytest

from dashboard.services import history, readiness

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def file(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    path = tmp_path / "history.sqlite3"
    monkeypatch.setenv("KLENTY_DATABASE_URL", f"sqlite:///{path}")
    assert readiness.problems() == []
    yield path
    history.close_databases()
    history._open.clear()


def test_a_full_disk_is_not_ready_until_there_is_room(file, monkeypatch):
    with monkeypatch.context() as full:
        full.setattr(shutil, "disk_usage", lambda _: Usage(100, 100, 0))
        (said,) = readiness.problems()
        assert "full" in said
    assert readiness.problems() == []


@pytest.mark.parametrize("replaced", [False, True])
def test_a_file_that_was_deleted_or_replaced_is_not_ready(file, replaced):
    if replaced:
        copy = file.with_name("backup.sqlite3")
        shutil.copy(file, copy)
        copy.replace(file)
    else:
        file.unlink()
    (said,) = readiness.problems()
    assert "deleted or replaced" in said
    assert file.exists() == replaced, "asking must not make a new one"
