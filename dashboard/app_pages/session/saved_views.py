"""Saved views of the account that this session sees: opened, kept, and the one to start with."""

from collections.abc import Callable
from typing import Any, Final

import streamlit as st

from dashboard.analysis.metrics import PER_LABELS
from dashboard.app_pages.session import filters, sign_in
from dashboard.app_pages.session.connection import connect, listing
from dashboard.app_pages.session.memo import cached_history_read
from dashboard.data.history import History
from dashboard.data.history.saved_views import SavedView, SavedViews
from dashboard.data.roles import Person, Role, role_now
from dashboard.data.windows import COMPARISONS, PRESETS

SHARES: Final = Role.OPERATOR
_STARTED: Final = "views.started"


def views() -> list[SavedView] | None:
    """Return the views that the visitor sees, by name; None while the database cannot be used."""
    return cached_history_read(_seen, sign_in.current().email)


def start_view() -> int | None:
    """Return the number of the view that the visitor starts with; None: the Overview."""
    return cached_history_read(_start, sign_in.current().email)


def _seen(history: History, person: str) -> list[SavedView]:
    return SavedViews(history.database, history.account).seen_by(person)


def _start(history: History, person: str) -> int | None:
    return SavedViews(history.database, history.account).start_of(person)


def begin(*, on_overview: bool) -> None:
    """Go to the view to start with, at the beginning of a visit without a link. Call before the filters are drawn.

    `on_overview` says whether the open page is the first one.
    """
    begins = _STARTED not in st.session_state
    st.session_state[_STARTED] = True
    if not begins or not on_overview or {*st.query_params} - {"account"}:
        return
    number = start_view()
    wanted = next((view for view in views() or () if view.number == number), None)
    if wanted is not None:
        st.switch_page(page_of(wanted), query_params=link_of(wanted))


def page_of(view: SavedView) -> str:
    """Return the file of a view's page."""
    return f"app_pages/{view.page}.py"


def link_of(view: SavedView) -> list[tuple[str, str]]:
    """Return what a link to a view says: every filter, so that none of this visit stays where the view has none."""
    plain_values = {
        "cadence": [""],  # none is chosen
        "finished": ["false"],
        "range": [PRESETS[filters.DEFAULT_PRESET]],
        "against": [next(iter(COMPARISONS.values()))],
        "tz": [connect().settings.timezone],
        "per": [next(iter(PER_LABELS.values()))],
        "marks": ["on"],
        "account": st.query_params.get_all("account"),
    }
    return [(name, value) for name, values in {**plain_values, **view.query}.items() for value in values]


def unlisted_cadences(view: SavedView) -> list[str]:
    """Return the view's cadences that Klenty does not list; none while the list is not known."""
    listed = {cadence.name for cadence in listing().cadences}
    return [name for name in view.cadences if name not in listed] if listed else []


def save(name: str, page: str, *, is_shared: bool) -> None:
    """Keep the filters of this run's address and `page` (the stem of its file) under a name.

    Args:
        name: What the view is called.
        page: Where it was made.
        is_shared: Whether all see it.

    Raises:
        PermissionError: The visitor may not at this moment.
        ViewError: It cannot be kept as it is.
        DatabaseError: The database cannot be used.
    """
    query = {key: st.query_params.get_all(key) for key in st.query_params if key != "account"}
    person = sign_in.current()
    _write(SHARES if is_shared else Role.VIEWER, lambda kept: kept.add(
        name, page, query, person=person.email, is_shared=is_shared
    ))  # fmt: skip


def may_change(view: SavedView, person: Person) -> bool:
    """Return whether a person may rename or delete a view: their own, and admins a shared one."""
    return view.person == person.email or (view.is_shared and person.may(Role.ADMIN))


def change(view: SavedView, *, name: str, is_shared: bool) -> None:
    """Rename a view, and share it or not. Raises as `save` does.

    Args:
        view: The one to change.
        name: What it is called from now on.
        is_shared: Whether all see it from now on.
    """
    _check(view)
    _write(
        SHARES if is_shared and not view.is_shared else Role.VIEWER,
        lambda kept: kept.change(view.number, name=name, is_shared=is_shared),
    )


def delete(view: SavedView) -> None:
    """Delete a view with its deliveries. Raises as `save` does."""
    _check(view)
    _write(Role.VIEWER, lambda kept: kept.delete(view.number))


def start_with(number: int | None) -> None:
    """Start with this view from now on; None: with the Overview. Raises as `save` does."""
    person = sign_in.current()
    _write(Role.VIEWER, lambda kept: kept.start_with(number, person.email))


def _check(view: SavedView) -> None:
    if not may_change(view, sign_in.current()):
        raise PermissionError


def _write(least: Role, write: Callable[[SavedViews], Any]) -> None:
    role, history = role_now(sign_in.current()), connect().history
    if role is None or role < least or history is None:
        raise PermissionError
    write(SavedViews(history.database, history.account))
    history.writes += 1  # what was read before is outdated
