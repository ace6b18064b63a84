"""What a browser can say of widgets by hand: values of another kind, or that no page offers, end no page."""

import math

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.state.session_state import WStates

from dashboard.app_pages.navigation import PLACES
from dashboard.web import crafted_values
from klenty_api.sandbox import Sandbox

TEXTS = [
    "",
    "\x00\ud7ff{bad",
    "null",
    "[]",
    '{"selection": {"rows": [999999], "columns": ["nope"], "cells": [[-1, "x"]]}}',
    '{"selection": {"rows": ["a", null], "columns": 5}}',
    "2026-13-99",
    "=1+1|" * 2000,
]
CRAFTED = [
    *({"string_value": text} for text in TEXTS),
    *({"json_value": text} for text in ("{bad", "null", '{"event": "click"}')),
    *({"int_value": number} for number in (-1, 2**62)),
    *({"double_value": number} for number in (math.nan, math.inf, -1e308)),
    {"bool_value": True},
    {"bool_value": False},
    {"bytes_value": b"\xff\xff"},
    *({"string_array_value": {"data": data}} for data in ([], ["nope"], ["2026-13-99", "x"], TEXTS)),
    *({"double_array_value": {"data": data}} for data in ([], [math.nan], [1.0, 2.0, 3.0])),
    *({"int_array_value": {"data": data}} for data in ([], [-1, 2**62])),
    {"string_trigger_value": {"data": "nope"}},
    {"json_trigger_value": "{bad"},
    {"chat_input_value": {"data": "x"}},
    {"file_uploader_state_value": {"uploaded_file_info": [{"file_id": "nope", "name": "x.csv", "size": 3}]}},
]
PAGES = [
    f"{place.file.removesuffix('.py')}{f'/{tab}' if tab else ''}"
    for place in PLACES
    for tab in ([one.title for one in place.tabs] or [""])
]


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(cadences=3) as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def _checked(monkeypatch):
    monkeypatch.setattr(WStates, "__getitem__", crafted_values._checked)


@pytest.mark.parametrize("page", PAGES)
def test_no_value_of_a_widget_ends_a_page(sandbox, open_app, page):
    app = open_app(sandbox, page)
    for value in CRAFTED:
        states = WidgetStates()
        registered = app.session_state._state._state._new_widget_state.widget_metadata
        assert registered
        for widget in registered:
            states.widgets.append(WidgetState(id=widget, **value))
        app._run(widget_state=states)
        assert not app.exception, (value, app.exception)
