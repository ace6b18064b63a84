"""The filters of the sidebar. They live in the URL, so a link shows a colleague the same view."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

import streamlit as st

from dashboard.analysis.metrics import PER_LABELS, Per
from dashboard.app_pages.session.account_notes import facts
from dashboard.app_pages.session.connection import Listing, forget_listing
from dashboard.data.fetch.report_cache import cadence_from_name
from dashboard.data.windows import COMPARISONS, PRESETS, Against, Window, earlier_window, preset_window
from dashboard.services.account import Account, AccountServices
from klenty_api import Cadence, KlentyError

DEFAULT_PRESET = "28d"
_ZONES = sorted(available_timezones())
_LABEL_TO_PRESET = {label: key for key, label in PRESETS.items()}
_LABEL_TO_AGAINST = {label: key for key, label in COMPARISONS.items()}
_LABEL_TO_PER = {label: key for key, label in PER_LABELS.items()}


@dataclass(frozen=True)
class View:
    """What the pages show: whose data, which cadences, which days in which zone, what these are compared with (None:
    nothing), and what rates are divided by where Klenty's data offer two denominators."""

    account: Account
    cadences: tuple[Cadence, ...]
    window: Window
    earlier: Window | None
    per: Per

    @property
    def names(self) -> list[str]:
        """The chosen cadences' names, each once."""
        return list(dict.fromkeys(cadence.name for cadence in self.cadences if cadence.name))


def render(connection: AccountServices, known: Listing) -> View | None:
    """Draw the filters and return the view they describe; None while a choice is still incomplete."""
    cadences = _cadences(known)
    place = st.container()  # the range stands above the zone, but what is “today” depends on the zone
    zone = _zone(connection.settings.timezone)
    with place:
        preset, window = _window(zone)
        against = _against()
    if facts().range_notes:
        st.warning(" ".join(facts().range_notes), icon=":material/schedule:")
    per = _per()
    if window is None:
        return None
    return View(connection.account, cadences, window, earlier_window(window, against, preset=preset), per)


def _per() -> Per:
    label = st.selectbox(
        "Rates per",
        list(_LABEL_TO_PER),
        key="per",
        bind="query-params",
        help="Reply, bounce and unsubscribe rates: of the people contacted, or of the emails sent to them. Steps and "
        "options are always per email: Klenty counts no people there.",
    )
    return _LABEL_TO_PER[label]


def _against() -> Against:
    label = st.selectbox(
        "Compare with",
        list(_LABEL_TO_AGAINST),
        key="against",
        bind="query-params",
        help="The period just before the range, or the same period a year ago. Months and quarters are compared with "
        "months and quarters, other ranges with one of the same length.",
    )
    return _LABEL_TO_AGAINST[label]


def _cadences(known: Listing) -> tuple[Cadence, ...]:
    by_name: dict[str, list[Cadence]] = {}
    for cadence in known.cadences:
        by_name.setdefault(cadence.name or "", []).append(cadence)
    by_name.pop("", None)
    everything = tuple(c for c in known.cadences if c.name)
    active = tuple(c for c in everything if c.is_active is not False)
    place = st.container()  # the names stand above the switch, but how many “all” are depends on it
    inactive = st.toggle(
        "Include finished cadences",
        key="finished",
        bind="query-params",
        help="Only when none is chosen above.",
    )
    unless_chosen = f"All {len(everything)}" if inactive else f"All {len(active)} active"
    with place:
        chosen = st.multiselect(
            "Cadences",
            list(by_name),
            key="cadence",
            bind="query-params",
            accept_new_options=True,
            placeholder=unless_chosen if by_name else "Type a cadence's name",
            help="Leave empty for all active cadences. A name that the list does not hold can be typed; "
            "Klenty finds a cadence by its exact name.",
            wrap=True,
        )
        if known.error is not None:
            _ask_again(known.error)
    if not chosen:
        return everything if inactive else active
    return tuple(c for name in chosen for c in by_name.get(name, [cadence_from_name(name)]))


def _ask_again(error: KlentyError) -> None:
    st.warning(
        f"{error} Type the names of the cadences instead.",
        title="The list of cadences did not come",
        icon=":material/playlist_remove:",
    )
    st.button("Ask again", icon=":material/refresh:", on_click=forget_listing, key="listing_again")


def _zone(default: str) -> str:
    return str(
        st.selectbox(
            "Time zone",
            _ZONES,
            index=_ZONES.index(default if default in _ZONES else "UTC"),
            key="tz",
            bind="query-params",
            help="Days begin and end at midnight in this zone. Klenty is asked with exact instants.",
        )
    )


def _window(zone: str) -> tuple[str, Window | None]:
    today = datetime.now(ZoneInfo(zone)).date()
    labels = list(_LABEL_TO_PRESET)
    label = st.selectbox(
        "Date range",
        labels,
        index=labels.index(PRESETS[DEFAULT_PRESET]),
        key="range",
        bind="query-params",
        help="“Last …” are complete days, weeks, months or quarters.",
    )
    preset = _LABEL_TO_PRESET[label]
    if preset != "custom":
        return preset, preset_window(preset, today, zone)
    # No default: a default is left out of the URL, and tomorrow the same link would show other days.
    picked = st.date_input(
        "From and to", value=[], key="dates", bind="query-params", max_value=today, format="YYYY-MM-DD"
    )
    if not isinstance(picked, tuple) or len(picked) != 2:
        st.info("Pick the first and the last day.", icon=":material/date_range:")
        return preset, None
    return preset, Window(picked[0], picked[1], zone)


def current() -> View:
    """The view of this run, as the entry point drew it."""
    view: View = st.session_state["view"]
    return view


def pick_one(view: View) -> str:
    """Let the visitor pick one of the chosen cadences; kept in the URL, and set by links from other pages."""
    names = view.names
    asked = st.query_params.get("focus")
    picked = st.selectbox("Cadence", names, key="focus", bind="query-params", label_visibility="collapsed")
    if asked and asked not in names:
        st.text(f"The link names “{asked}”, which is not among the cadences chosen in the sidebar.")
    return str(picked)
