"""What the sandbox accepts. It is stricter than Klenty, so that a wrong request is found here and not there."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

EVENTS = (
    "reply", "cadenceFirstReply", "sendProspect", "startCadence", "completeCadence", "onMailBounce", "open", "click",
    "unsubscribe",
)  # fmt: skip
UPDATE_EVENTS = (*EVENTS, "prospect")
BULK_LIMIT = 100
TEXT_FIELDS = frozenset(
    {
        "Email", "FirstName", "Company", "FullName", "LastName", "MiddleName", "Account", "Department",
        "CompanyDomain", "Title", "Location", "Phone", "TwitterId", "CompanyPhone", "CompanyEmail", "LinkedinURL",
        "City", "Country", "List", "Tags", "Owner", "Outcome", "CompanyURL",
    }
)  # fmt: skip
CREATE_FIELDS = (TEXT_FIELDS | {"CustomFields"}) - {"Outcome", "CompanyURL"}
UPDATE_FIELDS = (TEXT_FIELDS | {"CustomFields"}) - {"Owner", "CompanyURL"}
BULK_FIELDS = (TEXT_FIELDS | {"CustomFields"}) - {"Outcome"}
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_SLASHED = re.compile(r"\d{4}/\d\d/\d\d")


class RefusedError(Exception):
    """The sandbox does not do it: Klenty's code and text."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def body_object(body: Any, required: Mapping[str, type], allowed: frozenset[str] | None = None) -> dict[str, Any]:
    """`body` as an object with the required fields of their types and no field that is not known."""
    if not isinstance(body, dict):
        raise RefusedError("K1001", "the body must be a JSON object")
    for name, kind in required.items():
        if not isinstance(body.get(name), kind) or body[name] in ("", []):
            raise RefusedError("K1002", f"{name} is required and must be a {kind.__name__}")
    unknown = set(body) - (allowed if allowed is not None else set(required))
    if unknown:
        raise RefusedError("K1003", f"unknown field: {', '.join(sorted(unknown))}")
    return body


def prospect_fields(body: Any, allowed: frozenset[str], *, needs_email: bool) -> dict[str, Any]:
    """The fields of a prospect, each a text, custom fields a list of key and value."""
    fields = body_object(body, {"Email": str} if needs_email else {}, allowed)
    if not fields:
        raise RefusedError("K1002", "no field to write")
    for name, value in fields.items():
        if name == "CustomFields":
            _custom_fields(value)
        elif not isinstance(value, str):
            raise RefusedError("K1004", f"{name} must be a string")
    for name in ("Email", "Owner"):
        if name in fields:
            email(fields[name])
    return fields


def _custom_fields(value: Any) -> None:
    good = (
        isinstance(value, list)
        and value
        and all(
            isinstance(item, dict) and set(item) == {"key", "value"} and isinstance(item["key"], str) and item["key"]
            for item in value
        )
    )
    if not good:
        raise RefusedError("K1004", "CustomFields must be a list of objects with key and value")


def email(value: Any) -> str:
    """An address."""
    if not isinstance(value, str) or not _EMAIL.fullmatch(value):
        raise RefusedError("K1005", "not an email address")
    return value


def window(
    body: dict[str, Any], *, end_included: bool = True, zone: str = "UTC", times_honoured: bool = True
) -> tuple[datetime, datetime]:
    """First and last moment of the window asked for; K2002 for a bad one."""
    start, end = body["startDate"], body["endDate"]
    if not times_honoured:
        start, end = (parse_time(value, last=False, zone=zone).astimezone(ZoneInfo(zone)) for value in (start, end))
        start, end = start.date().isoformat(), end.date().isoformat()
    start, end = parse_time(start, last=False, zone=zone), parse_time(end, last=end_included, zone=zone)
    if end < start:
        raise RefusedError("K2002", "invalid date range")
    return start, end


def parse_time(value: str, *, last: bool, zone: str = "UTC") -> datetime:
    """A day (its first or last moment, in `zone`) or an ISO timestamp with a zone of its own."""
    try:
        if _DAY.fullmatch(value):
            day = date.fromisoformat(value)
            if last:
                return parse_time((day + timedelta(days=1)).isoformat(), last=False, zone=zone) - timedelta(
                    microseconds=1
                )
            return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
        found = datetime.fromisoformat(value)
    except ValueError:
        raise RefusedError("K2002", "dates must be yyyy-mm-dd or ISO timestamps") from None
    if found.tzinfo is None or "T" not in value:
        raise RefusedError("K2002", "timestamps need a zone")
    return found.astimezone(UTC)


def slashed_day(value: str) -> date:
    """A day of `GET /prospects`: YYYY/MM/DD, or with dashes."""
    if not (_SLASHED.fullmatch(value) or _DAY.fullmatch(value)):
        raise RefusedError("K2002", "dates must be YYYY/MM/DD")
    try:
        return date.fromisoformat(value.replace("/", "-"))
    except ValueError:
        raise RefusedError("K2002", "no such day") from None


def number(value: str) -> int:
    """A whole number of a query, from 1 up."""
    if not re.fullmatch("[0-9]{1,9}", value) or int(value) < 1:
        raise RefusedError("K1004", "start, limit and page are whole numbers from 1 up")
    return int(value)


def event(value: str, allowed: tuple[str, ...]) -> str:
    """A webhook event, spelt exactly."""
    if value not in allowed:
        raise RefusedError("K1006", "unknown event")
    return value
