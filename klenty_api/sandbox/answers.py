"""Answers in Klenty's shapes: documented misspellings, undocumented extras, and the deviations of some cadences."""

from datetime import UTC, datetime
from typing import Any

from klenty_api.sandbox.simulation import Event
from klenty_api.sandbox.state import Cadence, Prospect, SandboxAccount

Json = Any


def engagements(cadence: Cadence, start: datetime, end: datetime, now: datetime, *, extras: bool) -> dict[str, Json]:
    """Return the answer of "Email Engagements": events of the window, and the present `inCadenceCount`.

    Args:
        cadence: whose events.
        start: first moment.
        end: last one, included.
        now: the moment of "present".
        extras: counts that no document names.
    """
    quirks, windowless = cadence.plan.quirks, cadence.behaviour.windowless
    long_ago = datetime.min.replace(tzinfo=UTC)

    def count(kind: str) -> int:
        return cadence.count(kind, *((long_ago, now) if _FIELDS.get(kind) in windowless else (start, end)))

    answer: dict[str, Json] = {
        "prospectsAdded": count("added"),
        "inCadenceCount": cadence.inside(now if "inCadenceCount" in windowless else end),
        "prospectsCompleted": count("completed"),
        "openCount": count("open"),
        "linkCount": count("click"),
        "replyCount": count("reply"),
        "unsubscribeCount": count("unsubscribe"),
        "bounceCount": count("bounce"),
    }
    if "no_sentiment" not in quirks:
        answer |= {"positiveCount": count("positive"), "negativeCount": count("negative")}
    if extras and "no_extras" not in quirks:
        answer |= _extras(cadence, start, end)
    return _as_strings(answer) if "strings" in quirks else answer


_FIELDS = {
    "added": "prospectsAdded", "completed": "prospectsCompleted", "open": "openCount", "click": "linkCount",
    "reply": "replyCount", "unsubscribe": "unsubscribeCount", "bounce": "bounceCount", "positive": "positiveCount",
    "negative": "negativeCount",
}  # fmt: skip


