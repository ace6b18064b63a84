"""Read a prospect back: what Klenty says now."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from klenty_api import KlentyError, RequestRefusedError

if TYPE_CHECKING:
    from klenty_api import KlentyClient, ProspectRecord


@dataclass(frozen=True, slots=True)
class ReadBack:
    """A prospect as Klenty has it at one moment; empty texts were not reported."""

    email: str
    at: dt.datetime
    found: bool = True
    cadence_status: str = ""
    prospect_status: str = ""
    list_name: str = ""
    tags: tuple[str, ...] = ()
    owner: str = ""
    problem: str = ""


def find_prospect(client: KlentyClient, email: str) -> ProspectRecord | None:
    """Return the prospect, or None when Klenty says that it has none. Raises KlentyError for all else."""
    try:
        return client.prospects.get(email)
    except RequestRefusedError as error:
        if error.status == HTTPStatus.NOT_FOUND:
            return None
        raise


def read_back(client: KlentyClient, email: str) -> ReadBack:
    """Ask for the status of `email`, and for list, tags and owner. A KlentyError becomes a `problem`."""
    at = dt.datetime.now(dt.UTC)
    try:
        record = find_prospect(client, email)
        if record is None:
            return ReadBack(email, at, found=False)
        status = client.prospects.status(email)
    except KlentyError as error:
        return ReadBack(email, at, problem=str(error))
    return ReadBack(
        email,
        at,
        cadence_status=status.cadence_status or "",
        prospect_status=status.prospect_status or "",
        list_name=record.list or "",
        tags=tuple(record.tags or ()),
        owner=record.owner or "",
    )
