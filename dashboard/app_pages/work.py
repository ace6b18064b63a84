"""Bulk add, and what was done in this visit."""

import streamlit as st

from dashboard.actions import bulk_view
from dashboard.actions import view as actions
from dashboard.app_pages.parts import connection

link = connection.connect()
st.title("Actions")
st.caption("Single actions stand in the sidebar. Everything sent in this visit is listed here.")
with st.container(border=True):
    st.subheader("This visit")
    actions.render_journal()
with st.container(border=True):
    st.subheader("Bulk add prospects")
    bulk_view.render_bulk(link.client, link.account, connection.choices())
