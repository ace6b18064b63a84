"""How this Klenty answers what no document says; each point is a setting, so that either answer can be tried.

Marks, here and in `routes` and `rules`: [D] the vendor's document, [K] the vendor's help centre, [3] third-party
clients, [L] seen live by one of them, [G] inference. What is [G] can be switched off or answered otherwise.
"""

from dataclasses import dataclass
from typing import Literal

GUESSES = frozenset(
    {
        "unknown_field",  # a field that no document names is refused
        "other_email",  # the address in the body has to be the one in the path
        "address_taken",  # an update cannot give an address that another prospect has
        "blocked",  # no cadence is started for an unsubscribed or DoNotContact prospect
        "in_cadence",  # nor for one who is in it already
        "not_in_cadence",  # stopping needs a cadence that is running
        "not_do_not_contact",  # reverting needs that status
    }
)


@dataclass(frozen=True)
class Behaviour:
    """The undocumented side of Klenty.

    Args:
        dated_by: whether an event of a mail counts on its own date or on the mail's ("event", "send") [G].
        times_honoured: whether a window's times count, or only their days [D: they do].
        day_zone: the zone in which days are cut [G].
        end_day_included: how an end date without a time is read [G].
        people: kinds of events (simulation.Event) counted as different prospects instead of each time, so that they do
            not add up over windows [G].
        windowless: fields of the engagement answer that ignore the window [D: inCadenceCount].
        sees: whether a user sees everyone's cadences or only own ones ("everything", "own") [G].
        extras: whether undocumented fields come [3].
        unknown_cadence: what a wrong name answers to a report: K2003, zeros, K4004, or HTTP 404 with a reason [G].
        unknown_item: what a wrong prospect or webhook answers: K2003 [3], or HTTP 404 with a reason [G].
        start_counts: whether `start` of a list counts records or pages [3: both are told].
        calls_after: days that have to be over before calls can be listed [L: about six].
        refuses: those of `GUESSES` that are in force [G].
    """

    dated_by: Literal["event", "send"] = "event"
    times_honoured: bool = True
    day_zone: str = "UTC"
    end_day_included: bool = True
    people: frozenset[str] = frozenset()
    windowless: frozenset[str] = frozenset({"inCadenceCount"})
    sees: Literal["everything", "own"] = "everything"
    extras: bool = True
    unknown_cadence: Literal["nothing_found", "zeros", "refused", "missing"] = "nothing_found"
    unknown_item: Literal["nothing_found", "missing"] = "nothing_found"
    start_counts: Literal["records", "pages"] = "records"
    calls_after: int = 6
    refuses: frozenset[str] = GUESSES