def _extras(cadence: Cadence, start: datetime, end: datetime) -> dict[str, Json]:
    """Return fields that live answers were seen with although no document names them."""
    linked = cadence.count("linkedin", start, end)
    return {
        "mailSentCount": cadence.count("sent", start, end),
        "contactedCount": cadence.people("sent", start, end),
        "openUiCount": cadence.count("open", start, end),
        "linkUiCount": cadence.count("click", start, end),
        "replyUiCount": cadence.count("reply", start, end),
        "bounceUiCount": cadence.count("bounce", start, end),
        "unsubscribeUiCount": cadence.count("unsubscribe", start, end),
        "linkedInTasksReport": {
            "allCount": linked,
            "connectionRequestSent": linked,
            "connectionRequestAccepted": linked // 4,
            "connectionRequestAcceptedPERCENTAGE": percent(linked // 4, linked),
            "messageSent": 0,
            "messageResponded": 0,
            "inMailSent": 0,
            "responded": 0,
            "respondedPERCENTAGE": 0,
        },
    }


def steps(cadence: Cadence, start: datetime, end: datetime) -> Json:
    """Return the answer of "StepWise Metric Engagement".

    Args:
        cadence: whose events.
        start: first moment.
        end: last one, included.
    """
    quirks = cadence.plan.quirks
    found: list[dict[str, Json]] = []
    for number, step in enumerate(cadence.plan.steps, start=1):
        answer = {"stepNumber": number, "stepType": step.kind, **_counts(cadence, start, end, number)}
        answer |= {
            "completed": cadence.count("step_done", start, end, number),
            "taskCount": cadence.count("task", start, end, number) if step.kind == "task" else 0,
            "callCount": cadence.count("call", start, end, number) if step.kind == "call" else 0,
            "completedCalls": cadence.count("call_done", start, end, number) if step.kind == "call" else 0,
            "options": [_option(cadence, start, end, number, index) for index in range(1, len(step.options) + 1)],
        }
        if "options_gap" in quirks and number == 1:
            answer["options"].pop()  # an option that was deleted: its mails still count for the step
        found.append(answer)
    if "strings" in quirks:
        found = [_as_strings(answer) for answer in found]
    return {"data": found} if "wrapped" in quirks else found


def _option(cadence: Cadence, start: datetime, end: datetime, step: int, option: int) -> dict[str, Json]:
    copy = cadence.plan.steps[step - 1].options[option - 1]
    answer = {"option": option, **_counts(cadence, start, end, step, option)}
    if copy.template is not None:
        answer["templateName"] = copy.template
    return answer | {"subject": copy.subject, "snippet": copy.snippet}


def _counts(cadence: Cadence, start: datetime, end: datetime, step: int, option: int | None = None) -> dict[str, Json]:
    def count(kind: str) -> int:
        return cadence.count(kind, start, end, step, option)

    mails = count("sent")
    return {
        "openCount": count("open"),
        "replyCount": count("reply"),
        "linkCount": count("click"),
        "mailCount": mails,
        "openPercent": percent(count("open"), mails),
        "replyPercent": percent(count("reply"), mails),
        "positiveReply": count("positive"),
        "negetiveReply": count("negative"),
        "positiveReplyPercent": percent(count("positive"), mails),
        "negetiveReplyPercent": percent(count("negative"), mails),
        "linkPercent": percent(count("click"), mails),
    }


def percent(part: int, whole: int) -> int:
    """Return a whole number, halves rounded up, as in the vendor's sample: 1 of 8 is 13."""
    return (200 * part + whole) // (2 * whole) if whole else 0


def _as_strings(answer: dict[str, Json]) -> dict[str, Json]:
    return {
        key: str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        for key, value in answer.items()
    }


def cadence(known: Cadence) -> dict[str, Json]:
    """Return an entry of `GET /cadences`."""
    return {
        "id": known.id,
        "name": known.plan.name,
        "owner": known.plan.owner,
        "isActive": known.plan.active,
        "createdDate": format_time(known.created),
    }


def prospect(known: Prospect, *, custom_fields: bool = False) -> dict[str, Json]:
    """Return a prospect as `GET /prospects` lists it [3]; custom fields and their like only where asked for."""
    fields = known.fields if custom_fields else {k: v for k, v in known.fields.items() if k != "CustomFields"}
    return fields | {
        "Id": known.id,
        "List": known.list,
        "Tags": ",".join(known.tags),
        "assignTo": known.owner,
        "status": known.status,
        "createdDate": format_time(known.created),
    }


def call(account: SandboxAccount, cadence: Cadence, event: Event, number: int) -> dict[str, Json]:
    """Return a completed call as `GET /calls` lists it [L].

    Args:
        account: whose users call.
        cadence: of the call.
        event: the call.
        number: of the call, for its id.
    """
    person = account.prospects[event.prospect.lower()]
    return {
        "callSid": f"CA{cadence.id}{number:06d}",
        "username": cadence.plan.owner,
        "status": "completed",
        "disposition": ("Connected", "No answer", "Left voicemail")[number % 3],
        "type": "outbound",
        "duration": 20 + 7 * (number % 40),
        "startTime": format_time(event.at) if number % 9 else None,
        "endTime": format_time(event.at),
        "email": person.email,
        "firstName": person.fields.get("FirstName"),
        "lastName": person.fields.get("LastName"),
        "company": person.fields.get("Company"),
        "tags": person.tags,
        "list": person.list,
        "prospectOwner": person.owner,
    }


def status(known: Prospect) -> dict[str, Json]:
    """Return where a prospect stands."""
    latest = list(known.cadences.items())[-1:] or [("", "Not in a cadence")]
    return {"status": True, "cadenceStatus": latest[0][1], "prospectStatus": known.status}


def created(known: Prospect) -> dict[str, Json]:
    """Return the undocumented details of a create."""
    return {
        "id": known.id,
        "email": known.email,
        "prospectOwner": known.owner,
        "source": "API",
        "status": known.status,
    }


def format_time(moment: datetime) -> str:
    """Return a time as Klenty writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
