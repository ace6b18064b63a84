"""Each form makes the request that the vendor's document prints, as the sandbox received it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.actions import catalogue
from dashboard.actions.catalogue import ACTIONS, BY_KEY, WebhookChoice
from dashboard.actions.context import ActionContext
from dashboard.actions.send import OneTimeCall, perform
from dashboard.app_pages.action_forms.session import Choices
from klenty_api import OPERATIONS, KlentyClient
from klenty_api.sandbox import Sandbox

EMAIL = "rex+1/o'neil#?@klenty.com"
ALL_FIELDS_TYPED = {
    "full_name": "Rex A Jose",
    "first_name": "Rex",
    "last_name": "Jose",
    "middle_name": "A",
    "account": "Payments",
    "department": "Testing",
    "company": "klenty",
    "company_domain": "klenty.com",
    "title": "SE",
    "location": "California",
    "phone": "+13485948395",
    "twitter_id": "Twitter",
    "company_email": "klenty@cc.co",
    "company_phone": "5656",
    "city": "Italy",
    "country": "Italy",
    "linkedin_url": "Linkedin@io.co",
    "list": "leads",
    "tags": "Tag1, Tag2",
    "custom_fields": "gender = male\nsite = https://x.com/?a=b",
}
ALL_FIELDS_SENT = {
    "FullName": "Rex A Jose",
    "FirstName": "Rex",
    "LastName": "Jose",
    "MiddleName": "A",
    "Account": "Payments",
    "Department": "Testing",
    "Company": "klenty",
    "CompanyDomain": "klenty.com",
    "Title": "SE",
    "Location": "California",
    "Phone": "+13485948395",
    "TwitterId": "Twitter",
    "CompanyEmail": "klenty@cc.co",
    "CompanyPhone": "5656",
    "City": "Italy",
    "Country": "Italy",
    "LinkedinURL": "Linkedin@io.co",
    "List": "leads",
    "Tags": "Tag1|Tag2",
    "CustomFields": [{"key": "gender", "value": "male"}, {"key": "site", "value": "https://x.com/?a=b"}],
}
WEBHOOK = WebhookChoice("5e9f360ec0d425001292903b", "reply", "www.klenty.com/analytics")

# What is typed into each form, and the path (below the user) and body that the document prints for it.
DOCUMENTED: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "create_prospect": (
        {"email": EMAIL, "owner": "av@klenty.com", **ALL_FIELDS_TYPED},
        "prospects",
        {"Email": EMAIL, "Owner": "av@klenty.com", **ALL_FIELDS_SENT},
    ),
    "update_prospect": (
        {"email": EMAIL, "outcome": "Lost", "new_email": "rex@klenty.com", **ALL_FIELDS_TYPED},
        "prospects/{email}",
        {"Email": "rex@klenty.com", "Outcome": "Lost", **ALL_FIELDS_SENT},
    ),
    "add_to_list": (
        {"email": EMAIL, "first_name": "Tony", "list": "Nurture Leads"},
        "prospects",
        {"Email": EMAIL, "FirstName": "Tony", "List": "Nurture Leads"},
    ),
    "add_tags": (
        {"email": EMAIL, "first_name": "Tom", "tags": "ConnectLater | Tag2"},
        "prospects",
        {"Email": EMAIL, "FirstName": "Tom", "Tags": "ConnectLater|Tag2"},
    ),
    "add_custom_fields": (
        {"email": EMAIL, "first_name": "sheindrick", "custom_fields": "key1 = value1"},
        "prospects",
        {"Email": EMAIL, "FirstName": "sheindrick", "CustomFields": [{"key": "key1", "value": "value1"}]},
    ),
    "remove_tags": (
        {"email": EMAIL, "tags": "tag1,tag2"},
        "prospects/{email}/removeTags",
        {"tag": ["tag1", "tag2"]},
    ),
    "unsubscribe": ({"email": EMAIL}, "prospects/{email}/unsubscribe", {"Email": EMAIL}),
    "do_not_contact": ({"email": EMAIL}, "prospects/{email}/changeStatusToDoNotContact", {"Email": EMAIL}),
    "revert_do_not_contact": (
        {"email": EMAIL},
        "prospects/{email}/revertStatusToDoNotContact",
        {"Email": EMAIL},
    ),
    "stop_mails": ({"email": EMAIL}, "prospects/{email}/stop", {"Email": EMAIL}),
    "start_cadence": (
        {"cadence": "Holiday campaign", "emails": f" {EMAIL}\n"},
        "startcadence",
        {"Email": EMAIL, "cadenceName": "Holiday campaign"},
    ),
    "stop_cadence": (
        {"email": EMAIL, "cadence": "SampleCadence"},
        "stopcadence",
        {"Email": EMAIL, "cadenceName": "SampleCadence"},
    ),
    "stop_all_cadences": ({"email": EMAIL}, "stopcadence", {"Email": EMAIL}),
    "resume_cadence": ({"email": EMAIL}, "cadences/resume", {"Email": EMAIL}),
    "add_webhook": (
        {"event": "completeCadence", "url": "www.klenty.com/analytics"},
        "zapier/hooks",
        {"subscription_url": "www.klenty.com/analytics", "event": "completeCadence"},
    ),
    "update_webhook": (
        {"webhook": WEBHOOK, "event": "prospect", "url": "www.klenty.com/analytics"},
        "webhook/update",
        {"_id": WEBHOOK.id, "subscription_url": "www.klenty.com/analytics", "event": "prospect"},
    ),
    "delete_webhook": ({"webhook": WEBHOOK.id}, "webhook/delete", {"webhookId": WEBHOOK.id}),
}


def test_every_write_operation_but_bulk_add_has_its_form() -> None:
    writes = {name for name, operation in OPERATIONS.items() if operation.is_write}
    assert {action.operation for action in ACTIONS} == writes - {"bulk_create"} == set(DOCUMENTED)


@pytest.mark.parametrize("key", list(DOCUMENTED))
def test_a_form_sends_exactly_the_documented_request_once(
    key: str, sandbox: Sandbox, client: KlentyClient, desk: ActionContext, writes: Callable[[], list[Any]]
) -> None:
    typed, path, body = DOCUMENTED[key]
    action = BY_KEY[key]
    cleaned = catalogue.clean(action, typed)
    assert cleaned.errors == {}
    (call,) = catalogue.prepare(client, action, cleaned.values)
    assert writes() == []
    assert (call.operation.name, call.operation.method, call.body) == (key, "POST", body)
    assert not call.query

    ticket = OneTimeCall(call)
    perform(desk, ticket, EMAIL)

    (received,) = writes()
    path = path.format(email=quote(EMAIL, safe=""))
    assert received.method == "POST"
    assert unquote(received.path) == unquote(f"/apis/v1/user/{quote(sandbox.user, safe='')}/{path}")
    if "{email}" in DOCUMENTED[key][1]:
        assert quote(EMAIL, safe="").lower() in received.path.lower()
    assert received.body == body
    headers = {name.lower(): value for name, value in received.headers.items()}
    assert headers["x-api-key"] == "right"
    assert headers["content-type"].startswith("application/json")


def sidebar(desk: object, choices: object) -> None:
    import streamlit as st  # noqa: PLC0415 - AppTest runs this function's source alone

    from dashboard.app_pages.action_forms import sidebar as view  # noqa: PLC0415

    with st.sidebar:
        view.render_sidebar(desk, choices)


@pytest.mark.parametrize("key", list(DOCUMENTED))
def test_what_is_typed_into_the_widgets_confirmed_and_sent_is_the_documented_request(
    key: str, sandbox: Sandbox, desk: ActionContext, writes: Callable[[], list[Any]]
) -> None:
    typed, path, body = DOCUMENTED[key]
    action = BY_KEY[key]
    known = {"_id": WEBHOOK.id, "event": WEBHOOK.event, "url": WEBHOOK.url}
    sandbox.account.webhooks = {WEBHOOK.id: known} if action.must_type == "webhook" or "webhook" in typed else {}
    lists, cadences = ["leads", "Nurture Leads"], ["Holiday campaign", "SampleCadence"]
    choices = Choices(cadences, lists, desk.client.webhooks.list, ["av@klenty.com"])
    page = AppTest.from_function(sidebar, args=(desk, choices), default_timeout=15).run()
    page.get_by_key("actions.group").set_value(action.group).run()
    page.selectbox(key=f"actions.choice.{action.group}").set_value(key).run()
    part = ""
    if "webhook" in typed:
        page.selectbox(key=f"actions.{key}.0.webhook").set_value(WEBHOOK).run()
        part = f".{WEBHOOK.id}"
    for name, value in typed.items():
        if name != "webhook":
            page.get_by_key(f"actions.{key}.0.{name}{part}").set_value(value)
    page.button(key=f"actions.submit.{key}").click().run()
    assert not page.exception
    assert writes() == []

    token = page.session_state["actions.dialog"].once[0].token
    if action.must_type in {"email", "webhook"}:
        page.text_input(key=f"actions.typed.{token}").set_value(EMAIL if "email" in typed else WEBHOOK.event)
    page.button(key=f"actions.send.{token}").click().run()
    assert not page.exception
    (received,) = writes()
    assert (received.method, received.operation) == ("POST", key)
    assert unquote(received.path) == f"/apis/v1/user/{sandbox.user}/{path.format(email=EMAIL)}"
    assert received.body == body
    assert received.headers["x-API-key"] == "right"


def test_stop_cadence_without_a_name_never_becomes_stop_all(
    client: KlentyClient, writes: Callable[[], list[Any]]
) -> None:
    for nothing in ("", "   ", None):
        cleaned = catalogue.clean(BY_KEY["stop_cadence"], {"email": EMAIL, "cadence": nothing})
        assert cleaned.errors == {"cadence": "Missing."}
    assert writes() == []


def test_a_cadence_started_for_many_is_a_call_each(client: KlentyClient) -> None:
    typed = {"cadence": "Holiday campaign", "emails": "a@x.com, b@x.com\nA@x.com"}
    cleaned = catalogue.clean(BY_KEY["start_cadence"], typed)
    calls = catalogue.prepare(client, BY_KEY["start_cadence"], cleaned.values)
    assert [call.body for call in calls] == [
        {"Email": "a@x.com", "cadenceName": "Holiday campaign"},
        {"Email": "b@x.com", "cadenceName": "Holiday campaign"},
    ]
