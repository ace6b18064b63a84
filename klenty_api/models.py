"""Klenty's answers, typed. Every field that Klenty may leave out is None then; `.raw` keeps the whole answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from itertools import chain, islice, repeat
from operator import contains, itemgetter
from typing import Any, Literal, NamedTuple

from klenty_api.decode import Raw, as_count, as_flag, as_number, as_objects, as_text, as_texts, first_of, parse_time

WEBHOOK_EVENTS = (
    "reply", "cadenceFirstReply", "sendProspect", "startCadence", "completeCadence", "onMailBounce", "open", "click",
    "unsubscribe",
)  # fmt: skip
WEBHOOK_UPDATE_EVENTS = (*WEBHOOK_EVENTS[:3], "prospect", *WEBHOOK_EVENTS[3:])
BULK_LIMIT = 100


def _plain(value: Any) -> Any:  # anything a field may hold
    """Return `value` as what JSON knows."""
    if isinstance(value, Answer | Step | StepOption):
        return value.to_dict()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return dict(value) if isinstance(value, Mapping) else value


class Answer:
    """What typed answers share."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the typed fields, ready for JSON and data frames; without `raw`."""
        known = [item.name for item in fields(self) if item.name != "raw"]  # type: ignore[arg-type]  # all are dataclasses
        return {name: _plain(getattr(self, name)) for name in known}


@dataclass(frozen=True, slots=True)
class EmailEngagement(Answer):
    """The engagement counts of one cadence in one window (vendor heading "Email Engagements").

    Units are mixed: prospects (added, in cadence now, completed, contacted, unsubscribed, bounced), mails, events
    (opens and clicks are totals) and replies. `in_cadence_now` is now, whatever the window. `emails_sent` and
    `contacted` are not documented and often missing. docs/klenty-api.md, "Email engagements".
    """

    prospects_added: int | None
    in_cadence_now: int | None
    completed: int | None
    contacted: int | None
    emails_sent: int | None
    opens: int | None
    clicks: int | None
    replies: int | None
    positive_replies: int | None
    negative_replies: int | None
    unsubscribes: int | None
    bounces: int | None
    warnings: tuple[str, ...]
    raw: Raw = field(repr=False)

    @classmethod
    def read(cls, answer: Any) -> "EmailEngagement":  # any JSON
        """Read Klenty's answer; anything that is not one reads as nothing reported."""
        raw = next(iter(as_objects(answer)), {})
        warnings: list[str] = []
        counts = {name: _count(raw, keys, warnings) for name, keys in _ENGAGEMENT_KEYS.items()}
        return cls(**counts, warnings=tuple(warnings), raw=raw)


_ENGAGEMENT_KEYS: Mapping[str, Sequence[str]] = {
    "prospects_added": ("prospectsAdded",), "in_cadence_now": ("inCadenceCount",),
    "completed": ("prospectsCompleted",), "contacted": ("contactedCount",), "emails_sent": ("mailSentCount",),
    "opens": ("openCount",), "clicks": ("linkCount",), "replies": ("replyCount",),
    "positive_replies": ("positiveCount",), "negative_replies": ("negativeCount", "negetiveCount"),
    "unsubscribes": ("unsubscribeCount",), "bounces": ("bounceCount",),
}  # fmt: skip


def _count(raw: Raw, keys: Sequence[str], warnings: list[str]) -> int | None:
    """Return the count under any of `keys`; says when two spellings differ or a value is no count."""
    found = [raw[key] for key in keys if raw.get(key) is not None]
    if len(found) > 1 and len({as_count(value) for value in found}) > 1:
        warnings.append(f"{' and '.join(keys)} both came and differ; {keys[0]} is used")
    value = first_of(raw, *keys)
    number = as_count(value)
    if value is not None and number is None:
        warnings.append(f"{keys[0]} is not a count and is left out")
    return number


