"""Who may write is decided where the write is sent, at the moment it is sent; what is refused is in the ledger."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.actions import batch_jobs, catalogue, send
from dashboard.actions.catalogue import ACTIONS, BY_KEY
from dashboard.actions.context import ActionContext
from dashboard.actions.permissions import needed_role, refusal
from dashboard.actions.send import NotAllowedError, OneTimeCall, perform
from dashboard.app_pages.action_forms.session import Choices
from dashboard.data.roles import Person, Role
from klenty_api import OPERATIONS
from klenty_api.sandbox import Sandbox

from .test_requests import DOCUMENTED
from .test_senders import people

Writes = Callable[[], list[Any]]
Stored = Callable[[], list[dict[str, Any]]]
WAIT = 15


def at(desk: ActionContext, role: Role | None) -> ActionContext:
    return replace(desk, person=Person("", role, signed_in=False))


def carry_out(desk: ActionContext, key: str) -> Any:
    action = BY_KEY[key]
    cleaned = catalogue.clean(action, DOCUMENTED[key][0])
    (call,) = catalogue.prepare(desk.client, action, cleaned.values)
    return perform(desk, OneTimeCall(call), "x@klenty.com")


@pytest.fixture
def signed_in(tmp_path, monkeypatch):
    """`signed_in(text)` makes `text` the secrets file of this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".streamlit").mkdir()

    def write(text: str) -> None:
        (tmp_path / ".streamlit" / "secrets.toml").write_text(text)

    return write


def test_every_write_needs_a_role() -> None:
    for operation in OPERATIONS.values():
        if operation.is_write:
            assert needed_role(operation.name) >= Role.OPERATOR
            assert needed_role(operation.name, bulk=True) is Role.ADMIN
            for role in (None, Role.VIEWER):
                assert refusal(Person("", role, signed_in=False), operation.name)
    webhooks = {action.operation for action in ACTIONS if action.group == "Webhooks"}
    assert {name for name in OPERATIONS if needed_role(name) is Role.ADMIN} == webhooks | {"bulk_create"}


@pytest.mark.parametrize("key", [action.key for action in ACTIONS])
@pytest.mark.parametrize("role", [None, Role.VIEWER])
def test_what_a_viewer_sends_is_refused_and_recorded(
    key: str, role: Role | None, desk: ActionContext, writes: Writes, stored: Stored
) -> None:
    result = carry_out(at(desk, role), key)
    assert (result.state, result.left_machine, result.attempts) == ("refused", False, 0)
    assert writes() == []
    (entry,) = stored()
    assert (entry["result"], entry["operation"]) == ("refused", key)
    assert entry["message"].startswith("This needs the role")


def test_an_operator_acts_singly_and_not_on_webhooks(desk: ActionContext, writes: Writes) -> None:
    assert carry_out(at(desk, Role.OPERATOR), "create_prospect").state == "done"
    assert carry_out(at(desk, Role.OPERATOR), "add_webhook").state == "refused"
    assert [request.operation for request in writes()] == ["create_prospect"]


def test_a_bulk_run_by_an_operator_is_refused_before_it_begins(
    desk: ActionContext, writes: Writes, stored: Stored
) -> None:
    with pytest.raises(NotAllowedError):
        batch_jobs.begin_bulk(at(desk, Role.OPERATOR), people("no", 3))
    calls = catalogue.prepare(desk.client, BY_KEY["start_cadence"], {"cadence": "X", "emails": ("a@x.com", "b@x.com")})
    with pytest.raises(NotAllowedError):
        batch_jobs.begin_start_many(at(desk, Role.OPERATOR), "X", calls)
    assert writes() == []
    assert [entry["result"] for entry in stored()] == ["refused", "refused"]


def test_who_is_removed_is_refused_at_the_next_call_of_a_running_job(
    desk: ActionContext, writes: Writes, signed_in: Callable[[str], None], sandbox: Sandbox
) -> None:
    signed_in('[roles]\nadmin = ["ann@corp.com"]\n')
    job = batch_jobs.prepare_bulk(replace(desk, person=Person("ann@corp.com", Role.ADMIN)), people("rm", 250))
    send = job._send

    def send_and_remove(positions: Any) -> Any:
        end = send(positions)
        signed_in('[roles]\nviewer = ["ann@corp.com"]\n')
        return end

    job._send = send_and_remove
    assert job.start()
    job.wait(WAIT)
    snapshot = job.snapshot()
    assert (snapshot.state, snapshot.waiting, len(writes())) == ("interrupted", 150, 1)
    assert "role admin" in snapshot.message
    # Somebody else may go on with it, in their own name.
    signed_in('[roles]\nadmin = ["zoe@corp.com"]\n')
    job._send = send
    batch_jobs.reassign(job, replace(desk, person=Person("zoe@corp.com", Role.ADMIN)))
    assert job.start()
    job.wait(WAIT)
    assert job.snapshot().counts["done"] == 250
    assert len(writes()) == 3


