"""The figures of a cadence in one line: rate, and whether it changed."""

from typing import Final

import pandas as pd
import streamlit as st

from dashboard.analysis.metrics import NO_RATE, NOT_REPORTED, format_percent
from dashboard.analysis.performance import totals
from dashboard.analysis.performance.totals import Figure, pair_total
from dashboard.app_pages.components import header
from dashboard.app_pages.components.display import about_figure, plain
from dashboard.app_pages.session import loaders
from dashboard.app_pages.session.account_notes import facts
from dashboard.app_pages.session.filters import View
from dashboard.app_pages.session.loaders import Tables
from dashboard.app_pages.session.memo import made

_SHOWN: Final = {
    "replies": "Reply",
    "positive_replies": "Positive",
    "bounces": "Bounced",
    "unsubscribes": "Unsubscribed",
}
_COLOURS: Final = {"good": "green", "bad": "red", "neutral": "gray"}


def show(view: View, now: Tables, earlier: Tables, revised: pd.DataFrame | None, fresh: str) -> None:
    """Draw the figures of the range, each with what may be said of its change.

    Args:
        view: what is shown.
        now: the range's tables.
        earlier: those of the period it is compared with.
        revised: what Klenty once gave otherwise of that period (`restated.of_earlier_period`).
        fresh: when the answers came.
    """
    figures = made(
        totals.figures,
        now.engagements,
        earlier.engagements,
        per=view.per,
        restated=revised,
        facts=facts(),
        weeks=loaders.weeks(view),
        maturing=header.maturing(view),
    )
    shown = [figure for figure in figures if figure.metric in _SHOWN]
    with st.grid("auto", min_column_width=120):
        for figure in shown:
            with st.container(gap=None):
                _figure(figure, now, fresh)


def _figure(figure: Figure, now: Tables, fresh: str) -> None:
    pair = pair_total(now.engagements, figure.rate_metric) if figure.rate_metric else None
    value = NO_RATE if pair is None or not pair.trials else format_percent(pair.events / pair.trials)
    if figure.value is None:
        value = NOT_REPORTED
    chip = f" :{_COLOURS[figure.chip.tone]}-badge[{plain(figure.chip.text)}]" if figure.chip else ""
    st.caption(_SHOWN[figure.metric], help=about_figure(figure, fresh, with_counts=True))
    st.markdown(f"**{plain(value)}**{chip}")
