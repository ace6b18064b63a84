"""One delivery, read from the bytes that were posted: strict about being JSON, tolerant about everything else."""

import codecs
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from klenty_api import WEBHOOK_UPDATE_EVENTS

MAX_BYTES = 256 * 1024
_LONGEST = 1_000
_EVENTS = {event.casefold(): event for event in WEBHOOK_UPDATE_EVENTS}


class BadDeliveryError(ValueError):
    """What was posted is no delivery. The message says why and repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is known of an event: its name, whom and which cadence it is about, and everything that arrived.

    `event` is spelled as the vendor documents it, or as it arrived when it is not documented. `prospect` is the
    address in lower case. `body` is all of it as JSON with sorted keys, `digest` the SHA-256 of that: no delivery
    carries an id, so equal bodies are all there is to recognise a repetition by.
    """

    event: str
    prospect: str | None
    cadence: str | None
    owner: str | None
    body: str
    digest: str


def read_delivery(posted: bytes) -> Delivery:
    """Return the delivery in a request's body.

    It must be a JSON object with the name of an event, and say whom or which cadence it is about. Names of fields
    are compared without case, unknown ones are kept. Raises `BadDeliveryError`.
    """
    fields = _object(posted)
    by_name = lower_names(fields)
    event = field_text(by_name, "event")
    if event is None:
        raise BadDeliveryError("it names no event")
    prospect, cadence = field_text(by_name, "email"), field_text(by_name, "cadenceName")
    if prospect is None and cadence is None:
        raise BadDeliveryError("it names neither a prospect nor a cadence")
    # Escaped to ASCII, so that halves of characters and zeros, which databases refuse, are kept as they arrived.
    body = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    return Delivery(
        event=event_name(event),
        prospect=prospect.lower() if prospect else None,
        cadence=cadence,
        owner=field_text(by_name, "cadenceOwner") or field_text(by_name, "prospectOwner"),
        body=body,
        digest=hashlib.sha256(body.encode()).hexdigest(),
    )


def lower_names(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields by their names in lower case."""
    return {name.casefold(): value for name, value in fields.items()}


def event_name(text: str) -> str:
    """Return an event's name as the vendor documents it; Klenty itself sends some in lower case."""
    return _EVENTS.get(text.casefold(), text)


def _object(posted: bytes) -> dict[str, Any]:
    try:
        found = json.loads(_decoded(posted), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise BadDeliveryError("it is not JSON") from None
    if not isinstance(found, dict):
        raise BadDeliveryError("it is not a JSON object")
    return found


def _decoded(posted: bytes) -> str:
    """Return the text of a body; a byte order mark says in which of Unicode's encodings it is."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if posted.startswith(mark):
            return posted.decode(encoding)
    return posted.decode("utf-8")


def _no_number(_name: str) -> NoReturn:
    raise ValueError


def field_text(fields: Mapping[str, Any], name: str) -> str | None:
    """Return a field's text without what a database or a table cannot hold; None when there is none.

    `fields` are by their names in lower case; `name` is spelled as the vendor spells it.
    """
    value = fields.get(name.casefold())
    if not isinstance(value, str):
        return None
    whole = value.replace("\0", "").encode("utf-8", errors="replace").decode("utf-8")
    return whole.strip()[:_LONGEST] or None
