"""Action log: every change that was sent to Klenty: who, when, what, and how it ended."""

import streamlit as st

from dashboard.app_pages.action_forms import action_log
from dashboard.app_pages.session import account_picker, connection, filters, sign_in

person = sign_in.current()
st.title("Action log")
action_log.render(connection.action_context(person), account_picker.known(person), filters.current().window.timezone)
