"""What Klenty answered for one cadence and window: the unit that is asked, kept and turned into frames."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from dashboard.data.windows import Window
from klenty_api import Cadence, EmailEngagement, KlentyError, Step


class CadenceKey(NamedTuple):
    """What makes a cadence the same: Klenty's id, and the name that it is asked by.

    Klenty takes names only, and a name may go to another cadence; an answer belongs to the cadence that had the name.
    `id` is None where it is not known, as for a name that was typed while there was no list.
    """

    id: str | None
    name: str

    @classmethod
    def of(cls, cadence: Cadence) -> "CadenceKey":
        """Return the key of a cadence."""
        return cls(cadence.id, cadence.name or "")


class PeopleNow(NamedTuple):
    """How many prospects were in a cadence at a time; None where Klenty did not say."""

    people: int | None
    at: datetime


Key = tuple[CadenceKey, Window]


@dataclass(frozen=True)
class CadenceReport:
    """What Klenty answered for one cadence and window: either report may have come without the other.

    `fetched_at` is when the later one arrived (UTC), `seconds` how long both took. `people_now` is a later count of
    who is in the cadence, which is about now whatever the window; it is not stored with the answer. `not_renewed` is
    why an answer that is no longer fresh is given instead of a new one.
    """

    cadence: Cadence
    window: Window
    engagement: EmailEngagement | None
    steps: tuple[Step, ...] | None
    engagement_error: KlentyError | None
    steps_error: KlentyError | None
    fetched_at: datetime
    seconds: float
    people_now: "PeopleNow | None" = None
    not_renewed: KlentyError | None = None

    @property
    def key(self) -> Key:
        """What was asked: of which cadence, by which name, for which window."""
        return CadenceKey.of(self.cadence), self.window

    @property
    def failed(self) -> bool:
        """Whether nothing usable arrived."""
        return self.engagement is None and self.steps is None

    @property
    def partial(self) -> bool:
        """Whether one of the two reports is missing."""
        return not self.failed and (self.engagement is None or self.steps is None)
