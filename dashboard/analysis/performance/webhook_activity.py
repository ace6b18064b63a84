"""What webhooks delivered, counted beside what Klenty reports: two sources that are never added up."""

from collections.abc import Collection, Mapping
from typing import Final

import pandas as pd

EVENT_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "reply": ("Reply", "Replies"),
    "cadenceFirstReply": ("First reply", "First replies"),
    "onMailBounce": ("Bounce", "Bounces"),
    "unsubscribe": ("Unsubscribe", "Unsubscribes"),
    "click": ("Click", "Clicks"),
    "open": ("Open", "Opens"),
    "startCadence": ("Cadence started", "Cadence starts"),
    "completeCadence": ("Cadence completed", "Cadence completions"),
    "sendProspect": ("Prospect sent", "Prospects sent"),
    "prospect": ("Prospect changed", "Prospects changed"),
}
"""The documented events as people call one and many of them, those that matter most first."""

REPLIES: Final = ("reply", "cadenceFirstReply")
NOTE: Final = (
    "“Received here” counts deliveries of webhooks by the day they arrived, each once; what was taken for the same "
    "event sent again is left out. “Klenty” is what Klenty's report says for the range. The two need not agree: a "
    "delivery may be lost on its way, arrive on another day than Klenty counts it, or come for an event that the "
    "report counts differently. “–” under “received here” means that this event never arrived: its webhook may not be "
    "registered."
)
_BESIDE: Final[Mapping[str, str]] = {
    "reply": "replies",
    "onMailBounce": "bounces",
    "unsubscribe": "unsubscribes",
    "click": "clicks",
    "open": "opens",
    "completeCadence": "completed",
}


def event_label(event: str, *, many: bool = False) -> str:
    """Return an event, or many of them, as people call it; an undocumented one under its own name."""
    return EVENT_NAMES.get(event, (event, event))[many]


def compared_with_klenty(counts: pd.DataFrame, engagements: pd.DataFrame, *, seen: Collection[str]) -> pd.DataFrame:
    """Return deliveries of a range per cadence beside the engagement counts of the same range.

    `counts` are `DeliveryStore.counts`, `engagements` the tidy frame, `seen` the events that ever arrived. Columns:
    `cadence`, and for each event that Klenty reports too `received_…` and the metric itself (replies, bounces,
    unsubscribes, clicks, opens, completed), all nullable integers. A `received_…` is empty where that event never
    arrived at all, and 0 where it did, but not for this cadence and range.

    Args:
        counts: of `DeliveryStore.counts`.
        engagements: the tidy frame.
        seen: events that ever arrived.
    """
    once = engagements.drop_duplicates("cadence").set_index("cadence")
    received = counts.pivot_table(index="cadence", columns="event", values="deliveries", aggfunc="sum", observed=True)
    names = [*once.index, *(name for name in received.index if name not in once.index)]
    frame = pd.DataFrame({"cadence": pd.Series(names, dtype="string")})
    for event, metric in _BESIDE.items():
        here = frame["cadence"].map(received[event]) if event in received else pd.Series(pd.NA, frame.index)
        here = here.astype("Int64")
        frame[f"received_{metric}"] = here.fillna(0) if event in seen else here
        reported = once[metric] if metric in once else pd.Series(dtype="Int64")
        frame[metric] = frame["cadence"].map(reported).astype("Int64")
    return frame
