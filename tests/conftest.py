"""Shared by all tests: one sandbox for those that only read, a fresh one for those that write or let calls fail."""

from collections.abc import Iterator
from datetime import date

import pytest

from klenty_api import KlentyClient, Policy
from klenty_api.sandbox import Sandbox

TODAY = date(2026, 11, 24)


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