_EVENT_KEYS: Mapping[str, Sequence[str]] = {
    "emails_sent": ("mailCount",), "opens": ("openCount",), "clicks": ("linkCount",), "replies": ("replyCount",),
    "positive_replies": ("positiveReply",), "negative_replies": ("negativeReply", "negetiveReply"),
}  # fmt: skip
_OPTION_KEYS: Mapping[str, Sequence[str]] = {"option": ("option",), **_EVENT_KEYS}
_STEP_KEYS: Mapping[str, Sequence[str]] = {
    "step": ("stepNumber",), **_EVENT_KEYS, "completed": ("completed", "Completed"), "tasks": ("taskCount",),
    "calls": ("callCount",), "completed_calls": ("completedCalls",),
}  # fmt: skip
_PERCENTS = {
    "opens": ("openPercent",),
    "replies": ("replyPercent",),
    "clicks": ("linkPercent", "LinkPercent"),
    "positive_replies": ("positiveReplyPercent",),
    "negative_replies": ("negativeReplyPercent", "negetiveReplyPercent"),
}


# Nearly every step and option comes as the vendor prints it: all counts there, each a whole number. Those are read at
# once, in the order of the fields; reading key by key takes ten times as long.
_OPTION_COUNTS = itemgetter(
    "option", "mailCount", "openCount", "linkCount", "replyCount", "positiveReply", "negetiveReply"
)
_STEP_COUNTS = itemgetter(
    "stepNumber", "mailCount", "openCount", "linkCount", "replyCount", "positiveReply", "negetiveReply", "completed",
    "taskCount", "callCount", "completedCalls",
)  # fmt: skip
_COPY_KEYS = ("templateName", "subject", "snippet")
_COPY = itemgetter(*_COPY_KEYS)
_ONLY_INTEGERS = frozenset({int})
_ONLY_TEXTS = frozenset({str})
_TOO_LARGE = 10**15  # as `decode.as_number` has it


def _usual_counts(raws: Sequence[Raw], counts: Callable[[Raw], tuple[Any, ...]]) -> list[tuple[int, ...]] | None:
    """Return all counts of these steps or options; None where one of them needs a closer look."""
    try:
        counted = list(map(counts, raws))
    except KeyError:
        return None
    flat = list(chain.from_iterable(counted))
    plain = not flat or (_ONLY_INTEGERS.issuperset(map(type, flat)) and min(flat) >= 0 and max(flat) < _TOO_LARGE)
    return counted if plain and not any(map(contains, raws, repeat("negativeReply"))) else None


def _copies(raws: Sequence[Raw]) -> list[tuple[str | None, ...]]:
    """Return template, subject and snippet of these options."""
    try:
        copies = list(map(_COPY, raws))
    except KeyError:
        return [_copy(raw) for raw in raws]
    if _ONLY_TEXTS.issuperset(map(type, chain.from_iterable(copies))):
        return copies
    return [_copy(raw) for raw in raws]


def _copy(raw: Raw) -> tuple[str | None, ...]:
    return tuple([as_text(first_of(raw, key)) for key in _COPY_KEYS])


def _percents(raw: Raw) -> Mapping[str, float | None]:
    return {name: as_number(first_of(raw, *keys)) for name, keys in _PERCENTS.items()}


