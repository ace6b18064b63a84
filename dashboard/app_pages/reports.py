"""The tables behind the pages, all downloads, the definitions, and Klenty's answers as they came."""

import streamlit as st

from dashboard.app_pages.components import display, downloads, header, messages, raw_answers
from dashboard.app_pages.session import filters, loaders
from dashboard.app_pages.session.account_notes import facts
from dashboard.app_pages.session.memo import made
from dashboard.exports import tables as report

view = filters.current()
st.title("Data")
if not view.cadences:
    messages.no_cadences()
    st.stop()

(reports,) = loaders.load(view.cadences, view.window)
place = st.container()
messages.failures(reports)
lives = loaders.load_all_lifetimes(view)
place.caption(
    f"{view.window.label()} · {header.freshness(reports)} · for the verdicts, of each step's life: "
    f"{header.freshness(lives.reports)}"
)
messages.unjudged(lives.reports, view.names)
tables = loaders.files(reports, lives, view.per)
downloads.offer(view, "data")

names = [*tables, "definitions", "answers"]
for tab, name in zip(
    st.tabs([name.replace("_", " ").capitalize() for name in names], key="table", on_change="rerun"), names, strict=True
):
    if not tab.open:
        continue
    with tab:
        if name == "answers":
            raw_answers.show(reports)
        elif name == "definitions":
            display.table(made(report.definitions, facts()), key="data_definitions", name=name)
        else:
            display.table(tables[name], key=f"data_{name}", name=name)
