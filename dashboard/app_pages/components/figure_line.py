"""The five figures of a cadence in one line: rate, and the one chip that its counts carry."""

import streamlit as st

from dashboard.analysis.performance.rate_cards import RateCard
from dashboard.app_pages.components import header
from dashboard.app_pages.components.display import plain, sentence
from dashboard.app_pages.components.marks import badge
from dashboard.app_pages.session import calculations, loaders
from dashboard.app_pages.session.filters import View
from dashboard.app_pages.session.loaders import Tables
from dashboard.app_pages.session.watch_list import watcher


def show(view: View, now: Tables, earlier: Tables, fresh: str) -> None:
    """Draw the figures of the range, each with what may be said of it.

    Args:
        view: what is shown.
        now: the range's tables.
        earlier: those of the period it is compared with.
        fresh: when the answers arrived.
    """
    levels = watcher().levels()
    cards = calculations.rate_cards(
        now.engagements,
        earlier.engagements,
        per=view.per,
        maturing=header.maturing(view),
        levels=(("bounce_rate", levels.bounces_watch), ("unsubscribe_rate", levels.unsubscribes_watch)),
        facts=view.facts,
        weeks=loaders.weeks(view),
    )
    with st.grid("auto", min_column_width=110):
        for card in cards:
            with st.container(gap=None):
                _figure(card, fresh)


def _figure(card: RateCard, fresh: str) -> None:
    notes = [plain(note) for note in (*card.notes, sentence(fresh)) if note]
    st.caption(card.label, help="  \n".join(notes))
    st.markdown(f"**{plain(card.value)}**{badge(card.chip)}")
