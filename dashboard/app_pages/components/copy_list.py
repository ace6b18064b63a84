"""Copies that several cadences use as a list: a row for each, which opens to where it was sent."""

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
import streamlit as st

from dashboard.analysis.ab_tests import same_copy
from dashboard.analysis.metrics import METRICS, format_count
from dashboard.app_pages.components import display
from dashboard.app_pages.components.display import plain
from dashboard.app_pages.components.marks import inline
from dashboard.app_pages.session import calculations
from dashboard.charts.cells import records
from dashboard.charts.marks import difference_mark

OPEN: Final = "copy"  # the URL names the copy that is open
BY: Final[dict[str, same_copy.By]] = {"Template": "template", "Subject": "subject"}
_A_PAGE: Final = 20
_WIDTHS: Final = (9, 5, 4)
_COLUMNS: Final = [
    "copy", "cadences", "events", "emails_sent", "note", "odds_ratio", "odds_ratio_low", "odds_ratio_high", "strata",
    "compared_events", "compared_emails", "other_events", "other_emails", "risk_ratio",
]  # fmt: skip
_PLACES: Final = ["cadence", "step", "events", "emails_sent", "other_events", "other_emails"]


def pick_by() -> same_copy.By:
    """Let the visitor choose what makes two mails the same copy; it is in the URL."""
    picked = st.segmented_control(
        "Same", list(BY), default="Template", required=True, key="by", bind="query-params", label_visibility="collapsed"
    )
    return BY[picked or "Template"]


def how_to_read() -> None:
    """Draw what is compared with what, one click away."""
    with st.popover("How to read", icon=":material/help:", type="tertiary"):
        st.markdown(
            "A good list flatters a bad mail. So a copy is compared only with the other options of the same step of "
            "the same cadence, and what that shows is pooled over the cadences that use it. The bar is the 95 % "
            "interval of the odds, the line is no difference."
        )
        st.markdown(
            "It holds for looking once, at the end of a period: looked at every day, an interval that leaves out the "
            "line comes up by chance more often than once in twenty. Which option of a step to keep is for *Tests*."
        )


def show(found: pd.DataFrame, options: pd.DataFrame, by: same_copy.By, events: same_copy.Events, fresh: str) -> None:
    """Draw the copies, most sent first; the one that the URL names is open.

    Args:
        found: `same_copy.copies` of `options`.
        options: tidy frame of the chosen cadences.
        by: what makes two mails the same copy.
        events: what is counted.
        fresh: when the answers arrived.
    """
    pages = -(-len(found) // _A_PAGE)
    page = st.pagination(pages, key="copies_page") if pages > 1 else 1
    with st.container(gap="xsmall", key="copies"):
        for row in records(found.iloc[(page - 1) * _A_PAGE : page * _A_PAGE]):
            _row(row, events)
            if st.query_params.get(OPEN) == row["copy"]:
                with st.container(border=True, key="open_copy"):
                    places = calculations.places(options, str(row["copy"]), by=by, events=events)
                    display.table(places, key="copy_places", name="copy-places", columns=_PLACES, fresh=fresh)
    with st.expander("All numbers", icon=":material/table_rows:", key="copies_numbers", on_change="rerun") as fold:
        if fold.open:
            display.table(found, key="copies_table", name=f"copies-by-{events}", columns=_COLUMNS, fresh=fresh)


def _row(row: Mapping[Any, Any], events: same_copy.Events) -> None:
    copy, difference, note = st.columns(_WIDTHS, vertical_alignment="center")
    counts = f"{format_count(row['events'])} of {format_count(row['emails_sent'])} emails"
    copy.button(
        plain(str(row["copy"])),
        key=f"open_copy_{row['copy']}",
        type="tertiary",
        help=f"In {row['cadences']} cadences: {counts}",
        on_click=_toggle,
        args=(str(row["copy"]),),
    )
    difference.markdown(_difference(row, METRICS[events].label.lower()))
    note.caption(plain(str(row["note"] or f"{row['cadences']} cadences")))


def _toggle(copy: str) -> None:
    if st.query_params.get(OPEN) == copy:
        del st.query_params[OPEN]
    else:
        st.query_params[OPEN] = copy


def _difference(row: Mapping[Any, Any], events: str) -> str:
    if row["odds_ratio"] is None:
        return ":gray[–]"
    text = f"×{row['odds_ratio_low']:.2f} to ×{row['odds_ratio_high']:.2f}"
    own, other = (
        f"{format_count(row[f'{which}_events'])} of {format_count(row[f'{which}_emails'])} emails"
        for which in ("compared", "other")
    )
    alt = f"Odds of {events} {text}: {own} against {other} of the other options of the same steps"
    return f"{inline(difference_mark(None, row['odds_ratio_low'], row['odds_ratio_high'], alt, proven=False))} {text}"
