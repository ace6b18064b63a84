"""Bounces and unsubscribes that need a look, over all cadences of the account."""

import streamlit as st

from dashboard.analysis.watch_list import watch_list
from dashboard.app_pages.components import background_job, display, header, messages, watch_findings
from dashboard.app_pages.session import loaders
from dashboard.app_pages.session.memo import made
from dashboard.app_pages.session.watch_list import everything, watched_window, watcher

A_PAGE = 10

st.title("Watch list")
cadences, whole_account = everything()
if not cadences:
    messages.no_cadences()
    st.stop()

window = watched_window()
(reports,) = loaders.load(cadences, window)
now = loaders.tables(reports)
days = watcher().days(watch_findings.with_mails(cadences, now.engagements), window.end, window.timezone)
with st.container(horizontal=True, vertical_alignment="center"):
    scope = "All cadences of the account" if whole_account else "The cadences chosen in the sidebar"
    st.caption(f"{scope}, {window.label()} · {header.freshness(reports)}", width="stretch")
    watch_findings.settings()
messages.failures(reports)
background_job.follow(watcher().job, "Asking Klenty for single days", "watch_days")
watch_findings.about_days(days, running=watcher().job.progress.running, reports=reports)

levels = made(watch_list.level_findings, now.engagements, watcher().levels())
alarms = made(watch_list.day_findings, days.daily, newest=window.end)
found = watcher().look([*levels, *alarms], set(now.engagements["cadence"]), window.end)

if now.engagements.empty:
    messages.nothing_loaded()
elif not found.open:
    watch_findings.nothing_open(len(now.engagements), len(found.acknowledged))
pages = -(-len(found.open) // A_PAGE)
page = st.pagination(pages, key="watch_page") if pages > 1 else 1
for finding in found.open[(page - 1) * A_PAGE : page * A_PAGE]:
    watch_findings.card(finding)
if found.acknowledged:
    with st.expander(f"Acknowledged ({len(found.acknowledged)})", icon=":material/done_all:", key="watch_seen"):
        for finding, seen in found.acknowledged:
            watch_findings.seen(finding, seen)
watch_findings.not_kept()
display.download(made(watch_list.findings_frame, found), key="watch_csv", name="watch-list")
st.info(watch_list.NOT_IN_THE_DATA, icon=":material/visibility_off:")
with st.expander("How this list is made", icon=":material/menu_book:"):
    st.markdown(watch_list.METHOD)
