"""Read-only questions to the account that settle what no document says of Klenty's answers."""

import streamlit as st

from dashboard.app_pages.parts import background, checking
from dashboard.app_pages.parts.connection import connect
from dashboard.data.deep_asking import MOST_CALLS

st.title("Account check")
st.markdown(
    "Klenty's documents leave open how its reports count. This check asks the account itself, reading only: nothing "
    f"is changed in Klenty. It takes at most {MOST_CALLS} calls, one after the other, about two minutes. What it "
    "settles is remembered for this account, and warnings that it disproves are left out of the pages."
)
job = checking.job()
checking.start_button(job)
background.follow(job, "Asking Klenty", "deep_check")

found = checking.latest(job)
if found is None:
    st.info("This account was not checked yet.", icon=":material/rule:")
    st.stop()

checking.summary(found, connect().settings.timezone)
for answer in found.answers:
    checking.card(answer)
checking.download(found)
