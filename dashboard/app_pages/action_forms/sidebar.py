"""The action forms in the sidebar. Nothing is sent before it was shown and confirmed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.actions import catalogue, webhooks
from dashboard.actions.catalogue import ACTIONS, BY_KEY, GROUPS, Action, Cleaned, Field, WebhookChoice
from dashboard.actions.names import look_alike_warning, name_code, pick
from dashboard.actions.permissions import needed_role
from dashboard.actions.send import OneTimeCall
from dashboard.app_pages.action_forms import confirm_dialog, inputs, session
from dashboard.app_pages.action_forms.session import Choices, Pending, choices
from dashboard.data.roles import Role
from klenty_api import ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.actions.context import AccountLike, ActionContext
    from dashboard.actions.send import ActionResult

__all__ = ["Choices", "ask", "choices", "open_form", "render_sidebar", "submitted"]


def render_sidebar(context: ActionContext, choices: Choices) -> None:
    """Draw the actions that the person may carry out, and whatever dialog is open. For `with st.sidebar:`."""
    if not context.person.may(Role.OPERATOR):
        return
    group = st.pills(
        "Actions",
        [group for group in GROUPS if _offered(context, group)],
        key="actions.group",
        help="Change something in Klenty. You see and confirm what happens first.",
    )
    if group in GROUPS:
        _group(group, context, choices)
    confirm_dialog.draw_running(context)
    confirm_dialog.draw_last(context)
    confirm_dialog.draw_dialog(context)


def _offered(context: ActionContext, group: str) -> list[str]:
    """Return the actions of a group that the person's role allows."""
    of_group = [action for action in ACTIONS if action.group == group]
    return [action.key for action in of_group if context.person.may(needed_role(action.operation))]


def _group(group: str, context: ActionContext, choices: Choices) -> None:
    key = st.selectbox(
        f"{group} action",
        _offered(context, group),
        index=None,
        format_func=lambda key: BY_KEY[key].label,
        key=f"actions.choice.{group}",
        placeholder="Choose an action",
        label_visibility="collapsed",
    )
    if group == "Prospect" and key in {None, "create_prospect"} and context.person.may(needed_role("bulk_create")):
        _bulk_link(choices)
    if key is not None:
        _form(BY_KEY[key], context, choices)


def _bulk_link(choices: Choices) -> None:
    try:
        st.page_link(choices.bulk_page, label="Add many from a file", icon=":material/upload_file:")
    except st.errors.StreamlitPageNotFoundError:
        st.caption("To add many from a file, open the page *Import*.")


def _form(action: Action, context: ActionContext, choices: Choices) -> None:
    st.caption(action.help)
    part, start = "", dict[str, str]()
    for field in action.fields:
        if field.kind == "webhook":
            picked = inputs.draw_webhook(action, field, context.account, choices)
            if isinstance(picked, WebhookChoice):
                part, start = picked.id, {"event": picked.event, "url": picked.url}
    with st.form(f"actions.form.{action.key}.{part}", enter_to_submit=False, border=False):
        in_form = [field for field in action.fields if field.kind != "webhook"]
        for field in in_form:
            if not field.more:
                inputs.draw_field(action, field, choices, start.get(field.name, ""), part)
        more = [field for field in in_form if field.more]
        if more:
            with st.expander("More fields", expanded=any(field.name in session.errors(action) for field in more)):
                for field in more:
                    inputs.draw_field(action, field, choices, "", part)
        inputs.draw_error(action, inputs.FORM_ERROR)
        st.form_submit_button(
            f"{action.label} …",
            key=f"actions.submit.{action.key}",
            icon=":material/preview:",
            type="primary",
            width="stretch",
            help="Shows what will happen and asks you to confirm.",
            on_click=submitted,
            args=(action, context, choices, part),
        )


def submitted(action: Action, context: ActionContext, choices: Choices, part: str) -> None:
    """Check the form whose inputs have `part` in their keys.

    Args:
        action: of the form.
        context: client, account, person and log.
        choices: what the account offers.
        part: part of the keys of its widgets.
    """
    ask(action, _typed(action, part), context, choices)


