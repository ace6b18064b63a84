"""A name that was picked is sent unchanged, and names that look alike are told of before anything is sent."""

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.actions import catalogue, inputs
from dashboard.actions.catalogue import BY_KEY
from dashboard.actions.context import ActionContext
from dashboard.actions.names import PickedName, look_alike_warning, pick, picks, visible
from dashboard.app_pages.action_forms import session
from dashboard.app_pages.action_forms.session import Choices

Writes = Callable[[], list[Any]]
ODD = [
    " leading and trailing ",
    "leading and trailing",
    "two  blanks",
    "two blanks",
    "a\ttab",
    "line\nbreak",
    "Caf\u00e9",
    "Cafe\u0301",
    "zero\u200bwidth",
    "zerowidth",
    "no\u00a0break",
    "no break",
]


def script(desk: object, choices: object) -> None:
    import streamlit as st  # noqa: PLC0415 - AppTest runs this function's source alone

    from dashboard.app_pages.action_forms import sidebar  # noqa: PLC0415

    with st.sidebar:
        sidebar.render_sidebar(desk, choices)


def asked(key: str, typed: dict[str, object], desk: object, choices: object) -> None:
    from dashboard.actions.catalogue import BY_KEY  # noqa: PLC0415
    from dashboard.app_pages.action_forms import sidebar  # noqa: PLC0415

    sidebar.ask(BY_KEY[key], typed, desk, choices)


def page_with(desk: ActionContext, choices: Choices) -> AppTest:
    page = AppTest.from_function(script, args=(desk, choices), default_timeout=15).run()
    page.get_by_key("actions.group").set_value("Cadence").run()
    page.selectbox(key="actions.choice.Cadence").set_value("stop_cadence").run()
    assert not page.exception
    return page


@pytest.mark.parametrize("name", ODD, ids=ascii)
def test_a_picked_cadence_is_sent_as_klenty_has_it(name: str, desk: ActionContext, writes: Writes) -> None:
    page = page_with(desk, Choices(ODD, [], list, []))
    page.get_by_key("actions.stop_cadence.0.cadence").set_value(pick(ODD, name))
    page.get_by_key("actions.stop_cadence.0.email").set_value("picked@klenty.com")
    page.button(key="actions.submit.stop_cadence").click().run()
    assert not page.exception
    (call,) = page.session_state["actions.dialog"].calls
    assert call.body["cadenceName"] == name
    assert writes() == []


def test_every_name_has_a_label_of_its_own_that_shows_what_sets_it_apart() -> None:
    labels = {one.value: one.label for one in picks(ODD)}
    assert len(set(labels.values())) == len(ODD)
    assert labels[" leading and trailing "] == "␣leading and trailing␣"
    assert labels["leading and trailing"] == "leading and trailing"
    assert labels["a\ttab"] == "a⇥tab"
    assert visible("zero\u200bwidth") == "zero‹U+200B›width"
    assert "accents apart" in labels["Cafe\u0301"]


def test_twins_are_warned_of_in_the_dialog(desk: ActionContext) -> None:
    names = ["Outbound", "Outbound", "outbound "]
    page = page_with(desk, Choices(names, [], list, []))
    page.get_by_key("actions.stop_cadence.0.cadence").set_value(pick(names, "Outbound"))
    page.get_by_key("actions.stop_cadence.0.email").set_value("twin@klenty.com")
    page.button(key="actions.submit.stop_cadence").click().run()
    warning = "\n".join(str(one.value) for one in page.warning)
    assert "2 cadences have exactly this name" in warning
    assert "1 other cadence looks almost the same: `outbound␣`" in warning
    assert look_alike_warning(["Outbound", "Nurture"], "Outbound", "cadence") == ""
    assert look_alike_warning(["a", "A", "a "], "a", "list").startswith("2 other lists look almost the same: ")


