"""Validate and encode request values, before anything leaves this machine."""

import contextlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from urllib.parse import quote, urlsplit

from klenty_api.decode import repair_surrogates
from klenty_api.errors import ValidationError
from klenty_api.models import PROSPECT_KEYS, Prospect

Day = date | datetime | str

# Klenty holds addresses that no strict rule lets pass, and they have to be reachable: two dots (as in the vendor's own
# sample), or ";" before the @.
_EMAIL = re.compile(r"[^\s@,<>\"\x00-\x1f\x7f]+@[^\s@,;<>\"\x00-\x1f\x7f]+\.[^\s@,;<>\".\x00-\x1f\x7f]+")
_LONGEST_EMAIL = 320


def is_email(value: object) -> bool:
    """Return whether `value` can be one email address that Klenty knows, however odd; spaces around it are no part.

    >>> [is_email(text) for text in ("steve@klenty..com", "a;b@c.io", "a@b.co, c@d.co", "steve(at)klenty.com")]
    [True, True, False, False]
    """
    return isinstance(value, str) and len(value) <= _LONGEST_EMAIL and _EMAIL.fullmatch(value) is not None


def email(value: str) -> str:
    """Return `value` without spaces around it. Raise `ValidationError` if it cannot be an email address."""
    cleaned = value.strip() if isinstance(value, str) else ""
    if not is_email(cleaned):
        raise ValidationError("this is not an email address")
    return cleaned


def named(value: str, what: str) -> str:
    """Return a text that must not be empty; sent as it is, because Klenty finds by exact name."""
    if not isinstance(value, str) or not value.strip():
        raise ValidationError(f"{what} must not be empty")
    if repair_surrogates(value) != value:
        raise ValidationError(f"{what} holds half a character and cannot be sent")
    return value


def segment(value: str) -> str:
    """Return one segment of a path, with everything encoded that could end it."""
    return quote(value, safe="")


def day_or_time(value: Day) -> date | datetime:
    """Return a `date`, or an aware `datetime`, of either or of an ISO text such as 2026-10-01 or 2026-10-01T06:30Z.

    Raises `ValidationError` for anything else, and for a time without a zone.
    """
    found: date | datetime | None = value if isinstance(value, date) else None
    if isinstance(value, str):
        text = value.strip()
        with contextlib.suppress(ValueError):
            found = date.fromisoformat(text) if len(text) <= len("2026-10-01") else datetime.fromisoformat(text)
    if found is None:
        raise ValidationError("a date is a date, a datetime with a zone, or an ISO text such as 2026-10-01")
    if isinstance(found, datetime) and found.tzinfo is None:
        raise ValidationError("a time needs a time zone")
    return found


def day(value: Day) -> date:
    """Return the day of `value`, for calls that know no times. Raises as `day_or_time` does."""
    found = day_or_time(value)
    return found.date() if isinstance(found, datetime) else found


def instant(value: Day) -> str:
    """Return a day as yyyy-mm-dd, a time as ISO in UTC with milliseconds when it has any."""
    value = day_or_time(value)
    if not isinstance(value, datetime):
        return value.isoformat()
    utc = value.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds" if utc.microsecond else "seconds").replace("+00:00", "Z")


def window(cadence: str, start: Day, end: Day) -> dict[str, str]:
    """Return the body of both reports. Raises `ValidationError` for an empty name or an end before its start.

    Args:
        cadence: its name.
        start: first day, or first moment with a zone.
        end: last day or moment, included.
    """
    first, last = day_or_time(start), day_or_time(end)
    if isinstance(first, datetime) != isinstance(last, datetime):
        raise ValidationError("start and end must both be dates or both be times")
    if last < first:
        raise ValidationError("the end lies before the start")
    return {
        "startDate": instant(first),
        "endDate": instant(last),
        "cadenceName": named(cadence, "the cadence's name"),
    }


def tags(values: Sequence[str]) -> list[str]:
    """Return tags, each a text that cannot be read as two."""
    if isinstance(values, str):
        values = [values]
    cleaned = [named(value, "a tag").strip() for value in values]
    if not cleaned:
        raise ValidationError("at least one tag is needed")
    if any("|" in tag for tag in cleaned):
        raise ValidationError("a tag must not contain “|”, which separates tags")
    return cleaned


def custom_fields(values: Mapping[str, str | None]) -> list[dict[str, str]]:
    """Return custom fields as the list of key/value objects that Klenty documents; None empties a field, as "" does."""
    if not values:
        raise ValidationError("at least one custom field is needed")
    return [
        {"key": named(key, "a custom field's name"), "value": "" if value is None else str(value)}
        for key, value in values.items()
    ]


def prospect(value: Prospect, *, leave_out: Sequence[str] = ()) -> dict[str, object]:
    """Return the fields of a prospect that are set, under the vendor's names."""
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
    """Return a subscription URL. The vendor's own sample has no scheme, so none is demanded."""
    cleaned = named(value, "the URL").strip()
    try:
        host = urlsplit(cleaned if "//" in cleaned else f"//{cleaned}").hostname
    except ValueError:  # as for "http://["
        host = None
    if not host or ("." not in host and host != "localhost") or " " in cleaned:
        raise ValidationError("this is not a URL")
    return cleaned


def event(value: str, allowed: Sequence[str]) -> str:
    """Return a webhook event, spelled as documented."""
    if value not in allowed:
        raise ValidationError(f"unknown webhook event; one of {', '.join(allowed)}")
    return value
