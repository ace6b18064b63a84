"""A sandbox over real HTTP, a client of it, and what the forms need."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from dashboard.actions import jobs
from dashboard.actions.context import ActionContext
from dashboard.actions.ledger import Ledger
from dashboard.actions.ledger_queries import Filter, entries
from dashboard.app_pages.action_forms.session import Choices
from dashboard.data.database import Database
from dashboard.data.database.tables import ACCOUNTS
from dashboard.data.roles import Person, Role
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
    return SimpleNamespace(user=sandbox.user, label="Sandbox", is_sandbox=True, name="")


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    opened = Database.open(f"sqlite:///{tmp_path / 'ledger.sqlite3'}")
    yield opened
    opened.close()


@pytest.fixture
def desk(client: KlentyClient, account: SimpleNamespace, sqlite: Database) -> ActionContext:
    """An admin at the sandbox, with a ledger of their own."""
    ledger = Ledger(lambda: sqlite, base_url="sandbox", user=account.user)
    return ActionContext(client, account, Person("", Role.ADMIN, signed_in=False), ledger)


@pytest.fixture
def stored(sqlite: Database) -> Callable[[], list[dict[str, Any]]]:
    """The entries of all ledgers in the database, newest first."""

    def read() -> list[dict[str, Any]]:
        with sqlite.reading() as connection:
            accounts = dict.fromkeys(connection.scalars(sa.select(ACCOUNTS.c.id)), "")
        frame = entries(sqlite, Filter(accounts))
        return frame.astype(object).where(frame.notna(), None).to_dict("records")

    return read


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
