"""What the pages about webhooks share: the account's mailbox, the feed, and what is said around it."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboard.analysis.metrics import METRICS
from dashboard.analysis.performance.webhook_activity import REPLIES, event_label
from dashboard.app_pages.session import connection, sign_in
from dashboard.charts.text import clean
from dashboard.data.database import DatabaseError
from dashboard.data.webhooks.store import DeliveryStore, Standing
from dashboard.exports.csv import to_csv
from dashboard.services import webhook_accounts
from dashboard.web.webhook_receiver import WebhookInbox

SHOWN = 200
EXPORTED = 50_000
EVERY = 5
_FEED = ["received_at", "event", "prospect", "name", "company", "cadence", "owner", "times"]


@dataclass(frozen=True)
class Filters:
    """What the feed lets through; empty lets everything through."""

    events: tuple[str, ...]
    cadences: tuple[str, ...]
    owners: tuple[str, ...]


def mailbox() -> WebhookInbox:
    """Return the mailbox of the account that this session sees; a page without it says why, and the run ends."""
    link = connection.connect()
    try:
        return webhook_accounts.open_inbox(link.settings, link.account.name)
    except DatabaseError as problem:
        st.error(str(problem), title="Deliveries cannot be kept or shown", icon=":material/database_off:")
        st.caption("Until then deliveries are answered “not now”, which asks the sender to come back.")
        st.stop()


def nothing_yet(*, person_may_register: bool) -> None:
    """Draw the page before the first delivery."""
    st.info(
        "When a prospect replies, opens, clicks, bounces or unsubscribes, Klenty can tell this dashboard at once by a "
        "webhook. None has arrived yet.",
        title="Nothing was delivered here yet",
        icon=":material/bolt:",
    )
    if person_may_register:
        st.markdown(
            "1. Give the dashboard an address that Klenty can reach (https).\n"
            "2. Open **Settings › Webhooks** and register this dashboard for the events you want.\n"
            "3. Come back: deliveries appear here within seconds."
        )
        st.page_link(
            "app_pages/settings_page.py",
            label="Open Settings",
            icon=":material/webhook:",
            query_params={"settings": "Webhooks"},
        )
    else:
        st.markdown("An admin can register this dashboard under **Settings › Webhooks**.")


def since(standing: Standing, zone: str) -> str:
    """Return since when, and how much."""
    first = standing.first_at.astimezone(ZoneInfo(zone)) if standing.first_at else None
    again = f", and {standing.repeats:,} sent again" if standing.repeats else ""
    return f"{standing.events:,} deliveries received here since {first:%d %b %Y, %H:%M}{again}" if first else ""


def pick(deliveries: DeliveryStore) -> Filters:
    """Return the filters of the feed, kept in the URL."""
    names = deliveries.names()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        which = st.segmented_control(
            "Show",
            ["Replies", "Everything"],
            default="Replies",
            required=True,
            key="feed",
            bind="query-params",
        )
        events = []
        if which == "Everything":
            events = st.multiselect(
                "Events",
                names["event"],
                key="feed_event",
                bind="query-params",
                format_func=partial(event_label, many=True),
                placeholder="All events",
            )
        cadences = st.multiselect(
            "Cadences", names["cadence"], key="feed_cadence", bind="query-params", placeholder="All cadences"
        )
        owners = st.multiselect(
            "Owners", names["owner"], key="feed_owner", bind="query-params", placeholder="All owners"
        )
    return Filters(REPLIES if which == "Replies" else tuple(events), tuple(cadences), tuple(owners))


@st.fragment(run_every=EVERY)
def feed(deliveries: DeliveryStore, chosen: Filters, zone: str) -> None:
    """Draw the newest deliveries, asked for again every few seconds without the rest of the page.

    Args:
        deliveries: of the account.
        chosen: the filters.
        zone: in which times are shown.
    """
    sign_in.recheck_role()
    try:
        frame = table(deliveries, chosen, zone, limit=SHOWN)
    except DatabaseError as problem:
        st.warning(str(problem), icon=":material/database_off:")
        return
    now = datetime.now(ZoneInfo(zone))
    if frame.empty:
        st.info("No delivery of this kind arrived yet. This page looks again by itself.", icon=":material/filter_alt:")
    else:
        st.dataframe(
            _on_screen(frame),
            key="activity_feed",
            hide_index=True,
            column_order=_FEED,
            column_config=_columns(zone),
            placeholder="–",
            alt=f"The newest {len(frame)} deliveries",
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        more = f"The newest {SHOWN}; the CSV has up to {EXPORTED:,}. " if len(frame) == SHOWN else ""
        st.caption(
            f"{more}Times are when a delivery arrived: it does not say when its event happened. Looked at "
            f"{now:%H:%M:%S}, again every {EVERY} seconds. “–” means not delivered, or removed.",
            width="stretch",
        )
        st.download_button(
            "CSV",
            sign_in.guarded(partial(_csv, deliveries, chosen, zone)),
            file_name="activity.csv",
            mime="text/csv",
            key="activity_csv",
            icon=":material/download:",
            on_click="ignore",
            disabled=frame.empty,
        )


def table(deliveries: DeliveryStore, chosen: Filters, zone: str, *, limit: int) -> pd.DataFrame:
    """Return the feed as it is shown and downloaded: times in the page's zone, events as people call them.

    Args:
        deliveries: of the account.
        chosen: the filters.
        zone: in which times are shown.
        limit: rows at most.
    """
    frame = deliveries.feed(events=chosen.events, cadences=chosen.cadences, owners=chosen.owners, limit=limit)
    for column in ("received_at", "last_at"):
        frame[column] = frame[column].dt.tz_convert(zone)
    return frame.assign(event=frame["event"].map(event_label).astype("string"), times=frame["repeats"] + 1)


def _on_screen(frame: pd.DataFrame) -> pd.DataFrame:
    """Without signs that nobody sees, or that turn the order of the others around."""
    texts = ["event", "prospect", "name", "company", "cadence", "owner"]
    return frame.assign(**{name: frame[name].map(clean, na_action="ignore").astype("string") for name in texts})


def _csv(deliveries: DeliveryStore, chosen: Filters, zone: str) -> bytes:
    frame = table(deliveries, chosen, zone, limit=EXPORTED)
    return to_csv(frame[[*_FEED, "last_at"]])


def draw_comparison(frame: pd.DataFrame) -> None:
    """Draw deliveries next to Klenty's counts, every heading saying whose count it is."""
    config: dict[str, Any] = {"cadence": st.column_config.TextColumn("Cadence", pinned=True, width="medium")}
    for column in frame.columns:
        metric = METRICS.get(column.removeprefix("received_"))
        if metric is None:
            continue
        here = column.startswith("received_")
        label = f"{metric.label}: received here" if here else f"{metric.label}: Klenty"
        about = "Deliveries by day of arrival, each once." if here else metric.formula
        config[column] = st.column_config.NumberColumn(label, help=about, format="localized")
    st.dataframe(
        frame,
        key="activity_beside",
        hide_index=True,
        column_config=config,
        placeholder="–",
        alt=f"Deliveries received here beside Klenty's counts, {len(frame)} cadences",
    )


