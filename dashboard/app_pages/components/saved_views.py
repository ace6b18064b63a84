"""The small menu of saved views, and their list in Reports."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from dashboard.app_pages.session import saved_views, sign_in
from dashboard.app_pages.session.text import plain
from dashboard.data.database import DatabaseError
from dashboard.data.history.saved_views import LONGEST_NAME, SavedView, ViewError

_PROBLEM = "views.problem"


def draw_menu(page: str | None) -> None:
    """Draw the menu: open a view, or keep what is shown as one.

    `page` is the stem of the open page's file; None where there is nothing to keep.
    """
    known = saved_views.views()
    if known is None:
        return
    with st.popover("Views", icon=":material/bookmark:", type="tertiary", key="views_menu"):
        for view in known:
            _link(view)
        if page is not None:
            with st.form("views_new", border=False, clear_on_submit=True):
                name = st.text_input("Save what is shown as", max_chars=LONGEST_NAME)
                shared = st.toggle("For everyone") if sign_in.current().may(saved_views.SHARES) else False
                if st.form_submit_button("Save view"):
                    attempt(lambda: saved_views.save(name, page, is_shared=shared))
    if problem := st.session_state.pop(_PROBLEM, None):
        st.error(plain(problem), icon=":material/bookmark:")


def draw_list(under: Callable[[SavedView], None]) -> None:
    """Draw every view with what can be done with it; `under` draws what belongs to one."""
    known = saved_views.views()
    if known is None:
        st.info("Views are kept in the database, which cannot be used now.", icon=":material/database_off:")
        return
    if not known:
        st.markdown("No view yet. *Views* in the sidebar keeps what a page shows under a name.")
    start = saved_views.start_view()
    for view in known:
        with st.container(border=True):
            with st.container(horizontal=True, vertical_alignment="center"):
                _link(view)
                st.caption(_facts(view, is_start=view.number == start), width="stretch")
                with st.popover("", icon=":material/more_horiz:", type="tertiary", key=f"view_more_{view.number}"):
                    _more(view, is_start=view.number == start)
            if gone := saved_views.unlisted_cadences(view):
                st.caption(f":material/link_off: Klenty does not list {plain(', '.join(gone), 400)}.")
            under(view)


def _link(view: SavedView) -> None:
    st.page_link(
        saved_views.page_of(view), label=plain(view.name), icon=":material/bookmark:", help=_about(view),
        query_params=saved_views.link_of(view),
    )  # fmt: skip


def _facts(view: SavedView, *, is_start: bool) -> str:
    parts = ["shared" if view.is_shared else "own", "start page" if is_start else ""]
    parts.append(f"by {plain(view.person)}" if view.is_shared and view.person else "")
    return " · ".join(part for part in parts if part)


def _about(view: SavedView) -> str:
    names = view.cadences
    many = "all cadences" if not names else names[0] if len(names) == 1 else f"{len(names)} cadences"
    page = view.page.removesuffix("_page").capitalize()
    return plain(f"{page}: {view.value('range') or 'Last 28 days'}, {many}")


def _more(view: SavedView, *, is_start: bool) -> None:
    label = "Start with the Overview" if is_start else "Start with this view"
    if st.button(label, key=f"view_start_{view.number}", icon=":material/home:"):
        attempt(lambda: saved_views.start_with(None if is_start else view.number))
    if not saved_views.may_change(view, sign_in.current()):
        return
    with st.form(f"view_change_{view.number}", border=False):
        name = st.text_input("Name", view.name, max_chars=LONGEST_NAME)
        may_share = sign_in.current().may(saved_views.SHARES)
        shared = st.toggle("For everyone", view.is_shared) if may_share else view.is_shared
        if st.form_submit_button("Save"):
            attempt(lambda: saved_views.change(view, name=name, is_shared=shared))
    if st.button("Delete view and deliveries", key=f"view_delete_{view.number}", icon=":material/delete:"):
        attempt(partial(saved_views.delete, view))


def attempt(write: Callable[[], object]) -> None:
    """Do what was clicked and draw the page again; what went wrong is said there."""
    try:
        write()
    except PermissionError:
        st.session_state[_PROBLEM] = "Not saved: your role does not allow it."
    except (ViewError, DatabaseError) as problem:
        st.session_state[_PROBLEM] = f"Not saved. {problem}"
    st.rerun()
