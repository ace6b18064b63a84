"""A typed client of Klenty's API: every documented operation, tolerant reading, honest errors.

with KlentyClient("you@company.com", api_key) as klenty:
    report = klenty.engagements.email("Website visitors", date(2026, 10, 1), date(2026, 10, 31))
    print(report.replies, "replies")        # None when Klenty did not report it, never a guessed 0
"""

from klenty_api.client import CallEvent, KlentyClient, Resources
from klenty_api.encode import is_email
from klenty_api.errors import (
    STOPS_EVERYTHING,
    AuthenticationError,
    Cancelled,
    ConnectionFailed,
    DeadlineExceeded,
    EnvironmentVariableError,
    KlentyError,
    NotAnsweringError,
    NotFoundError,
    OutcomeUnknownError,
    RateLimitedError,
    RequestRefusedError,
    ServiceError,
    UnexpectedAnswerError,
    UnknownItemError,
    UnknownUserError,
    ValidationError,
)
from klenty_api.fanout import Outcome, fan_out
from klenty_api.models import (
    BULK_LIMIT,
    WEBHOOK_EVENTS,
    WEBHOOK_UPDATE_EVENTS,
    BulkResult,
    BulkRow,
    Cadence,
    CallRecord,
    EmailEngagement,
    Prospect,
    ProspectList,
    ProspectRecord,
    ProspectStatus,
    Step,
    StepOption,
    Webhook,
    WriteResult,
)
from klenty_api.operations import OPERATIONS, Call, Operation, Repeat
from klenty_api.retries import Policy
from klenty_api.throttle import Throttle

__all__ = [
    "BULK_LIMIT", "OPERATIONS", "STOPS_EVERYTHING", "WEBHOOK_EVENTS", "WEBHOOK_UPDATE_EVENTS", "AuthenticationError",
    "BulkResult", "BulkRow", "Cadence", "Call", "CallEvent", "CallRecord", "Cancelled", "ConnectionFailed",
    "DeadlineExceeded", "EmailEngagement", "EnvironmentVariableError", "KlentyClient", "KlentyError",
    "NotAnsweringError", "NotFoundError", "Operation", "Outcome", "OutcomeUnknownError", "Policy", "Prospect",
    "ProspectList", "ProspectRecord", "ProspectStatus", "RateLimitedError", "Repeat", "RequestRefusedError",
    "Resources", "ServiceError", "Step", "StepOption", "Throttle", "UnexpectedAnswerError", "UnknownItemError",
    "UnknownUserError", "ValidationError", "Webhook", "WriteResult", "fan_out", "is_email",
]  # fmt: skip