def forget(deliveries: DeliveryStore, days: int) -> None:
    """Draw the form that removes one prospect's personal data, and what the retention does by itself."""
    with st.expander("Personal data", icon=":material/person_remove:"):
        st.markdown(
            f"Names, addresses and everything else that a delivery says of a person are removed {days} days after it "
            "arrived; event, cadence, owner and time stay, so that counts stay true. Someone who asks for it can be "
            "removed at once:"
        )
        with st.form("activity_forget", border=False, clear_on_submit=True):
            email = st.text_input("Email of the prospect", max_chars=254, autocomplete="off", key="activity_email")
            sure = st.form_submit_button("Remove personal data", icon=":material/delete_forever:")
        if sure and email.strip():
            removed = deliveries.forget(email)
            noun = "delivery" if removed == 1 else "deliveries"
            st.success(f"Removed from {removed:,} {noun}. This cannot be undone." if removed else "None was found.")
        st.caption(
            "It is removed from this database only: not from Klenty, not from files that were downloaded, and not from "
            "backups. The next delivery about the same person is kept again."
        )


def _columns(zone: str) -> dict[str, Any]:
    arrived = st.column_config.DatetimeColumn("Arrived", format="D MMM, HH:mm:ss", timezone=zone)
    return {"received_at": arrived, **_COLUMNS}


_COLUMNS: dict[str, Any] = {
    "event": st.column_config.TextColumn("Event"),
    "prospect": st.column_config.TextColumn("Email", width="medium"),
    "name": st.column_config.TextColumn("Name"),
    "company": st.column_config.TextColumn("Company"),
    "cadence": st.column_config.TextColumn("Cadence", width="medium"),
    "owner": st.column_config.TextColumn("Owner"),
    "times": st.column_config.NumberColumn(
        "Times",
        format="%d",
        help="Equal deliveries within ten minutes are taken for one event that was sent again. Two real events with "
        "nothing different in them cannot be told from that.",
    ),
}
