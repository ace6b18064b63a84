"""Bounces and unsubscribes that need a look, over all cadences of the account."""

import streamlit as st

from dashboard.analysis import watch
from dashboard.app_pages.parts import background, findings, header, loading, show, troubles
from dashboard.app_pages.parts.kept import made
from dashboard.app_pages.parts.watching import everything, watched_window, watcher

A_PAGE = 10

st.title("Watch list")
cadences, whole_account = everything()
if not cadences:
    troubles.no_cadences()
    st.stop()

window = watched_window()
(reports,) = loading.load(cadences, window)
now = loading.tables(reports)
days = watcher().days(findings.with_mails(cadences, now.engagements), window.end, window.timezone)
with st.container(horizontal=True, vertical_alignment="center"):
    scope = "All cadences of the account" if whole_account else "The cadences chosen in the sidebar"
    st.caption(f"{scope}, {window.label()} · {header.freshness(reports)}", width="stretch")
    findings.settings()
troubles.failures(reports)
background.follow(watcher().job, "Asking Klenty for single days", "watch_days")
findings.about_days(days, running=watcher().job.progress.running, reports=reports)

levels = made(watch.level_findings, now.engagements, watcher().levels())
alarms = made(watch.day_findings, days.daily, newest=window.end)
found = watcher().look([*levels, *alarms], set(now.engagements["cadence"]), window.end)

if now.engagements.empty:
    troubles.nothing_loaded()
elif not found.open:
    findings.nothing_open(len(now.engagements), len(found.acknowledged))
pages = -(-len(found.open) // A_PAGE)
page = st.pagination(pages, key="watch_page") if pages > 1 else 1
for finding in found.open[(page - 1) * A_PAGE : page * A_PAGE]:
    findings.card(finding)
if found.acknowledged:
    with st.expander(f"Acknowledged ({len(found.acknowledged)})", icon=":material/done_all:", key="watch_seen"):
        for finding, seen in found.acknowledged:
            findings.seen(finding, seen)
findings.not_kept()
show.download(made(watch.findings_frame, found), key="watch_csv", name="watch-list")
st.info(watch.NOT_IN_THE_DATA, icon=":material/visibility_off:")
with st.expander("How this list is made", icon=":material/menu_book:"):
    st.markdown(watch.METHOD)
