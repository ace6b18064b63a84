"""Write docs/klenty-openapi.yaml: Klenty's API as this client knows it. Run it as `python docs/openapi.py`.

Operations (vendor's heading, method, what may be repeated) are those of `klenty_api.operations`; which of the client's
fields an answer's field becomes is found by reading an answer that has only that field. What is written down here are
the addresses, the types, and the evidence of every field.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from klenty_api import models
from klenty_api.models import BULK_LIMIT, PROSPECT_KEYS, WEBHOOK_EVENTS, WEBHOOK_UPDATE_EVENTS
from klenty_api.operations import OPERATIONS

FILE = Path(__file__).with_name("klenty-openapi.yaml")
MARKS = {
    "D": "the vendor's document of the POST endpoints",
    "K": "another page of the vendor's help centre",
    "3": "third-party clients of the live API",
    "L": "one of them says it was seen live",
    "G": "inference, unproven",
}
Schema = dict[str, Any]


class Field(NamedTuple):
    """A field of an answer: its type, its evidence (marks, each a letter) and what has to be known."""

    kind: str
    marks: str
    note: str = ""


_EXAMPLES: Mapping[str, Any] = {
    "Count": 3, "Percent": 12, "Text": "x", "Flag": True, "Time": "2026-11-25T09:00:00.000Z", "Texts": "a|b",
    "Pairs": [{"key": "k", "value": "v"}], "Options": [{"option": 1}], "Number": 2.5, "Object": {"a": 1},
}  # fmt: skip
_KINDS: Mapping[str, Schema] = {
    "Count": {
        "description": "A whole number, 0 or more; as a string too [G]. Absent and null mean not reported, never 0.",
        "anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": "^[0-9]+$"}, {"type": "null"}],
    },
    "Percent": {
        "description": "A percentage without its sign, rounded to whole numbers [D]; as a string too [G].",
        "anyOf": [{"type": "number"}, {"type": "string", "pattern": "^[0-9.]+ ?%?$"}, {"type": "null"}],
    },
    "Text": {"type": ["string", "number", "null"]},
    "Flag": {"type": ["boolean", "string", "null"]},
    "Number": {"type": ["number", "string", "null"]},
    "Time": {"description": "ISO 8601; UTC where it names no offset [G].", "type": ["string", "null"]},
    "Texts": {
        "description": "A list, or one text joined with | or commas.",
        "anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": ["string", "null"]}],
    },
    "Object": {"type": ["object", "null"]},
    "Pairs": {
        "type": ["array", "null"],
        "items": {
            "type": "object",
            "properties": {
                "key": {"type": "string", "x-evidence": "[D]"},
                "value": {"type": ["string", "null"], "x-evidence": "[D]"},
            },
        },
    },
}


def _counts(names: str, marks: str, kind: str = "Count") -> dict[str, Field]:
    return {name: Field(kind, marks) for name in names.split()}


_ENGAGEMENT = {
    **_counts("prospectsAdded", "D"),
    "inCadenceCount": Field("Count", "D", "Those in the cadence now, whatever the window."),
    "prospectsCompleted": Field("Count", "D", "Without a reply [K]."),
    "openCount": Field("Count", "D", "Total opens: events, not people."),
    "linkCount": Field("Count", "D", "Total clicks: events, not people."),
    **_counts("replyCount unsubscribeCount bounceCount positiveCount negativeCount", "D"),
    "negetiveCount": Field("Count", "G", "Spelled as in the steps; read in case it comes."),
    **_counts("mailSentCount contactedCount", "3"),
    **_counts("openUiCount linkUiCount replyUiCount bounceUiCount unsubscribeUiCount", "3"),
    "linkedInTasksReport": Field("Object", "3"),
}
_EVENTS = {
    "mailCount": Field("Count", "D", "Emails sent; 0 in steps that send none."),
    "openCount": Field("Count", "D", "Emails that were opened; the unit is not that of a cadence's openCount."),
    **_counts("linkCount replyCount positiveReply", "D"),
    "negativeReply": Field("Count", "D", "So in the document's prose."),
    "negetiveReply": Field("Count", "D", "So in the document's sample."),
    **_counts("openPercent replyPercent linkPercent positiveReplyPercent", "D", "Percent"),
    "LinkPercent": Field("Percent", "D", "So in the document's prose."),
    "negativeReplyPercent": Field("Percent", "D", "So in the document's prose; of which base is not said."),
    "negetiveReplyPercent": Field("Percent", "D", "So in the document's sample; of which base is not said."),
}
_OPTION = {
    "option": Field("Count", "D", "Its number within the step; options have no id."),
    **_EVENTS,
    "templateName": Field("Text", "D", "May be missing."),
    **_counts("subject snippet", "D", "Text"),
}
_STEP = {
    "stepNumber": Field("Count", "D"),
    "stepType": Field("Text", "D", "“mail” in the sample, email in the prose; LinkedIn and others may come [3]."),
    **_EVENTS,
    "completed": Field("Count", "D"),
    "Completed": Field("Count", "D", "So in the document's prose."),
    **_counts("taskCount callCount", "D"),
    "completedCalls": Field("Count", "D", "A percentage by the prose, a count by the sample."),
    "options": Field("Options", "D", "They need not sum to the step [G]."),
}
_IDS = {"id": Field("Text", "K3"), "Id": Field("Text", "3"), "_id": Field("Text", "3")}
_CADENCE = {
    **_IDS,
    "name": Field("Text", "K3", "Cadences are addressed by it; two owners may share one."),
    **_counts("owner", "K3", "Text"),
    "isActive": Field("Flag", "K3"),
    "createdDate": Field("Time", "K3"),
    **_counts("cadenceName cadenceOwner", "G", "Text"),
    "createdAt": Field("Time", "G"),
}
_LIST = {**_IDS, "name": Field("Text", "K3"), "listName": Field("Text", "G")}
_PROSPECT = {
    **_IDS,
    **{key: Field("Text", "K3") for key in PROSPECT_KEYS.values()},
    "email": Field("Text", "3"),
    "List": Field("Text", "K3"), "listName": Field("Text", "3"),
    "Tags": Field("Texts", "K3"),
    "assignTo": Field("Text", "K3"), "prospectOwner": Field("Text", "3"),
    "status": Field("Text", "3"), "prospectStatus": Field("Text", "G"),
    "CustomFields": Field("Pairs", "3", "With CustomFields=true."),
    "createdDate": Field("Time", "3"),
}  # fmt: skip
_STATUS = {
    "status": Field("Flag", "G", "Whether it was found."),
    "cadenceStatus": Field("Text", "K", "In Cadence, Replied, Bounced, Manually stopped …"),
    "prospectStatus": Field("Text", "K"),
}
_WEBHOOK = {
    "_id": Field("Text", "D"), "id": Field("Text", "G"), "Id": Field("Text", "G"),
    "event": Field("Text", "D", "In lower case: compare without case."),
    "url": Field("Text", "D"), "subscription_url": Field("Text", "G"),
    "isSecured": Field("Flag", "3"), "newWebhook": Field("Flag", "3"), "token": Field("Text", "3"),
}  # fmt: skip
_CALL = {
    "callSid": Field("Text", "L", "Its id. A call may come twice."),
    **{name: Field("Text", "G") for name in ("id", "Id", "_id", "callId")},
    **_counts("username status disposition type", "L", "Text"),
    "duration": Field("Number", "L", "The unit is not documented."),
    "startTime": Field("Time", "L", "May be null."),
    "endTime": Field("Time", "L"),
    **_counts("prospectPhoneNo fromNumber toNumber firstName lastName email company list prospectOwner", "L", "Text"),
    "tags": Field("Texts", "L"),
}
_BULK_ROW = {
    "prospect": Field("Text", "D", "The address."),
    "email": Field("Text", "G"),
    "status": Field("Text", "D", "“prospect added successfully” or “prospect already exists in Klenty”."),
}
ANSWERS: Mapping[str, tuple[str, Mapping[str, Field], Any, Callable[[Any], Any]]] = {
    "EmailEngagement": ("The counts of a cadence in a window.", _ENGAGEMENT, models.EmailEngagement,
                        models.EmailEngagement.read),
    "Step": ("A step of a cadence in a window.", _STEP, models.Step, models.Step.read),
    "StepOption": ("An option of a step.", _OPTION, models.StepOption, models.StepOption.read),
    "Cadence": ("A cadence.", _CADENCE, models.Cadence, models.Cadence.read),
    "ProspectList": ("A list of prospects.", _LIST, models.ProspectList, models.ProspectList.read),
    "ProspectRecord": ("A prospect as it is kept.", _PROSPECT, models.ProspectRecord, models.ProspectRecord.read),
    "ProspectStatus": ("Where a prospect stands.", _STATUS, models.ProspectStatus, models.ProspectStatus.read),
    "Webhook": ("A webhook.", _WEBHOOK, models.Webhook, models.Webhook.read),
    "CallRecord": ("A completed call.", _CALL, models.CallRecord, models.CallRecord.read),
    "BulkRow": ("What became of a prospect of a bulk add.", _BULK_ROW, models.BulkRow, models.BulkRow.read),
}  # fmt: skip
NOT_READ = {"raw", "warnings", "outcome"}  # of the client's own making


def field_names(model: Any) -> set[str]:
    """Return the fields of a model that are read out of an answer."""
    known = {item.name for item in fields(model)} if is_dataclass(model) else set(model._fields)
    return known - NOT_READ


def _becomes(name: str, field: Field, model: Any, read: Callable[[Any], Any]) -> str | None:
    """Return which of the client's fields is set by an answer that has only this one."""
    found = read({name: _EXAMPLES[field.kind]})
    nothing = read({})
    changed = [item for item in sorted(field_names(model)) if getattr(found, item) != getattr(nothing, item)]
    percents = getattr(found, "reported_percents", {})
    changed += [f"reported_percents.{item}" for item, value in percents.items() if value is not None]
    return changed[0] if changed else None


