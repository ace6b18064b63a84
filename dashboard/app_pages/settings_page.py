"""What holds for the whole account: how far its data can be trusted, webhooks, rules, levels, zone, denominator."""

import streamlit as st

from dashboard.app_pages.navigation import draw_tabs

st.title("Settings")
draw_tabs("Settings")