class StepOption(NamedTuple):
    """One option (variant) of a step, with its own counts and copy.

    It and `Step` are tuples, and not dataclasses as the others, because a history has hundreds of thousands of them.
    """

    option: int | None
    emails_sent: int | None
    opens: int | None
    clicks: int | None
    replies: int | None
    positive_replies: int | None
    negative_replies: int | None
    template: str | None
    subject: str | None
    snippet: str | None
    warnings: tuple[str, ...]
    raw: Raw

    @property
    def reported_percents(self) -> Mapping[str, float | None]:
        """The percentages as Klenty sent them, by the name of the count they belong to."""
        return _percents(self.raw)

    def to_dict(self) -> dict[str, Any]:
        """Return the typed fields, ready for JSON and data frames; without `raw`."""
        return {name: _plain(value) for name, value in self._asdict().items() if name != "raw"}

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self._asdict().items() if name != "raw")
        return f"StepOption({shown})"

    @classmethod
    def read(cls, raw: Raw) -> "StepOption":
        """Read one entry of a step's `options`."""
        return cls.read_all([raw])[0]

    @classmethod
    def read_all(cls, raws: Sequence[Raw]) -> list["StepOption"]:
        """Read many, in their order."""
        counted = _usual_counts(raws, _OPTION_COUNTS)
        if counted is None:
            return [cls.read(raw) for raw in raws] if len(raws) > 1 else [cls._read_carefully(raws[0])]
        parts = zip(counted, _copies(raws), zip(repeat(()), raws), strict=False)
        return [tuple.__new__(cls, counts + copy + rest) for counts, copy, rest in parts]

    @classmethod
    def _read_carefully(cls, raw: Raw) -> "StepOption":
        warnings: list[str] = []
        counts = {name: _count(raw, keys, warnings) for name, keys in _OPTION_KEYS.items()}
        template, subject, snippet = _copy(raw)
        return cls(**counts, template=template, subject=subject, snippet=snippet, warnings=tuple(warnings), raw=raw)


class Step(NamedTuple):
    """One step of a cadence in one window (vendor heading "StepWise Metric Engagement").

    `step_type` is email, call, task, linkedin, or what Klenty said in lower case; only email steps send mails.
    `completed_calls` is called a percentage in the vendor's prose: it is shown as reported and nothing is
    computed from it. Options need not sum to the step.
    """

    step: int | None
    step_type: str | None
    emails_sent: int | None
    opens: int | None
    clicks: int | None
    replies: int | None
    positive_replies: int | None
    negative_replies: int | None
    completed: int | None
    tasks: int | None
    calls: int | None
    completed_calls: int | None
    options: tuple[StepOption, ...]
    warnings: tuple[str, ...]
    raw: Raw

    @property
    def reported_percents(self) -> Mapping[str, float | None]:
        """The percentages as Klenty sent them, by the name of the count they belong to."""
        return _percents(self.raw)

    def to_dict(self) -> dict[str, Any]:
        """Return the typed fields, ready for JSON and data frames; without `raw`."""
        return {name: _plain(value) for name, value in self._asdict().items() if name != "raw"}

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self._asdict().items() if name != "raw")
        return f"Step({shown})"

    @classmethod
    def read(cls, raw: Raw) -> "Step":
        """Read one step of the answer."""
        return cls.read_all([raw])[0]

    @classmethod
    def read_all(cls, raws: Sequence[Raw]) -> list["Step"]:
        """Read all steps of an answer."""
        counted = _usual_counts(raws, _STEP_COUNTS)
        if counted is None or any(map(contains, raws, repeat("Completed"))):
            return [cls.read(raw) for raw in raws] if len(raws) > 1 else [cls._read_carefully(raws[0])]
        listed = [as_objects(raw.get("options")) for raw in raws]
        options = iter(StepOption.read_all(list(chain.from_iterable(listed))))
        return [
            tuple.__new__(cls, (counts[0], _step_type(raw), *counts[1:], tuple(islice(options, len(own))), (), raw))
            for counts, raw, own in zip(counted, raws, listed, strict=True)
        ]

    @classmethod
    def _read_carefully(cls, raw: Raw) -> "Step":
        warnings: list[str] = []
        counts = {name: _count(raw, keys, warnings) for name, keys in _STEP_KEYS.items()}
        options = tuple(StepOption.read_all(as_objects(raw.get("options"))))
        return cls(**counts, step_type=_step_type(raw), options=options, warnings=tuple(warnings), raw=raw)


def _step_type(raw: Raw) -> str | None:
    kind = as_text(first_of(raw, "stepType"))
    return _STEP_TYPES.get(kind.strip().lower(), kind.strip().lower()) if kind else None


_STEP_TYPES = {"mail": "email", "e-mail": "email", "phone": "call", "linkedintask": "linkedin"}


