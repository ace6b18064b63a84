"""The filters of the sidebar. They live in the URL, so a link shows a colleague the same view."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Flag, auto
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard.analysis.metrics import Per
from dashboard.app_pages.session import preferences
from dashboard.app_pages.session.connection import Listing, forget_listing
from dashboard.app_pages.session.memo import cached_history_read
from dashboard.app_pages.session.text import plain
from dashboard.data.account_check.facts import NOTHING_SETTLED, AccountFacts
from dashboard.data.fetch.report_cache import cadence_from_name
from dashboard.data.history import History
from dashboard.data.windows import COMPARISONS, PRESETS, Against, Window, earlier_window, preset_window
from dashboard.services.account import Account, AccountServices
from klenty_api import Cadence, KlentyError

DEFAULT_PRESET = "28d"
_ONE_DAY = "dates.one_day"
_LABEL_TO_PRESET = {label: key for key, label in PRESETS.items()}
_LABEL_TO_AGAINST = {label: key for key, label in COMPARISONS.items()}


class Filter(Flag):
    """What a visitor may narrow a page to."""

    NONE = 0
    CADENCES = auto()
    RANGE = auto()
    COMPARISON = auto()


@dataclass(frozen=True)
class View:
    """What the pages show: whose data, which cadences, which days in which zone, what these are compared with (None:
    nothing), and what rates are divided by where Klenty's data offer two denominators. `is_all`: none was chosen, so
    that all are shown. `facts`: what the account check settled."""

    account: Account
    cadences: tuple[Cadence, ...]
    window: Window
    earlier: Window | None
    per: Per
    is_all: bool = False
    facts: AccountFacts = field(default=NOTHING_SETTLED, compare=False)

    @property
    def names(self) -> list[str]:
        """The chosen cadences' names, each once."""
        return list(dict.fromkeys(cadence.name for cadence in self.cadences if cadence.name))

    @property
    def number_text(self) -> str:
        """How many cadences are chosen, by name as Klenty answers; how many more share a name is said."""
        names = len(self.names)
        more = sum(bool(cadence.name) for cadence in self.cadences) - names
        shared = f" ({more} more {'shares' if more == 1 else 'share'} a name)" if more else ""
        return f"{names} cadence{'' if names == 1 else 's'}{shared}"


def render(connection: AccountServices, known: Listing, offered: Filter) -> View | None:
    """Draw the filters that act on the open page, and return the view that all of them describe.

    A filter that is not drawn keeps what was chosen elsewhere in this visit. None while a choice is incomplete.

    Args:
        connection: of the account.
        known: its cadences, or why they did not arrive.
        offered: filters that act on the open page.
    """
    zone, per = preferences.zone(connection.settings.timezone), preferences.per()
    today = datetime.now(ZoneInfo(zone)).date()
    cadences = _cadences(known, drawn=Filter.CADENCES in offered)
    is_all = not st.session_state.get("cadence")
    preset, window = _window(zone, today, drawn=Filter.RANGE in offered)
    facts = connection.notes.facts()
    if facts.range_notes and Filter.RANGE in offered:
        st.warning(" ".join(facts.range_notes), icon=":material/schedule:")
    against = _against(drawn=Filter.COMPARISON in offered)
    if window is None:
        return None
    if is_all and Filter.CADENCES in offered:
        _say_left_out(window)
    earlier = earlier_window(window, against, preset=preset)
    return View(connection.account, cadences, window, earlier, per, is_all, facts)


def _say_left_out(window: Window) -> None:
    """Name the cadences that were there in these days and that Klenty no longer lists."""
    gone = cached_history_read(History.unlisted_cadences, window.first_instant)
    if gone:
        many = "1 cadence of these days is" if len(gone) == 1 else f"{len(gone)} cadences of these days are"
        st.caption(f"{many} no longer listed by Klenty.", help="\n\n".join(plain(one.left_out, 400) for one in gone))


def _against(*, drawn: bool) -> Against:
    labels = list(_LABEL_TO_AGAINST)
    if not drawn:
        return _LABEL_TO_AGAINST[st.session_state.get("against", labels[0])]
    asked = st.query_params.get("against")
    label = st.selectbox(
        "Compare with",
        labels,
        key="against",
        bind="query-params",
        persist_state="session",
        help="The period just before the range, or the same period a year ago. Months and quarters are compared with "
        "months and quarters, other ranges with one of the same length.",
    )
    if asked not in {None, *labels}:
        preferences.unknown("against", str(asked), label)
    return _LABEL_TO_AGAINST[label]


