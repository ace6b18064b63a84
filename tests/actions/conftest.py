"""A sandbox over real HTTP, a client of it, and what the forms need."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

from dashboard.actions import jobs
from dashboard.actions.visit import Choices
from klenty_api import KlentyClient
from klenty_api.sandbox import Sandbox

WRITES = {
    "create_prospect", "update_prospect", "add_to_list", "add_tags", "add_custom_fields", "bulk_create",
    "remove_tags", "unsubscribe", "do_not_contact", "revert_do_not_contact", "start_cadence", "stop_cadence",
    "stop_all_cadences", "resume_cadence", "stop_mails", "add_webhook", "update_webhook", "delete_webhook",
}  # fmt: skip


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[Sandbox]:
    """One sandbox for all tests of the actions; each test uses addresses of its own."""
    with Sandbox(seed=7) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared_sandbox: Sandbox) -> Iterator[Sandbox]:
    shared_sandbox.faults.clear()
    shared_sandbox.requests.clear()
    yield shared_sandbox
    shared_sandbox.faults.clear()


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[KlentyClient]:
    with KlentyClient(sandbox.user, sandbox.api_key, base_url=sandbox.base_url, timeout=(2, 5), deadline=5) as one:
        yield one


@pytest.fixture
def account(sandbox: Sandbox) -> SimpleNamespace:
    return SimpleNamespace(user=sandbox.user, label="Sandbox", is_sandbox=True)


@pytest.fixture
def choices(sandbox: Sandbox, client: KlentyClient) -> Choices:
    return Choices(list(sandbox.cadence_names), ["leads"], client.webhooks.list, ["av@klenty.com"])


@pytest.fixture
def writes(sandbox: Sandbox) -> Callable[[], list[object]]:
    """The requests that could have changed something, as the sandbox recorded them."""
    return lambda: [request for request in sandbox.requests if request.operation in WRITES]


@pytest.fixture(autouse=True)
def no_jobs_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs outlive pages on purpose; they must not outlive a test."""
    monkeypatch.setattr(jobs.JOBS, "_jobs", [])
