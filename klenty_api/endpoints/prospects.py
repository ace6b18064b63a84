"""Prospects: created, changed, listed, and kept from being mailed."""

from collections.abc import Iterator, Mapping, Sequence

from klenty_api import encode
from klenty_api.decode import Json, as_object, as_objects
from klenty_api.encode import Day
from klenty_api.endpoints.endpoint import Endpoint
from klenty_api.errors import ValidationError
from klenty_api.models import (
    BULK_LIMIT,
    BulkResult,
    BulkRow,
    Prospect,
    ProspectRecord,
    ProspectStatus,
    WriteResult,
)
from klenty_api.operations import OPERATIONS, Call, Repeat

PAGE = 1000
Between = tuple[Day, Day | None]


class Prospects(Endpoint):
    """Everything the vendor documents under `/prospects`.

    All raise `ValidationError` before sending for what cannot be right, else `KlentyError`.
    """

    def create(self, prospect: Prospect) -> WriteResult:
        """Create a prospect ("Create Prospects"). Klenty creates an unknown list silently.

        >>> client.prospects.create(Prospect(email="ana@example.com", first_name="Ana", tags=["warm"])).operation
        'create_prospect'
        >>> client.prospects.get("ana@example.com").tags
        ('warm',)
        """
        body = encode.prospect(prospect, leave_out=("outcome", "company_url"))
        return self._write("create_prospect", self._path("prospects"), _with_email(body))

    def update(self, email: str, fields: Prospect) -> WriteResult:
        """Change the fields that are set ("Update Prospect"). `outcome` must be written exactly as in Klenty."""
        body = encode.prospect(fields, leave_out=("owner", "company_url"))
        if not body:
            raise ValidationError("no field to change")
        # Klenty may answer differently when the address itself or the outcome changes: then it is not repeated.
        repeat = Repeat.CHECK_FIRST if {"Email", "Outcome"} & set(body) else None
        return self._write("update_prospect", self._of(email), body, repeat=repeat)

    def add_to_list(self, email: str, first_name: str, list_name: str) -> WriteResult:
        """Create a prospect in a list ("Add Prospect to List"). Not applied to an existing one.

        Args:
            email: of the prospect.
            first_name: required by Klenty.
            list_name: of an existing list.
        """
        body = _introduced(email, first_name) | {"List": encode.named(list_name, "the list's name")}
        return self._write("add_to_list", self._path("prospects"), body)

    def add_tags(self, email: str, first_name: str, tags: Sequence[str]) -> WriteResult:
        """Create a prospect with tags ("Add Tags to a Prospect"). Not applied to an existing one.

        Args:
            email: of the prospect.
            first_name: required by Klenty.
            tags: one or more.
        """
        body = _introduced(email, first_name) | {"Tags": "|".join(encode.tags(tags))}
        return self._write("add_tags", self._path("prospects"), body)

    def add_custom_fields(self, email: str, first_name: str, fields: Mapping[str, str | None]) -> WriteResult:
        """Set custom fields ("Add value to a Prospect's Custom Field"); an empty text or None empties one.

        Args:
            email: of the prospect.
            first_name: required by Klenty.
            fields: values by name of the field.
        """
        body = _introduced(email, first_name) | {"CustomFields": encode.custom_fields(fields)}
        return self._write("add_custom_fields", self._path("prospects"), body)

    def bulk_create(self, prospects: Sequence[Prospect]) -> BulkResult:
        """Create up to 100 prospects in one call ("Bulk Add Prospects")."""
        if not 1 <= len(prospects) <= BULK_LIMIT:
            raise ValidationError(f"a bulk add takes 1 to {BULK_LIMIT} prospects")
        body = [_with_email(encode.prospect(prospect, leave_out=("outcome",))) for prospect in prospects]
        return self._send(Call(OPERATIONS["bulk_create"], self._path("prospects"), _bulk, body=body))

    def remove_tags(self, email: str, tags: Sequence[str]) -> WriteResult:
        """Take tags off a prospect ("Remove Tags")."""
        return self._write("remove_tags", self._of(email, "removeTags"), {"tag": encode.tags(tags)})

    def unsubscribe(self, email: str) -> WriteResult:
        """Unsubscribe a prospect ("Unsubscribe Prospect"): no more mails, and no documented way back."""
        return self._write("unsubscribe", self._of(email, "unsubscribe"), {"Email": encode.email(email)})

    def do_not_contact(self, email: str) -> WriteResult:
        """Let nobody mail a prospect ("Change Prospect Status to DoNotContact"); `revert_do_not_contact` undoes it."""
        path = self._of(email, "changeStatusToDoNotContact")
        return self._write("do_not_contact", path, {"Email": encode.email(email)})

    def revert_do_not_contact(self, email: str) -> WriteResult:
        """Revert to Not Contacted, or Manually Stopped if contacted before ("Revert from DoNotContact status")."""
        path = self._of(email, "revertStatusToDoNotContact")
        return self._write("revert_do_not_contact", path, {"Email": encode.email(email)})

    def stop_mails(self, email: str) -> WriteResult:
        """Send no scheduled mail to a prospect ("Stop Mails")."""
        return self._write("stop_mails", self._of(email, "stop"), {"Email": encode.email(email)})

    def get(self, email: str) -> ProspectRecord | None:
        """Return the prospect with this address, custom fields included, or None if there is none.

        >>> client.prospects.get("nobody@example.com") is None
        True
        """
        query = {"Email": encode.email(email), "CustomFields": "true"}
        return self._send(Call(OPERATIONS["get_prospect"], self._path("prospects"), _first, query=query))

    def status(self, email_or_id: str) -> ProspectStatus:
        """Return cadence status and prospect status, by email or id; both None if there is no such prospect."""
        path = self._path("prospects", encode.named(email_or_id, "email or id").strip(), "status")
        return self._send(Call(OPERATIONS["prospect_status"], path, ProspectStatus.read))

    def search(
        self,
        *,
        list_name: str | None = None,
        created: Between | None = None,
        updated: Between | None = None,
        limit: int = PAGE,
    ) -> Iterator[ProspectRecord]:
        """Yield prospects, each once; without any filter, everybody.

        >>> sum(1 for prospect in client.prospects.search(created=("2026-11-02", "2026-11-03"))) > 0
        True

        Pages until nothing new comes. Whether `start` counts records or pages is told differently by different
        sources, so it is found out on the way.

        Args:
            list_name: only those of this list.
            created: only those created from the first to the second day; None as the second: until now.
            updated: the same of their last update. One filter at a time.
            limit: prospects a page, 1 to 1,000.
        """
        if sum(value is not None for value in (list_name, created, updated)) > 1:
            raise ValidationError("search by list, by created, or by updated: one at a time")
        if not 1 <= limit <= PAGE:
            raise ValidationError(f"a page holds 1 to {PAGE} prospects")
        query: dict[str, str] = {}
        if list_name is not None:
            query = {"listName": encode.named(list_name, "the list's name")}
        elif created is not None:
            query = _between(created, "startDate", "endDate")
        elif updated is not None:
            query = _between(updated, "lastUpdatedDateStart", "lastUpdatedDateEnd")
        return self._pages(query, limit)

    def _pages(self, query: dict[str, str], limit: int) -> Iterator[ProspectRecord]:
        seen: set[object] = set()
        start, step = 1, 1
        while True:
            page_query = query | {"start": str(start), "limit": str(limit)}
            page = self._send(Call(OPERATIONS["search_prospects"], self._path("prospects"), _found, query=page_query))
            fresh = [prospect for prospect in page if _identity(prospect) not in seen]
            # The second call tells which it is: from page 2 all are new, from record 2 most were seen.
            counts_records = start == 2 and len(fresh) < len(page)
            if not fresh and not counts_records:
                return
            seen.update(_identity(prospect) for prospect in fresh)
            yield from fresh
            if counts_records:
                step = len(page)
            start += step

    def _of(self, email: str, *more: str) -> str:
        return self._path("prospects", encode.email(email), *more)