def _answer(about: str, known: Mapping[str, Field], model: Any, read: Callable[[Any], Any]) -> Schema:
    properties = {}
    for name, field in known.items():
        becomes = _becomes(name, field, model, read)
        kind = {"$ref": f"#/components/schemas/{field.kind}"}
        if field.kind == "Options":
            kind = {"type": ["array", "null"], "items": {"$ref": "#/components/schemas/StepOption"}}
        properties[name] = {
            **kind,
            **({"description": field.note} if field.note else {}),
            "x-evidence": _marks(field.marks),
            **({"x-client-field": becomes} if becomes else {}),
        }
    return {"type": "object", "description": about, "x-client-model": model.__name__, "properties": properties}


def _marks(marks: str) -> str:
    return "".join(f"[{mark}]" for mark in marks)


def _object(known: Mapping[str, tuple[Schema, str]], required: Sequence[str] = ()) -> Schema:
    properties = {name: {**schema, "x-evidence": _marks(marks)} for name, (schema, marks) in known.items()}
    return {"type": "object", "properties": properties, **({"required": list(required)} if required else {})}


_TEXT: Schema = {"type": "string", "minLength": 1}


def _requests() -> dict[str, Schema]:
    pairs: Schema = {**_KINDS["Pairs"], "type": "array"}
    text: Schema = {"type": "string"}
    known = {key: (pairs if key == "CustomFields" else text, "D") for key in PROSPECT_KEYS.values()}
    create = {name: field for name, field in known.items() if name not in {"Outcome", "CompanyURL"}}
    bulk = {name: field for name, field in known.items() if name != "Outcome"}
    update = {name: field for name, field in known.items() if name not in {"Owner", "CompanyURL"}}
    window: Schema = {"type": "string", "description": "A day (yyyy-mm-dd) or an instant (2026-11-25T09:00:00Z)."}
    return {
        "Window": _object(
            {"startDate": (window, "D"), "endDate": (window, "D"), "cadenceName": (_TEXT, "D")},
            ["startDate", "endDate", "cadenceName"],
        ),
        "CreateProspect": _object(create, ["Email"]),
        "BulkCreate": {
            "type": "array", "minItems": 1, "maxItems": BULK_LIMIT, "items": _object(bulk, ["Email"]),
        },
        "UpdateProspect": {**_object(update), "minProperties": 1},
        "OfProspect": _object({"Email": (_TEXT, "D")}, ["Email"]),
        "RemoveTags": _object({"tag": ({"type": "array", "items": _TEXT, "minItems": 1}, "D")}, ["tag"]),
        "StartCadence": _object({"Email": (_TEXT, "D"), "cadenceName": (_TEXT, "D")}, ["Email", "cadenceName"]),
        "StopCadence": {
            **_object({"Email": (_TEXT, "D"), "cadenceName": (_TEXT, "D")}, ["Email"]),
            "description": "Without cadenceName the prospect is taken out of all cadences [D].",
        },
        "AddWebhook": _object(
            {"subscription_url": (_TEXT, "D"), "event": ({"enum": list(WEBHOOK_EVENTS)}, "D")},
            ["subscription_url", "event"],
        ),
        "UpdateWebhook": _object(
            {
                "_id": (_TEXT, "D"), "subscription_url": (_TEXT, "D"),
                "event": ({"enum": list(WEBHOOK_UPDATE_EVENTS)}, "D"),
            },
            ["_id", "subscription_url", "event"],
        ),
        "DeleteWebhook": _object({"webhookId": (_TEXT, "D")}, ["webhookId"]),
    }  # fmt: skip


