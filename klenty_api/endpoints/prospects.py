"""Prospects: created, changed, listed, and kept from being mailed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from klenty_api import encode
from klenty_api.decode import Json, as_object, as_objects
from klenty_api.endpoints.endpoint import Resource
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


class Prospects(Resource):
    """Everything the vendor documents under `/prospects`.

    All raise `ValidationError` before sending for what cannot be right, else `KlentyError`.
    """

    def create(self, prospect: Prospect) -> WriteResult:
        """Create a prospect (“Create Prospects”). An unknown list is created by Klenty without a word."""
        body = encode.prospect(prospect, leave_out=("outcome", "company_url"))
        return self._write("create_prospect", self._path("prospects"), _with_email(body))

    def update(self, email: str, fields: Prospect) -> WriteResult:
        """Change the fields that are set (“Update Prospect”). `outcome` must be spelt exactly as in Klenty."""
        body = encode.prospect(fields, leave_out=("owner", "company_url"))
        if not body:
            raise ValidationError("no field to change")
        # Klenty may answer differently when the address itself or the outcome changes: then it is not repeated.
        repeat = Repeat.CHECK_FIRST if {"Email", "Outcome"} & set(body) else None
        return self._write("update_prospect", self._of(email), body, repeat=repeat)

    def add_to_list(self, email: str, first_name: str, list_name: str) -> WriteResult:
        """“Add Prospect to List”. Not applied to a prospect who exists already, though the answer is the same."""
        body = _introduced(email, first_name) | {"List": encode.named(list_name, "the list's name")}
        return self._write("add_to_list", self._path("prospects"), body)

    def add_tags(self, email: str, first_name: str, tags: Sequence[str]) -> WriteResult:
        """“Add Tags to a Prospect”. Not applied to a prospect who exists already, though the answer is the same."""
        body = _introduced(email, first_name) | {"Tags": "|".join(encode.tags(tags))}
        return self._write("add_tags", self._path("prospects"), body)

    def add_custom_fields(self, email: str, first_name: str, fields: Mapping[str, str]) -> WriteResult:
        """“Add value to a Prospect’s Custom Field”."""
        body = _introduced(email, first_name) | {"CustomFields": encode.custom_fields(fields)}
        return self._write("add_custom_fields", self._path("prospects"), body)

    def bulk_create(self, prospects: Sequence[Prospect]) -> BulkResult:
        """Create up to 100 prospects in one call (“Bulk Add Prospects”)."""
        if not 1 <= len(prospects) <= BULK_LIMIT:
            raise ValidationError(f"a bulk add takes 1 to {BULK_LIMIT} prospects")
        body = [_with_email(encode.prospect(prospect, leave_out=("outcome",))) for prospect in prospects]
        return self._send(Call(OPERATIONS["bulk_create"], self._path("prospects"), _bulk, body=body))

    def remove_tags(self, email: str, tags: Sequence[str]) -> WriteResult:
        """Take tags off a prospect (“Remove Tags”)."""
        return self._write("remove_tags", self._of(email, "removeTags"), {"tag": encode.tags(tags)})

    def unsubscribe(self, email: str) -> WriteResult:
        """“Unsubscribe Prospect”: no more mails, and no documented way back."""
        return self._write("unsubscribe", self._of(email, "unsubscribe"), {"Email": encode.email(email)})

    def do_not_contact(self, email: str) -> WriteResult:
        """“Change Prospect Status to DoNotContact”; `revert_do_not_contact` is the way back."""
        path = self._of(email, "changeStatusToDoNotContact")
        return self._write("do_not_contact", path, {"Email": encode.email(email)})

    def revert_do_not_contact(self, email: str) -> WriteResult:
        """“Revert from DoNotContact status”: to Not Contacted, or to Manually Stopped if he was contacted before."""
        path = self._of(email, "revertStatusToDoNotContact")
        return self._write("revert_do_not_contact", path, {"Email": encode.email(email)})

    def stop_mails(self, email: str) -> WriteResult:
        """“Stop Mails”: no scheduled mail goes out to this prospect."""
        return self._write("stop_mails", self._of(email, "stop"), {"Email": encode.email(email)})

    def get(self, email: str) -> ProspectRecord | None:
        """The prospect with this address, None if there is none."""
        query = {"Email": encode.email(email)}
        return self._send(Call(OPERATIONS["get_prospect"], self._path("prospects"), _first, query=query))

    def status(self, email_or_id: str) -> ProspectStatus:
        """Cadence status and prospect status, by email or id."""
        path = self._path("prospects", encode.named(email_or_id, "email or id").strip(), "status")
        return self._send(Call(OPERATIONS["prospect_status"], path, ProspectStatus.read))

    def search(
        self,
        *,
        list_name: str | None = None,
        created: tuple[date, date] | None = None,
        updated: tuple[date, date] | None = None,
        limit: int = PAGE,
    ) -> Iterator[ProspectRecord]:
        """Prospects of a list, or created, or last updated within two dates; exactly one of the three is given.

        Pages until nothing new comes; each prospect once. Whether `start` counts records or pages is told
        differently by different sources, so it is found out on the way (FACTS.md, “Transport”).
        """
        given = [value is not None for value in (list_name, created, updated)]
        if sum(given) != 1:
            raise ValidationError("search by list, by created, or by updated")
        if not 1 <= limit <= PAGE:
            raise ValidationError(f"a page holds 1 to {PAGE} prospects")
        return self._pages(_query(list_name, created, updated), limit)

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


def _query(
    list_name: str | None, created: tuple[date, date] | None, updated: tuple[date, date] | None
) -> dict[str, str]:
    if list_name is not None:
        return {"listName": encode.named(list_name, "the list's name")}
    between, prefix = (created, "") if created else (updated, "lastUpdated")
    first, last = between or (date.min, date.min)
    if last < first:
        raise ValidationError("the end lies before the start")
    keys = ("startDate", "endDate") if not prefix else ("lastUpdatedStartDate", "lastUpdatedEndDate")
    return dict(zip(keys, (f"{first:%Y/%m/%d}", f"{last:%Y/%m/%d}"), strict=True))
