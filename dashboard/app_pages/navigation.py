"""The places of the dashboard: their order, who may open each, and which filters act there."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st
from streamlit.navigation.page import Page as StreamlitPage

from dashboard.app_pages.session import filters, sign_in
from dashboard.app_pages.session.filters import Filter, View
from dashboard.app_pages.tabs import (
    account_check,
    changes,
    compare,
    copies,
    data_quality,
    goals,
    preferences,
    rules,
    tests,
    trends,
    webhooks,
)
from dashboard.data.roles import Person, Role

_CHOICE = Filter.CADENCES | Filter.RANGE


@dataclass(frozen=True)
class Tab:
    """One of several things that a place holds.

    `draw` draws it; `role` is the lowest that may see it; `offered` says whether a view has anything to see there.
    """

    title: str
    draw: Callable[[View], None]
    role: Role
    filters: Filter
    offered: Callable[[View], bool] = lambda _view: True


@dataclass(frozen=True)
class Place:
    """A page: `file` in app_pages, and the lowest role that may open it.

    `key` names its tabs in the URL; the filters of a place with tabs are those of the open tab.
    """

    file: str
    title: str
    icon: str
    role: Role
    help: str
    section: str = ""
    filters: Filter = Filter.NONE
    key: str = ""
    tabs: tuple[Tab, ...] = ()


PLACES = (
    Place(
        "overview.py",
        "Overview",
        ":material/monitoring:",
        Role.VIEWER,
        "The account at a glance, and the decisions that are due.",
        filters=_CHOICE | Filter.COMPARISON,
    ),
    Place(
        "cadence.py",
        "Cadence",
        ":material/stacked_email:",
        Role.VIEWER,
        "One cadence and its steps: how far they reach, and what each brings.",
        filters=_CHOICE | Filter.COMPARISON,
    ),
    Place(
        "explore.py",
        "Explore",
        ":material/show_chart:",
        Role.VIEWER,
        "Trends over weeks, cadences or periods compared, and what changed.",
        key="explore",
        tabs=(
            Tab("Trends", trends.draw, Role.VIEWER, _CHOICE | Filter.COMPARISON),
            Tab("Compare", compare.draw, Role.VIEWER, _CHOICE | Filter.COMPARISON),
            Tab("Changes", changes.draw, Role.VIEWER, _CHOICE),
        ),
    ),
    Place(
        "ab_tests.py",
        "A/B tests",
        ":material/alt_route:",
        Role.VIEWER,
        "Which option of a step to keep, how sure that is, and copies used in several cadences.",
        key="ab",
        tabs=(
            Tab("Tests", tests.draw, Role.VIEWER, Filter.CADENCES),
            Tab("Copies", copies.draw, Role.VIEWER, _CHOICE, copies.offered),
        ),
    ),
    Place(
        "alerts.py",
        "Alerts",
        ":material/notifications:",
        Role.VIEWER,
        "Bounces and unsubscribes that need a look, over all cadences of the account.",
    ),
    Place(
        "reports.py",
        "Reports",
        ":material/description:",
        Role.VIEWER,
        "Files for the meeting, all tables with their definitions, and Klenty's raw data.",
        filters=_CHOICE | Filter.COMPARISON,
    ),
    Place(
        "import_prospects.py",
        "Import",
        ":material/upload_file:",
        Role.ADMIN,
        "Add many prospects from a file.",
        section="Work",
    ),
    Place(
        "activity.py",
        "Activity",
        ":material/bolt:",
        Role.OPERATOR,
        "What Klenty's webhooks delivered: replies first.",
        section="Work",
        filters=_CHOICE,
    ),
    Place(
        "action_log.py",
        "Action log",
        ":material/receipt_long:",
        Role.OPERATOR,
        "Every change that was sent to Klenty: who, when, what, and how it ended.",
        section="Work",
    ),
    Place(
        "settings_page.py",
        "Settings",
        ":material/settings:",
        Role.VIEWER,
        "Data quality, account check, webhooks, goals, rules and levels, time zone and denominator.",
        key="settings",
        tabs=(
            Tab("Data quality", data_quality.draw, Role.VIEWER, _CHOICE),
            Tab("Account check", account_check.draw, Role.VIEWER, Filter.NONE),
            Tab("Webhooks", webhooks.draw, Role.ADMIN, Filter.NONE),
            Tab("Goals", goals.draw, Role.ADMIN, Filter.NONE),
            Tab("Rules and levels", rules.draw, Role.VIEWER, Filter.NONE),
            Tab("Zone and denominator", preferences.draw, Role.VIEWER, Filter.NONE),
        ),
    ),
)


ALERTS = next(place for place in PLACES if place.file == "alerts.py")


def navigate(person: Person | None, *, alerts: int | None) -> tuple[Place, StreamlitPage]:
    """Draw the navigation of what `person` may open, and return the open place with its page.

    Nothing is drawn for None; the caller says why. `alerts` is the number of open alerts, None while it is not known.
    """
    shown = [place for place in PLACES if person is None or person.may(place.role)]
    pages = [
        st.Page(
            f"app_pages/{place.file}",
            title=f"{place.title} ({alerts})" if place is ALERTS and alerts else place.title,
            icon=place.icon,
            help=place.help,
            url_path=place.file.removesuffix(".py").removesuffix("_page"),
            default=place is PLACES[0],
        )
        for place in shown
    ]
    sections: dict[str, list[StreamlitPage]] = {}
    for place, page in zip(shown, pages, strict=True):
        sections.setdefault(place.section, []).append(page)
    opened = st.navigation(sections, position="top" if person else "hidden")
    return shown[pages.index(opened)], opened


def place_of(title: str) -> Place:
    """Return the place with this title. Raises LookupError for one that is not listed: nothing else may be opened."""
    for place in PLACES:
        if place.title == title:
            return place
    raise LookupError(f"{title} is no place of this dashboard.")


def offered_tabs(place: Place) -> list[Tab]:
    """Return the tabs of a place that this visitor may see."""
    person = sign_in.current()
    return [tab for tab in place.tabs if person.may(tab.role)]


def filters_of(place: Place) -> Filter:
    """Return the filters that act on what is open at a place."""
    tabs = offered_tabs(place)
    if not tabs:
        return place.filters
    opened = st.session_state.get(place.key, st.query_params.get(place.key))
    return next((tab.filters for tab in tabs if tab.title == opened), tabs[0].filters)


def draw_tabs(title: str) -> None:
    """Draw the tabs of a place, and the contents of the open one."""
    place, view = place_of(title), filters.current()
    tabs = [tab for tab in offered_tabs(place) if tab.offered(view)]
    drawn = st.tabs([tab.title for tab in tabs], key=place.key, on_change="rerun", bind="query-params")
    for tab, space in zip(tabs, drawn, strict=True):
        if space.open:
            with space:
                tab.draw(view)
