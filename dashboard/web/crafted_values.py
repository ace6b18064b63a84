"""Tell values that no page can have sent from errors of the dashboard's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import TracebackType

_STATE: Final = "streamlit/runtime/state/session_state.py"
_OWN: Final = ("/dashboard/", "/klenty_api/")


def is_crafted_value(trace: TracebackType | None) -> bool:
    """Return whether an error arose while Streamlit read a widget's value as the browser sent it.

    The browser's own code sends each widget what it takes; anything else was written by hand.
    """
    reads_value = False
    while trace is not None:
        code = trace.tb_frame.f_code
        path = code.co_filename.replace("\\", "/")
        if path.endswith(_STATE):
            reads_value = code.co_name == "__getitem__" or (reads_value and code.co_name != "_call_callbacks")
        elif any(part in path for part in _OWN) and "/site-packages/streamlit/" not in path:
            reads_value = False
        trace = trace.tb_next
    return reads_value
