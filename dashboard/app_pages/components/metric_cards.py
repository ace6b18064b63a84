"""The rates that lead a page: value, one chip, twelve weeks as a line; everything else under the pointer."""

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.analysis.performance.rate_cards import RateCard
from dashboard.app_pages.session.text import plain
from dashboard.charts.text import unbroken

_COLOURS = {"good": "green", "bad": "red", "neutral": "gray"}


def metric_cards(
    cards: Sequence[RateCard],
    *,
    fresh: str = "",
    weekly: Mapping[str, Sequence[float | None]] | None = None,
    changes: str = "",
) -> None:
    """Draw the cards in a row, on a phone two a row.

    Args:
        cards: Of the range shown.
        fresh: When the answers arrived, for the hover.
        weekly: Values of the last weeks by rate, for the lines.
        changes: What changed in these weeks, for the hover.
    """
    with st.grid(len(cards) or 1, min_column_width=150):
        for card in cards:
            _card(card, fresh, (weekly or {}).get(card.rate, ()), changes)


def _card(card: RateCard, fresh: str, weeks: Sequence[float | None], changes: str) -> None:
    known = [value for value in weeks if value is not None]
    arrow = {"up": "up", "down": "down"}.get(card.change.label if card.change else "", "off")
    tone = card.chip.tone if card.chip else "neutral"
    sentences = [*card.notes, changes if len(known) > 1 else "", f"{fresh[:1].upper()}{fresh[1:]}." if fresh else ""]
    st.metric(
        card.label,
        unbroken(card.value),
        delta=unbroken(card.chip.text) if card.chip else None,
        delta_color=_COLOURS[tone],  # type: ignore[arg-type]  # names of colours are literals there
        delta_arrow=arrow if tone != "neutral" else "off",  # type: ignore[arg-type]
        help="  \n".join(plain(sentence) for sentence in sentences if sentence),
        border=True,
        height="stretch",
        chart_data=[100 * value for value in known] if len(known) > 1 else None,
        chart_type="line",
    )