def test_typed_text_is_trimmed_and_a_picked_list_is_not() -> None:
    action = BY_KEY["add_to_list"]
    typed = {"email": "a@klenty.com", "first_name": " Ann\u200b "}
    assert catalogue.clean(action, {**typed, "list": " leads "}).values["list"] == "leads"
    picked = catalogue.clean(action, {**typed, "list": PickedName(" leads ", "␣leads␣")}).values
    assert (picked["list"], picked["first_name"]) == (" leads ", "Ann")


def test_a_list_that_would_be_created_is_told_of(desk: ActionContext) -> None:
    typed = {"email": "l@klenty.com", "first_name": "L", "list": "leads"}
    page = AppTest.from_function(asked, args=("add_to_list", typed, desk, Choices([], ["leads "], list, []))).run()
    warning = "\n".join(page.session_state["actions.dialog"].warnings)
    assert "looks almost the same: `leads␣`" in warning
    assert "it will create it" in warning


def test_a_name_that_is_no_longer_in_the_list_is_not_sent_as_its_label(desk: ActionContext) -> None:
    typed = {"cadence": "␣gone␣", "email": "gone@klenty.com"}
    page = AppTest.from_function(asked, args=("stop_cadence", typed, desk, Choices(ODD, [], list, []))).run()
    assert "actions.dialog" not in page.session_state
    assert "Choose it again" in page.session_state["actions.errors"]["stop_cadence"]["cadence"]


def test_an_odd_address_that_klenty_has_can_be_unsubscribed() -> None:
    cleaned = catalogue.clean(BY_KEY["unsubscribe"], {"email": "steve@klenty..com"})
    assert cleaned.errors == {}
    assert "email" in catalogue.clean(BY_KEY["create_prospect"], {"email": "steve@klenty..com"}).errors


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("Ann Lee <ann@example.org>", "ann@example.org"),
        ("mailto:ann@example.org", "ann@example.org"),
        ("<mailto:ann@example.org>", "ann@example.org"),
        ("\u200ban\u200bn@example.org\u00a0", "ann@example.org"),
        ("ann@example.org (work)", "ann@example.org"),
        ("'ann@example.org'", "ann@example.org"),
        ("o'neil@example.org", "o'neil@example.org"),
        ("eve smith@example.org", "eve smith@example.org"),
        ("a@example.org; b@example.org", "a@example.org; b@example.org"),
    ],
)
def test_an_address_is_taken_out_of_what_surrounds_it_and_never_guessed(text: str, email: str) -> None:
    assert inputs.clean_email(text) == email


def test_tags_keep_the_separators_that_do_not_separate() -> None:
    assert inputs.split_tags("paid, event") == ("paid", "event")
    assert inputs.split_tags("Sales, EMEA|Fair;2026") == ("Sales, EMEA", "Fair;2026")
    assert inputs.split_tags("Sales, EMEA; Fair") == ("Sales, EMEA", "Fair")
    assert inputs.split_tags(" two  blanks ,") == ("two  blanks",)


def test_a_custom_field_can_be_emptied() -> None:
    assert inputs.custom_fields("gender =\nsize = 4=2") == ({"gender": "", "size": "4=2"}, None)


def opened(desk: object, cadence: str) -> None:
    import streamlit as st  # noqa: PLC0415

    from dashboard.app_pages.action_forms import session, sidebar  # noqa: PLC0415

    st.button("Stop", key="elsewhere", on_click=sidebar.open_form, args=("stop_cadence",), kwargs={"cadence": cadence})
    with st.sidebar:
        sidebar.render_sidebar(desk, session.choices())


def test_a_button_elsewhere_opens_the_form_with_the_cadence_filled_in(
    desk: ActionContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "choices", lambda: Choices(ODD, [], list, []))
    page = AppTest.from_function(opened, args=(desk, " leading and trailing "), default_timeout=15).run()
    page.button(key="elsewhere").click().run()
    assert not page.exception
    page.get_by_key("actions.stop_cadence.1.email").set_value("uma@klenty.com")
    page.button(key="actions.submit.stop_cadence").click().run()
    (call,) = page.session_state["actions.dialog"].calls
    assert call.body["cadenceName"] == " leading and trailing "
    assert "Stop this cadence for `uma@klenty.com`" in [button.label for button in page.button]