def _results() -> dict[str, Schema]:
    any_text: Schema = {"type": ["string", "null"]}
    details = _object(dict.fromkeys(("id", "email", "prospectOwner", "source", "status"), (any_text, "3")))
    return {
        "Done": {
            **_object({"status": ({"const": True}, "D"), "details": (details, "3")}, ["status"]),
            "description": "The call was taken, and no more: read back to know. Lists and tags of a prospect who is "
            "there already are not changed [D].",
        },
        "BulkDone": _object(
            {
                "status": ({"const": True}, "D"),
                "details": ({"type": "array", "items": {"$ref": "#/components/schemas/BulkRow"}}, "D"),
            },
            ["status", "details"],
        ),
        "Refusal": {
            "description": "With HTTP 200 [3]. K2003: nothing found; K2002: a bad range of days; any other code is an "
            "error.",
            **_object(
                {
                    "status": ({"const": False}, "3"),
                    "errors": (
                        {"type": "array", "items": _object({"code": (any_text, "3"), "errorMessage": (any_text, "3")})},
                        "3",
                    ),
                },
                ["status", "errors"],
            ),
        },
        "NumericRefusal": {
            "description": "How stopcadence and cadences/resume refuse [3].",
            **_object(
                {
                    "status": ({"type": "integer"}, "3"),
                    "errors": (
                        {
                            "type": "array",
                            "items": _object(dict.fromkeys(("errorCode", "errorMessage", "type"), (any_text, "3"))),
                        },
                        "3",
                    ),
                },
                ["status", "errors"],
            ),
        },
        "Calls": _object(
            {
                "status": ({"const": True}, "L"),
                "data": (
                    _object(
                        {
                            "callData": ({"type": "array", "items": {"$ref": "#/components/schemas/CallRecord"}}, "L"),
                            "hasMore": ({"type": "boolean"}, "L"),
                        }
                    ),
                    "L",
                ),
            }
        ),
    }


