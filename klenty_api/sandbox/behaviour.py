"""How this Klenty answers what no document says; each point is a setting, so that either answer can be tried."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Behaviour:
    """The undocumented side of the two reports.

    `dated_by`: whether an event of a mail counts on its own date or on the mail's (“event”, “send”).
    `times_honoured`: whether a window's times count, or only their days in `day_zone`, where days are cut.
    `people`: kinds of events (simulation.Event) counted as different prospects instead of each time, so that they do
    not add up over windows. `windowless`: fields of the engagement answer that ignore the window.
    `sees`: whether a user sees everyone's cadences or only his own (“everything”, “own”).
    """

    dated_by: Literal["event", "send"] = "event"
    times_honoured: bool = True
    day_zone: str = "UTC"
    people: frozenset[str] = frozenset()
    windowless: frozenset[str] = frozenset({"inCadenceCount"})
    sees: Literal["everything", "own"] = "everything"
