"""The entry point of every page: sign-in, account, connection, filters, actions, navigation."""

from pathlib import Path

import streamlit as st

from dashboard.app_pages.action_forms import sidebar as actions
from dashboard.app_pages.components import messages
from dashboard.app_pages.session import account_picker, connection, filters, sign_in, watch_list
from dashboard.data.database import DatabaseError
from dashboard.data.roles import Role
from dashboard.settings import SettingsError

# An icon of our own: a Material one would be fetched from a third party by every visitor.
ICON = str(Path(__file__).with_name("favicon.png"))
st.set_page_config(page_title="Klenty cadences", page_icon=ICON, layout="wide")

# What a page needs beyond being a viewer, by its title.
NEEDS = {
    "Actions": Role.OPERATOR,
    "Activity": Role.OPERATOR,
    "Ledger": Role.OPERATOR,
    "Webhooks": Role.ADMIN,
}

person, link, problem = sign_in.NOBODY, None, None
try:
    person = sign_in.visitor()
    if person.role is not None and account_picker.choose(person):
        link = connection.connect()
except SettingsError as wrong:
    problem = wrong

# Top-level pages first; the others stand in menus of their own.
PAGES = {
    "": [
        st.Page(
            "app_pages/overview.py",
            title="Overview",
            icon=":material/monitoring:",
            default=True,
            help="All chosen cadences at a glance: figures for the range, one table, funnel and sentiment.",
        ),
        st.Page(
            "app_pages/cadence.py",
            title="Cadence",
            icon=":material/stacked_email:",
            help="One cadence: its funnel, the sentiment of its replies, and every step.",
        ),
        st.Page(
            "app_pages/compare.py",
            title="Compare",
            icon=":material/compare_arrows:",
            help="Two to six cadences, or two periods of one, on the same scales.",
        ),
        st.Page(
            "app_pages/trends.py",
            title="Trends",
            icon=":material/show_chart:",
            help="Days or weeks as lines: which cadences are rising or fading, and what is still ripening.",
        ),
        st.Page(
            "app_pages/watch.py",
            title=watch_list.watcher().title if link else "Watch list",
            icon=":material/notifications:",
            help=watch_list.watcher().about if link else None,
        ),
    ],
    "A/B tests": [
        st.Page(
            "app_pages/options.py",
            title="A/B options",
            icon=":material/alt_route:",
            help="Which option of a step to keep: a verdict, how sure it is, and what to do next.",
        ),
        st.Page(
            "app_pages/winners.py",
            title="Winners",
            icon=":material/trophy:",
            help="Options proven better, over all cadences, and the tests that cannot finish.",
        ),
        st.Page(
            "app_pages/copies.py",
            title="Same copy",
            icon=":material/content_copy:",
            help="Templates and subjects that several cadences use, against what stood beside them in the same step.",
        ),
    ],
    "Data": [
        st.Page(
            "app_pages/data.py",
            title="Data",
            icon=":material/table_view:",
            help="The tables behind the pages, all downloads, definitions, and Klenty's raw answers.",
        ),
        st.Page(
            "app_pages/health.py",
            title="Data health",
            icon=":material/fact_check:",
            help="What puts numbers in doubt, whether Klenty's answers agree with each other, and what to do.",
        ),
        st.Page(
            "app_pages/check.py",
            title="Account check",
            icon=":material/rule:",
            help="Read-only questions to the account that settle how its reports count.",
        ),
    ],
    "Work": [
        st.Page(
            "app_pages/work.py",
            title="Actions",
            icon=":material/checklist:",
            help="Bulk add, and what was done in this visit.",
        ),
        st.Page(
            "app_pages/activity.py",
            title="Activity",
            icon=":material/bolt:",
            help="What Klenty's webhooks delivered: replies first, and counts beside Klenty's own.",
        ),
        st.Page(
            "app_pages/webhooks.py",
            title="Webhooks",
            icon=":material/webhook:",
            help="What Klenty sends where when something happens, and receiving it here.",
        ),
        st.Page(
            "app_pages/ledger.py",
            title="Ledger",
            icon=":material/receipt_long:",
            help="Every change that was sent to Klenty: who, when, what, and how it ended.",
        ),
    ],
}
shown = {
    section: [page for page in pages if link is None or person.may(NEEDS.get(page.title, Role.VIEWER))]
    for section, pages in PAGES.items()
}
page = st.navigation({name: pages for name, pages in shown.items() if pages}, position="top" if link else "hidden")
if problem is not None:
    messages.settings_page(problem)
    st.stop()
if link is None:
    sign_in.reject(person)
    st.stop()

sign_in.public_access_warning(person)
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

desk = connection.action_context(person)
with st.sidebar:
    view = filters.render(link, known)
    actions.render_sidebar(desk, actions.choices())
    sign_in.who(person)

if view is None:
    messages.no_range()
    st.stop()
st.session_state["view"] = view
sign_in.accept(person)
watch_list.watcher().glance(known.cadences)
try:
    page.run()
except DatabaseError as trouble:
    messages.database_page(trouble)
