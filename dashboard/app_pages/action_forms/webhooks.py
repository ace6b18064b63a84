"""The account's webhooks as a page draws them: the list, this dashboard as a receiver, adding, changing, deleting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import streamlit as st

from dashboard.actions import webhooks
from dashboard.actions.catalogue import BY_KEY, WebhookChoice
from dashboard.actions.markdown import as_json, code, count
from dashboard.analysis.performance.webhook_activity import event_label
from dashboard.app_pages.action_forms import confirm_dialog, inputs, session, sidebar
from dashboard.data.webhooks.delivery import event_name
from dashboard.data.webhooks.url import PATH, masked, masked_json
from dashboard.settings import public_url_problem
from klenty_api import WEBHOOK_EVENTS, WEBHOOK_UPDATE_EVENTS, ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dashboard.actions.context import ActionContext
    from dashboard.actions.webhooks import Registration
    from dashboard.app_pages.action_forms.session import Choices

_ASKED: Final = "actions.registration"
_EVENTS: Final = "actions.webhooks.events"
_PUBLIC: Final = "actions.webhooks.public_url"
_PICKED: Final = "actions.webhooks.picked"


def draw_list(context: ActionContext, choices: Choices, secret: str) -> None:
    """Draw the account's webhooks, and what can be done with the one that is picked.

    Args:
        context: client, account, person and log.
        choices: what the account offers.
        secret: of this dashboard as a receiver, to be masked.
    """
    known = session.webhooks(context.account, choices)
    st.header("Webhooks of this account")
    if known.error is not None:
        st.warning(code(str(known.error), 300), title="The list of webhooks did not come", icon=":material/webhook:")
        st.caption("To change or delete one by its id, use *Webhooks* under *Actions* in the sidebar.")
        _again()
        return
    if not known.found:
        st.info("Klenty tells nobody when something happens. Register this dashboard below, or add another address.",
                title="No webhooks yet", icon=":material/webhook:")  # fmt: skip
        return
    state = st.dataframe(
        webhooks_frame(known.found, secret),
        key=_PICKED,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        alt=f"{count(len(known.found), 'webhook')} of the account",
    )
    rows = state.selection.rows
    if rows and rows[0] < len(known.found):
        _change(context, choices, known.found[rows[0]])
    else:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption("Pick a row to change or delete a webhook.", width="stretch")
            _again()


def _again() -> None:
    st.button("Ask again", key="webhooks.again", icon=":material/refresh:", on_click=session.forget_webhooks)


def webhooks_frame(known: Sequence[WebhookChoice], secret: str) -> pd.DataFrame:
    """Return one row per webhook: event, address (secrets left out), what is to be known of it, id."""
    twice = webhooks.repeated(known)
    rows = [(_event(one), masked(one.url) or "not reported", _note(one, secret, twice), one.id) for one in known]
    return pd.DataFrame(rows, columns=["Event", "Address", "Note", "Id"]).astype("string")


def _event(one: WebhookChoice) -> str:
    return event_label(event_name(one.event), many=True) if one.event else "not reported"


def _note(one: WebhookChoice, secret: str, twice: set[str]) -> str:
    notes = ["this dashboard"] if secret and one.url.rstrip("/").endswith(f"/{secret}") else []
    notes += ["equal to another one: every event comes twice"] if one.id in twice else []
    return ", ".join(notes)


def _change(context: ActionContext, choices: Choices, picked: WebhookChoice) -> None:
    update, delete = BY_KEY["update_webhook"], BY_KEY["delete_webhook"]
    shown = masked(picked.url)
    with st.form(f"webhooks.change.{picked.id}", border=True, enter_to_submit=False):
        st.markdown(f"**Change or delete** {code(_event(picked))} to {code(shown)}")
        left, right = st.columns([1, 2])
        same = next((e for e in WEBHOOK_UPDATE_EVENTS if e.casefold() == picked.event.casefold()), None)
        left.selectbox(
            "Event",
            WEBHOOK_UPDATE_EVENTS,
            index=None if same is None else WEBHOOK_UPDATE_EVENTS.index(same),
            key=f"webhooks.event.{picked.id}",
        )
        right.text_input(
            "Address",
            value=shown,
            key=f"webhooks.url.{picked.id}",
            max_chars=2_000,
            help="A “…” stands for a secret that is not shown; left as it is, the address stays the same.",
        )
        for name in ("webhook", "event", "url", inputs.FORM_ERROR):
            inputs.draw_error(update, name)
        with st.container(horizontal=True):
            st.form_submit_button(
                "Change …", key=f"webhooks.update.{picked.id}", icon=":material/edit:", on_click=_ask_to_change,
                args=(context, choices, picked),
            )  # fmt: skip
            st.form_submit_button(
                "Delete …", key=f"webhooks.delete.{picked.id}", icon=":material/delete:", on_click=sidebar.ask,
                args=(delete, {"webhook": picked}, context, choices),
            )  # fmt: skip


def _ask_to_change(context: ActionContext, choices: Choices, picked: WebhookChoice) -> None:
    typed = str(st.session_state.get(f"webhooks.url.{picked.id}") or "").strip()
    hidden = "".join(picked.url.partition(PATH)[1:])
    if hidden:
        typed = typed.replace(f"{PATH}…", hidden)
    raw: dict[str, Any] = {
        "webhook": picked,
        "event": st.session_state.get(f"webhooks.event.{picked.id}"),
        "url": typed,
    }
    sidebar.ask(BY_KEY["update_webhook"], raw, context, choices)


def draw_add(context: ActionContext, choices: Choices) -> None:
    """Draw a form for any other address."""
    action = BY_KEY["add_webhook"]
    with st.expander("Add another address", icon=":material/add_link:", expanded=bool(session.errors(action))):
        st.caption(action.help)
        with st.form("webhooks.add", border=False, enter_to_submit=False):
            left, right = st.columns([1, 2])
            with left:
                inputs.draw_field(action, action.fields[0], choices, key_part="page")
            with right:
                inputs.draw_field(action, action.fields[1], choices, key_part="page")
            inputs.draw_error(action, inputs.FORM_ERROR)
            st.form_submit_button(
                "Add webhook …", key="webhooks.add.submit", icon=":material/preview:", type="primary",
                on_click=sidebar.submitted, args=(action, context, choices, "page"),
            )  # fmt: skip


def draw_receiver(context: ActionContext, choices: Choices, address_of: Callable[[str], str], default_url: str) -> None:
    """This dashboard as a receiver: its public address, the events, and one click for all of them.

    `address_of(public_url)` is the whole address with its secret.

    Args:
        context: client, account, person and log.
        choices: what the account offers.
        address_of: the whole address, with its secret, below a public one.
        default_url: public address of the settings.
    """
    asked: Registration | None = st.session_state.get(_ASKED)
    if asked is not None and session.dialog() is None:
        draw = st.dialog("Register this dashboard", width="medium", on_dismiss=_close)(_registration)
        draw(context, choices, asked)
    public = st.text_input(
        "Where Klenty reaches this dashboard",
        value=default_url,
        key=_PUBLIC,
        placeholder="https://dashboard.example.com",
        max_chars=500,
        help="The address of this dashboard as the internet sees it. KLENTY_PUBLIC_URL sets it for good.",
    ).strip()
    problem = public_url_problem(public) if public else "Give the address first: it begins with https."
    known = session.webhooks(context.account, choices)
    url = "" if problem else address_of(public)
    here = [event for event in WEBHOOK_EVENTS if url and webhooks.equal(known.found, event, url)]
    if here:
        st.caption(f"Registered already: {_named(here)}.")
    open_events = [event for event in WEBHOOK_EVENTS if event not in here]
    if not open_events:
        st.success("This dashboard is registered for every documented event.", icon=":material/check_circle:")
        return
    chosen = st.pills(
        "Events",
        open_events,
        selection_mode="multi",
        default=open_events,
        format_func=lambda event: event_label(event, many=True),
        key=f"{_EVENTS}.{len(here)}",
    )
    if problem:
        st.caption(f":material/info: {problem}")
    st.button(
        f"Register for {count(len(chosen), 'event')} …",
        key="webhooks.register",
        type="primary",
        icon=":material/webhook:",
        disabled=bool(problem) or not chosen or known.error is not None,
        on_click=_ask_to_register,
        args=(context, list(chosen), url),
    )


def _named(events: Iterable[str]) -> str:
    return ", ".join(event_label(event, many=True).lower() for event in events)


def _ask_to_register(context: ActionContext, events: list[str], url: str) -> None:
    try:
        st.session_state[_ASKED] = webhooks.prepare_registration(context, events, url)
    except ValidationError as problem:
        st.session_state[_ASKED] = webhooks.Registration(url, {}, problem=str(problem))


def _close() -> None:
    st.session_state.pop(_ASKED, None)


def _registration(context: ActionContext, choices: Choices, asked: Registration) -> None:
    if asked.has_ended:
        if asked.problem:
            st.error(code(asked.problem, 400), icon=":material/error:")
        done = [event for event, result in asked.results.items() if result.state == "done"]
        if done:
            st.success(f"This account now sends {_named(done)} here.", icon=":material/check_circle:")
        for event, result in asked.results.items():
            if result.state != "done":
                st.markdown(f"**{event_label(event, many=True)}**")
                confirm_dialog.draw_result(result)
        left = [event for event in asked.calls if event not in asked.results]
        if asked.results and left:
            st.warning(f"Not sent: {_named(left)}.", icon=":material/pause_circle:")
        if st.button("Close", key="webhooks.close"):
            _close()
            st.rerun()
        return
    st.markdown(f"Let Klenty send {_named(asked.calls)} to {code(masked(asked.url))}.")
    st.caption(f"On the account {code(context.account.label)}. What the account has already is not added again.")
    with st.expander("Raw request", icon=":material/code:"):
        calls = [one.call for one in asked.calls.values()]
        lines = [
            f"{c.operation.method} {context.client.base_url}{c.path}\n{as_json(masked_json(c.body))}" for c in calls
        ]
        st.caption("The secret at the end of the address is not shown.")
        st.code("\n\n".join(lines), language="json", wrap_lines=True, height=220)
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Cancel", key="webhooks.cancel"):
            _close()
            st.rerun()
        send = st.button(
            f"Register for {count(len(asked.calls), 'event')}",
            key="webhooks.send",
            type="primary",
            icon=":material/send:",
        )
    if send:
        with st.spinner("Sending …", show_time=True):
            webhooks.register(context, asked, choices.webhooks)
        session.forget_webhooks()
        st.rerun()