class Address(NamedTuple):
    """An address: its operations, query, body and answers (names of schemas; `several`: a list of them)."""

    path: str
    operations: tuple[str, ...]
    body: tuple[str, ...] = ()
    answer: str = "Done"
    several: bool = False
    query: Mapping[str, tuple[str, str]] = {}
    refusal: str = "Refusal"


_DAY = "A day as YYYY/MM/DD."
ADDRESSES: Sequence[Address] = (
    Address("emailEngagements", ("email_engagements",), ("Window",), "EmailEngagement"),
    Address("stepWiseEngagements", ("stepwise_engagements",), ("Window",), "Step", several=True),
    Address(
        "prospects",
        ("create_prospect", "add_to_list", "add_tags", "add_custom_fields", "bulk_create"),
        ("CreateProspect", "BulkCreate"),
        "Done|BulkDone",
    ),
    Address("prospects/{prospect}", ("update_prospect",), ("UpdateProspect",)),
    Address("prospects/{prospect}/removeTags", ("remove_tags",), ("RemoveTags",)),
    Address("prospects/{prospect}/unsubscribe", ("unsubscribe",), ("OfProspect",)),
    Address("prospects/{prospect}/changeStatusToDoNotContact", ("do_not_contact",), ("OfProspect",)),
    Address("prospects/{prospect}/revertStatusToDoNotContact", ("revert_do_not_contact",), ("OfProspect",)),
    Address("prospects/{prospect}/stop", ("stop_mails",), ("OfProspect",)),
    Address("startcadence", ("start_cadence",), ("StartCadence",)),
    Address("stopcadence", ("stop_cadence", "stop_all_cadences"), ("StopCadence",), refusal="NumericRefusal"),
    Address("cadences/resume", ("resume_cadence",), ("OfProspect",), refusal="NumericRefusal"),
    Address("zapier/hooks", ("add_webhook",), ("AddWebhook",), "Webhook"),
    Address("webhook/update", ("update_webhook",), ("UpdateWebhook",)),
    Address("webhook/delete", ("delete_webhook",), ("DeleteWebhook",)),
    Address(
        "cadences", ("list_cadences",), answer="Cadence", several=True,
        query={"username": ("K3", "Whose cadences; without it the company's.")},
    ),
    Address("lists", ("list_lists",), answer="ProspectList", several=True),
    Address(
        "prospects", ("get_prospect", "search_prospects"), answer="ProspectRecord", several=True,
        query={
            "Email": ("K3", "One prospect."), "CustomFields": ("3", "true: with custom fields."),
            "listName": ("K3", "Those of a list."),
            "startDate": ("3", f"Created from that day on. {_DAY}"), "endDate": ("3", f"Created up to it. {_DAY}"),
            "lastUpdatedDateStart": ("3", f"Changed from that day on. {_DAY}"),
            "lastUpdatedDateEnd": ("3", f"Changed up to it. {_DAY}"),
            "start": ("3", "From 1: a record by two sources, a page by one."), "limit": ("3", "At most 1000."),
        },
    ),
    Address("prospects/{prospect}/status", ("prospect_status",), answer="ProspectStatus"),
    Address("webhook/getall", ("list_webhooks",), answer="Webhook", several=True),
    Address(
        "calls", ("list_calls",), answer="Calls",
        query={
            "startDate": ("L", f"At most 29 days ago, and not in the last six or so. {_DAY}"),
            "endDate": ("L", f"The day after the last one. {_DAY}"), "page": ("L", "From 1."),
        },
    ),
)  # fmt: skip


