"""The two reports: how a cadence did in a window."""

from klenty_api import encode
from klenty_api.decode import as_objects
from klenty_api.encode import Day
from klenty_api.endpoints.endpoint import Endpoint
from klenty_api.models import EmailEngagement, Step
from klenty_api.operations import OPERATIONS, Call


class Engagements(Endpoint):
    """Vendor headings "Email Engagements" and "StepWise Metric Engagement".

    `start` and `end` are both days (Klenty cuts them, in which zone is not documented) or both times with a zone (sent
    as exact instants in UTC); ISO text is either.
    """

    def email(self, cadence: str, start: Day, end: Day) -> EmailEngagement:
        """Return the counts of the cadence of this name. Nothing found reads as nothing reported.

        >>> report = client.engagements.email("Inbound demo requests", "2026-10-01", "2026-10-31")
        >>> report.replies > 0, report.raw["replyCount"] == report.replies
        (True, True)

        Args:
            cadence: its exact name.
            start: first day or moment.
            end: last one, included.

        Raises:
            ValidationError: an empty name, or an end before its start.
            UnknownItemError: Klenty says that there is no such cadence (any more).
            KlentyError: for all else.
        """
        body = encode.window(cadence, start, end)
        operation = OPERATIONS["email_engagements"]
        return self._send(Call(operation, self._path("emailEngagements"), EmailEngagement.read, body=body))

    def stepwise(self, cadence: str, start: Day, end: Day) -> list[Step]:
        """Return the steps of the cadence of this name, each with its options; empty when nothing was found.

        >>> first = client.engagements.stepwise("Inbound demo requests", "2026-10-01", "2026-10-31")[0]
        >>> first.step_type, len(first.options), first.emails_sent > 0
        ('email', 2, True)

        Raises as `email` does.

        Args:
            cadence: its exact name.
            start: first day or moment.
            end: last one, included.
        """
        body = encode.window(cadence, start, end)
        operation = OPERATIONS["stepwise_engagements"]
        return self._send(Call(operation, self._path("stepWiseEngagements"), _steps, body=body))


def _steps(answer: object) -> list[Step]:
    return Step.read_all(as_objects(answer))
