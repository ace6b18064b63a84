"""Bulk add, and what was done in this visit."""

import streamlit as st

from dashboard.app_pages.action_forms import bulk_add
from dashboard.app_pages.action_forms import sidebar as actions
from dashboard.app_pages.session import connection, sign_in
from dashboard.data.roles import Role

person = sign_in.current()
st.title("Actions")
st.caption("Single actions stand in the sidebar. Everything sent in this visit is listed here.")
with st.container(border=True):
    st.subheader("This visit")
    actions.render_journal()
if person.may(Role.ADMIN):
    with st.container(border=True):
        st.subheader("Bulk add prospects")
        bulk_add.render_bulk(connection.action_context(person), actions.choices())
