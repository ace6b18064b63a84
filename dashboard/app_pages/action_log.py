"""Every change that was sent to Klenty: who, when, what, and how it ended."""

import streamlit as st

from dashboard.app_pages.action_forms import ledger
from dashboard.app_pages.action_forms import sidebar as actions
from dashboard.app_pages.session import account_picker, connection, filters, sign_in

person = sign_in.current()
st.title("Action log")
with st.container(border=True):
    st.subheader("This visit")
    actions.render_journal()
st.subheader("All changes")
st.caption(
    "Every change that was sent to Klenty, written down before it was sent. An entry without a recorded answer reads "
    "*outcome unknown*: look in Klenty before you do it again."
)
ledger.render(connection.action_context(person), account_picker.known(person), filters.current().window.timezone)
