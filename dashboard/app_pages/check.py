"""Read-only questions to the account that settle what no document says of Klenty's answers."""

import streamlit as st

from dashboard.app_pages.components import account_check, background_job
from dashboard.app_pages.session.connection import connect
from dashboard.data.account_check.probe import MOST_CALLS

st.title("Account check")
st.markdown(
    "Klenty's documents leave open how its reports count. This check asks the account itself, reading only: nothing "
    f"is changed in Klenty. It takes at most {MOST_CALLS} calls, one after the other, about two minutes. What it "
    "settles is remembered for this account, and warnings that it disproves are left out of the pages."
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
