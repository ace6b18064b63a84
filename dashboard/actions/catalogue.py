"""Every write operation as a form: its fields, help and limits, the call it makes and the words for it.

Pure: a form is checked (`clean`), put into words (`Action.say`) and built (`Action.build`) without
Streamlit and without sending anything. The texts follow the vendor's document, with its warnings.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from dashboard.actions import inputs
from dashboard.actions.markdown import code, codes, count
from dashboard.actions.names import PickedName, name_code
from dashboard.actions.prospect_fields import BY_ATTRIBUTE, LIST_HELP, PROSPECT_FIELDS, TAGS_HELP
from dashboard.data.webhooks.url import masked
from klenty_api import WEBHOOK_EVENTS, WEBHOOK_UPDATE_EVENTS, Prospect

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from klenty_api import Call, Resources

Group = Literal["Prospect", "Cadence", "Webhooks"]
Kind = Literal[
    "email",
    "known_email",
    "emails",
    "text",
    "tags",
    "custom_fields",
    "url",
    "cadence",
    "list",
    "owner",
    "event",
    "webhook",
]
Source = Literal["cadences", "lists", "owners", "webhooks", "events", "update_events"]
Values = dict[str, Any]

GROUPS: Final[tuple[Group, ...]] = ("Prospect", "Cadence", "Webhooks")
MAX_MANY: Final = 500
"""How many prospects one form starts at once: more than anyone reads through before confirming."""


@dataclass(frozen=True, slots=True)
class Field:
    """One input of a form. `more` hides it behind "More fields"; `choices` names what it offers."""

    name: str
    label: str
    kind: Kind = "text"
    required: bool = False
    help: str = ""
    max_chars: int = inputs.MAX_TEXT
    choices: Source | None = None
    more: bool = False


@dataclass(frozen=True, slots=True)
class WebhookChoice:
    """An existing webhook picked in a form; event and address are empty when its id was typed."""

    id: str
    event: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """One write operation as the sidebar offers it.

    `build` turns checked values into the call (through `client.prepare`); `say` puts them into Markdown
    lines. `many` names the field that may hold several values, each of which becomes a call of its own.
    `danger` says what cannot be undone, `must_type` what has to be typed before it is sent, `check` what to
    look at when the outcome is not known.
    """

    key: str
    group: Group
    label: str
    confirm: str
    """What the confirming button says; `{who}` becomes the prospect, or how many there are."""
    help: str
    fields: tuple[Field, ...]
    build: Callable[[Resources, Values], Any]
    say: Callable[[Values], list[str]]
    check: str
    danger: str | None = None
    must_type: Literal["email", "count", "webhook"] | None = None
    changes_prospect: bool = True
    many: str | None = None
    note: str = ""
    """What Klenty's yes does not mean."""

    @property
    def operation(self) -> str:
        """The name of the operation in `klenty_api.OPERATIONS`."""
        return self.key


# Checking


@dataclass(slots=True)
class Cleaned:
    """A form's values as `build` takes them, and for each field that is wrong what is wrong with it."""

    values: Values = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.errors


def clean(action: Action, raw: Mapping[str, Any]) -> Cleaned:
    """Check the values of a form: typed text is trimmed, a `PickedName` passes unchanged. Widgets enforce nothing."""
    cleaned = Cleaned()
    for one in action.fields:
        value, problem = _clean_value(one, raw.get(one.name))
        if problem is None and one.required and not value:
            problem = "Missing."
        if problem is None:
            cleaned.values[one.name] = value
        else:
            cleaned.errors[one.name] = problem
    if action.key == "update_prospect" and cleaned.ok and not _given(cleaned.values, leave_out="email"):
        cleaned.errors["email"] = "Nothing to change: fill in at least one field below."
    return cleaned


def _clean_value(one: Field, raw: Any) -> tuple[Any, str | None]:
    if one.kind == "webhook":
        return _clean_webhook(raw)
    if isinstance(raw, PickedName):
        return raw.value, None
    text = "" if raw is None else inputs.clean_text(str(raw))
    if len(text) > one.max_chars:
        return None, f"Longer than {one.max_chars:,} characters."
    if one.kind in _CLEANERS:
        return _CLEANERS[one.kind](text) if text else (_EMPTY.get(one.kind, ""), None)
    if any(ord(letter) < 32 for letter in text):
        return None, "This has line breaks or control characters."
    return _clean_choice(one, text)