def _introduced(email: str, first_name: str) -> dict[str, object]:
    return {"Email": encode.email(email), "FirstName": encode.named(first_name, "the first name")}


def _with_email(body: dict[str, object]) -> dict[str, object]:
    if "Email" not in body:
        raise ValidationError("a prospect needs an email address")
    return body


def _bulk(answer: Json) -> BulkResult:
    raw = as_object(answer)
    details = raw.get("details")
    return BulkResult(tuple(BulkRow.read(row) for row in as_objects(details)) if details is not None else (), raw)


def _found(answer: Json) -> list[ProspectRecord]:
    return [ProspectRecord.read(raw) for raw in as_objects(answer)]


def _first(answer: Json) -> ProspectRecord | None:
    return next(iter(_found(answer)), None)


def _identity(prospect: ProspectRecord) -> object:
    return prospect.id or prospect.email or repr(prospect.raw)  # a repeated page must end the paging


def _between(days: Between, first_key: str, last_key: str) -> dict[str, str]:
    try:
        first, last = days
    except (TypeError, ValueError):
        raise ValidationError("give the first and the last day, or None as the last") from None
    query = {first_key: f"{encode.day(first):%Y/%m/%d}"}
    if last is not None:
        if encode.day(last) < encode.day(first):
            raise ValidationError("the end lies before the start")
        query[last_key] = f"{encode.day(last):%Y/%m/%d}"
    return query
