"""No write is sent twice, whatever happens to it; counted at the sandbox."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from dashboard.actions import batch_jobs, catalogue
from dashboard.actions import send as run
from dashboard.actions.catalogue import BY_KEY
from dashboard.actions.context import ActionContext
from dashboard.actions.ledger import NO_ANSWER
from dashboard.actions.prospect_status import read_back
from dashboard.actions.send import ActionResult, AlreadySentError, OneTimeCall, perform
from dashboard.actions.shutdown import STOPPING, ShutdownGate
from klenty_api import KlentyClient, RequestRefusedError
from klenty_api.sandbox import Sandbox

Writes = Callable[[], list[Any]]
Stored = Callable[[], list[dict[str, Any]]]
NEVER_TWICE = [
    "create_prospect",
    "start_cadence",
    "stop_cadence",
    "stop_all_cadences",
    "resume_cadence",
    "add_webhook",
]
VALUES = {
    "email": "once@klenty.com", "emails": "once@klenty.com", "first_name": "O", "cadence": "Some cadence",
    "event": "reply", "url": "https://example.com/once", "tags": "t", "list": "l",
}  # fmt: skip


def ticket_for(client: KlentyClient, key: str, **values: str) -> OneTimeCall:
    cleaned = catalogue.clean(BY_KEY[key], VALUES | values)
    (call,) = catalogue.prepare(client, BY_KEY[key], cleaned.values)
    return OneTimeCall(call)


def carry_out(desk: ActionContext, key: str, **values: str) -> ActionResult:
    return perform(desk, ticket_for(desk.client, key, **values), "once@klenty.com", check=BY_KEY[key].check)


def test_a_ticket_is_good_for_one_sending(desk: ActionContext, writes: Writes) -> None:
    ticket = ticket_for(desk.client, "create_prospect", email="ticket@klenty.com")
    assert perform(desk, ticket, "once@klenty.com").state == "done"
    with pytest.raises(AlreadySentError):
        perform(desk, ticket, "once@klenty.com")
    assert len(writes()) == 1


def test_many_threads_with_one_ticket_send_once(
    desk: ActionContext, sandbox: Sandbox, writes: Writes, stored: Stored
) -> None:
    sandbox.faults.add("latency", seconds=0.2)
    ticket = ticket_for(desk.client, "create_prospect", email="threads@klenty.com")
    barrier = threading.Barrier(8)
    refused: list[bool] = []

    def click() -> None:
        barrier.wait(5)
        try:
            perform(desk, ticket, "threads@klenty.com")
        except AlreadySentError:
            refused.append(True)

    threads = [threading.Thread(target=click) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert (len(writes()), len(refused), len(stored())) == (1, 7, 1)


@pytest.mark.parametrize("fault", ["reset", "cut_json", "html"])
@pytest.mark.parametrize("key", NEVER_TWICE)
def test_a_write_whose_answer_is_lost_is_unknown_and_not_repeated(
    key: str, fault: str, desk: ActionContext, sandbox: Sandbox, writes: Writes
) -> None:
    sandbox.faults.add(fault, **({"after_processing": True} if fault == "reset" else {}))
    result = carry_out(desk, key, email=f"{fault}@klenty.com", emails=f"{fault}@klenty.com")
    assert len(writes()) == 1
    assert result.state == "unknown"
    assert result.what_to_check == BY_KEY[key].check
    assert result.left_machine


@pytest.mark.parametrize("no", ["missing", "refused_json", "wrong_key", "rate_limited"])
@pytest.mark.parametrize("key", ["unsubscribe", "remove_tags", "stop_mails"])
def test_a_no_after_a_lost_answer_leaves_the_outcome_unknown(
    key: str, no: str, desk: ActionContext, sandbox: Sandbox, writes: Writes, stored: Stored
) -> None:
    sandbox.faults.add("reset", times=1)
    sandbox.faults.add(no, **({"retry_after": 3600} if no == "rate_limited" else {}))
    result = carry_out(desk, key, email=f"{no}@klenty.com")
    assert (result.state, result.attempts, len(writes())) == ("unknown", 2, 2)
    assert (result.what_to_check, result.stops_all) == (BY_KEY[key].check, True)
    (entry,) = stored()
    assert (entry["result"], entry["what_to_check"], entry["attempts"]) == ("unknown", result.what_to_check, 2)


def test_a_bad_key_is_refused_once_and_stops_a_job(desk: ActionContext, sandbox: Sandbox, writes: Writes) -> None:
    sandbox.faults.add("wrong_key")
    result = carry_out(desk, "create_prospect")
    assert (result.state, result.what_to_check, result.stops_all) == ("refused", "", True)
    assert sandbox.api_key not in result.message
    assert len(writes()) == 1


def test_what_klenty_refuses_says_why_and_the_next_may_be_tried(desk: ActionContext, sandbox: Sandbox) -> None:
    sandbox.faults.add("refused_json")
    result = carry_out(desk, "create_prospect")
    assert (result.state, result.stops_all, result.left_machine) == ("refused", False, True)
    assert result.message


def test_without_a_connection_nothing_has_left_the_machine(desk: ActionContext) -> None:
    with KlentyClient("me@x.com", "key", base_url="http://127.0.0.1:9", timeout=(1, 2), deadline=2) as nowhere:
        result = carry_out(replace(desk, client=nowhere), "start_cadence")
    assert (result.state, result.left_machine, result.stops_all) == ("refused", False, True)


def test_the_action_log_is_written_before_and_completed_after(
    desk: ActionContext, sandbox: Sandbox, stored: Stored
) -> None:
    class Watching:
        def send(self, call: Any) -> Any:
            (entry,) = stored()
            assert (entry["result"], entry["message"]) == ("unknown", NO_ANSWER)
            return desk.client.send(call)

    once = ticket_for(desk.client, "create_prospect", email="log@klenty.com")
    result = perform(replace(desk, client=Watching()), once, "log@klenty.com", check="look")  # type: ignore[arg-type]
    (entry,) = stored()
    assert (entry["result"], entry["operation"], entry["what_to_check"]) == ("done", "create_prospect", "")
    assert result.entry == entry["entry"]
    assert "log@klenty.com" in entry["sent"]
    assert sandbox.api_key not in str(entry)


def test_an_error_of_the_dashboard_itself_leaves_the_outcome_unknown(desk: ActionContext, stored: Stored) -> None:
    class Broken:
        def send(self, call: object) -> None:
            raise RuntimeError

    broken = replace(desk, client=Broken())  # type: ignore[arg-type]
    with pytest.raises(RuntimeError):
        perform(broken, ticket_for(desk.client, "unsubscribe"), "once@klenty.com")
    assert [entry["result"] for entry in stored()] == ["unknown"]


def test_nothing_personal_is_in_the_ticket_s_repr(desk: ActionContext) -> None:
    assert "once@" not in repr(ticket_for(desk.client, "unsubscribe"))


def test_nothing_is_sent_once_the_dashboard_is_being_stopped(desk: ActionContext, writes: Writes, monkeypatch) -> None:
    gate = ShutdownGate()
    monkeypatch.setattr(run, "GATE", gate)
    assert carry_out(desk, "create_prospect", email="before.stop@klenty.com").state == "done"
    assert gate.close(0) == 0
    result = carry_out(desk, "create_prospect", email="after.stop@klenty.com")
    assert (result.state, result.message, result.left_machine) == ("refused", STOPPING, False)
    assert len(writes()) == 1


class Refusing:
    """A client to which Klenty says, in its own words, that it has no such thing."""

    def __init__(self, client: KlentyClient) -> None:
        self.prospects = self
        self._client = client

    def send(self, call: object) -> None:
        raise RequestRefusedError("Klenty refused it", status=404, detail="Not found", attempts=1, outcome="refused")

    def get(self, email: str) -> None:
        self.send(email)


def test_a_cadence_that_klenty_does_not_know_may_have_been_renamed(desk: ActionContext) -> None:
    refusing = replace(desk, client=Refusing(desk.client))  # type: ignore[arg-type]
    result = perform(refusing, ticket_for(desk.client, "stop_cadence"), "once@klenty.com")
    assert (result.state, result.stops_all) == ("refused", False)
    assert "may have been renamed: reload the list" in result.message
    other = perform(refusing, ticket_for(desk.client, "unsubscribe"), "once@klenty.com")
    assert "renamed" not in other.message


def test_a_prospect_that_klenty_does_not_have_is_no_failure(desk: ActionContext) -> None:
    found = read_back(Refusing(desk.client), "gone@klenty.com")  # type: ignore[arg-type]
    assert (found.found, found.problem) == (False, "")
    end = batch_jobs._look_for_prospect(Refusing(desk.client), 3, "gone@klenty.com")  # type: ignore[arg-type]
    assert (end.results[3].state, end.stop) == ("missing", "")
