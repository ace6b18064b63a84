"""Check for an existing webhook before creating one: Klenty allows duplicates and calls both.

The dashboard is registered for several events at once: one call each, confirmed together, sent once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from dashboard.actions import catalogue
from dashboard.actions.catalogue import BY_KEY, WebhookChoice
from dashboard.actions.send import ActionResult, AlreadySentError, OneTimeCall, perform
from klenty_api import KlentyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dashboard.actions.context import ActionContext
    from klenty_api import Webhook

EXISTS: Final = "The account has this webhook already: there is nothing to add."
_ADD: Final = BY_KEY["add_webhook"]


def as_choices(webhooks: Iterable[Webhook]) -> list[WebhookChoice]:
    """Return the account's webhooks as forms take them; one without an id can be neither changed nor deleted."""
    return [WebhookChoice(one.id, one.event or "", one.url or "") for one in webhooks if one.id]


def equal(known: Iterable[WebhookChoice], event: str, url: str) -> WebhookChoice | None:
    """Return the webhook that is the same as `event` to `url`: events without case, addresses without a slash at the
    end.

    Args:
        known: the account's webhooks.
        event: its name.
        url: its address.
    """
    return next((one for one in known if _same(one) == _same(WebhookChoice("", event, url))), None)


def repeated(known: Sequence[WebhookChoice]) -> set[str]:
    """Return the ids of webhooks that have an equal one before them: each is called, so every event comes twice."""
    first: dict[tuple[str, str], str] = {}
    return {one.id for one in known if first.setdefault(_same(one), one.id) != one.id}


def exists_already(event: str) -> ActionResult:
    """Return the result of what need not be sent, because the account has it."""
    return ActionResult("done", f"{EXISTS} ({event})", _ADD.operation, left_machine=False, attempts=0)


def _same(one: WebhookChoice) -> tuple[str, str]:
    return one.event.casefold(), one.url.rstrip("/")


@dataclass(slots=True)
class Registration:
    """One address for several events: prepared, shown, and each sent at most once."""

    url: str
    calls: dict[str, OneTimeCall]
    results: dict[str, ActionResult] = field(default_factory=dict)
    problem: str = ""

    @property
    def has_ended(self) -> bool:
        """Whether it was carried out, or could not be."""
        return bool(self.problem or self.results)


def prepare_registration(context: ActionContext, events: Sequence[str], url: str) -> Registration:
    """Return the calls that register `url` for `events`. Raises klenty_api.ValidationError; sends nothing.

    Args:
        context: client, account, person and log.
        events: their names.
        url: the address to call.
    """
    calls = {}
    for event in events:
        (call,) = catalogue.prepare(context.client, _ADD, {"event": event, "url": url})
        calls[event] = OneTimeCall(call)
    return Registration(url, calls)


def register(context: ActionContext, registration: Registration, list_webhooks: Callable[[], list[Webhook]]) -> None:
    """Send what the account does not have yet, one after another; what concerns all calls ends it.

    Without the list of webhooks nothing is sent: whether an equal one exists would not be known.

    Args:
        context: client, account, person and log.
        registration: what was confirmed.
        list_webhooks: asks for the present ones.
    """
    try:
        known = as_choices(list_webhooks())
    except KlentyError as error:
        registration.problem = f"The list of webhooks did not come, so nothing was sent. {error}"
        return
    for event, once in registration.calls.items():
        if equal(known, event, registration.url):
            registration.results[event] = exists_already(event)
            continue
        subject = catalogue.subject({"event": event, "url": registration.url})
        try:
            result = perform(context, once, subject, check=_ADD.check)
        except AlreadySentError:
            return
        registration.results[event] = result
        if result.stops_all:
            return
