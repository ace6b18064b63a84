"""The head of every page: its title, what is shown, and how to read it."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard.app_pages.session.filters import View
from dashboard.app_pages.session.text import plain


def page_header(title: str, *, about: Sequence[str] = (), how_to_read: Sequence[str] = ()) -> None:
    """Draw the title of a page with a line of facts, and one popover for what would repeat in every caption.

    Args:
        title: Of the place.
        about: What is shown, in a few words each: periods, how many cadences, when they were fetched.
        how_to_read: Paragraphs of the popover, plain text.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.title(title, width="content")
        st.caption(plain(" · ".join(part for part in about if part)), width="stretch")
        if how_to_read:
            with st.popover("How to read", type="tertiary", icon=":material/help:", key="how_to_read"):
                for paragraph in how_to_read:
                    st.markdown(plain(paragraph))


def first_screen_skeleton() -> None:
    """Draw where cards, chart and ranking will be, while reports are fetched."""
    with st.grid(5, min_column_width=150):
        for _ in range(5):
            st.skeleton(height=150)
    left, right = st.columns([2, 3])
    left.skeleton(height=340)
    right.skeleton(height=340)


def periods(view: View) -> str:
    """Return the two periods of a view: "2–29 Nov vs 5 Oct – 1 Nov"; the year only where it is not this one."""
    year = _today(view).year
    shown = view.window.short(year=year)
    return shown if view.earlier is None else f"{shown} vs {view.earlier.short(year=year)}"


def _today(view: View) -> date:
    return datetime.now(ZoneInfo(view.window.timezone)).date()