def ask(action: Action, raw: Mapping[str, Any], context: ActionContext, choices: Choices) -> None:
    """Check what was given for an action; open the dialog, or keep what is wrong (`visit.errors`).

    For callbacks: it runs before the page is drawn again.

    Args:
        action: of the form.
        raw: what was typed and picked, by field.
        context: client, account, person and log.
        choices: what the account offers.
    """
    raw = {field.name: _known(field, raw.get(field.name), choices) for field in action.fields}
    cleaned = catalogue.clean(action, raw)
    if choices.cadences and isinstance(raw.get("cadence"), str) and raw["cadence"]:
        cleaned.errors["cadence"] = "Choose it again: the list of cadences has changed."
    calls: list[Any] = []
    if cleaned.ok:
        try:
            calls = catalogue.prepare(context.client, action, cleaned.values)
        except ValidationError as problem:
            cleaned.errors[inputs.FORM_ERROR] = str(problem)
    if len(calls) > 1 and not context.person.may(needed_role(action.operation, bulk=True)):
        cleaned.errors[action.many or ""] = "More than one at once needs the role admin."
    if cleaned.ok and action.key == "add_webhook" and _equal_webhook(cleaned.values, context.account, choices):
        cleaned.errors[inputs.FORM_ERROR] = webhooks.EXISTS
    session.set_errors(action, cleaned.errors)
    if cleaned.ok:
        session.open_dialog(_pending(action, cleaned, calls, context.account, choices))


def _known(field: Field, raw: Any, choices: Choices) -> Any:
    """Return a text that is exactly the name of a cadence or list as that name, so that it is sent unchanged."""
    names = {"cadence": choices.cadences, "list": choices.lists}.get(field.kind, [])
    return (pick(names, raw) or raw) if isinstance(raw, str) else raw


def open_form(action_key: str, *, cadence: str = "", email: str = "") -> None:
    """Open a form in the sidebar with what is known filled in. For callbacks: `st.button(..., on_click=open_form)`.

    Args:
        action_key: the key of the action in `dashboard.actions.catalogue`, such as "start_cadence".
        cadence: the exact name of a cadence.
        email: the address of a prospect.
    """
    action = BY_KEY[action_key]
    session.empty_form(action)
    st.session_state["actions.group"] = action.group
    st.session_state[f"actions.choice.{action.group}"] = action.key
    known = {"cadence": pick(session.choices().cadences, cadence) or cadence or None, "email": email, "emails": email}
    for field in action.fields:
        if known.get(field.name):
            st.session_state[session.widget_key(action, field.name)] = known[field.name]


def _typed(action: Action, part: str) -> dict[str, Any]:
    typed = {}
    for field in action.fields:
        parts = [part] if part and field.kind != "webhook" else []
        typed[field.name] = st.session_state.get(session.widget_key(action, field.name, *parts))
    return typed


def _pending(action: Action, cleaned: Cleaned, calls: list[Any], account: AccountLike, choices: Choices) -> Pending:
    values = cleaned.values
    subject = catalogue.subject(catalogue.each(action, values)[0])
    pending = Pending(action, values, [OneTimeCall(call) for call in calls], subject)
    pending.warnings = [
        look_alike_warning(names, values[field], field)
        for field, names in (("cadence", choices.cadences), ("list", choices.lists))
        if values.get(field)
    ]
    if values.get("list") and choices.lists and values["list"] not in choices.lists:
        pending.warnings.append(f"Klenty has no list {name_code(values['list'])}: it will create it.")
    pending.warnings = [warning for warning in pending.warnings if warning]
    if action.key == "add_webhook":
        pending.look = lambda: _found(values, account, choices)
        if (error := session.webhooks(account, choices).error) is not None:
            pending.warnings.append(f"{_NO_LIST} ({type(error).__name__})")
    return pending


_NO_LIST = "The list of webhooks did not come, so an equal one may exist already. Each of two is called."


def _equal_webhook(values: dict[str, Any], account: AccountLike, choices: Choices) -> bool:
    """Return whether the account has the same webhook already, asked at this moment; False when its list does not
    arrive."""
    session.forget_webhooks()
    return webhooks.equal(session.webhooks(account, choices).found, values["event"], values["url"]) is not None


def _found(values: dict[str, Any], account: AccountLike, choices: Choices) -> ActionResult | None:
    return webhooks.exists_already(values["event"]) if _equal_webhook(values, account, choices) else None