def _clean_choice(one: Field, text: str) -> tuple[Any, str | None]:
    if text and one.choices in _EVENTS and text not in _EVENTS[one.choices]:
        return None, "Klenty does not know this event."
    return text, None


def _clean_webhook(raw: Any) -> tuple[Any, str | None]:
    if isinstance(raw, WebhookChoice):
        return raw, None
    text = "" if raw is None else str(raw).strip()
    if len(text) > 100 or any(letter.isspace() for letter in text):
        return None, "This is not a webhook's id."
    return (WebhookChoice(text) if text else None), None


def _clean_email(text: str) -> tuple[Any, str | None]:
    email = inputs.clean_email(text)
    return email, inputs.email_problem(email)


def _clean_emails(text: str) -> tuple[Any, str | None]:
    found = inputs.split_emails(text)
    if len(found.emails) > MAX_MANY:
        return None, f"{len(found.emails):,} addresses: at most {MAX_MANY} at once."
    return found.emails, found.problem()


_CLEANERS: Final[Mapping[str, Callable[[str], tuple[Any, str | None]]]] = {
    "email": _clean_email,
    "known_email": lambda text: (text, inputs.known_email_problem(text)),
    "owner": _clean_email,
    "emails": _clean_emails,
    "tags": lambda text: (inputs.split_tags(text), None),
    "url": lambda text: (text, inputs.url_problem(text)),
    "custom_fields": inputs.custom_fields,
}
_EMPTY: Final[Mapping[str, Any]] = {"emails": (), "tags": (), "custom_fields": {}}
_EVENTS: Final[Mapping[Source | None, Sequence[str]]] = {
    "events": WEBHOOK_EVENTS,
    "update_events": WEBHOOK_UPDATE_EVENTS,
}


def _given(values: Mapping[str, Any], *, leave_out: str = "") -> dict[str, Any]:
    return {name: value for name, value in values.items() if value and name != leave_out}


# One value of many


def each(action: Action, values: Values) -> list[Values]:
    """Return the values of each call: one set, or one per entry of the field that may hold several."""
    if action.many is None:
        return [values]
    rest = {name: value for name, value in values.items() if name != action.many}
    return [{**rest, "email": email} for email in values[action.many]]


def confirm_label(action: Action, values: Values) -> str:
    """Return what the confirming button says: what will happen, and to whom."""
    calls = each(action, values)
    who = code(calls[0].get("email", ""), 40) if len(calls) == 1 else count(len(calls), "prospect")
    return action.confirm.format(who=who)


def expected_typing(action: Action, values: Values) -> tuple[str, str] | None:
    """Return what has to be typed before the action is sent, as (what it is called, the text), or None."""
    if action.many is not None:
        number = len(values[action.many])
        return ("the number of prospects", str(number)) if number > 1 else None
    if action.must_type == "email":
        return "the prospect's email", values["email"]
    if action.must_type == "webhook":
        webhook = values["webhook"]
        return ("the webhook's event", webhook.event) if webhook.event else ("the webhook's id", webhook.id)
    return None


def typed_right(typed: str, expected: str) -> bool:
    """Return whether what was typed is what was asked for; case and outer spaces do not matter."""
    return typed.strip().casefold() == expected.casefold()


def subject(values: Values) -> str:
    """Return whom or what a call is about: a prospect, with its cadence if there is one, or a webhook."""
    if "email" in values:
        email, cadence = str(values["email"]), values.get("cadence")
        return f"{email}, {cadence}" if cadence else email
    webhook = values.get("webhook")
    if webhook:
        return f"{webhook.event} to {masked(webhook.url)}" if webhook.event else str(webhook.id)
    return f"{values.get('event', '')} to {masked(str(values.get('url', '')))}"


# Fields

_NEW_EMAIL = Field("email", "Email", "email", required=True, max_chars=inputs.MAX_EMAIL)
_EMAIL = replace(_NEW_EMAIL, kind="known_email")
_FIRST_NAME = Field("first_name", "First name", required=True)
_CUSTOM_FIELDS = Field(
    "custom_fields",
    "Custom fields",
    "custom_fields",
    help="One per line: name = value. Nothing after the = empties the field. The names are those of your account.",
    max_chars=inputs.MAX_LONG_TEXT,
)
_KINDS: Final[Mapping[str, tuple[Kind, Source | None]]] = {
    "list": ("list", "lists"),
    "owner": ("owner", "owners"),
    "tags": ("tags", None),
    "company_email": ("email", None),
}
_IN_SIGHT: Final = {"email", "first_name", "last_name", "company", "list", "tags"}


