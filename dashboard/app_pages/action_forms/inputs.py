"""Inputs of a form, one per field, each with what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from dashboard.actions.markdown import code
from dashboard.actions.names import PickedName, picks
from dashboard.app_pages.action_forms import session
from dashboard.data.webhooks.url import masked
from klenty_api import WEBHOOK_EVENTS, WEBHOOK_UPDATE_EVENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dashboard.actions.catalogue import Action, Field, WebhookChoice
    from dashboard.actions.context import AccountLike
    from dashboard.app_pages.action_forms.session import Choices

FORM_ERROR = ""
"""Under this name stands an error that belongs to the form as a whole."""
_EMAIL: Final[dict[str, Any]] = {"placeholder": "name@example.com", "autocomplete": "off"}
_HINTS: Final[dict[str, dict[str, Any]]] = {
    "email": _EMAIL,
    "known_email": _EMAIL,
    "emails": {"placeholder": "one@example.com\ntwo@example.com"},
    # Tags are no multiselect: a tag typed there but not confirmed with Enter would be lost without a word.
    "tags": {"placeholder": "tag 1, tag 2"},
    "custom_fields": {"placeholder": "gender = male"},
}


def draw_field(action: Action, field: Field, choices: Choices, start: str = "", key_part: str = "") -> None:
    """Draw the input of `field` and, below it, what was wrong with it when the form was submitted.

    Args:
        action: of the form.
        field: which input.
        choices: what the account offers.
        start: what is in it at first.
        key_part: part of the key of the widget.
    """
    key = session.widget_key(action, field.name, *([key_part] if key_part else []))
    _DRAW.get(field.kind, _line)(field, key, choices, start)
    draw_error(action, field.name)


def draw_error(action: Action, name: str) -> None:
    """Say what was wrong with one field, in red, if anything was."""
    if problem := session.errors(action).get(name):
        if name == FORM_ERROR:
            st.error(code(problem, 400), icon=":material/error:")
        else:
            st.markdown(f":small[:red[:material/error: {problem}]]")


def draw_webhook(action: Action, field: Field, account: AccountLike, choices: Choices) -> WebhookChoice | str | None:
    """Pick one of the account's webhooks, or type an id if their list did not come. Drawn above the form.

    Args:
        action: of the form.
        field: which input.
        account: whose webhooks.
        choices: what the account offers.
    """
    known = session.webhooks(account, choices)
    key = session.widget_key(action, field.name)
    if known.error is not None:
        st.warning(code(str(known.error), 300), title="The list of webhooks did not come")
        picked: Any = st.text_input("Webhook's id", key=key, max_chars=100)
    else:
        picked = st.selectbox(
            field.label,
            list(known.found),
            index=None,
            key=key,
            format_func=webhook_label,
            placeholder="Choose a webhook" if known.found else "The account has no webhooks",
        )
    draw_error(action, field.name)
    st.button(
        "Ask again",
        key=f"{key}.again",
        icon=":material/refresh:",
        type="tertiary",
        on_click=session.forget_webhooks,
    )
    return picked  # type: ignore[no-any-return]


def webhook_label(webhook: WebhookChoice | str) -> str:
    """Return a webhook as people tell it from the others: event, address, end of its id."""
    if isinstance(webhook, str):
        return webhook
    return f"{webhook.event or 'unknown event'} → {masked(webhook.url) or 'unknown address'} (…{webhook.id[-6:]})"


def _label(field: Field) -> str:
    return f"{field.label} *" if field.required else field.label


def _line(field: Field, key: str, _choices: Choices, start: str) -> None:
    more = _HINTS.get(field.kind, {})
    st.text_input(_label(field), value=start, key=key, help=field.help or None, max_chars=field.max_chars, **more)


def _lines(field: Field, key: str, _choices: Choices, start: str) -> None:
    more = _HINTS[field.kind]
    st.text_area(
        _label(field), value=start, key=key, help=field.help or None, max_chars=field.max_chars, height=100, **more
    )


def label_of(option: str | PickedName) -> str:
    """Return what a list shows for an option: a name the account has, or a text that was typed."""
    return option.label if isinstance(option, PickedName) else option


def _offer(
    field: Field, key: str, options: Sequence[str | PickedName], start: str = "", *, typing: bool, hint: str
) -> None:
    at = options.index(start) if start in options else None
    st.selectbox(
        _label(field),
        options,
        index=at,
        key=key,
        format_func=label_of,
        help=field.help or None,
        accept_new_options=typing,
        placeholder=hint,
    )


def _cadence(field: Field, key: str, choices: Choices, _start: str) -> None:
    hint = "Choose a cadence" if choices.cadences else "Type its exact name"
    _offer(field, key, picks(choices.cadences), typing=not choices.cadences, hint=hint)


def _list(field: Field, key: str, choices: Choices, _start: str) -> None:
    _offer(field, key, picks(choices.lists), typing=True, hint="Choose, or type a new one")


def _owner(field: Field, key: str, choices: Choices, start: str) -> None:
    _offer(field, key, choices.owners, start, typing=True, hint="Choose, or type an email")


def _event(field: Field, key: str, _choices: Choices, start: str) -> None:
    events = WEBHOOK_UPDATE_EVENTS if field.choices == "update_events" else WEBHOOK_EVENTS
    same = next((event for event in events if event.casefold() == start.casefold()), "")
    _offer(field, key, events, same, typing=False, hint="Choose an event")


_DRAW: dict[str, Callable[[Field, str, Choices, str], None]] = {
    "emails": _lines,
    "custom_fields": _lines,
    "cadence": _cadence,
    "list": _list,
    "owner": _owner,
    "event": _event,
}
