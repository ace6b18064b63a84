"""How far the numbers can be trusted: findings by kind, and whether Klenty's answers agree with each other."""

import streamlit as st

from dashboard.analysis import health, reconcile
from dashboard.app_pages.parts import filters, header, loading, restated, show, troubles
from dashboard.app_pages.parts.doubts import agreement, concern, found_in, whereabouts, whereabouts_of
from dashboard.app_pages.parts.kept import made
from dashboard.app_pages.parts.remembered import facts
from dashboard.data.windows import RIPENING_DAYS

view = filters.current()
st.title("Data health")
if not view.cadences:
    troubles.no_cadences()
    st.stop()

(reports,) = loading.load(view.cadences, view.window)
st.caption(f"{view.window.label()} · {header.freshness(reports)}")
troubles.failures(reports)
now = loading.tables(reports)
if now.engagements.empty and now.steps.empty:
    troubles.nothing_loaded()
    st.stop()

found = made(found_in, loading.Answers(reports), facts())
for note in facts().notes:
    st.warning(note, icon=":material/rule:")

st.subheader("Findings")
clean = len(set(view.names) - {finding.cadence for finding in found})
st.markdown(f"{clean} of {len(view.names)} cadences are without a finding. Nothing is corrected anywhere.")
for group in health.groups(found, facts()):
    concern(group)
show.download(made(health.findings_frame, found, facts()), key="health_csv", name="data-health")

st.subheader("Do the answers agree?")
st.caption(reconcile.SUMS_NOTE)
agreement(made(reconcile.sums, now.engagements, now.steps, now.options))

st.subheader("Where are the prospects?")
st.caption(reconcile.prospects_note(facts()))
whereabouts(made(whereabouts_of, loading.Answers(reports)))

st.subheader("What did Klenty restate?")
st.caption(
    "Counts that Klenty gives otherwise than it did: a reply was marked anew, or a prospect deleted. Looked at is what "
    f"was asked {RIPENING_DAYS} days or more after its last day; until then replies are still arriving."
)
restated.ask(view)