@dataclass(frozen=True, slots=True)
class Cadence(Answer):
    """A cadence as `GET /cadences` lists it. It is addressed by its *name*; two owners may share one."""

    id: str | None
    name: str | None
    owner: str | None
    is_active: bool | None
    created: datetime | None
    raw: Raw = field(repr=False, default_factory=dict)

    @classmethod
    def read(cls, raw: Raw) -> "Cadence":
        """Read one entry of the list."""
        return cls(
            id=_id(raw),
            name=as_text(first_of(raw, "name", "cadenceName")),
            owner=as_text(first_of(raw, "owner", "cadenceOwner")),
            is_active=as_flag(first_of(raw, "isActive")),
            created=parse_time(first_of(raw, "createdDate", "createdAt")),
            raw=raw,
        )


def _id(raw: Raw) -> str | None:
    return as_text(first_of(raw, "id", "Id", "_id"))


@dataclass(frozen=True, slots=True)
class ProspectList(Answer):
    """A list of prospects."""

    id: str | None
    name: str | None
    raw: Raw = field(repr=False, default_factory=dict)

    @classmethod
    def read(cls, raw: Raw) -> "ProspectList":
        """Read one entry of the list of lists."""
        return cls(id=_id(raw), name=as_text(first_of(raw, "name", "listName")), raw=raw)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """A prospect to be written, field for field as the vendor documents it; None is not sent.

    `company_url` appears only in the vendor's bulk sample; `outcome` is for updates only and case-sensitive;
    `owner` is for creating only. `tags` are sent joined with "|".
    """

    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    middle_name: str | None = None
    full_name: str | None = None
    company: str | None = None
    account: str | None = None
    department: str | None = None
    company_domain: str | None = None
    company_url: str | None = None
    title: str | None = None
    location: str | None = None
    phone: str | None = None
    twitter_id: str | None = None
    company_phone: str | None = None
    company_email: str | None = None
    linkedin_url: str | None = None
    city: str | None = None
    country: str | None = None
    list: str | None = None
    tags: Sequence[str] = ()
    custom_fields: Mapping[str, str | None] = field(default_factory=dict)
    owner: str | None = None
    outcome: str | None = None