def _operation(address: Address) -> Schema:
    known = [OPERATIONS[name] for name in address.operations]
    first = known[0]
    marks = "[D]" if first.documented else "[L]" if first.name == "list_calls" else "[K][3]"
    made: Schema = {
        "operationId": first.name,
        "summary": " · ".join(dict.fromkeys(operation.title for operation in known)),
        "x-evidence": marks,
        "x-operations": [
            {
                "name": operation.name,
                "title": operation.title,
                "after-no-answer": "may be repeated" if operation.repeat.may_repeat else "outcome unknown",
            }
            for operation in known
        ],
    }
    if address.query:
        made["parameters"] = [
            {
                "name": name,
                "in": "query",
                "description": about,
                "schema": {"type": "string"},
                "x-evidence": _marks(of),
            }
            for name, (of, about) in address.query.items()
        ]
    if address.body:
        made["requestBody"] = {"required": True, "content": _json([_ref(name) for name in address.body])}
    answers = [_ref(name) for name in address.answer.split("|")]
    if address.several:
        answers = [{"type": "array", "items": answers[0]}, answers[0], _wrapped(answers[0])]
    made["responses"] = {
        "200": {
            "description": "An answer, or a refusal: HTTP 200 is no success by itself [3].",
            "content": _json([*answers, _ref(address.refusal)]),
        },
        "default": {"$ref": "#/components/responses/Failure"},
    }
    return made