def _prospect_form(*, update: bool) -> tuple[Field, ...]:
    fields = [_EMAIL if update else _NEW_EMAIL]
    for known in PROSPECT_FIELDS:
        if known.attribute in {"email", "company_url"} or (update and known.attribute == "owner"):
            continue
        kind, source = _KINDS.get(known.attribute, ("text", None))
        fields.append(
            Field(
                known.attribute,
                known.label,
                kind,
                help=known.help,
                choices=source,
                more=known.attribute not in _IN_SIGHT,
            )
        )
    fields.append(replace(_CUSTOM_FIELDS, more=True))
    if update:
        fields.insert(1, Field("outcome", "Outcome", help="Exactly as it is called in Klenty: it is case-sensitive."))
        fields.append(Field("new_email", "New email", "email", help="Changes the address itself.", more=True))
    return tuple(fields)


# Words


def _listed(values: Values) -> list[str]:
    lines = []
    for name, value in _given(values, leave_out="email").items():
        label = _LABELS.get(name) or BY_ATTRIBUTE[name].label
        if isinstance(value, dict):
            shown = ", ".join(f"{code(key)} = {code(text) if text else 'empty'}" for key, text in value.items())
        else:
            shown = codes(value) if isinstance(value, tuple) else name_code(value)
        lines.append(f"- {label}: {shown}")
    return lines


_LABELS: Final = {"custom_fields": "Custom fields", "outcome": "Outcome", "new_email": "New email"}


def _say_create(values: Values) -> list[str]:
    fields = _listed(values)
    return [f"Create the prospect {code(values['email'])}{' with' if fields else '.'}", *fields]


def _say_start(values: Values) -> list[str]:
    emails = values["emails"]
    whom = code(emails[0]) if len(emails) == 1 else f"**{count(len(emails), 'prospect')}** ({codes(emails, 3)})"
    return [f"Start the cadence {name_code(values['cadence'])} for {whom}.", "Klenty will mail real people."]


def _say_webhook(webhook: WebhookChoice) -> str:
    known = f" ({code(webhook.event)} to {code(masked(webhook.url))})" if webhook.event else ""
    return f"the webhook {code(webhook.id)}{known}"


# Calls


def _prospect(values: Values) -> Prospect:
    return Prospect(**_given(values))


def _update(api: Resources, values: Values) -> Any:
    given = _given(values, leave_out="email")
    if new_email := given.pop("new_email", None):
        given["email"] = new_email
    return api.prospects.update(values["email"], Prospect(**given))


