"""What Klenty's webhooks delivered: a live feed, and its counts beside Klenty's own."""

from zoneinfo import ZoneInfo

import streamlit as st

from dashboard.analysis import activity
from dashboard.app_pages.parts import deliveries, filters, header, loading, show, sign_in, troubles
from dashboard.charts import activity_chart
from dashboard.data.people import Role

person = sign_in.current()
view = filters.current()
zone = view.window.timezone
st.title("Activity")
box = deliveries.mailbox()
standing = box.deliveries.standing()
if standing.first_at is None:
    deliveries.nothing_yet(person.may(Role.ADMIN))
    st.stop()

st.caption(deliveries.since(standing, zone))
deliveries.feed(box.deliveries, deliveries.pick(box.deliveries), zone)

st.subheader("Beside Klenty's counts")
first_day = standing.first_at.astimezone(ZoneInfo(zone)).date()
counts = box.deliveries.counts(start=view.window.start, end=view.window.end, timezone=zone, cadences=view.names)
show.chart(activity_chart(counts, start=max(view.window.start, first_day), end=view.window.end), "activity_days")
if first_day > view.window.start:
    st.warning(
        f"The first delivery came on {first_day:%d %b %Y}. Before that nothing is known here, so the counts of the "
        "range cannot be compared as a whole.",
        icon=":material/date_range:",
    )
(reports,) = loading.load(view.cadences, view.window) if view.cadences else ([],)
st.caption(f"{view.window.label()} · {header.freshness(reports)}")
troubles.failures(reports)
frame = activity.beside(counts, loading.tables(reports).engagements, seen=box.deliveries.names()["event"])
deliveries.beside(frame)
show.download(frame, key="activity_beside_csv", name="activity-beside-klenty")
st.caption(activity.NOTE)
if person.may(Role.ADMIN):
    deliveries.forget(box.deliveries, box.days)