def test_settings_that_cannot_be_read_refuse_everybody_who_signed_in(
    desk: ActionContext, writes: Writes, signed_in: Callable[[str], None]
) -> None:
    signed_in("[roles")
    result = carry_out(replace(desk, person=Person("ann@corp.com", Role.ADMIN)), "unsubscribe")
    assert (result.state, writes()) == ("refused", [])


def test_an_account_that_was_closed_to_someone_is_closed_for_what_they_had_open(
    desk: ActionContext, writes: Writes, signed_in: Callable[[str], None], sandbox: Sandbox
) -> None:
    carry_out(desk, "create_prospect")  # the one of the vendor's samples
    table = '[roles]\noperator = ["@corp.com"]\n[accounts.emea]\nuser = "e@corp.com"\napi_key = "k"\npeople = ["{}"]\n'
    account = SimpleNamespace(user=desk.account.user, label="emea", is_sandbox=False, name="emea")
    bob = replace(desk, account=account, person=Person("bob@corp.com", Role.OPERATOR))
    signed_in(table.format("bob@corp.com"))
    sandbox.requests.clear()
    assert carry_out(bob, "stop_mails").state == "done"
    signed_in(table.format("ann@corp.com"))
    assert carry_out(bob, "stop_mails").state == "refused"
    assert len(writes()) == 1


# In the page


def script(desk: object, choices: object) -> None:
    import streamlit as st  # noqa: PLC0415 - AppTest runs this function's source alone

    from dashboard.app_pages.action_forms import sidebar  # noqa: PLC0415

    with st.sidebar:
        sidebar.render_sidebar(st.session_state.get("desk", desk), choices)


def test_a_viewer_s_session_cannot_send_what_an_operator_prepared(
    desk: ActionContext, choices: Choices, writes: Writes, stored: Stored
) -> None:
    """The open dialog, the form's submit and the confirmation are replayed after the role was taken away."""
    page = AppTest.from_function(script, args=(at(desk, Role.OPERATOR), choices), default_timeout=15).run()
    page.get_by_key("actions.group").set_value("Prospect").run()
    page.selectbox(key="actions.choice.Prospect").set_value("create_prospect").run()
    page.get_by_key("actions.create_prospect.0.email").set_value("crafted@klenty.com")
    page.button(key="actions.submit.create_prospect").click().run()
    pending = page.session_state["actions.dialog"]
    page.session_state["desk"] = at(desk, Role.VIEWER)
    page.button(key=f"actions.send.{pending.once[0].token}").click().run()
    assert not page.exception
    assert not page.get("pills")
    assert not page.get("button")
    assert writes() == []
    # Even the code behind the button refuses.
    result = perform(at(desk, Role.VIEWER), pending.once[0], pending.subject)
    assert (result.state, writes()) == ("refused", [])
    assert stored()[0]["result"] == "refused"


def test_an_operator_is_offered_no_webhooks_and_starts_one_at_a_time(
    desk: ActionContext, choices: Choices, writes: Writes, sandbox: Sandbox
) -> None:
    page = AppTest.from_function(script, args=(at(desk, Role.OPERATOR), choices), default_timeout=15).run()
    assert list(page.get("pills")[0].options) == ["Prospect", "Cadence"] if page.get("pills") else True
    page.get_by_key("actions.group").set_value("Cadence").run()
    page.selectbox(key="actions.choice.Cadence").set_value("start_cadence").run()
    page.get_by_key("actions.start_cadence.0.cadence").set_value(sandbox.cadence_names[0])
    page.get_by_key("actions.start_cadence.0.emails").set_value("one@x.com, two@x.com")
    page.button(key="actions.submit.start_cadence").click().run()
    assert not page.exception
    assert "actions.dialog" not in page.session_state
    assert "needs the role admin" in "\n".join(str(element.value) for element in page.markdown)
    assert writes() == []


def test_a_call_that_may_not_be_sent_never_left_and_stops_the_rest() -> None:
    result = send.refused("No.", "stop_cadence")
    assert (result.state, result.left_machine, result.stops_all, result.attempts) == ("refused", False, True, 0)
