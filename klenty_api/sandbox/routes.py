"""What each address does: demanded, done to the account, answered."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from klenty_api.sandbox import answers, catalogue, rules
from klenty_api.sandbox.rules import RefusedError

if TYPE_CHECKING:
    from datetime import datetime

    from klenty_api.sandbox.server import Sandbox
    from klenty_api.sandbox.state import Cadence, Prospect

OK: dict[str, Any] = {"status": True}
_SECOND_SHAPE = {"stop_cadence", "stop_all_cadences", "resume_cadence"}


@dataclass(frozen=True)
class Asked:
    """A request that passed the gate: whose, and with what."""

    user: str
    query: dict[str, str]
    body: Any
    parts: tuple[str, ...]


Handler = Callable[["Sandbox", Asked], Any]


def _cadence(sandbox: Sandbox, name: str) -> Cadence:
    found = sandbox.account.find_cadence(name)
    if found is None:
        raise RefusedError("K2003", "cadence not found")
    return found


def _prospect(sandbox: Sandbox, email: str) -> Prospect:
    found = sandbox.account.find_prospect(email)
    if found is None:
        raise RefusedError("K2003", "prospect not found")
    return found


def _report_window(sandbox: Sandbox, asked: Asked) -> tuple[Cadence | None, datetime, datetime]:
    names = {"startDate": str, "endDate": str, "cadenceName": str}
    body = rules.body_object(asked.body, names)
    behaviour = sandbox.account.behaviour
    start, end = rules.window(
        body,
        end_included=sandbox.end_day_included,
        zone=behaviour.day_zone,
        times_honoured=behaviour.times_honoured,
    )
    cadence = sandbox.account.find_cadence(body["cadenceName"])
    if cadence is not None and behaviour.sees == "own" and cadence.plan.owner != asked.user:
        cadence = None
    if cadence is None and sandbox.unknown_cadence == "refused":
        raise RefusedError("K4004", "cadence does not exist")
    if cadence is None and sandbox.unknown_cadence == "nothing_found":
        raise RefusedError("K2003", "no data found")
    return cadence, start, min(end, sandbox.account.now())


def _engagements(sandbox: Sandbox, asked: Asked) -> Any:
    cadence, start, end = _report_window(sandbox, asked)
    if cadence is None:
        return dict.fromkeys(_ZERO, 0)
    return answers.engagements(cadence, start, end, sandbox.account.now(), extras=sandbox.extras)


_ZERO = (
    "prospectsAdded", "inCadenceCount", "prospectsCompleted", "openCount", "linkCount", "replyCount",
    "unsubscribeCount", "bounceCount", "positiveCount", "negativeCount",
)  # fmt: skip


def _stepwise(sandbox: Sandbox, asked: Asked) -> Any:
    cadence, start, end = _report_window(sandbox, asked)
    return [] if cadence is None else answers.steps(cadence, start, end)


def _post_prospects(sandbox: Sandbox, asked: Asked) -> Any:
    if isinstance(asked.body, list):
        return _bulk(sandbox, asked)
    fields = rules.prospect_fields(asked.body, rules.CREATE_FIELDS, needs_email=True)
    prospect, _ = sandbox.account.create(fields, asked.user)
    return OK | ({"details": answers.created(prospect)} if sandbox.extras else {})


def _bulk(sandbox: Sandbox, asked: Asked) -> Any:
    if not 1 <= len(asked.body) <= rules.BULK_LIMIT:
        raise RefusedError("K1007", f"1 to {rules.BULK_LIMIT} prospects at once")
    rows = [rules.prospect_fields(row, rules.BULK_FIELDS, needs_email=True) for row in asked.body]
    details = []
    for row in rows:
        prospect, is_new = sandbox.account.create(row, asked.user)
        said = "prospect added successfully" if is_new else "prospect already exists in Klenty"
        details.append({"prospect": prospect.email, "status": said})
    return OK | {"details": details}


def _update(sandbox: Sandbox, asked: Asked) -> Any:
    fields = rules.prospect_fields(asked.body, rules.UPDATE_FIELDS, needs_email=False)
    if "Outcome" in fields and fields["Outcome"] not in catalogue.OUTCOMES:
        raise RefusedError("K1008", "unknown outcome")
    prospect = _prospect(sandbox, asked.parts[0])
    if "Email" in fields and sandbox.account.find_prospect(fields["Email"]) not in (None, prospect):
        raise RefusedError("K1015", "another prospect has this address")
    sandbox.account.change(prospect, fields)
    return OK


def _remove_tags(sandbox: Sandbox, asked: Asked) -> Any:
    body = rules.body_object(asked.body, {"tag": list})
    if not all(isinstance(tag, str) for tag in body["tag"]):
        raise RefusedError("K1004", "tag must be a list of strings")
    prospect = _prospect(sandbox, asked.parts[0])
    prospect.tags = [tag for tag in prospect.tags if tag not in body["tag"]]
    return OK


def _same_email(sandbox: Sandbox, asked: Asked) -> Prospect:
    """The prospect of the path; the body has to name the same address."""
    body = rules.body_object(asked.body, {"Email": str})
    if rules.email(body["Email"]).lower() != asked.parts[0].lower():
        raise RefusedError("K1009", "Email differs from the address in the path")
    return _prospect(sandbox, asked.parts[0])


def _unsubscribe(sandbox: Sandbox, asked: Asked) -> Any:
    prospect = _same_email(sandbox, asked)
    sandbox.account.leave(prospect, "Unsubscribed")
    prospect.status = "Unsubscribed"
    return OK


def _do_not_contact(sandbox: Sandbox, asked: Asked) -> Any:
    prospect = _same_email(sandbox, asked)
    sandbox.account.leave(prospect, "Manually stopped")
    prospect.status = "DoNotContact"
    return OK


def _revert(sandbox: Sandbox, asked: Asked) -> Any:
    prospect = _same_email(sandbox, asked)
    if prospect.status != "DoNotContact":
        raise RefusedError("K1010", "the prospect is not DoNotContact")
    prospect.status = "Manually Stopped" if prospect.was_contacted else "Not Contacted"
    return OK


def _stop_mails(sandbox: Sandbox, asked: Asked) -> Any:
    prospect = _same_email(sandbox, asked)
    prospect.mails_stopped = True
    sandbox.account.leave(prospect, "Manually stopped")
    return OK


def _start(sandbox: Sandbox, asked: Asked) -> Any:
    body = rules.body_object(asked.body, {"Email": str, "cadenceName": str})
    prospect, cadence = _prospect(sandbox, rules.email(body["Email"])), _cadence(sandbox, body["cadenceName"])
    if prospect.status in {"Unsubscribed", "DoNotContact"}:
        raise RefusedError("K1011", f"the prospect is {prospect.status}")
    if prospect.cadences.get(cadence.plan.name) == "In Cadence":
        raise RefusedError("K1012", "the prospect is already in this cadence")
    sandbox.account.start(prospect, cadence)
    return OK


def _stop(sandbox: Sandbox, asked: Asked) -> Any:
    body = rules.body_object(asked.body, {"Email": str}, frozenset({"Email", "cadenceName"}))
    name = body.get("cadenceName")
    # An empty name is refused and not taken for “all”: the client must leave the field out to mean that.
    if "cadenceName" in body and (not isinstance(name, str) or not name):
        raise RefusedError("K1004", "cadenceName must be a string")
    prospect = _prospect(sandbox, rules.email(body["Email"]))
    if name is not None:
        _cadence(sandbox, name)
    if not sandbox.account.leave(prospect, "Manually stopped", name):
        raise RefusedError("K1013", "the prospect is not in this cadence")
    return OK


def _resume(sandbox: Sandbox, asked: Asked) -> Any:
    body = rules.body_object(asked.body, {"Email": str})
    if not sandbox.account.resume(_prospect(sandbox, rules.email(body["Email"]))):
        raise RefusedError("K1014", "no paused cadence")
    return OK


def _add_webhook(sandbox: Sandbox, asked: Asked) -> Any:
    body = rules.body_object(asked.body, {"subscription_url": str, "event": str})
    rules.event(body["event"], rules.EVENTS)
    known = {"_id": sandbox.account.new_id(), "url": body["subscription_url"], "event": body["event"].lower()}
    sandbox.account.webhooks[known["_id"]] = known
    extras = {"isSecured": False, "newWebhook": True, "token": ""} if sandbox.extras else {}
    return known | extras


def _update_webhook(sandbox: Sandbox, asked: Asked) -> Any:
    body = rules.body_object(asked.body, {"_id": str, "subscription_url": str, "event": str})
    rules.event(body["event"], rules.UPDATE_EVENTS)
    known = sandbox.account.webhooks.get(body["_id"])
    if known is None:
        raise RefusedError("K2003", "webhook not found")
    known |= {"url": body["subscription_url"], "event": body["event"].lower()}
    return OK


def _delete_webhook(sandbox: Sandbox, asked: Asked) -> Any:
    body = rules.body_object(asked.body, {"webhookId": str})
    if sandbox.account.webhooks.pop(body["webhookId"], None) is None:
        raise RefusedError("K2003", "webhook not found")
    return OK


def _list_cadences(sandbox: Sandbox, asked: Asked) -> Any:
    owner = asked.query.get("username")
    return [answers.cadence(known) for known in sandbox.account.cadences if owner in {None, known.plan.owner}]


def _list_lists(sandbox: Sandbox, _asked: Asked) -> Any:
    return [{"id": identity, "name": name} for name, identity in sandbox.account.lists.items()]


def _get_prospects(sandbox: Sandbox, asked: Asked) -> Any:
    query = asked.query
    if "Email" in query:
        found = sandbox.account.find_prospect(query["Email"])
        if found is None:
            raise RefusedError("K2003", "prospect not found")
        return [answers.prospect(found)]
    everyone = sandbox.account.prospects.values()
    if "listName" in query:
        found_ones = [p for p in everyone if p.list == query["listName"]]
    else:
        prefix, attribute = ("lastUpdated", "updated") if "lastUpdatedStartDate" in query else ("", "created")
        keys = (f"{prefix}StartDate", f"{prefix}EndDate") if prefix else ("startDate", "endDate")
        if not all(key in query for key in keys):
            raise RefusedError("K1002", "search by Email, listName or dates")
        first, last = (rules.slashed_day(query[key]) for key in keys)
        found_ones = [p for p in everyone if first <= getattr(p, attribute).date() <= last]
    start, limit = rules.number(query.get("start", "1")), min(rules.number(query.get("limit", "50")), 1000)
    return [answers.prospect(p) for p in found_ones[max(start, 1) - 1 :][:limit]]


def _status(sandbox: Sandbox, asked: Asked) -> Any:
    return answers.status(_prospect(sandbox, asked.parts[0]))


def _list_webhooks(sandbox: Sandbox, _asked: Asked) -> Any:
    return list(sandbox.account.webhooks.values())


def _list_calls(sandbox: Sandbox, asked: Asked) -> Any:
    first, last = (rules.slashed_day(asked.query.get(key, "")) for key in ("startDate", "endDate"))
    if (last - first).days > 29 or last < first:
        raise RefusedError("K2002", "at most 29 days")
    now = sandbox.account.now()
    calls = [
        {"id": f"{cadence.id}-{number}", "cadenceName": cadence.plan.name, "email": event.prospect,
         "completedAt": answers.format_time(event.at)}
        for cadence in sandbox.account.cadences
        for number, event in enumerate(cadence.events)
        if event.kind == "call_done" and first <= event.at.date() < last and event.at <= now
    ]  # fmt: skip
    page = rules.number(asked.query.get("page", "1"))
    size = 100
    # A call at a page's end is told again on the next page, as was seen live.
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
    """The route of a request, None when there is none."""
    known = _USER_PATH.fullmatch(path)
    for how, pattern, name, do in _PATTERNS if known else ():
        match = pattern.fullmatch(known[2]) if known and how == method else None
        if match and known:
            parts = tuple(unquote(part) for part in match.groups())
            return Route(_operation(name, query, body), do, parts, unquote(known[1]))
    return None


def _operation(name: str, query: dict[str, str], body: Any) -> str:
    """Which of the operations that share an address this is."""
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
    """A refusal in the shape that Klenty uses for this operation."""
    if name in _SECOND_SHAPE:
        error = {"errorCode": refusal.code, "errorMessage": refusal.text, "type": "validation"}
        return {"status": 400, "errors": [error]}
    return {"status": False, "errors": [{"code": refusal.code, "errorMessage": refusal.text}]}
