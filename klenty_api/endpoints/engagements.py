"""The two reports: how a cadence did in a window."""

from datetime import date, datetime

from klenty_api import encode
from klenty_api.decode import as_objects
from klenty_api.endpoints.endpoint import Resource
from klenty_api.models import EmailEngagement, Step
from klenty_api.operations import OPERATIONS, Call


class Engagements(Resource):
    """Vendor headings “Email Engagements” and “StepWise Metric Engagement”.

    `start` and `end` are both `date` (Klenty cuts the days, in which zone is not documented) or both aware
    `datetime` (sent as exact instants in UTC).
    """

    def email(self, cadence: str, start: date | datetime, end: date | datetime) -> EmailEngagement:
        """The engagement counts of the cadence of this name. Nothing found reads as nothing reported.

        Raises `ValidationError` for an empty name or an end before its start, else `KlentyError`.
        """
        body = encode.window(cadence, start, end)
        operation = OPERATIONS["email_engagements"]
        return self._send(Call(operation, self._path("emailEngagements"), EmailEngagement.read, body=body))

    def stepwise(self, cadence: str, start: date | datetime, end: date | datetime) -> list[Step]:
        """The steps of the cadence of this name, each with its options; empty when nothing was found.

        Raises as `email` does.
        """
        body = encode.window(cadence, start, end)
        operation = OPERATIONS["stepwise_engagements"]
        return self._send(Call(operation, self._path("stepWiseEngagements"), _steps, body=body))


def _steps(answer: object) -> list[Step]:
    return Step.read_all(as_objects(answer))
