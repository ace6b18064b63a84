import re
from typing import Any

import pytest

from dashboard.actions import catalogue, inputs
from dashboard.actions.catalogue import ACTIONS, BY_KEY, GROUPS, MAX_MANY, Action, WebhookChoice, clean
from klenty_api import WEBHOOK_EVENTS

WEBHOOK = WebhookChoice("5e9f360ec0d425001292903b", "reply", "https://x.com/hook")
GOOD: dict[str, Any] = {
    "email": "rex@klenty.com",
    "first_name": "Rex",
    "list": "leads",
    "tags": "a, b",
    "custom_fields": "gender = male",
    "cadence": "Holiday campaign",
    "emails": "a@x.com b@x.com",
    "event": "reply",
    "url": "https://x.com/hook",
    "webhook": WEBHOOK,
    "outcome": "Lost",
}
every_action = pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.key)


def test_actions_are_grouped_as_people_look_for_them() -> None:
    assert {action.group for action in ACTIONS} == set(GROUPS)
    assert len({action.key for action in ACTIONS}) == len({action.label for action in ACTIONS}) == len(ACTIONS)


def test_dangerous_actions_say_what_cannot_be_undone_and_want_it_typed() -> None:
    dangerous = {action.key: action.must_type for action in ACTIONS if action.danger}
    assert dangerous == {
        "unsubscribe": "email",
        "do_not_contact": "email",
        "stop_all_cadences": "email",
        "start_cadence": "count",
        "delete_webhook": "webhook",
    }
    assert all(action.must_type is None for action in ACTIONS if not action.danger)


@every_action
def test_each_form_accepts_good_values_and_says_them_in_words(action: Action) -> None:
    cleaned = clean(action, GOOD)
    assert cleaned.errors == {}
    words = "\n".join(action.say(cleaned.values))
    subject = catalogue.subject(catalogue.each(action, cleaned.values)[0])
    assert all(part in words for part in re.split(", | to ", subject))
    assert action.help
    assert action.check


@every_action
def test_each_required_field_is_required(action: Action) -> None:
    for field in action.fields:
        if field.required:
            for nothing in (None, "", "  "):
                assert clean(action, {**GOOD, field.name: nothing}).errors == {field.name: "Missing."}


@every_action
def test_words_show_any_text_as_it_is(action: Action) -> None:
    nasty = {
        "list": ":red[x] **bold** `code` <b>",
        "cadence": "`` :smile: ``",
        "first_name": "$x$ [a](b)",
        "outcome": "*o*",
        "tags": "*a*, :tada:",
        "custom_fields": "**k** = ~~v~~",
    }
    cleaned = clean(action, {**GOOD, **nasty})
    words = "\n".join(action.say(cleaned.values))
    outside = re.sub(r"(`+) ?.*? ?(?<!`)\1(?!`)", "", words)
    for text in (":red", "bold", ":smile:", "$x$", ":tada:", "~~v~~", "*o*"):
        assert text not in outside


@pytest.mark.parametrize(
    ("key", "typed", "field"),
    [
        ("unsubscribe", {"email": "steve"}, "email"),
        ("create_prospect", {"email": "steve@klenty..com"}, "email"),
        ("create_prospect", {"owner": "me"}, "owner"),
        ("create_prospect", {"company_email": "me"}, "company_email"),
        ("create_prospect", {"custom_fields": "gender male"}, "custom_fields"),
        ("create_prospect", {"company": "x" * (inputs.MAX_TEXT + 1)}, "company"),
        ("create_prospect", {"city": "a\nb"}, "city"),
        ("start_cadence", {"emails": "a@x.com\nnobody"}, "emails"),
        ("start_cadence", {"emails": "\n".join(f"p{n}@x.com" for n in range(MAX_MANY + 1))}, "emails"),
        ("add_webhook", {"url": "javascript:alert(1)"}, "url"),
        ("add_webhook", {"event": "prospect"}, "event"),
        ("add_webhook", {"event": "COMPLETECADENCE"}, "event"),
        ("delete_webhook", {"webhook": "an id with spaces"}, "webhook"),
        ("update_webhook", {"event": "nothing"}, "event"),
    ],
)
def test_a_wrong_value_is_named_at_its_field(key: str, typed: dict[str, Any], field: str) -> None:
    cleaned = clean(BY_KEY[key], {**GOOD, **typed})
    assert list(cleaned.errors) == [field]
    assert str(typed[field])[:20] not in cleaned.errors[field]


def test_an_update_needs_something_to_change_and_accepts_one_event_more() -> None:
    assert list(clean(BY_KEY["update_prospect"], {"email": "a@x.com"}).errors) == ["email"]
    assert clean(BY_KEY["update_prospect"], {"email": "a@x.com", "city": "Rome"}).ok
    assert "prospect" not in WEBHOOK_EVENTS
    assert clean(BY_KEY["update_webhook"], {**GOOD, "event": "prospect"}).ok


def test_many_are_confirmed_by_their_number_one_is_not() -> None:
    start = BY_KEY["start_cadence"]
    many = clean(start, {"cadence": "C", "emails": "a@x.com\nb@x.com\nA@X.com"}).values
    assert [one["email"] for one in catalogue.each(start, many)] == ["a@x.com", "b@x.com"]
    assert catalogue.expected_typing(start, many) == ("the number of prospects", "2")
    assert catalogue.expected_typing(start, clean(start, {"cadence": "C", "emails": "a@x.com"}).values) is None


def test_a_webhook_is_confirmed_by_its_event_or_its_id() -> None:
    delete = BY_KEY["delete_webhook"]
    assert catalogue.expected_typing(delete, {"webhook": WEBHOOK}) == ("the webhook's event", "reply")
    typed = clean(delete, {"webhook": " 5e9eadce9bd3bc0012b38601 "}).values
    assert catalogue.expected_typing(delete, typed) == ("the webhook's id", "5e9eadce9bd3bc0012b38601")


@pytest.mark.parametrize(("typed", "right"), [("a@x.com", True), (" A@X.com ", True), ("", False), ("a@x.co", False)])
def test_what_is_typed_must_be_what_was_asked_for(typed: str, right: bool) -> None:
    assert catalogue.typed_right(typed, "a@x.com") is right


def test_a_webhook_that_is_created_is_told_by_event_and_host() -> None:
    assert catalogue.subject({"event": "prospect_replied", "url": "https://x.io/in"}).startswith("prospect_replied to ")
