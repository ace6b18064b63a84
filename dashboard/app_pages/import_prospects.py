"""Add many prospects from a file."""

import streamlit as st

from dashboard.app_pages.action_forms import bulk_add, session
from dashboard.app_pages.session import connection, sign_in

st.title("Import")
bulk_add.render_bulk(connection.action_context(sign_in.current()), session.choices())
