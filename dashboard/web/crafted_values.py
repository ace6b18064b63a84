"""Ignore values of widgets that no page can have sent.

Streamlit believes what a browser says a widget holds: a number for a text, or JSON that is none, ends the page with a
traceback. The browser's own code sends each widget what it takes; anything else was written by hand, and counts as not
sent.
"""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING, Any, Final

from streamlit.runtime.state.session_state import Serialized, WStates

if TYPE_CHECKING:
    from streamlit.proto.WidgetStates_pb2 import WidgetState
    from streamlit.runtime.state.common import WidgetMetadata

log = logging.getLogger("dashboard")

_ALIKE: Final = ({"int_value", "double_value"}, {"json_value", "json_trigger_value"})
"""Kinds that one widget may send."""
_read = WStates.__getitem__


def ignore_crafted_values() -> None:
    """Let Streamlit read a value as missing where it is not of its widget's kind, or cannot be read."""
    WStates.__getitem__ = _checked  # type: ignore[method-assign]


def _checked(states: WStates, widget: str) -> Any:
    """Return what `widget` holds. Raises KeyError, as for no value, for one that no page can have sent."""
    state, registered = states.states.get(widget), states.widget_metadata.get(widget)
    if not isinstance(state, Serialized) or registered is None:
        return _read(states, widget)
    sent = state.value.WhichOneof("value")
    if sent is None or (_is_of_kind(sent, registered.value_type) and _is_offered(state.value, registered)):
        with contextlib.suppress(Exception):  # whatever the widget's own code says of a value that it cannot read
            return _read(states, widget)
    log.warning("a browser sent a value that its page does not take")
    raise KeyError(widget)


def _is_offered(sent: WidgetState, registered: WidgetMetadata[Any]) -> bool:
    """Return whether the widget has the options or dates that were picked, and may be emptied if none was."""
    options = registered.formatted_options
    if sent.HasField("string_array_value"):
        picked = list(sent.string_array_value.data)
        return set(picked) <= set(options or picked) if picked else registered.clearable
    return options is None or not sent.HasField("string_value") or sent.string_value in options


def _is_of_kind(sent: str, registered: str) -> bool:
    return sent == registered or any({sent, registered} <= alike for alike in _ALIKE)
