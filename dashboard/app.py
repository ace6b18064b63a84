"""The entry point of every page: sign-in, account, connection, navigation, filters, actions.

The list of pages, with their roles and filters, is in `app_pages/navigation.py`.
"""

from pathlib import Path

import streamlit as st

from dashboard.web.importing import IMPORTING

with IMPORTING:
    from dashboard.app_pages import navigation
    from dashboard.app_pages.action_forms import session as forms
    from dashboard.app_pages.action_forms import sidebar as actions
    from dashboard.app_pages.components import messages, saved_views
    from dashboard.app_pages.session import account_picker, connection, filters, preferences, sign_in, views, watch_list
    from dashboard.data.database import DatabaseError
    from dashboard.settings import SettingsError

# An icon of our own: a Material one would be fetched from a third party by every visitor.
ICON = str(Path(__file__).with_name("favicon.png"))
st.set_page_config(page_title="Klenty cadences", layout="wide")
st.html(Path(__file__).with_name("style.css"))

person, link, problem = sign_in.NOBODY, None, None
try:
    person = sign_in.visitor()
    if person.role is not None and account_picker.choose(person, on_change=forms.forget_forms):
        link = connection.connect()
except SettingsError as wrong:
    problem = wrong

sign_in.accept(person)
st.set_page_config(page_icon=ICON)  # a file: given only to somebody who was accepted
watcher = watch_list.watcher() if link else None
alerts = watcher.open_alerts if watcher else None
place, page = navigation.navigate(person if link else None, alerts=alerts)
if problem is not None:
    messages.settings_page(problem)
    st.stop()
if link is None or watcher is None:
    sign_in.reject(person)
    st.stop()

sign_in.public_access_warning(person)
if begins_with := views.start_view():
    views.open_view(begins_with)
if opened := views.opened_place():
    st.switch_page(f"app_pages/{opened}", query_params={})
with st.spinner("Asking Klenty for the cadences"):
    known = connection.listing()
if known.error is not None and messages.stops_everything(known.error):
    messages.connection_page(link.account, known.error)
    with st.sidebar:
        sign_in.who(person)
    st.stop()

if link.account.is_sandbox:
    messages.sandbox_banner()
if history_problem := link.history_problem:
    messages.history_problem(history_problem)

with st.sidebar:
    view = filters.render(link, known, navigation.filters_of(place))
    saved_views.draw_menu(place.file)
    actions.render_sidebar(connection.action_context(person), actions.choices())
    sign_in.who(person)

unknown = preferences.unknown_choices()
messages.unknown_choices(list(unknown.values()))
if view is None:
    messages.no_range()
    st.stop()
st.session_state["view"] = view
try:
    page.run()
    watcher.glance(known.cadences)
except DatabaseError as trouble:
    messages.database_page(trouble)
else:
    if watcher.open_alerts != alerts:  # the number in the navigation was drawn before the page learned of more
        preferences.say_again(unknown)
        st.rerun()
