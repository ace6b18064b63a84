"""What all A/B tests of the account have taught: winners that hold over all of them, and tests that cannot finish."""

import streamlit as st

from dashboard.analysis.ab_tests import wording as words
from dashboard.app_pages.components import display, header, messages, verdict_card
from dashboard.app_pages.session import filters, loaders, verdict_rules
from dashboard.app_pages.session.memo import made

WON = [
    "winner_since", "decided_to", "cadence", "step", "in_words", "option_counts", "subject", "emails_sent", "events",
    "next_step", "decided_on",
]  # fmt: skip
WAITING = [
    "cadence", "step", "in_words", "option_counts", "wait_in_words", "more_mails", "mails_per_day", "emails_sent",
    "events", "next_step",
]  # fmt: skip


def draw() -> None:
    """Draw the tab."""
    view = filters.current()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        events = verdict_card.pick_events()
        verdict_card.method()
    verdict_rules.changed()
    lives = loaders.load_all_lifetimes(view)
    messages.unjudged(lives.reports, [report.cadence.name or "" for report in lives.reports])
    if lives.days.empty and lives.reports and all(report.failed for report in lives.reports):
        messages.nothing_loaded()
        st.stop()
    found = made(verdict_card.summarise_tests, lives, events, verdict_rules.in_force())
    st.caption(
        f"All cadences of the account, whatever the sidebar filters. {verdict_card.summary(found.tests)} "
        f"{display.sentence(header.freshness(lives.reports)) or ''}"
    )

    st.subheader("Winners over all tests")
    if len(found.winners):
        display.table(found.winners, key="winners", name="winners", columns=WON)
    else:
        st.info(
            "No option has won over all tests yet. That is usual: proving the better of two takes thousands of emails.",
            icon=":material/hourglass_top:",
        )
    st.caption(
        "Among many tests some win by luck. So this list asks for stronger evidence than the verdict on one step: of "
        "its winners, at most one in ten is expected to be no better than the others. “Winner since” needs daily "
        "counts in the history."
        + (
            f" {found.won_alone} more won in their own step only; A/B options shows them."
            if found.won_alone > 0
            else ""
        )
    )

    st.subheader("Tests that cannot finish")
    if len(found.stuck):
        display.table(found.stuck, key="stuck", name="tests-that-cannot-finish", columns=WAITING)
    else:
        st.info(words.none_stuck(found.tests), icon=":material/task_alt:")
    st.caption(
        "At the present pace the difference worth finding (half as many replies again) would take more than 90 days, "
        "or an option is no longer sent. Test a bolder change, send more, or keep the option you prefer."
    )
