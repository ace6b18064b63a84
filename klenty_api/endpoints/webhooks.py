"""Webhooks: what Klenty calls when something happens."""

from klenty_api import encode
from klenty_api.decode import Json, as_object, as_objects
from klenty_api.endpoints.endpoint import Endpoint
from klenty_api.errors import UnexpectedAnswerError
from klenty_api.models import WEBHOOK_EVENTS, WEBHOOK_UPDATE_EVENTS, Webhook, WriteResult
from klenty_api.operations import OPERATIONS, Call


class Webhooks(Endpoint):
    """All raise `ValidationError` before sending, else `KlentyError`."""

    def list(self) -> list[Webhook]:
        """Return the account's webhooks."""
        return self._send(Call(OPERATIONS["list_webhooks"], self._path("webhook", "getall"), _webhooks))

    def create(self, event: str, url: str) -> Webhook:
        """Create a webhook ("Add a Webhook"); never retried automatically.

        >>> hook = client.webhooks.create("reply", "https://example.com/klenty")
        >>> client.webhooks.delete(hook.id).operation
        'delete_webhook'

        Look for an equal one first: Klenty allows duplicates and calls both.
        """
        body = {"subscription_url": encode.url(url), "event": encode.event(event, WEBHOOK_EVENTS)}
        return self._send(Call(OPERATIONS["add_webhook"], self._path("zapier", "hooks"), _webhook, body=body))

    def update(self, webhook_id: str, event: str, url: str) -> WriteResult:
        """Set event (also `prospect`) and URL of a webhook ("Update a Webhook").

        Args:
            webhook_id: as `list` tells it.
            event: one of the documented events.
            url: https.
        """
        body = {
            "_id": encode.named(webhook_id, "the webhook's id"),
            "subscription_url": encode.url(url),
            "event": encode.event(event, WEBHOOK_UPDATE_EVENTS),
        }
        return self._write("update_webhook", self._path("webhook", "update"), body)

    def delete(self, webhook_id: str) -> WriteResult:
        """Delete a webhook ("Delete Webhook"). Gone when an unanswered attempt is repeated: done."""
        body = {"webhookId": encode.named(webhook_id, "the webhook's id")}
        return self._write("delete_webhook", self._path("webhook", "delete"), body)


def _webhooks(answer: Json) -> list[Webhook]:
    return [Webhook.read(raw) for raw in as_objects(answer)]


def _webhook(answer: Json) -> Webhook:
    raw = as_object(answer)
    made = Webhook.read(as_object(raw.get("data")) or raw)
    if made.id is None and raw.get("status") is None:
        raise UnexpectedAnswerError("the answer does not say whether it was done", outcome="unknown")
    return made
