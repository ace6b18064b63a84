"""How a visitor wants numbers counted: the zone that days are cut in, and what rates are divided by.

Both are in the URL while they are not the account's own, so that a link shows a colleague the same numbers.
"""

from collections.abc import Collection
from zoneinfo import available_timezones

import streamlit as st

from dashboard.analysis.metrics import PER_LABELS, Per

ZONES = sorted(available_timezones())


def zone(default: str) -> str:
    """Return the time zone of this visit: of the link, else the one chosen on Settings, else `default`."""
    return _preference("tz", ZONES, default if default in ZONES else "UTC")


def per() -> Per:
    """Return what rates are divided by in this visit: of the link, else the one chosen on Settings."""
    labels = {label: key for key, label in PER_LABELS.items()}
    return labels[_preference("per", labels, next(iter(labels)))]


def choose(name: str, value: str) -> None:
    """Use `value` for the preference `name` from now on."""
    st.session_state[f"preference.{name}"] = value
    st.query_params[name] = value


def forget(name: str) -> None:
    """Use the default for the preference `name` from now on."""
    st.session_state.pop(f"preference.{name}", None)
    if name in st.query_params:
        del st.query_params[name]


def _preference(name: str, allowed: Collection[str], default: str) -> str:
    key = f"preference.{name}"
    linked = st.query_params.get(name)
    if linked in allowed:
        st.session_state[key] = linked
    chosen: str = st.session_state.get(key, default)
    if linked not in {None, chosen}:
        unknown(name, str(linked), chosen)
    if chosen != default:
        st.query_params[name] = chosen
    elif linked is not None:
        del st.query_params[name]
    return chosen


def marks() -> bool:
    """Return whether charts show what changed: as chosen in this visit or by the link, else they do."""
    return _preference("marks", ("on", "off"), "on") == "on"


def pick_marks() -> None:
    """Draw the switch that keeps what changed off the charts."""
    st.toggle(
        "Show on charts",
        value=marks(),
        key="marks_on",
        on_change=lambda: choose("marks", "on" if st.session_state["marks_on"] else "off"),
    )


_WHAT = {
    "marks": "marks of changes",
    "tz": "time zone",
    "per": "denominator",
    "range": "date range",
    "against": "comparison",
}


def unknown(name: str, asked: str, shown: str) -> None:
    """Say that a link asks for a choice that does not exist, and what is shown instead.

    Args:
        name: of the preference.
        asked: what the link says.
        shown: what is shown instead.
    """
    st.session_state.setdefault(_UNKNOWN, {})[name] = (
        f"The link names the {_WHAT[name]} “{asked[:60]}”, which does not exist. You see {shown}."
    )


def unknown_choices() -> dict[str, str]:
    """Return a sentence for each choice of the link that does not exist, once."""
    found: dict[str, str] = st.session_state.pop(_UNKNOWN, {})
    return found


def say_again(unknown: dict[str, str]) -> None:
    """Return these sentences in the next run, too: this one ends before they are read."""
    st.session_state[_UNKNOWN] = unknown


_UNKNOWN = "preference.unknown"
