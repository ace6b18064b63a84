"""What the sandbox accepts. It is stricter than Klenty, so that a wrong request is found here and not there.

Marks as in `behaviour`. Of the codes only K2002 and K2003 were seen [3]; the others are invented [G].
"""

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
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")  # [G]; the vendor's own samples have "steve@klenty..com" [D]
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_SLASHED = re.compile(r"\d{4}/\d\d/\d\d")


class RefusedError(Exception):
    """The sandbox does not do it: Klenty's code and text, and the HTTP status of the answer."""

    def __init__(self, code: str, text: str, status: int = 200) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.status = status


def body_object(
    body: Any, required: Mapping[str, type], allowed: frozenset[str] | None = None, *, strict: bool = True
) -> dict[str, Any]:
    """Return `body` as an object with the required fields [D] and, if `strict`, no field that is not known [G].

    Args:
        body: any JSON.
        required: type by field.
        allowed: fields that are known; None for any.
        strict: whether others are refused.
    """
    if not isinstance(body, dict):
        raise RefusedError("K1001", "the body must be a JSON object")
    for name, kind in required.items():
        if not isinstance(body.get(name), kind) or body[name] in ("", []):
            raise RefusedError("K1002", f"{name} is required and must be a {kind.__name__}")
    unknown = set(body) - (allowed if allowed is not None else set(required))
    if unknown and strict:
        raise RefusedError("K1003", f"unknown field: {', '.join(sorted(unknown))}")
    return {name: value for name, value in body.items() if name not in unknown}


def prospect_fields(body: Any, allowed: frozenset[str], *, needs_email: bool, strict: bool = True) -> dict[str, Any]:
    """Return the fields of a prospect, each a text, custom fields a list of key and value (which may be empty) [D].

    Args:
        body: any JSON.
        allowed: fields that are known.
        needs_email: whether it is required.
        strict: whether others are refused.
    """
    fields = body_object(body, {"Email": str} if needs_email else {}, allowed, strict=strict)
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
    """Return an address."""
    if not isinstance(value, str) or not _EMAIL.fullmatch(value):
        raise RefusedError("K1005", "not an email address")
    return value


def window(
    body: dict[str, Any], *, end_included: bool = True, zone: str = "UTC", times_honoured: bool = True
) -> tuple[datetime, datetime]:
    """Return first and last moment of the window asked for; K2002 for a bad one [3].

    Args:
        body: of the request.
        end_included: whether the last day counts.
        zone: in which days are cut.
        times_honoured: whether times of day count.
    """
    start, end = body["startDate"], body["endDate"]
    if not times_honoured:
        start, end = (parse_time(value, last=False, zone=zone).astimezone(ZoneInfo(zone)) for value in (start, end))
        start, end = start.date().isoformat(), end.date().isoformat()
    start, end = parse_time(start, last=False, zone=zone), parse_time(end, last=end_included, zone=zone)
    if end < start:
        raise RefusedError("K2002", "invalid date range")
    return start, end


def parse_time(value: str, *, last: bool, zone: str = "UTC") -> datetime:
    """Parse a day (its first or last moment, in `zone`) or an ISO timestamp with a zone of its own [D].

    Args:
        value: a day or a timestamp.
        last: whether a day means its last moment.
        zone: of a day.
    """
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
    """Parse a day of the GET calls: YYYY/MM/DD, or with dashes [3]."""
    if not (_SLASHED.fullmatch(value) or _DAY.fullmatch(value)):
        raise RefusedError("K2002", "dates must be YYYY/MM/DD")
    try:
        return date.fromisoformat(value.replace("/", "-"))
    except ValueError:
        raise RefusedError("K2002", "no such day") from None


def number(value: str) -> int:
    """Parse a whole number of a query, from 1 up [3]."""
    if not re.fullmatch("[0-9]{1,9}", value) or int(value) < 1:
        raise RefusedError("K1004", "start, limit and page are whole numbers from 1 up")
    return int(value)


def event(value: str, allowed: tuple[str, ...]) -> str:
    """Return a webhook event, written exactly as documented [D]."""
    if value not in allowed:
        raise RefusedError("K1006", "unknown event")
    return value