def _cadences(known: Listing, *, drawn: bool) -> tuple[Cadence, ...]:
    by_name: dict[str, list[Cadence]] = {}
    for cadence in known.cadences:
        by_name.setdefault(cadence.name or "", []).append(cadence)
    by_name.pop("", None)
    everything = tuple(c for c in known.cadences if c.name)
    active = tuple(c for c in everything if c.is_active is not False)
    if drawn:
        running = len({cadence.name for cadence in active})
        chosen, finished = _pick_cadences(list(by_name), len(by_name), running, known.error)
    else:
        chosen, finished = st.session_state.get("cadence", []), st.session_state.get("finished", False)
    if not chosen:
        return everything if finished else active
    return tuple(c for name in chosen for c in by_name.get(name, [cadence_from_name(name)]))


def _pick_cadences(
    names: Sequence[str], everything: int, active: int, error: KlentyError | None
) -> tuple[list[str], bool]:
    place = st.container()  # the names are above the switch, but how many "all" are depends on it
    finished = st.toggle(
        "Include finished cadences",
        key="finished",
        bind="query-params",
        persist_state="session",
        help="Only when none is chosen above.",
    )
    unless_chosen = f"All {everything}" if finished else f"All {active} active"
    with place:
        chosen = st.multiselect(
            "Cadences",
            names,
            key="cadence",
            bind="query-params",
            persist_state="session",
            accept_new_options=True,
            placeholder=unless_chosen if names else "Type a cadence's name",
            help="Leave empty for all active cadences. A name that the list does not hold can be typed; "
            "Klenty finds a cadence by its exact name.",
            wrap=True,
        )
        if error is not None:
            _ask_again(error)
    return chosen, finished


def _ask_again(error: KlentyError) -> None:
    st.warning(
        f"{error} Type the names of the cadences instead.",
        title="The list of cadences did not come",
        icon=":material/playlist_remove:",
    )
    st.button("Ask again", icon=":material/refresh:", on_click=forget_listing, key="listing_again")


def _window(zone: str, today: date, *, drawn: bool) -> tuple[str, Window | None]:
    default = PRESETS[DEFAULT_PRESET]
    asked = st.query_params.get("range")
    label = _pick_range(default) if drawn else st.session_state.get("range", default)
    if drawn and asked not in {None, label, *_LABEL_TO_PRESET}:
        preferences.unknown("range", str(asked), label)
    preset = _LABEL_TO_PRESET[label]
    if preset != "custom":
        return preset, preset_window(preset, today, zone)
    picked = _pick_days(today) if drawn else tuple(st.session_state.get("dates") or ())
    if len(picked) == 1 and picked == st.session_state.get(_ONE_DAY):
        picked *= 2
    if len(picked) != 2:
        return preset, None if drawn else preset_window(DEFAULT_PRESET, today, zone)
    return preset, Window(min(picked), max(picked), zone)


def _pick_range(default: str) -> str:
    labels = list(_LABEL_TO_PRESET)
    return st.selectbox(
        "Date range",
        labels,
        index=labels.index(default),
        key="range",
        bind="query-params",
        persist_state="session",
        help="“Last …” are complete days, weeks, months or quarters.",
    )


def _pick_days(today: date) -> tuple[date, ...]:
    linked = st.query_params.get_all("dates")
    # No default: a default is left out of the URL, and tomorrow the same link would show other days.
    picked = st.date_input(
        "From and to",
        value=[],
        key="dates",
        bind="query-params",
        persist_state="session",
        max_value=today,
        format="YYYY-MM-DD",
    )
    days = tuple(picked) if isinstance(picked, tuple) else ()
    # The widget takes the same day twice for a range that is still being picked.
    if len(days) == 1 and len(linked) == 2 and len(set(linked)) == 1:
        st.session_state[_ONE_DAY] = days
    if len(days) != 2 and days != st.session_state.get(_ONE_DAY):
        st.info("Pick the first and the last day.", icon=":material/date_range:")
    return days


def current() -> View:
    """Return the view of this run, as the entry point drew it."""
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
