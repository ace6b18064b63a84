"""Trends over days or weeks, and cadences or periods compared."""

import streamlit as st

from dashboard.app_pages.navigation import draw_tabs

st.title("Explore")
draw_tabs("Explore")
