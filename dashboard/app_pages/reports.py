"""Files for the meeting, all tables with their definitions, and Klenty's raw data."""

import streamlit as st

from dashboard.app_pages.components import display, downloads, header, messages, raw_data, saved_views
from dashboard.app_pages.components.page_header import page_header, periods
from dashboard.app_pages.session import calculations, filters, loaders

TABS = {
    "Totals": "engagements",
    "Steps": "steps",
    "Options": "options",
    "Verdicts": "verdicts",
    "Funnel": "funnel",
    "Sentiment": "sentiment",
    "Same copy": "same_copy",
    "Definitions": "definitions",
    "Raw data": "raw",
    "Views and deliveries": "views",
}
HOW_TO_READ = (
    "Every file holds the cadences and days that are chosen; its name says which.",
    "Verdicts rest on each step's whole life, whatever the range.",
    "A dash means not reported, or nothing to divide by. Hover over a heading for its definition.",
)

view = filters.current()
head = st.container()
if not view.cadences:
    with head:
        page_header("Reports")
    messages.no_cadences()
    st.stop()

(reports,) = loaders.load(view.cadences, view.window)
with head:
    page_header("Reports", about=(periods(view), view.number_text, header.freshness(reports)), how_to_read=HOW_TO_READ)
    downloads.offer(view, "data")
messages.failures(reports)

tabs = st.tabs(list(TABS), key="table", on_change="rerun", bind="query-params")
for tab, name in zip(tabs, TABS.values(), strict=True):
    if not tab.open:
        continue
    with tab:
        if name == "views":
            saved_views.draw()
        elif name == "raw":
            raw_data.draw_raw_data(reports)
        elif name == "definitions":
            display.table(calculations.definitions(view.facts), key="data_definitions", name=name)
        else:
            lives = loaders.load_all_lifetimes(view)
            messages.unjudged(lives.reports, view.names)
            display.table(loaders.files(view, reports, lives)[name], key=f"data_{name}", name=name)
