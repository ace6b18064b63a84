"""The tables behind the pages, all downloads, the definitions, and Klenty's answers as they came."""

import streamlit as st

from dashboard.app_pages.parts import answers, downloads, filters, header, loading, show, troubles
from dashboard.app_pages.parts.kept import made
from dashboard.app_pages.parts.remembered import facts
from dashboard.exports import report

view = filters.current()
st.title("Data")
if not view.cadences:
    troubles.no_cadences()
    st.stop()

(reports,) = loading.load(view.cadences, view.window)
place = st.container()
troubles.failures(reports)
lives = loading.load_all_lives(view)
place.caption(
    f"{view.window.label()} · {header.freshness(reports)} · for the verdicts, of each step's life: "
    f"{header.freshness(lives.reports)}"
)
troubles.unjudged(lives.reports, view.names)
tables = loading.files(reports, lives, view.per)
downloads.offer(view, "data")

names = [*tables, "definitions", "answers"]
for tab, name in zip(
    st.tabs([name.replace("_", " ").capitalize() for name in names], key="table", on_change="rerun"), names, strict=True
):
    if not tab.open:
        continue
    with tab:
        if name == "answers":
            answers.show(reports)
        elif name == "definitions":
            show.table(made(report.definitions, facts()), key="data_definitions", name=name)
        else:
            show.table(tables[name], key=f"data_{name}", name=name)
