"""What is sent: checked and spelt as the vendor documents it, before anything leaves this machine."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from urllib.parse import quote, urlsplit

from klenty_api.errors import ValidationError
from klenty_api.models import PROSPECT_KEYS, Prospect

_EMAIL = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@,;<>\".]+")
_LONGEST_EMAIL = 320


def email(value: str) -> str:
    """`value` as an email address. Raises `ValidationError` if it cannot be one."""
    cleaned = value.strip() if isinstance(value, str) else ""
    if len(cleaned) > _LONGEST_EMAIL or not _EMAIL.fullmatch(cleaned):
        raise ValidationError("this is not an email address")
    return cleaned


def named(value: str, what: str) -> str:
    """A text that must not be empty; sent as it is, because Klenty finds by exact name."""
    if not isinstance(value, str) or not value.strip():
        raise ValidationError(f"{what} must not be empty")
    return value


def segment(value: str) -> str:
    """One segment of a path, with everything encoded that could end it."""
    return quote(value, safe="")


def instant(value: date | datetime) -> str:
    """A `date` as yyyy-mm-dd, an aware `datetime` as ISO time in UTC with milliseconds when it has any."""
    if not isinstance(value, datetime):
        return value.isoformat()
    if value.tzinfo is None:
        raise ValidationError("a time needs a time zone")
    utc = value.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds" if utc.microsecond else "seconds").replace("+00:00", "Z")


def window(cadence: str, start: date | datetime, end: date | datetime) -> dict[str, str]:
    """The body of both engagement reports. Raises `ValidationError` for an empty name or an end before its start."""
    body = {
        "startDate": instant(start),
        "endDate": instant(end),
        "cadenceName": named(cadence, "the cadence's name"),
    }
    if isinstance(start, datetime) != isinstance(end, datetime):
        raise ValidationError("start and end must both be dates or both be times")
    if end < start:
        raise ValidationError("the end lies before the start")
    return body


def tags(values: Sequence[str]) -> list[str]:
    """Tags, each a text that cannot be read as two."""
    if isinstance(values, str):
        values = [values]
    cleaned = [named(value, "a tag").strip() for value in values]
    if not cleaned:
        raise ValidationError("at least one tag is needed")
    if any("|" in tag for tag in cleaned):
        raise ValidationError("a tag must not contain “|”, which separates tags")
    return cleaned


def custom_fields(values: Mapping[str, str]) -> list[dict[str, str]]:
    """Custom fields as the list of key/value objects that Klenty documents."""
    if not values:
        raise ValidationError("at least one custom field is needed")
    return [{"key": named(key, "a custom field's name"), "value": str(value)} for key, value in values.items()]


def prospect(value: Prospect, *, leave_out: Sequence[str] = ()) -> dict[str, object]:
    """The fields of a prospect that are set, under the vendor's names."""
    body: dict[str, object] = {}
    for name, key in PROSPECT_KEYS.items():
        given = getattr(value, name)
        if given is None or (name in {"tags", "custom_fields"} and not given):
            continue
        if name in leave_out:
            raise ValidationError(f"{key} cannot be set here")
        if name == "email":
            body[key] = email(given)
        elif name == "tags":
            body[key] = "|".join(tags(given))
        elif name == "custom_fields":
            body[key] = custom_fields(given)
        else:
            body[key] = str(given)
    return body


def url(value: str) -> str:
    """A subscription URL. The vendor's own sample has no scheme, so one is not demanded."""
    cleaned = named(value, "the URL").strip()
    try:
        host = urlsplit(cleaned if "//" in cleaned else f"//{cleaned}").hostname
    except ValueError:  # as for “http://[”
        host = None
    if not host or ("." not in host and host != "localhost") or " " in cleaned:
        raise ValidationError("this is not a URL")
    return cleaned


def event(value: str, allowed: Sequence[str]) -> str:
    """A webhook event, spelt as documented."""
    if value not in allowed:
        raise ValidationError(f"unknown webhook event; one of {', '.join(allowed)}")
    return value
