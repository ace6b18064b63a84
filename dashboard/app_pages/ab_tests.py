"""Which option of a step to keep, and what copies do in several cadences."""

import streamlit as st

from dashboard.app_pages.navigation import draw_tabs

st.title("A/B tests")
draw_tabs("A/B tests")