PROSPECT_KEYS: Mapping[str, str] = {
    "email": "Email", "first_name": "FirstName", "last_name": "LastName", "middle_name": "MiddleName",
    "full_name": "FullName", "company": "Company", "account": "Account", "department": "Department",
    "company_domain": "CompanyDomain", "company_url": "CompanyURL", "title": "Title", "location": "Location",
    "phone": "Phone", "twitter_id": "TwitterId", "company_phone": "CompanyPhone", "company_email": "CompanyEmail",
    "linkedin_url": "LinkedinURL", "city": "City", "country": "Country", "list": "List", "tags": "Tags",
    "custom_fields": "CustomFields", "owner": "Owner", "outcome": "Outcome",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ProspectRecord(Answer):
    """A prospect as Klenty has it."""

    id: str | None
    email: str | None
    first_name: str | None
    last_name: str | None
    company: str | None
    list: str | None
    tags: tuple[str, ...]
    owner: str | None
    status: str | None
    custom_fields: Mapping[str, str | None] = field(default_factory=dict)
    created: datetime | None = None
    raw: Raw = field(repr=False, default_factory=dict)

    @classmethod
    def read(cls, raw: Raw) -> "ProspectRecord":
        """Read one prospect."""
        return cls(
            id=_id(raw),
            email=as_text(first_of(raw, "Email", "email")),
            first_name=as_text(first_of(raw, "FirstName")),
            last_name=as_text(first_of(raw, "LastName")),
            company=as_text(first_of(raw, "Company")),
            list=as_text(first_of(raw, "List", "listName")),
            tags=as_texts(first_of(raw, "Tags")),
            owner=as_text(first_of(raw, "assignTo", "Owner", "prospectOwner")),
            status=as_text(first_of(raw, "status", "prospectStatus")),
            custom_fields={
                key: as_text(first_of(item, "value"))
                for item in as_objects(first_of(raw, "CustomFields"))
                if (key := as_text(first_of(item, "key", "name")))
            },
            created=parse_time(first_of(raw, "createdDate")),
            raw=raw,
        )


@dataclass(frozen=True, slots=True)
class ProspectStatus(Answer):
    """Status of a prospect: in the cadence, and in general."""

    cadence_status: str | None
    prospect_status: str | None
    raw: Raw = field(repr=False, default_factory=dict)

    @classmethod
    def read(cls, answer: Any) -> "ProspectStatus":  # any JSON
        """Read the answer of the status call."""
        raw = next(iter(as_objects(answer)), {})
        return cls(as_text(first_of(raw, "cadenceStatus")), as_text(first_of(raw, "prospectStatus")), raw)


@dataclass(frozen=True, slots=True)
class WriteResult(Answer):
    """Klenty's `status: true`. That says no more than that the call was taken: read back to know."""

    operation: str
    details: Raw | None
    raw: Raw = field(repr=False)


BulkOutcome = Literal["added", "exists", "refused", "unknown"]


@dataclass(frozen=True, slots=True)
class BulkRow(Answer):
    """What Klenty says of one row of a bulk add: its own words, and what they mean."""

    email: str | None
    status: str | None
    outcome: BulkOutcome

    @classmethod
    def read(cls, raw: Raw) -> "BulkRow":
        """Read one entry of `details`."""
        status = as_text(first_of(raw, "status"))
        words = (status or "").lower()
        outcome: BulkOutcome = "refused" if words else "unknown"
        if "already exist" in words:
            outcome = "exists"
        elif "added success" in words:
            outcome = "added"
        return cls(as_text(first_of(raw, "prospect", "email")), status, outcome)


@dataclass(frozen=True, slots=True)
class BulkResult(Answer):
    """The rows of a bulk add that Klenty answered for, in its order."""

    rows: tuple[BulkRow, ...]
    raw: Raw = field(repr=False)


@dataclass(frozen=True, slots=True)
class Webhook(Answer):
    """A webhook. Klenty answers events in lower case: compare without case."""

    id: str | None
    event: str | None
    url: str | None
    raw: Raw = field(repr=False, default_factory=dict)

    @classmethod
    def read(cls, raw: Raw) -> "Webhook":
        """Read one webhook."""
        return cls(_id(raw), as_text(first_of(raw, "event")), as_text(first_of(raw, "url", "subscription_url")), raw)


@dataclass(frozen=True, slots=True)
class CallRecord(Answer):
    """A completed call as `GET /calls` lists it. `duration` is as reported; its unit is not documented."""

    id: str | None
    username: str | None = None
    status: str | None = None
    disposition: str | None = None
    type: str | None = None
    duration: float | None = None
    started: datetime | None = None
    ended: datetime | None = None
    email: str | None = None
    list: str | None = None
    owner: str | None = None
    tags: tuple[str, ...] = ()
    raw: Raw = field(repr=False, default_factory=dict)

    @classmethod
    def read(cls, raw: Raw) -> "CallRecord":
        """Read one entry of `callData`."""
        return cls(
            id=as_text(first_of(raw, "callSid")) or _id(raw) or as_text(first_of(raw, "callId")),
            username=as_text(first_of(raw, "username")),
            status=as_text(first_of(raw, "status")),
            disposition=as_text(first_of(raw, "disposition")),
            type=as_text(first_of(raw, "type")),
            duration=as_number(first_of(raw, "duration")),
            started=parse_time(first_of(raw, "startTime")),
            ended=parse_time(first_of(raw, "endTime")),
            email=as_text(first_of(raw, "email")),
            list=as_text(first_of(raw, "list")),
            owner=as_text(first_of(raw, "prospectOwner")),
            tags=as_texts(first_of(raw, "tags")),
            raw=raw,
        )
