"""What each address demands, does to the account, and answers. Marks as in `behaviour`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

from klenty_api.sandbox import answers, catalogue, rules
from klenty_api.sandbox.rules import RefusedError
from klenty_api.sandbox.state import RESUMABLE, Cadence, Prospect, SandboxAccount

OK: dict[str, Any] = {"status": True}
_SECOND_SHAPE = {"stop_cadence", "stop_all_cadences", "resume_cadence"}


@dataclass(frozen=True)
class Asked:
    """A request that passed the gate: of which user, and with what."""

    user: str
    query: dict[str, str]
    body: Any
    parts: tuple[str, ...]


Handler = Callable[[SandboxAccount, Asked], Any]


def _missing(account: SandboxAccount, what: str) -> RefusedError:
    status = 404 if account.behaviour.unknown_item == "missing" else 200
    return RefusedError("K2003" if status == 200 else "K4004", f"{what} not found", status)


def _guess(account: SandboxAccount, rule: str, code: str, text: str) -> None:
    """Refuse by a rule that no source names, where it is in force."""
    if rule in account.behaviour.refuses:
        raise RefusedError(code, text)


def _body(account: SandboxAccount, asked: Asked, required: dict[str, type], *, optional: str = "") -> dict[str, Any]:
    allowed = frozenset(required) | ({optional} if optional else set())
    return rules.body_object(asked.body, required, allowed, strict="unknown_field" in account.behaviour.refuses)


def _fields(account: SandboxAccount, body: Any, allowed: frozenset[str], *, needs_email: bool = True) -> dict[str, Any]:
    strict = "unknown_field" in account.behaviour.refuses
    return rules.prospect_fields(body, allowed, needs_email=needs_email, strict=strict)


def _cadence(account: SandboxAccount, name: str) -> Cadence:
    found = account.find_cadence(name)
    if found is None:
        raise _missing(account, "cadence")
    return found


def _prospect(account: SandboxAccount, email: str) -> Prospect:
    found = account.find_prospect(email)
    if found is None:
        raise _missing(account, "prospect")
    return found


def _report_window(account: SandboxAccount, asked: Asked) -> tuple[Cadence | None, datetime, datetime]:
    body = _body(account, asked, {"startDate": str, "endDate": str, "cadenceName": str})
    behaviour = account.behaviour
    start, end = rules.window(
        body,
        end_included=behaviour.end_day_included,
        zone=behaviour.day_zone,
        times_honoured=behaviour.times_honoured,
    )
    cadence = account.find_cadence(body["cadenceName"])
    if cadence is not None and behaviour.sees == "own" and cadence.plan.owner != asked.user:
        cadence = None
    if cadence is None and behaviour.unknown_cadence in {"refused", "missing"}:
        status = 404 if behaviour.unknown_cadence == "missing" else 200
        raise RefusedError("K4004", "cadence does not exist", status)
    if cadence is None and behaviour.unknown_cadence == "nothing_found":
        raise RefusedError("K2003", "no data found")
    return cadence, start, min(end, account.now())


def _engagements(account: SandboxAccount, asked: Asked) -> Any:
    cadence, start, end = _report_window(account, asked)
    if cadence is None:
        return dict.fromkeys(_ZERO, 0)
    return answers.engagements(cadence, start, end, account.now(), extras=account.behaviour.extras)


_ZERO = (
    "prospectsAdded", "inCadenceCount", "prospectsCompleted", "openCount", "linkCount", "replyCount",
    "unsubscribeCount", "bounceCount", "positiveCount", "negativeCount",
)  # fmt: skip


def _stepwise(account: SandboxAccount, asked: Asked) -> Any:
    cadence, start, end = _report_window(account, asked)
    return [] if cadence is None else answers.steps(cadence, start, end)


def _post_prospects(account: SandboxAccount, asked: Asked) -> Any:
    if isinstance(asked.body, list):
        return _bulk(account, asked)
    fields = _fields(account, asked.body, rules.CREATE_FIELDS)
    prospect, _ = account.create(fields, asked.user)
    return OK | ({"details": answers.created(prospect)} if account.behaviour.extras else {})


def _bulk(account: SandboxAccount, asked: Asked) -> Any:
    if not 1 <= len(asked.body) <= rules.BULK_LIMIT:
        raise RefusedError("K1007", f"1 to {rules.BULK_LIMIT} prospects at once")
    rows = [_fields(account, row, rules.BULK_FIELDS) for row in asked.body]
    details = []
    for row in rows:
        prospect, is_new = account.create(row, asked.user)
        said = "prospect added successfully" if is_new else "prospect already exists in Klenty"
        details.append({"prospect": prospect.email, "status": said})
    return OK | {"details": details}


def _update(account: SandboxAccount, asked: Asked) -> Any:
    fields = _fields(account, asked.body, rules.UPDATE_FIELDS, needs_email=False)
    if "Outcome" in fields and fields["Outcome"] not in catalogue.OUTCOMES:
        raise RefusedError("K1008", "unknown outcome")  # [D] case-sensitive
    prospect = _prospect(account, asked.parts[0])
    if "Email" in fields and account.find_prospect(fields["Email"]) not in (None, prospect):
        _guess(account, "address_taken", "K1015", "another prospect has this address")
    account.change(prospect, fields)
    return OK


def _remove_tags(account: SandboxAccount, asked: Asked) -> Any:
    body = _body(account, asked, {"tag": list})
    if not all(isinstance(tag, str) for tag in body["tag"]):
        raise RefusedError("K1004", "tag must be a list of strings")
    prospect = _prospect(account, asked.parts[0])
    prospect.tags = [tag for tag in prospect.tags if tag not in body["tag"]]
    return OK


def _same_email(account: SandboxAccount, asked: Asked) -> Prospect:
    """Return the prospect of the path; the body has to name the same address."""
    body = _body(account, asked, {"Email": str})
    if rules.email(body["Email"]).lower() != asked.parts[0].lower():
        _guess(account, "other_email", "K1009", "Email differs from the address in the path")
    return _prospect(account, asked.parts[0])


def _unsubscribe(account: SandboxAccount, asked: Asked) -> Any:
    prospect = _same_email(account, asked)
    account.leave(prospect, "Unsubscribed")
    prospect.status = "Unsubscribed"
    return OK


def _do_not_contact(account: SandboxAccount, asked: Asked) -> Any:
    prospect = _same_email(account, asked)
    account.leave(prospect, "Manually stopped")
    prospect.status = "DoNotContact"
    return OK


def _revert(account: SandboxAccount, asked: Asked) -> Any:
    prospect = _same_email(account, asked)
    if prospect.status != "DoNotContact":
        _guess(account, "not_do_not_contact", "K1010", "the prospect is not DoNotContact")
    prospect.status = "Manually Stopped" if prospect.was_contacted else "Not Contacted"
    return OK


def _stop_mails(account: SandboxAccount, asked: Asked) -> Any:
    prospect = _same_email(account, asked)
    prospect.mails_stopped = True
    account.leave(prospect, "Manually stopped")
    return OK


def _start(account: SandboxAccount, asked: Asked) -> Any:
    body = _body(account, asked, {"Email": str, "cadenceName": str})
    prospect, cadence = _prospect(account, rules.email(body["Email"])), _cadence(account, body["cadenceName"])
    if prospect.status in {"Unsubscribed", "DoNotContact"}:
        _guess(account, "blocked", "K1011", f"the prospect is {prospect.status}")
    if prospect.cadences.get(cadence.plan.name) == "In Cadence":
        _guess(account, "in_cadence", "K1012", "the prospect is already in this cadence")
    account.start(prospect, cadence)
    return OK


def _stop(account: SandboxAccount, asked: Asked) -> Any:
    body = _body(account, asked, {"Email": str}, optional="cadenceName")
    name = body.get("cadenceName")
    # An empty name is refused and not taken for "all": the client must leave the field out to mean that.
    if "cadenceName" in body and (not isinstance(name, str) or not name):
        raise RefusedError("K1004", "cadenceName must be a string")
    prospect = _prospect(account, rules.email(body["Email"]))
    if name is not None:
        _cadence(account, name)
    if not account.leave(prospect, "Manually stopped", name):
        _guess(account, "not_in_cadence", "K1013", "the prospect is not in this cadence")
    return OK


def _resume(account: SandboxAccount, asked: Asked) -> Any:
    body = _body(account, asked, {"Email": str})
    if not account.resume(_prospect(account, rules.email(body["Email"]))):
        raise RefusedError("K1014", f"only these can be resumed: {', '.join(sorted(RESUMABLE))}")  # [K]
    return OK


def _add_webhook(account: SandboxAccount, asked: Asked) -> Any:
    body = _body(account, asked, {"subscription_url": str, "event": str})
    rules.event(body["event"], rules.EVENTS)
    known = {"_id": account.new_id(), "url": body["subscription_url"], "event": body["event"].lower()}
    account.webhooks[known["_id"]] = known
    extras = {"isSecured": False, "newWebhook": True, "token": ""} if account.behaviour.extras else {}
    return known | extras


def _update_webhook(account: SandboxAccount, asked: Asked) -> Any:
    body = _body(account, asked, {"_id": str, "subscription_url": str, "event": str})
    rules.event(body["event"], rules.UPDATE_EVENTS)
    known = account.webhooks.get(body["_id"])
    if known is None:
        raise _missing(account, "webhook")
    known |= {"url": body["subscription_url"], "event": body["event"].lower()}
    return OK


def _delete_webhook(account: SandboxAccount, asked: Asked) -> Any:
    body = _body(account, asked, {"webhookId": str})
    if account.webhooks.pop(body["webhookId"], None) is None:
        raise _missing(account, "webhook")
    return OK


def _list_cadences(account: SandboxAccount, asked: Asked) -> Any:
    owner = asked.query.get("username")
    return [answers.cadence(known) for known in account.cadences if owner in {None, known.plan.owner}]


def _list_lists(account: SandboxAccount, _asked: Asked) -> Any:
    return [{"id": identity, "name": name} for name, identity in account.lists.items()]


def _get_prospects(account: SandboxAccount, asked: Asked) -> Any:
    query = asked.query
    if "Email" in query:
        custom = query.get("CustomFields") == "true"  # [3]
        return [answers.prospect(_prospect(account, query["Email"]), custom_fields=custom)]
    found: list[Prospect] = list(account.prospects.values())  # [3] without a filter: everybody
    if "listName" in query:
        found = [p for p in found if p.list == query["listName"]]
    for first_key, last_key, attribute in (
        ("startDate", "endDate", "created"),
        ("lastUpdatedDateStart", "lastUpdatedDateEnd", "updated"),
    ):  # [3], the end optional
        if first_key in query:
            first = rules.slashed_day(query[first_key])
            last = rules.slashed_day(query[last_key]) if last_key in query else account.now().date()
            found = [p for p in found if first <= getattr(p, attribute).date() <= last]
    start, limit = rules.number(query.get("start", "1")), min(rules.number(query.get("limit", "50")), 1000)
    begin = start - 1 if account.behaviour.start_counts == "records" else (start - 1) * limit
    return [answers.prospect(p) for p in found[begin:][:limit]]


def _status(account: SandboxAccount, asked: Asked) -> Any:
    return answers.status(_prospect(account, asked.parts[0]))


def _list_webhooks(account: SandboxAccount, _asked: Asked) -> Any:
    return list(account.webhooks.values())


def _list_calls(account: SandboxAccount, asked: Asked) -> Any:
    first, last = (rules.slashed_day(asked.query.get(key, "")) for key in ("startDate", "endDate"))
    now = account.now()
    earliest, latest = (now.date() - timedelta(days=days) for days in (29, account.behaviour.calls_after))
    if not earliest <= first <= latest or last < first:  # [L]
        raise RefusedError("K2002", f"startDate must lie between {earliest} and {latest}")
    calls = [
        answers.call(account, cadence, event, number)
        for cadence in account.cadences
        for number, event in enumerate(cadence.events)
        if event.kind == "call_done" and first <= event.at.date() < last and event.at <= now  # the end excluded [L]
    ]
    if not calls:
        raise RefusedError("K2003", "no calls found")  # [L]
    page, size = rules.number(asked.query.get("page", "1")), 100
    # A call at a page's end is told again on the next page [L].
    some = calls[max(0, (page - 1) * size - 1) : page * size]
    return OK | {"data": {"callData": some, "hasMore": page * size < len(calls)}}


_ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("POST", "emailEngagements", "email_engagements", _engagements),
    ("POST", "stepWiseEngagements", "stepwise_engagements", _stepwise),
    ("POST", "prospects", "create_prospect", _post_prospects),
    ("POST", "prospects/*", "update_prospect", _update),
    ("POST", "prospects/*/removeTags", "remove_tags", _remove_tags),
    ("POST", "prospects/*/unsubscribe", "unsubscribe", _unsubscribe),
    ("POST", "prospects/*/changeStatusToDoNotContact", "do_not_contact", _do_not_contact),
    ("POST", "prospects/*/revertStatusToDoNotContact", "revert_do_not_contact", _revert),
    ("POST", "prospects/*/stop", "stop_mails", _stop_mails),
    ("POST", "startcadence", "start_cadence", _start),
    ("POST", "stopcadence", "stop_cadence", _stop),
    ("POST", "cadences/resume", "resume_cadence", _resume),
    ("POST", "zapier/hooks", "add_webhook", _add_webhook),
    ("POST", "webhook/update", "update_webhook", _update_webhook),
    ("POST", "webhook/delete", "delete_webhook", _delete_webhook),
    ("GET", "cadences", "list_cadences", _list_cadences),
    ("GET", "lists", "list_lists", _list_lists),
    ("GET", "prospects", "search_prospects", _get_prospects),
    ("GET", "prospects/*/status", "prospect_status", _status),
    ("GET", "webhook/getall", "list_webhooks", _list_webhooks),
    ("GET", "calls", "list_calls", _list_calls),
)
_PATTERNS = [
    (method, re.compile("/".join("([^/]+)" if part == "*" else re.escape(part) for part in path.split("/"))), name, do)
    for method, path, name, do in _ROUTES
]
_USER_PATH = re.compile(r"/apis/v1/user/([^/]+)/(.+)")


@dataclass(frozen=True)
class Route:
    """What was found for a request: the operation, what carries it out, the parts of the path, the user."""

    operation: str
    do: Handler
    parts: tuple[str, ...]
    user: str


def find(method: str, path: str, query: dict[str, str], body: Any) -> Route | None:
    """Return the route of a request, None when there is none.

    Args:
        method: of HTTP.
        path: below the address.
        query: its parameters.
        body: any JSON.
    """
    known = _USER_PATH.fullmatch(path)
    for how, pattern, name, do in _PATTERNS if known else ():
        match = pattern.fullmatch(known[2]) if known and how == method else None
        if match and known:
            parts = tuple(unquote(part) for part in match.groups())
            return Route(_operation(name, query, body), do, parts, unquote(known[1]))
    return None


def _operation(name: str, query: dict[str, str], body: Any) -> str:
    """Return which of the operations that share an address this is."""
    if name == "stop_cadence" and isinstance(body, dict) and "cadenceName" not in body:
        return "stop_all_cadences"
    if name == "search_prospects" and "Email" in query:
        return "get_prospect"
    if name == "create_prospect":
        if isinstance(body, list):
            return "bulk_create"
        more = set(body) - {"Email", "FirstName"} if isinstance(body, dict) else set()
        special = {"List": "add_to_list", "Tags": "add_tags", "CustomFields": "add_custom_fields"}
        if len(more) == 1:
            return special.get(more.pop(), name)
    return name


def refusal_answer(name: str, refusal: RefusedError) -> dict[str, Any]:
    """Return a refusal in the shape that Klenty uses for this operation."""
    if name in _SECOND_SHAPE:
        error = {"errorCode": refusal.code, "errorMessage": refusal.text, "type": "validation"}
        return {"status": 400, "errors": [error]}
    return {"status": False, "errors": [{"code": refusal.code, "errorMessage": refusal.text}]}
