"""The receiver of Klenty's webhooks: `POST /webhook/klenty/<secret>`.

A delivery is answered with 200 only after it was stored. Nothing of a request's path or body is logged.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
import zlib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from dashboard.data.webhooks.delivery import MAX_BYTES, BadDeliveryError, Delivery, read_delivery
from dashboard.data.webhooks.url import PATH
from dashboard.web.importing import IMPORTING
from dashboard.web.webhook_queue import Inbox, Overloaded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from starlette.types import Receive, Scope, Send

    # Pandas and SQLAlchemy come with it, and the server is to answer before they are there.
    from dashboard.data.webhooks.store import DeliveryStore

log = logging.getLogger("dashboard.webhooks")

BODY_SECONDS: Final = 10.0
MOST_AT_ONCE: Final = 256
"""Requests whose bodies are read at the same time: at most 64 MB of them."""
_RETRY_AFTER: Final = {"Retry-After": "5"}
_TIDY_SECONDS: Final = 3600.0
_OPEN_AGAIN_SECONDS: Final = 10.0


@dataclass(frozen=True)
class WebhookInbox:
    """Where the deliveries of one account go, the secret that opens it, and how long personal data stay."""

    deliveries: DeliveryStore
    secret: str
    days: int


class Receiver:
    """Takes deliveries for the mailboxes that `open_mailboxes` opens.

    `open_mailboxes` is called in a thread, again and again until the database answers; until then deliveries are
    refused with 503, which asks the sender to come back.
    """

    def __init__(self, open_mailboxes: Callable[[], Sequence[WebhookInbox]]) -> None:
        self._open = open_mailboxes
        self._mailboxes: Sequence[WebhookInbox] = ()
        self._inbox: Inbox[tuple[DeliveryStore, Delivery, datetime]] = Inbox(_keep)
        self._reading = 0
        self.refused: Counter[str] = Counter()

    @property
    def route(self) -> Route:
        """The route of all mailboxes."""
        # An application, not a function: so it gets every method, and Streamlit's page does not answer the others.
        return Route(f"{PATH}{{secret:path}}", self, include_in_schema=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Receive while the server runs; what was taken is stored before it ends."""
        self._inbox.start()
        care = asyncio.create_task(self._care(), name="webhook-care")
        try:
            yield
        finally:
            care.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await care
            await self._inbox.stop()

    async def _care(self) -> None:
        """Open the mailboxes as soon as that is possible, then remove personal data that is too old, every hour."""
        while not self._mailboxes:
            try:
                self._mailboxes = await asyncio.to_thread(self._open)
            except Exception as error:  # noqa: BLE001  # a receiver that gives up would lose every delivery
                log.warning("webhooks cannot be received yet: %s", _words(error))
                await asyncio.sleep(_OPEN_AGAIN_SECONDS)
        while True:
            for mailbox in self._mailboxes:
                await asyncio.to_thread(_tidy, mailbox)
            await asyncio.sleep(_TIDY_SECONDS)

    async def _answer(self, request: Request) -> Response:
        if request.method != "POST":
            return _refusal(405, "Only POST.", {"Allow": "POST"})
        if not self._mailboxes:
            return _refusal(503, "Not ready yet.", _RETRY_AFTER)
        deliveries = self._opened_by(request.path_params["secret"])
        if deliveries is None:
            return _refusal(404, "Not found.")
        if self._reading >= MOST_AT_ONCE:
            return self._count("overloaded", _refusal(503, "Too much at once.", _RETRY_AFTER))
        return await self._take(request, deliveries)

    def _opened_by(self, secret: str) -> DeliveryStore | None:
        """Return the mailbox of this secret. All are compared, each in constant time, so the time tells nothing."""
        found, given = None, secret.encode("utf-8", errors="replace")
        for mailbox in self._mailboxes:
            if hmac.compare_digest(mailbox.secret.encode(), given):
                found = mailbox.deliveries
        return found

    async def _take(self, request: Request, deliveries: DeliveryStore) -> Response:
        self._reading += 1
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = _unpacked(await _body(request), request.headers.get("content-encoding", ""))
        except (TimeoutError, ClientDisconnect):
            return self._count("too slow", _refusal(408, "Too slow."))
        finally:
            self._reading -= 1
        if body is None:
            return self._count("too large", _refusal(413, f"At most {MAX_BYTES:,} bytes."))
        try:
            delivery = read_delivery(body)
        except BadDeliveryError as problem:
            log.warning("a webhook's delivery was refused: %s", problem)
            return self._count(str(problem), _refusal(400, f"Refused: {problem}."))
        try:
            await self._inbox.put((deliveries, delivery, datetime.now(UTC)))
        except Overloaded:
            return self._count("overloaded", _refusal(503, "Too much at once.", _RETRY_AFTER))
        except Exception as error:  # noqa: BLE001  # whatever it was, it is not stored, and the sender has to know
            log.error("a webhook's delivery could not be stored: %s", _words(error))  # noqa: TRY400  # no values
            return self._count("not stored", _refusal(503, "Could not be stored.", _RETRY_AFTER))
        return PlainTextResponse("ok")

    def _count(self, reason: str, response: Response) -> Response:
        self.refused[reason] += 1
        return response


async def _body(request: Request) -> bytes | None:
    """Return the body, or None as soon as it is known to be too large."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > MAX_BYTES:
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            return None
    return bytes(body)


def _unpacked(body: bytes | None, encoding: str) -> bytes | None:
    """Return a body as it was before it was compressed, or None as soon as it is known to be too large.

    What is not compressed as announced is returned as it is: reading it says what it is not.
    """
    if body is None or encoding.strip().lower() not in {"gzip", "x-gzip", "deflate"}:
        return body
    stream = zlib.decompressobj(zlib.MAX_WBITS | 32)  # gzip or zlib, by its head
    try:
        plain = stream.decompress(body, MAX_BYTES + 1)
    except zlib.error:
        return body
    return None if len(plain) > MAX_BYTES else plain


def _refusal(status: int, words: str, headers: dict[str, str] | None = None) -> Response:
    # What is left of a refused body is not read, so the connection cannot be used again.
    return PlainTextResponse(words, status, {**(headers or {}), "Connection": "close"})


def _keep(batch: Sequence[tuple[DeliveryStore, Delivery, datetime]]) -> None:
    for deliveries in {found: None for found, _, _ in batch}:
        deliveries.keep([(delivery, at) for found, delivery, at in batch if found == deliveries])


def _tidy(mailbox: WebhookInbox) -> None:
    try:
        removed = mailbox.deliveries.forget_before(datetime.now(UTC) - timedelta(days=mailbox.days))
    except Exception as error:  # noqa: BLE001  # tried again in an hour
        log.warning("old personal data of webhooks was not removed yet: %s", _words(error))
        return
    if removed:
        log.info("personal data of %d deliveries older than %d days was removed", removed, mailbox.days)


def _words(error: Exception) -> str:
    """Return what went wrong: a problem's own words are made for people, other exceptions may hold values."""
    with IMPORTING:
        from dashboard.data.database import DatabaseError  # noqa: PLC0415  # see above

    return str(error) if isinstance(error, DatabaseError) else type(error).__name__
