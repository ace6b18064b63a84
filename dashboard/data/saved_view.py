"""A view of a page: its address, and what that means where nobody looks at the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import available_timezones

from dashboard.data.windows import COMPARISONS, PRESETS, Against, Window, earlier_window, preset_window
from klenty_api import Cadence

LONGEST_NAME: Final = 60
Query = Mapping[str, Sequence[str]]
_PRESETS: Final = {label: key for key, label in PRESETS.items()}
_AGAINST: Final[Mapping[str, Against]] = {label: key for key, label in COMPARISONS.items()}


class ViewError(ValueError):
    """A view that cannot be kept, or is not there; the text says why."""


@dataclass(frozen=True)
class SavedView:
    """A page with its filters under a name, of one person or shared with everyone who sees the account."""

    name: str
    place: str
    query: Query
    shared: bool = False
    person: str = ""
    number: int = 0


@dataclass(frozen=True)
class ViewChoice:
    """What a view shows today: cadences, days, comparison; and the names in it that no cadence has."""

    cadences: tuple[Cadence, ...]
    window: Window
    earlier: Window | None
    is_all: bool
    unknown: tuple[str, ...]


def choice_of(query: Query, known: Sequence[Cadence], *, timezone: str, today: date) -> ViewChoice:
    """Return what the address of a view means today; what it does not name is as on the page.

    Args:
        query: Of the view.
        known: All cadences of the account.
        timezone: Of the settings, where the view names none.
        today: The present day there.
    """
    zone = _one(query, "tz")
    zone = zone if zone in available_timezones() else timezone
    preset = _PRESETS.get(_one(query, "range"), "28d")
    window = preset_window("28d" if preset == "custom" else preset, today, zone)
    if preset == "custom" and (days := _days(query)):
        window = Window(min(days), max(days), zone)
    earlier = earlier_window(window, _AGAINST.get(_one(query, "against"), "before"), preset=preset)
    names = list(dict.fromkeys(query.get("cadence", ())))
    listed = {cadence.name for cadence in known}
    everything = [cadence for cadence in known if cadence.name]
    if names:
        chosen = [cadence for name in names for cadence in everything if cadence.name == name]
    elif _one(query, "finished") == "true":
        chosen = everything
    else:
        chosen = [cadence for cadence in everything if cadence.is_active is not False]
    unknown = tuple(name for name in names if name not in listed)
    return ViewChoice(tuple(chosen), window, earlier, not names, unknown)


def _one(query: Query, name: str) -> str:
    return next(iter(query.get(name, ())), "")


def _days(query: Query) -> list[date]:
    try:
        return [date.fromisoformat(text) for text in query.get("dates", ())]
    except ValueError:
        return []