def _wrapped(item: Schema) -> Schema:
    listed: Schema = {"anyOf": [{"type": "array", "items": item}, item]}
    return _object({"data": (listed, "G")}, ["data"])


def _json(schemas: Sequence[Schema]) -> Schema:
    return {"application/json": {"schema": schemas[0] if len(schemas) == 1 else {"anyOf": list(schemas)}}}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def document() -> Schema:
    """Return the document as plain data."""
    paths: dict[str, Schema] = {}
    for address in ADDRESSES:
        method = OPERATIONS[address.operations[0]].method.lower()
        path = f"/apis/v1/user/{{user}}/{address.path}"
        item = paths.setdefault(path, {"parameters": [{"$ref": "#/components/parameters/user"}]})
        if "{prospect}" in address.path and len(item["parameters"]) == 1:
            item["parameters"].append({"$ref": "#/components/parameters/prospect"})
        item[method] = _operation(address)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Klenty (unofficial)",
            "version": "1",
            "description": "UNOFFICIAL: not made or approved by Klenty. It is what the client in this repository sends "
            "and reads. Every field carries its evidence in x-evidence: "
            + "; ".join(f"[{mark}] {about}" for mark, about in MARKS.items())
            + ". x-client-field names the field of klenty_api that it becomes. Written by docs/openapi.py.",
        },
        "servers": [
            {"url": "https://api.klenty.com", "description": "[D]"},
            {"url": "https://app.klenty.com", "description": "Older pages and clients use it [K][3]."},
        ],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "key": {
                    "type": "apiKey", "in": "header", "name": "x-API-key", "x-evidence": "[K]",
                    "description": "A personal key shows its owner's data, a company key all people's [3].",
                }
            },
            "parameters": {
                "user": {
                    "name": "user", "in": "path", "required": True, "schema": {"type": "string"},
                    "description": "The account's email address, percent-encoded.", "x-evidence": "[D]",
                },
                "prospect": {
                    "name": "prospect", "in": "path", "required": True, "schema": {"type": "string"},
                    "description": "The prospect's email address, percent-encoded; for the status an id, too [3].",
                    "x-evidence": "[D]",
                },
            },
            "responses": {
                "Failure": {
                    "description": "401: the key is refused. 403: the user or the call is. 429: too many calls, with "
                    "Retry-After. 5xx, 520 to 530: Klenty or the network in front. The body may be a web page [3].",
                    "content": _json([_ref("Refusal"), {"type": ["object", "string"]}]),
                }
            },
            "schemas": {
                **{name: _answer(*about) for name, about in ANSWERS.items()},
                **_requests(),
                **_results(),
                **_KINDS,
            },
        },
    }  # fmt: skip


class _Plain(yaml.SafeDumper):
    """Writes what occurs twice twice: references are only those of OpenAPI."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # yaml's signature
        return True


def text() -> str:
    """Return the document as YAML."""
    return yaml.dump(document(), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