_IF_UNKNOWN = "Read the prospect's status back before you do it again."
_ONLY_NEW = (
    "Klenty does this only for a prospect it does not have yet. For one it has it is not done, though Klenty "
    "may still say yes: read the prospect back, or use *Update prospect*."
)

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        key="create_prospect",
        group="Prospect",
        label="Create prospect",
        confirm="Create {who}",
        help="Adds one prospect. For many, use *Import*.",
        fields=_prospect_form(update=False),
        build=lambda api, values: api.prospects.create(_prospect(values)),
        say=_say_create,
        check="Read the prospect back: if Klenty has it, it was created.",
    ),
    Action(
        key="update_prospect",
        group="Prospect",
        label="Update prospect",
        confirm="Change {who}",
        help="Changes only the fields you fill in; empty ones stay as they are.",
        fields=_prospect_form(update=True),
        build=_update,
        say=lambda values: [f"Change the prospect {code(values['email'])}:", *_listed(values)],
        check="Look at the prospect in Klenty: are the new values there?",
    ),
    Action(
        key="add_to_list",
        group="Prospect",
        label="Add to list",
        confirm="Add {who} to the list",
        help=_ONLY_NEW,
        fields=(
            _EMAIL,
            _FIRST_NAME,
            Field("list", "List", "list", required=True, help=LIST_HELP, choices="lists"),
        ),
        build=lambda api, values: api.prospects.add_to_list(values["email"], values["first_name"], values["list"]),
        say=lambda values: [f"Add {code(values['email'])} to the list {name_code(values['list'])}.", _ONLY_NEW],
        check="Read the prospect back: is it on the list?",
        note=_ONLY_NEW,
    ),
    Action(
        key="add_tags",
        group="Prospect",
        label="Add tags",
        confirm="Add the tags to {who}",
        help=_ONLY_NEW,
        fields=(_EMAIL, _FIRST_NAME, Field("tags", "Tags", "tags", required=True, help=TAGS_HELP)),
        build=lambda api, values: api.prospects.add_tags(values["email"], values["first_name"], values["tags"]),
        say=lambda values: [f"Give {code(values['email'])} the tags {codes(values['tags'])}.", _ONLY_NEW],
        check="Read the prospect back: are the tags there?",
        note=_ONLY_NEW,
    ),
    Action(
        key="add_custom_fields",
        group="Prospect",
        label="Add custom field values",
        confirm="Add the values to {who}",
        help="Adds values to custom fields of a prospect.",
        fields=(
            _EMAIL,
            _FIRST_NAME,
            replace(_CUSTOM_FIELDS, required=True),
        ),
        build=lambda api, values: api.prospects.add_custom_fields(
            values["email"], values["first_name"], values["custom_fields"]
        ),
        say=lambda values: [
            f"Give {code(values['email'])}",
            *_listed({"custom_fields": values["custom_fields"]}),
        ],
        check="Look at the prospect in Klenty: are the values there?",
    ),
    Action(
        key="remove_tags",
        group="Prospect",
        label="Remove tags",
        confirm="Remove the tags from {who}",
        help="Takes tags away from a prospect.",
        fields=(_EMAIL, Field("tags", "Tags", "tags", required=True, help=TAGS_HELP)),
        build=lambda api, values: api.prospects.remove_tags(values["email"], values["tags"]),
        say=lambda values: [f"Take the tags {codes(values['tags'])} from {code(values['email'])}."],
        check="Read the prospect back: are the tags gone? Doing it again does no harm.",
    ),
    Action(
        key="unsubscribe",
        group="Prospect",
        label="Unsubscribe",
        confirm="Unsubscribe {who}",
        help="Sets the prospect to Unsubscribed: no more emails are sent.",
        fields=(_EMAIL,),
        build=lambda api, values: api.prospects.unsubscribe(values["email"]),
        say=lambda values: [f"Unsubscribe {code(values['email'])}: no more emails are sent to this prospect."],
        danger="Klenty documents no way to undo an unsubscription.",
        must_type="email",
        check=_IF_UNKNOWN,
    ),
    Action(
        key="do_not_contact",
        group="Prospect",
        label="Do not contact",
        confirm="Stop all contact with {who}",
        help="Sets the prospect to DoNotContact: no more emails are sent. It can be reverted.",
        fields=(_EMAIL,),
        build=lambda api, values: api.prospects.do_not_contact(values["email"]),
        say=lambda values: [f"Set {code(values['email'])} to DoNotContact: no more emails are sent."],
        danger=(
            "The prospect's cadences end. Reverting allows emails again, but a prospect who was in a cadence "
            "becomes *Manually Stopped* and does not go on where it was."
        ),
        must_type="email",
        check=_IF_UNKNOWN,
    ),
    Action(
        key="revert_do_not_contact",
        group="Prospect",
        label="Revert do not contact",
        confirm="Allow emails to {who} again",
        help=(
            "Lets the prospect be emailed again. The status becomes Not Contacted if it was so before, else "
            "Manually Stopped."
        ),
        fields=(_EMAIL,),
        build=lambda api, values: api.prospects.revert_do_not_contact(values["email"]),
        say=lambda values: [
            f"Take {code(values['email'])} back from DoNotContact: this prospect can be emailed again."
        ],
        check=_IF_UNKNOWN,
    ),
    Action(
        key="stop_mails",
        group="Prospect",
        label="Stop mails",
        confirm="Stop scheduled emails to {who}",
        help="Stops the emails that are scheduled for the prospect.",
        fields=(_EMAIL,),
        build=lambda api, values: api.prospects.stop_mails(values["email"]),
        say=lambda values: [f"Stop the scheduled emails to {code(values['email'])}."],
        check=_IF_UNKNOWN,
    ),
    Action(
        key="start_cadence",
        group="Cadence",
        label="Start cadence",
        confirm="Start this cadence for {who}",
        help="Adds one or many prospects to a cadence. Klenty mails them.",
        fields=(
            Field("cadence", "Cadence", "cadence", required=True, choices="cadences"),
            Field(
                "emails",
                "Emails",
                "emails",
                required=True,
                max_chars=MAX_MANY * (inputs.MAX_EMAIL + 2),
                help=f"Up to {MAX_MANY}, one per line or separated by commas. They must be prospects.",
            ),
        ),
        build=lambda api, values: api.cadences.start(values["email"], values["cadence"]),
        say=_say_start,
        danger="Each of them is emailed. An email that has gone out cannot be called back.",
        must_type="count",
        check=(
            "Read the prospect's status back: if it is not *In Cadence*, it was not started. If it is, Klenty shows "
            "in which one. Do not start it again before you know: a person could be emailed twice."
        ),
        many="emails",
    ),
    Action(
        key="stop_cadence",
        group="Cadence",
        label="Stop cadence",
        confirm="Stop this cadence for {who}",
        help="Takes a prospect out of one cadence.",
        fields=(_EMAIL, Field("cadence", "Cadence", "cadence", required=True, choices="cadences")),
        build=lambda api, values: api.cadences.stop(values["email"], values["cadence"]),
        say=lambda values: [f"Take {code(values['email'])} out of the cadence {name_code(values['cadence'])}."],
        check=_IF_UNKNOWN,
    ),
    Action(
        key="stop_all_cadences",
        group="Cadence",
        label="Stop ALL cadences",
        confirm="Stop ALL cadences for {who}",
        help="Takes a prospect out of every cadence.",
        fields=(_EMAIL,),
        build=lambda api, values: api.cadences.stop_all(values["email"]),
        say=lambda values: [f"Take {code(values['email'])} out of **all** cadences."],
        danger="Klenty does not say which cadences they were, and none goes on where it was.",
        must_type="email",
        check=_IF_UNKNOWN,
    ),
    Action(
        key="resume_cadence",
        group="Cadence",
        label="Resume cadence",
        confirm="Resume the cadence of {who}",
        help="Goes on with the cadence that was paused for a prospect. Klenty mails this person again.",
        fields=(_EMAIL,),
        build=lambda api, values: api.cadences.resume(values["email"]),
        say=lambda values: [
            f"Resume the paused cadence of {code(values['email'])}.",
            "Klenty will mail this person.",
        ],
        check=_IF_UNKNOWN,
    ),
    Action(
        key="add_webhook",
        group="Webhooks",
        label="Add webhook",
        confirm="Add this webhook",
        help="Klenty calls the address whenever the event happens.",
        fields=(
            Field("event", "Event", "event", required=True, choices="events"),
            Field(
                "url",
                "Address",
                "url",
                required=True,
                max_chars=inputs.MAX_URL,
                help="Where Klenty sends the event, for example https://example.com/klenty",
            ),
        ),
        build=lambda api, values: api.webhooks.create(values["event"], values["url"]),
        say=lambda values: [f"Send every {code(values['event'])} to {code(masked(values['url']))}."],
        check="Look at the list of webhooks: an equal one there was added. Adding again makes a second one.",
        changes_prospect=False,
    ),
    Action(
        key="update_webhook",
        group="Webhooks",
        label="Update webhook",
        confirm="Change this webhook",
        help="Replaces the event and the address of a webhook.",
        fields=(
            Field("webhook", "Webhook", "webhook", required=True, choices="webhooks"),
            Field("event", "Event", "event", required=True, choices="update_events"),
            Field("url", "Address", "url", required=True, max_chars=inputs.MAX_URL),
        ),
        build=lambda api, values: api.webhooks.update(values["webhook"].id, values["event"], values["url"]),
        say=lambda values: [
            f"Change {_say_webhook(values['webhook'])}:",
            f"from now on every {code(values['event'])} goes to {code(masked(values['url']))}.",
        ],
        check="Look at the list of webhooks. Doing it again does no harm.",
        changes_prospect=False,
    ),
    Action(
        key="delete_webhook",
        group="Webhooks",
        label="Delete webhook",
        confirm="Delete this webhook",
        help="Klenty stops calling the address.",
        fields=(Field("webhook", "Webhook", "webhook", required=True, choices="webhooks"),),
        build=lambda api, values: api.webhooks.delete(values["webhook"].id),
        say=lambda values: [f"Delete {_say_webhook(values['webhook'])}."],
        danger="Whatever relies on it stops receiving events. A new webhook gets a new id.",
        must_type="webhook",
        check="Look at the list of webhooks: if it is gone, it was deleted. Doing it again does no harm.",
        changes_prospect=False,
    ),
)

BY_KEY: Final = {action.key: action for action in ACTIONS}


def prepare(client: Any, action: Action, values: Values) -> list[Call[Any]]:
    """Return the calls that will be sent, in order. Raises klenty_api.ValidationError; sends nothing.

    Args:
        client: prepares the calls.
        action: an entry of the catalogue.
        values: checked, by field.
    """
    return [client.prepare(lambda api, one=one: action.build(api, one)) for one in each(action, values)]
