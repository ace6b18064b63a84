"""What Klenty's webhooks delivered: a live feed, and its counts beside Klenty's own."""

from zoneinfo import ZoneInfo

import streamlit as st

from dashboard.analysis.performance import webhook_activity
from dashboard.app_pages.components import display, header, messages, webhook_feed
from dashboard.app_pages.session import filters, loaders, sign_in
from dashboard.charts import activity_chart
from dashboard.data.roles import Role

person = sign_in.current()
view = filters.current()
zone = view.window.timezone
st.title("Activity")
box = webhook_feed.mailbox()
standing = box.deliveries.standing()
if standing.first_at is None:
    webhook_feed.nothing_yet(person_may_register=person.may(Role.ADMIN))
    st.stop()

st.caption(webhook_feed.since(standing, zone))
webhook_feed.feed(box.deliveries, webhook_feed.pick(box.deliveries), zone)

st.header("Compared with Klenty's counts")
first_day = standing.first_at.astimezone(ZoneInfo(zone)).date()
counts = box.deliveries.counts(start=view.window.start, end=view.window.end, timezone=zone, cadences=view.names)
display.chart(activity_chart(counts, start=max(view.window.start, first_day), end=view.window.end), "activity_days")
if first_day > view.window.start:
    st.warning(
        f"The first delivery came on {first_day:%d %b %Y}. Before that nothing is known here, so the counts of the "
        "range cannot be compared as a whole.",
        icon=":material/date_range:",
    )
(reports,) = loaders.load(view.cadences, view.window) if view.cadences else ([],)
st.caption(f"{view.window.label()} · {header.freshness(reports)}")
messages.failures(reports)
frame = webhook_activity.compared_with_klenty(
    counts, loaders.tables(reports).engagements, seen=box.deliveries.names()["event"]
)
webhook_feed.draw_comparison(frame)
display.download(frame, key="activity_beside_csv", name="activity-beside-klenty")
st.caption(webhook_activity.NOTE)
if person.may(Role.ADMIN):
    webhook_feed.forget(box.deliveries, box.days)
