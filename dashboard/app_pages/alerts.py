"""Bounces and unsubscribes that need a look, over all cadences of the account: a row for each."""

import streamlit as st

from dashboard.app_pages.components import alert_days, alert_table, background_job, display, header, messages
from dashboard.app_pages.session import calculations, loaders
from dashboard.app_pages.session.watch_list import everything, watched_window, watcher

st.title("Alerts", anchor=False)
cadences, whole_account = everything()
if not cadences:
    messages.no_cadences()
    st.stop()

window = watched_window()
with st.container(horizontal=True, vertical_alignment="center"):
    about = st.empty()
    alert_days.how_to_read()
(reports,) = loaders.load(cadences, window)
now = loaders.tables(reports)
scope = "All cadences" if whole_account else "The cadences chosen in the sidebar"
about.caption(f"{scope}, {window.label()} · {header.freshness(reports)}")
messages.failures(reports)

levels = watcher().levels()
days = watcher().days(alert_days.with_mails(cadences, now.engagements), window.end, window.timezone)
found = watcher().look(
    [
        *calculations.level_findings(now.engagements, levels),
        *calculations.day_findings(days.daily, newest=window.end),
    ],
    set(now.engagements["cadence"]),
    window.end,
)
if now.engagements.empty:
    messages.nothing_loaded()
elif found.open:
    alert_table.show(calculations.alert_rows(found.open, now.engagements, levels))
else:
    alert_days.nothing_open(len(now.engagements))
background_job.follow(watcher().job, "Asking Klenty for single days", "watch_days")
alert_days.about_days(days, running=watcher().job.progress.running, reports=reports)
alert_table.done(found.acknowledged)
alert_days.not_kept()
display.download(calculations.watch_frame(found), key="watch_csv", name="alerts")
