"""Saved views of the account that this session sees, and what is sent from them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Final

import streamlit as st

from dashboard.app_pages.session import preferences, sign_in
from dashboard.app_pages.session.connection import connect
from dashboard.app_pages.session.filters import DEFAULT_PRESET
from dashboard.app_pages.session.memo import cached_history_read
from dashboard.data.database import DatabaseError
from dashboard.data.history import History
from dashboard.data.history.deliveries import DELIVERS, Deliveries, Delivery, Run
from dashboard.data.history.saved_views import SavedViews
from dashboard.data.roles import Role
from dashboard.data.saved_view import Query, SavedView
from dashboard.data.windows import COMPARISONS, PRESETS

SHARES: Final = Role.OPERATOR
_START: Final = "start views"
_OPENED: Final = "views.opened"
_PREFERENCES: Final = ("tz", "per", "marks")
_OF_PAGES: Final = ("focus", "points", "metric", "explore", "ab", "settings", "table")


def known() -> list[SavedView] | None:
    """Return the views that the visitor may open; None while there is no history."""
    return cached_history_read(_known, sign_in.current().email)


def _known(history: History, person: str) -> list[SavedView]:
    return SavedViews(history.database, history.account).of_person(person)


def address() -> Query:
    """Return the address of the page as it is shown, by parameter."""
    return {name: st.query_params.get_all(name) for name in st.query_params}


def open_view(view: SavedView) -> None:
    """Use the filters of a view from the next run on, and go to its page. For callbacks."""
    query = view.query
    # What the view does not name is set back: bound parameters of the address follow these values.
    st.session_state["cadence"] = list(query.get("cadence", ()))
    st.session_state["finished"] = query.get("finished", [""])[0] == "true"
    st.session_state["range"] = query.get("range", [PRESETS[DEFAULT_PRESET]])[0]
    st.session_state["against"] = query.get("against", [COMPARISONS["before"]])[0]
    if query.get("dates"):
        st.session_state["dates"] = _days(query["dates"])
    for name in _OF_PAGES:
        if query.get(name):
            st.session_state[name] = query[name][0]
    for name in _PREFERENCES:
        preferences.forget(name)
        if query.get(name):
            preferences.choose(name, query[name][0])
    st.session_state[_OPENED] = view.place


def _days(texts: Sequence[str]) -> tuple[date, ...]:
    try:
        return tuple(date.fromisoformat(text) for text in texts)
    except ValueError:
        return ()


def open_place(place: str, values: Mapping[str, str]) -> None:
    """Go to a page, with these values of its widgets, in the next whole run. For callbacks."""
    for name, value in values.items():
        st.session_state[name] = value
    st.session_state[_OPENED] = place


def is_opening() -> bool:
    """Return whether a page was asked for in a fragment, which cannot lead there itself."""
    return _OPENED in st.session_state


def opened_place() -> str | None:
    """Return the file of the page that was asked for, once."""
    place: str | None = st.session_state.pop(_OPENED, None)
    return place


def start_view() -> SavedView | None:
    """Return the view that the visitor begins with, in the first run of a visit without filters."""
    if st.session_state.get("views.begun") or len(st.query_params):
        st.session_state["views.begun"] = True
        return None
    st.session_state["views.begun"] = True
    number = starts().get(sign_in.current().email)
    return next((view for view in known() or () if view.number == number), None)


def starts() -> Mapping[str, int]:
    """Return the number of the view that each person begins with."""
    noted = connect().notes.get(_START)
    return noted if isinstance(noted, dict) else {}


def begin_with(number: int | None) -> None:
    """Let the visitor begin with a view from now on; with None, with the Overview."""
    notes, person = connect().notes, sign_in.current().email
    others = {who: view for who, view in starts().items() if who != person}
    notes.put(_START, others if number is None else others | {person: number})


def save(view: SavedView) -> None:
    """Keep a view of the visitor.

    Raises:
        PermissionError: They may not do it at this moment: share, or change a view of somebody else.
        ViewError: It cannot be kept as it is.
        DatabaseError: The database cannot be used.
    """
    history = _writable(view)
    SavedViews(history.database, history.account).save(view)
    history.writes += 1  # what was read before is outdated


def delete(view: SavedView) -> None:
    """Take a view away, with its deliveries. Raises as `save` does."""
    history = _writable(view)
    SavedViews(history.database, history.account).delete(view.number)
    history.writes += 1


def may_change(view: SavedView) -> bool:
    """Return whether the visitor may change a view: their own, and as an admin every shared one."""
    person = sign_in.current()
    return view.person == person.email or (view.shared and person.may(Role.ADMIN))


def _writable(view: SavedView) -> History:
    history = connect().history
    allowed = sign_in.may_now(SHARES if view.shared else Role.VIEWER) and may_change(view)
    if not allowed or history is None:
        raise PermissionError
    return history


def deliveries() -> list[Delivery] | None:
    """Return what is sent from views; None while there is no history."""
    return cached_history_read(_deliveries)


def _deliveries(history: History) -> list[Delivery]:
    return Deliveries(history.database, history.account).all()


def runs(numbers: Sequence[int]) -> Mapping[int, Sequence[Run]]:
    """Return the latest runs of deliveries, the newest first; read each time, because other processes send, too."""
    history = connect().history
    try:
        return {} if history is None else Deliveries(history.database, history.account).runs(numbers, 10)
    except DatabaseError:
        return {}


def change_deliveries(change: Callable[[Deliveries], object]) -> None:
    """Carry out `change` on the account's deliveries, if the visitor is an admin at this moment.

    Raises:
        PermissionError: They are not.
        DeliveryError: It cannot be kept as it is.
        DatabaseError: The database cannot be used.
    """
    history = connect().history
    if history is None or not sign_in.may_now(DELIVERS):
        raise PermissionError
    change(Deliveries(history.database, history.account))
    history.writes += 1  # what was read before is outdated
