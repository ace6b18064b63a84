"""Templates and subjects that several cadences use, against what stood beside them in the same step."""

import streamlit as st

from dashboard.analysis.ab_tests import same_copy
from dashboard.analysis.metrics import METRICS
from dashboard.app_pages.components import display, header, messages
from dashboard.app_pages.session import filters, loaders
from dashboard.app_pages.session.memo import made
from dashboard.charts import same_copy_chart

BY: dict[str, same_copy.By] = {"Template": "template", "Subject": "subject"}
EVENTS: dict[str, same_copy.Events] = {"Replies": "replies", "Positive replies": "positive_replies"}
COLUMNS = [
    "copy", "cadences", "events", "emails_sent", "note", "odds_ratio", "odds_ratio_low", "odds_ratio_high", "strata",
    "compared_events", "compared_emails", "other_events", "other_emails", "risk_ratio",
]  # fmt: skip
PLACES = ["cadence", "step", "events", "emails_sent", "other_events", "other_emails"]


def draw() -> None:
    """Draw the tab."""
    view = filters.current()
    if not view.cadences:
        messages.no_cadences()
        st.stop()

    (reports,) = loaders.load(view.cadences, view.window)
    fresh = header.freshness(reports)
    st.caption(f"{view.window.label()} · {fresh}")
    messages.failures(reports)
    with st.container(horizontal=True):
        by_label = st.segmented_control(
            "ByIdentity", list(BY), default="Template", required=True, key="by", bind="query-params"
        )
        events_label = st.segmented_control(
            "Count", list(EVENTS), default="Replies", required=True, key="counted", bind="query-params"
        )
    by, events = BY[by_label or "Template"], EVENTS[events_label or "Replies"]
    st.caption(
        "A good list flatters a bad mail. So a copy is compared only with the other options of the same step of the "
        "same cadence, and the results of all cadences that use it are pooled. Look once, at the end of a period; "
        "which option of a step to keep is on the tab Tests."
    )
    options = loaders.tables(reports).options
    found = made(same_copy.copies, options, by=by, events=events)
    if found.empty:
        messages.no_shared_copies(by, reports)
        st.stop()
    display.chart(made(same_copy_chart, found, events), "same_copy", numbers=False, fresh=fresh)
    display.table(found, key="same_copy_table", name=f"same-copy-by-{events}", columns=COLUMNS, fresh=fresh)

    st.subheader("Where it was sent")
    copy = st.selectbox("Copy", found["copy"].tolist(), key="copy", label_visibility="collapsed")
    rows = made(same_copy.places, options, str(copy), by=by, events=events)
    display.table(rows, key="same_copy_places", name="same-copy-places", columns=PLACES, fresh=fresh)
    st.caption(f"{METRICS[events].label} and emails of this copy, and of the options beside it in the same step.")
