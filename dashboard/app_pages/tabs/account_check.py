"""Read-only questions to the account that settle what no document says of Klenty's answers."""

import streamlit as st

from dashboard.app_pages.components import account_check, background_job
from dashboard.app_pages.session.connection import connect
from dashboard.app_pages.session.filters import View
from dashboard.data.account_check.probe import MOST_CALLS


def draw(_view: View) -> None:
    """Draw the tab."""
    st.markdown(
        "Klenty's documents leave open how its reports count. This check asks your account, reading only, with at most "
        f"{MOST_CALLS} calls in about two minutes. What it settles holds on all pages."
    )
    job = account_check.job()
    account_check.start_button(job)
    background_job.follow(job, "Asking Klenty", "deep_check")

    found = account_check.latest(job)
    if found is None:
        st.info("This account was not checked yet.", icon=":material/rule:")
        st.stop()

    account_check.summary(found, connect().settings.timezone)
    for answer in found.answers:
        account_check.card(answer)
    account_check.download(found)
