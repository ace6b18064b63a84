"""Every operation of Klenty's API, with what decides whether it may be repeated. Its method is in `endpoints/`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Repeat(Enum):
    """What may happen after a call was sent and no usable answer arrived (docs/klenty-api.md, "Repeating a call")."""

    READ = "read"
    SAFE_WRITE = "safe_write"
    CHECK_FIRST = "check_first"
    NEVER = "never"

    @property
    def may_repeat(self) -> bool:
        """Whether sending it again cannot do more than sending it once."""
        return self in {Repeat.READ, Repeat.SAFE_WRITE}


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its name here, the vendor's heading, and its repeat class."""

    name: str
    title: str
    repeat: Repeat
    method: str = "POST"
    documented: bool = True
    sends_again_after_429: bool = True
    finds: bool = False  # a 404 with Klenty's reason means that there is none
    gone_is_done: bool = False  # after an unanswered attempt it means that the attempt did it

    @property
    def is_write(self) -> bool:
        """Whether it changes anything at Klenty."""
        return self.repeat is not Repeat.READ


def _read(name: str, title: str, *, finds: bool = False) -> Operation:
    return Operation(name, title, Repeat.READ, method="GET", documented=False, finds=finds)


_ALL = (
    Operation("create_prospect", "Create Prospects", Repeat.CHECK_FIRST),
    Operation("update_prospect", "Update Prospect", Repeat.SAFE_WRITE),
    Operation("add_to_list", "Add Prospect to List", Repeat.CHECK_FIRST),
    Operation("add_tags", "Add Tags to a Prospect", Repeat.CHECK_FIRST),
    Operation("add_custom_fields", "Add value to a Prospect’s Custom Field", Repeat.CHECK_FIRST),
    Operation("bulk_create", "Bulk Add Prospects", Repeat.CHECK_FIRST, sends_again_after_429=False),
    Operation("remove_tags", "Remove Tags", Repeat.SAFE_WRITE),
    Operation("unsubscribe", "Unsubscribe Prospect", Repeat.SAFE_WRITE),
    Operation("do_not_contact", "Change Prospect Status to DoNotContact", Repeat.SAFE_WRITE),
    Operation("revert_do_not_contact", "Revert from DoNotContact status", Repeat.NEVER),
    Operation("start_cadence", "Start Cadence", Repeat.NEVER),
    Operation("stop_cadence", "Stop Cadence for a prospect", Repeat.CHECK_FIRST),
    Operation("stop_all_cadences", "Stop Cadence for a prospect", Repeat.CHECK_FIRST),
    Operation("resume_cadence", "Resume cadence", Repeat.NEVER),
    Operation("stop_mails", "Stop Mails", Repeat.SAFE_WRITE),
    Operation("email_engagements", "Email Engagements", Repeat.READ),
    Operation("stepwise_engagements", "StepWise Metric Engagement", Repeat.READ),
    Operation("add_webhook", "Add a Webhook", Repeat.NEVER),
    Operation("update_webhook", "Update a Webhook", Repeat.SAFE_WRITE),
    Operation("delete_webhook", "Delete Webhook", Repeat.SAFE_WRITE, gone_is_done=True),
    _read("list_cadences", "List cadences"),
    _read("list_lists", "List prospect lists"),
    _read("get_prospect", "Get a prospect", finds=True),
    _read("search_prospects", "Search prospects", finds=True),
    _read("prospect_status", "Prospect status", finds=True),
    _read("list_webhooks", "List webhooks"),
    _read("list_calls", "List calls", finds=True),
)

GET = Operation("get", "GET", Repeat.READ, method="GET", documented=False)
OPERATIONS: Mapping[str, Operation] = MappingProxyType({operation.name: operation for operation in _ALL})


@dataclass(frozen=True)
class Call(Generic[T]):
    """One call, validated and ready: exactly what will be sent. Its repr shows no personal data."""

    operation: Operation
    path: str = field(repr=False)
    decode: Callable[[Any], T] = field(repr=False)
    query: Mapping[str, str] = field(repr=False, default_factory=dict)
    body: Any = field(repr=False, default=None)
