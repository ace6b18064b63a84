"""How far the numbers can be trusted: findings by kind, and whether Klenty's answers agree with each other."""

import streamlit as st

from dashboard.analysis.data_quality import findings, reconcile
from dashboard.app_pages.components import display, header, messages, restated
from dashboard.app_pages.components.data_quality import agreement, concern, found_in, whereabouts, whereabouts_of
from dashboard.app_pages.session import calculations, loaders, sign_in
from dashboard.app_pages.session.filters import View
from dashboard.data.roles import Role
from dashboard.data.windows import MATURING_DAYS


def draw(view: View) -> None:
    """Draw the tab."""
    if not view.cadences:
        messages.no_cadences()
        st.stop()

    about = st.empty()
    again = sign_in.current().may(Role.OPERATOR) and st.button(
        "Ask Klenty again",
        key="ask_again",
        icon=":material/refresh:",
        help=f"Fetches these days of {view.number_text} once more, {2 * len(view.names):,} calls, whatever is kept. "
        "For numbers that are wrong, as after the clock of this machine was.",
    )
    (reports,) = loaders.load(view.cadences, view.window, again=again)
    about.caption(f"{view.window.label()} · {header.freshness(reports)}")
    messages.failures(reports)
    now = loaders.tables(reports)
    if now.engagements.empty and now.steps.empty:
        messages.nothing_loaded()
        st.stop()

    found = found_in(loaders.Answers(reports), view.facts)
    for note in view.facts.notes:
        st.warning(note, icon=":material/rule:")

    st.header("Findings")
    clean = len(set(view.names) - {finding.cadence for finding in found})
    st.markdown(f"{clean} of {len(view.names)} cadences are without a finding. Nothing is corrected anywhere.")
    for group in findings.groups(found, view.facts):
        concern(group)
    display.download(calculations.data_quality_frame(found, view.facts), key="health_csv", name="data-health")

    st.header("Do the answers agree?")
    st.caption(reconcile.SUMS_NOTE)
    agreement(calculations.sums(now.engagements, now.steps, now.options))

    st.header("Where are the prospects?")
    st.caption(reconcile.prospects_note(view.facts))
    whereabouts(whereabouts_of(loaders.Answers(reports)))

    st.header("Corrected since")
    st.caption(
        "Counts that Klenty has changed since: a reply was marked again, or a prospect deleted. Only what was asked "
        f"{MATURING_DAYS} days or more after its last day; until then replies are still arriving."
    )
    restated.ask(view)
