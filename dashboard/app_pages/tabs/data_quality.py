"""How far the numbers can be trusted: findings by kind, and whether Klenty's answers agree with each other."""

import streamlit as st

from dashboard.analysis.data_quality import findings, reconcile
from dashboard.app_pages.components import display, header, messages, restated
from dashboard.app_pages.components.data_quality import agreement, concern, found_in, whereabouts, whereabouts_of
from dashboard.app_pages.session import filters, loaders
from dashboard.app_pages.session.account_notes import facts
from dashboard.app_pages.session.memo import made
from dashboard.data.windows import MATURING_DAYS


def draw() -> None:
    """Draw the tab."""
    view = filters.current()
    if not view.cadences:
        messages.no_cadences()
        st.stop()

    (reports,) = loaders.load(view.cadences, view.window)
    st.caption(f"{view.window.label()} · {header.freshness(reports)}")
    messages.failures(reports)
    now = loaders.tables(reports)
    if now.engagements.empty and now.steps.empty:
        messages.nothing_loaded()
        st.stop()

    found = made(found_in, loaders.Answers(reports), facts())
    for note in facts().notes:
        st.warning(note, icon=":material/rule:")

    st.header("Findings")
    clean = len(set(view.names) - {finding.cadence for finding in found})
    st.markdown(f"{clean} of {len(view.names)} cadences are without a finding. Nothing is corrected anywhere.")
    for group in findings.groups(found, facts()):
        concern(group)
    display.download(made(findings.findings_frame, found, facts()), key="health_csv", name="data-health")

    st.header("Do the answers agree?")
    st.caption(reconcile.SUMS_NOTE)
    agreement(made(reconcile.sums, now.engagements, now.steps, now.options))

    st.header("Where are the prospects?")
    st.caption(reconcile.prospects_note(facts()))
    whereabouts(made(whereabouts_of, loaders.Answers(reports)))

    st.header("Corrected since")
    st.caption(
        "Counts that Klenty has changed since: a reply was marked again, or a prospect deleted. Only what was asked "
        f"{MATURING_DAYS} days or more after its last day; until then replies are still arriving."
    )
    restated.ask(view)
