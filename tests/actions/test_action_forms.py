"""The forms as people use them: chosen, filled in, checked, shown, confirmed."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.actions.batch_jobs import START_MANY
from dashboard.actions.catalogue import ACTIONS, BY_KEY
from dashboard.actions.context import ActionContext
from dashboard.actions.jobs import JOBS
from dashboard.actions.names import picks
from dashboard.app_pages.action_forms import session
from dashboard.app_pages.action_forms.session import Choices
from klenty_api import KlentyClient, Prospect
from klenty_api.sandbox import Sandbox

Writes = Callable[[], list[Any]]
Stored = Callable[[], list[dict[str, Any]]]


def script(desk: object, choices: object) -> None:
    import streamlit as st  # noqa: PLC0415 - AppTest runs this function's source alone

    from dashboard.app_pages.action_forms import sidebar  # noqa: PLC0415

    st.session_state["person"] = desk.person
    with st.sidebar:
        sidebar.render_sidebar(desk, choices)


@pytest.fixture
def page(desk: ActionContext, choices: Choices) -> AppTest:
    return run(AppTest.from_function(script, args=(desk, choices), default_timeout=15))


def run(page: AppTest) -> AppTest:
    page.run()
    assert not page.exception
    return page


def choose(page: AppTest, key: str) -> AppTest:
    group = BY_KEY[key].group
    page.get_by_key("actions.group").set_value(group)
    run(page)
    page.selectbox(key=f"actions.choice.{group}").set_value(key)
    return run(page)


def fill(page: AppTest, key: str, **typed: str) -> AppTest:
    for name, value in typed.items():
        page.get_by_key(f"actions.{key}.{rounds(page, key)}.{name}").set_value(value)
    return page


def rounds(page: AppTest, key: str) -> int:
    return page.session_state.get("actions.round", {}).get(key, 0) if "actions.round" in page.session_state else 0


def submit(page: AppTest, key: str) -> AppTest:
    page.button(key=f"actions.submit.{key}").click()
    return run(page)


def pending(page: AppTest) -> session.Pending:
    return page.session_state["actions.dialog"]


def send(page: AppTest, typed: str | None = None) -> AppTest:
    token = pending(page).once[0].token
    if typed is not None:
        page.text_input(key=f"actions.typed.{token}").set_value(typed)
    page.button(key=f"actions.send.{token}").click()
    return run(page)


def words(page: AppTest) -> str:
    shown = [*page.markdown, *page.text, *page.caption, *page.warning, *page.error, *page.info, *page.success]
    return "\n".join(str(element.value) for element in shown)


def test_at_first_only_the_groups_are_shown_and_nothing_is_asked(page: AppTest, sandbox: Sandbox) -> None:
    assert not page.get("form")
    assert [request.operation for request in sandbox.requests] == []


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.key)
def test_each_form_is_drawn_with_its_fields_and_checks_them(page: AppTest, action: Any, writes: Writes) -> None:
    choose(page, action.key)
    assert action.help in words(page)
    submit(page, action.key)
    required = [field for field in action.fields if field.required]
    assert words(page).count("Missing.") == len(required)
    assert "actions.dialog" not in page.session_state
    assert writes() == []


def test_a_submitted_form_shows_what_will_be_sent_and_sends_nothing(
    page: AppTest, sandbox: Sandbox, writes: Writes
) -> None:
    choose(page, "create_prospect")
    submit(
        fill(page, "create_prospect", email="form@klenty.com", first_name="Rex", tags="a, b"),
        "create_prospect",
    )
    (call,) = pending(page).calls
    shown = page.code[0].value
    assert f"POST {sandbox.base_url}{call.path}" in shown
    assert '"Tags": "a|b"' in shown
    assert sandbox.api_key not in shown
    assert "`form@klenty.com`" in words(page)
    assert writes() == []
    run(page)
    assert writes() == []


def test_confirming_sends_once_shows_the_result_and_records_it(page: AppTest, writes: Writes, stored: Stored) -> None:
    choose(page, "create_prospect")
    submit(fill(page, "create_prospect", email="confirm@klenty.com", first_name="Rex"), "create_prospect")
    send(page)
    assert "Done" in words(page)
    for _ in range(3):
        run(page)
    assert [request.body["Email"] for request in writes()] == ["confirm@klenty.com"]
    assert [entry["result"] for entry in stored()] == ["done"]
    page.button(key="actions.result.read").click()
    run(page)
    assert "Prospect status" in words(page)
    page.button(key="actions.close").click()
    run(page)
    assert "actions.dialog" not in page.session_state
    assert "`confirm@klenty.com`" in words(page)
    assert page.get_by_key("actions.create_prospect.1.email").value == ""
    assert len(writes()) == 1


def test_cancelling_sends_nothing(page: AppTest, writes: Writes) -> None:
    choose(page, "create_prospect")
    submit(fill(page, "create_prospect", email="cancel@klenty.com", first_name="Rex"), "create_prospect")
    page.button(key="actions.close").click()
    run(page)
    assert writes() == []
    assert "actions.dialog" not in page.session_state
    assert page.get_by_key("actions.create_prospect.0.email").value == "cancel@klenty.com"


def test_a_dangerous_action_wants_the_email_typed(page: AppTest, writes: Writes) -> None:
    choose(page, "unsubscribe")
    submit(fill(page, "unsubscribe", email="typed@klenty.com"), "unsubscribe")
    assert "no way to undo" in words(page)
    for wrong in ("", "typed@klenty.co"):
        send(page, wrong)
        assert "Nothing was sent" in words(page)
    assert writes() == []
    send(page, "Typed@klenty.com")
    assert len(writes()) == 1


def test_an_unknown_outcome_says_what_to_check(page: AppTest, sandbox: Sandbox, writes: Writes, stored: Stored) -> None:
    choose(page, "create_prospect")
    submit(fill(page, "create_prospect", email="lost@klenty.com", first_name="Rex"), "create_prospect")
    sandbox.faults.add("reset", operation="create_prospect")
    send(page)
    assert "Outcome unknown" in words(page)
    assert "What to check" in words(page)
    run(page)
    assert len(writes()) == 1
    assert [entry["result"] for entry in stored()] == ["unknown"]


def test_a_refusal_after_a_lost_answer_is_shown_as_an_unknown_outcome(
    page: AppTest, sandbox: Sandbox, writes: Writes, stored: Stored
) -> None:
    choose(page, "unsubscribe")
    submit(fill(page, "unsubscribe", email="lost.then.no@klenty.com"), "unsubscribe")
    sandbox.faults.add("reset", operation="unsubscribe", times=1)
    sandbox.faults.add("missing", operation="unsubscribe")
    send(page, "lost.then.no@klenty.com")
    assert "Outcome unknown" in words(page)
    assert "What to check" in words(page)
    assert "Refused" not in words(page)
    assert len(writes()) == 2
    assert [entry["result"] for entry in stored()] == ["unknown"]


def test_a_refusal_says_why_and_keeps_the_form(page: AppTest, sandbox: Sandbox) -> None:
    choose(page, "create_prospect")
    submit(fill(page, "create_prospect", email="refused@klenty.com", first_name="Rex"), "create_prospect")
    sandbox.faults.add("refused_json", operation="create_prospect")
    send(page)
    assert "Refused" in words(page)
    assert page.get_by_key("actions.create_prospect.0.email").value == "refused@klenty.com"


def known(client: KlentyClient, sandbox: Sandbox, *emails: str) -> str:
    """Make prospects of `emails`; their addresses as pasted."""
    client.prospects.bulk_create([Prospect(email=email) for email in emails])
    sandbox.requests.clear()
    return "\n".join(emails)


def test_a_cadence_for_many_wants_their_number_and_starts_one_job(
    page: AppTest, client: KlentyClient, account: SimpleNamespace, sandbox: Sandbox, writes: Writes
) -> None:
    pasted = known(client, sandbox, "m1@klenty.com", "m2@klenty.com")
    choose(page, "start_cadence")
    fill(page, "start_cadence", cadence=sandbox.cadence_names[0], emails=pasted)
    submit(page, "start_cadence")
    assert "An email that has gone out cannot be called back" in words(page)
    send(page, "3")
    assert JOBS.of(account.user, START_MANY) == []
    send(page, "2")
    (job,) = JOBS.of(account.user, START_MANY)
    job.wait(15)
    run(page)
    assert [request.body["Email"] for request in writes()] == ["m1@klenty.com", "m2@klenty.com"]
    assert rounds(page, "start_cadence") == 1
    page.session_state["actions.dialog"] = None  # as if the dialog was closed while the job was running
    run(page)
    page.button(key=f"actions.open.{job.id}").click()
    run(page)
    assert "Started 2" in words(page)
    page.button(key="actions.close").click()
    run(page)
    assert not [button for button in page.button if button.key == f"actions.open.{job.id}"]


def test_a_start_for_many_that_was_interrupted_waits_in_the_sidebar(
    page: AppTest, client: KlentyClient, account: SimpleNamespace, sandbox: Sandbox, writes: Writes
) -> None:
    pasted = known(client, sandbox, "w1@klenty.com", "w2@klenty.com")
    sandbox.faults.add("reset", operation="start_cadence", times=1)
    choose(page, "start_cadence")
    fill(page, "start_cadence", cadence=sandbox.cadence_names[0], emails=pasted)
    submit(page, "start_cadence")
    send(page, "2")
    (job,) = JOBS.of(account.user, START_MANY)
    job.wait(15)
    run(page)
    page.button(key="actions.close").click()
    run(page)
    page.button(key=f"actions.open.{job.id}").click()
    run(page)
    page.button(key=f"actions.go_on.{job.id}").click()
    run(page)
    job.wait(15)
    run(page)
    assert [request.body["Email"] for request in writes()] == ["w1@klenty.com", "w2@klenty.com"]
    assert "1 row it is not known" in words(page)
    page.button(key="actions.close").click()
    run(page)
    page.button(key=f"actions.dismiss.{job.id}").click()
    run(page)
    assert JOBS.of(account.user, START_MANY) == []


def test_cadences_and_webhooks_offer_what_exists(page: AppTest, sandbox: Sandbox, choices: Choices) -> None:
    choose(page, "stop_cadence")
    assert page.get_by_key("actions.stop_cadence.0.cadence").options == [one.label for one in picks(choices.cadences)]
    assert [request.operation for request in sandbox.requests] == []
    choose(page, "delete_webhook")
    run(page)
    assert [request.operation for request in sandbox.requests] == ["list_webhooks"]


def test_webhooks_are_added_once_changed_and_deleted(page: AppTest, client: KlentyClient, sandbox: Sandbox) -> None:
    url = "https://hooks.example/one"
    for there_already in (False, True):
        choose(page, "add_webhook")
        submit(fill(page, "add_webhook", event="completeCadence", url=url), "add_webhook")
        assert ("has this webhook already" in words(page)) is there_already
        if not there_already:
            send(page)
            page.button(key="actions.close").click()
            run(page)
    (made,) = [webhook for webhook in client.webhooks.list() if webhook.url == url]

    choose(page, "update_webhook")
    picker = page.get_by_key(f"actions.update_webhook.{rounds(page, 'update_webhook')}.webhook")
    (option,) = [option for option in picker.options if url in option]
    picker.set_value(next(one for one in page.session_state["actions.webhooks"][1].found if one.id == made.id))
    run(page)
    prefix = "actions.update_webhook.0"
    assert page.get_by_key(f"{prefix}.url.{made.id}").value == url
    assert page.get_by_key(f"{prefix}.event.{made.id}").value == "completeCadence"
    page.get_by_key(f"{prefix}.event.{made.id}").set_value("prospect")
    submit(page, "update_webhook")
    send(page)
    page.button(key="actions.close").click()
    run(page)
    assert option

    choose(page, "delete_webhook")
    picker = page.get_by_key("actions.delete_webhook.0.webhook")
    picker.set_value(next(one for one in page.session_state["actions.webhooks"][1].found if one.id == made.id))
    run(page)
    submit(page, "delete_webhook")
    send(page, "PROSPECT")
    assert all(webhook.id != made.id for webhook in client.webhooks.list())


def test_a_webhook_that_arrived_to_exist_while_it_was_confirmed_is_not_added_again(
    page: AppTest, client: KlentyClient, writes: Writes
) -> None:
    url = "https://hooks.example/meanwhile"
    choose(page, "add_webhook")
    submit(fill(page, "add_webhook", event="completeCadence", url=url), "add_webhook")
    client.webhooks.create("completeCadence", f"{url}/")
    before = len(writes())
    send(page)
    assert "there is nothing to add" in words(page)
    assert len(writes()) == before


def test_the_secret_of_a_webhook_address_is_sent_and_never_shown_or_kept(
    page: AppTest, writes: Writes, stored: Stored
) -> None:
    url = "https://dash.example/webhook/klenty/the-secret-that-nobody-sees"
    choose(page, "add_webhook")
    submit(fill(page, "add_webhook", event="click", url=url), "add_webhook")
    assert "the-secret" not in words(page)
    send(page)
    assert writes()[-1].body["subscription_url"] == url
    assert "the-secret" not in words(page)
    assert "the-secret" not in str(stored())
    assert "https://dash.example/webhook/klenty/…" in str(stored())


def test_when_the_list_of_webhooks_fails_an_id_can_be_typed(page: AppTest, sandbox: Sandbox, writes: Writes) -> None:
    sandbox.faults.add("refused_json", operation="list_webhooks")
    choose(page, "delete_webhook")
    assert "did not come" in "".join(str(warning.proto) for warning in page.warning)
    page.get_by_key("actions.delete_webhook.0.webhook").set_value("5e9eadce9bd3bc0012b38601")
    submit(page, "delete_webhook")
    send(page, "5e9eadce9bd3bc0012b38601")
    assert [request.body for request in writes()] == [{"webhookId": "5e9eadce9bd3bc0012b38601"}]


def test_without_a_list_of_cadences_a_name_can_be_typed(
    page: AppTest, client: KlentyClient, desk: ActionContext
) -> None:
    nothing = Choices([], [], client.webhooks.list, [])
    unlisted = run(AppTest.from_function(script, args=(desk, nothing), default_timeout=15))
    for one, typing in ((page, False), (unlisted, True)):
        choose(one, "stop_cadence")
        assert one.get_by_key("actions.stop_cadence.0.cadence").proto.accept_new_options is typing


def test_no_personal_data_reaches_the_url(page: AppTest) -> None:
    choose(page, "create_prospect")
    submit(fill(page, "create_prospect", email="url@klenty.com", first_name="Rex"), "create_prospect")
    send(page)
    assert dict(page.query_params) == {}
