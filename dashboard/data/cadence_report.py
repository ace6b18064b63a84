"""What Klenty answered for one cadence and window: the unit that is asked, kept and turned into frames."""

from dataclasses import dataclass
from datetime import datetime

from dashboard.data.windows import Window
from klenty_api import Cadence, EmailEngagement, KlentyError, Step

Key = tuple[str, Window]  # the cadence's name, because Klenty is asked by name


@dataclass(frozen=True)
class CadenceReport:
    """What Klenty answered for one cadence and window: either report may have come without the other.

    `fetched_at` is when the later of the two came (UTC), `seconds` how long both took.
    """

    cadence: Cadence
    window: Window
    engagement: EmailEngagement | None
    steps: tuple[Step, ...] | None
    engagement_error: KlentyError | None
    steps_error: KlentyError | None
    fetched_at: datetime
    seconds: float

    @property
    def failed(self) -> bool:
        """Whether nothing usable came."""
        return self.engagement is None and self.steps is None

    @property
    def partial(self) -> bool:
        """Whether one of the two reports is missing."""
        return not self.failed and (self.engagement is None or self.steps is None)
