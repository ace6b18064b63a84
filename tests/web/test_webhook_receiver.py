"""The receiver in-process: what it answers, and that 200 means stored."""

import asyncio
import codecs
import gzip
import json
import logging
import zlib
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette

from dashboard.data.database import Database, DatabaseError, DatabaseErrorKind
from dashboard.data.database.accounts import account_id
from dashboard.data.webhooks.store import DeliveryStore
from dashboard.web import webhook_receiver as module
from dashboard.web.webhook_queue import Inbox, Overloaded
from dashboard.web.webhook_receiver import Receiver, WebhookInbox

SECRET = "a-secret-of-more-than-24-letters"
BODY = {"event": "reply", "email": "ann@example.com", "cadenceName": "Partners"}


@pytest.fixture
def kept(tmp_path):
    database = Database.open(f"sqlite:///{tmp_path / 'h.sqlite3'}", durable=True)
    yield DeliveryStore(database, account_id(database, base_url="https://api.klenty.com", user="sam@example.com"))
    database.close()


@asynccontextmanager
async def serving(receiver):
    app = Starlette(routes=[receiver.route])
    async with (
        receiver.running(),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://receiver") as client,
    ):
        while not receiver._mailboxes:
            await asyncio.sleep(0.001)
        yield client


def receiver_of(kept, days=90):
    return Receiver(lambda: [WebhookInbox(kept, SECRET, days)])


def test_a_delivery_is_stored_before_it_is_answered(kept):
    async def run():
        async with serving(receiver_of(kept)) as client:
            answers = [await client.post(f"/webhook/klenty/{SECRET}", json=BODY) for _ in range(2)]
            return [answer.status_code for answer in answers], kept.standing()

    codes, standing = asyncio.run(run())
    assert codes == [200, 200]
    assert (standing.events, standing.repeats) == (1, 1)


@pytest.mark.parametrize(
    ("path", "content", "code"),
    [
        (f"/webhook/klenty/{SECRET}x", json.dumps(BODY).encode(), 404),
        ("/webhook/klenty/", json.dumps(BODY).encode(), 404),
        (f"/webhook/klenty/{SECRET}/", json.dumps(BODY).encode(), 404),
        ("/webhook/klenty/%ff%00é", json.dumps(BODY).encode(), 404),
        (f"/webhook/klenty/{SECRET}", b"{}", 400),
        (f"/webhook/klenty/{SECRET}", b"secret-body@example.com", 400),
        (f"/webhook/klenty/{SECRET}", b" " * (256 * 1024 + 1), 413),
    ],
)
def test_what_is_refused_is_refused_with_its_code_and_leaves_no_trace(kept, caplog, path, content, code):
    async def run():
        async with serving(receiver_of(kept)) as client:
            return await client.post(path, content=content)

    with caplog.at_level(logging.DEBUG, logger="dashboard"):
        answer = asyncio.run(run())
    assert answer.status_code == code
    assert answer.headers["connection"] == "close"
    assert kept.standing().events == 0
    said = caplog.text + answer.text
    assert SECRET not in said
    assert "example.com" not in said


def test_a_large_body_is_refused_without_its_length_being_announced(kept):
    async def chunks():
        for _ in range(300):
            yield b" " * 1024

    async def run():
        async with serving(receiver_of(kept)) as client:
            return await client.post(f"/webhook/klenty/{SECRET}", content=chunks())

    assert asyncio.run(run()).status_code == 413


def test_a_slow_body_is_given_up(kept, monkeypatch):
    monkeypatch.setattr(module, "BODY_SECONDS", 0.05)

    async def forever():
        yield b"{"
        await asyncio.Event().wait()

    async def run():
        async with serving(receiver_of(kept)) as client:
            return await client.post(f"/webhook/klenty/{SECRET}", content=forever())

    assert asyncio.run(run()).status_code == 408


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods_are_not_allowed_whatever_the_secret(kept, method):
    async def run():
        async with serving(receiver_of(kept)) as client:
            return [await client.request(method, f"/webhook/klenty/{secret}") for secret in (SECRET, "wrong")]

    answers = asyncio.run(run())
    assert [answer.status_code for answer in answers] == [405, 405]
    assert {answer.headers["allow"] for answer in answers} == {"POST"}


def test_what_cannot_be_stored_is_not_answered_with_200(kept, monkeypatch, caplog):
    def fail(self, batch):
        raise DatabaseError(DatabaseErrorKind.FULL)

    monkeypatch.setattr(DeliveryStore, "keep", fail)

    async def run():
        async with serving(receiver_of(kept)) as client:
            return await client.post(f"/webhook/klenty/{SECRET}", json=BODY)

    answer = asyncio.run(run())
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "disk" in caplog.text
    assert "ann@example.com" not in caplog.text


def test_until_the_database_answers_it_asks_to_come_back_and_then_receives(kept, monkeypatch, caplog):
    monkeypatch.setattr(module, "_OPEN_AGAIN_SECONDS", 0.01)
    tries = iter(
        [DatabaseError(DatabaseErrorKind.LOCKED), ValueError("secret detail"), [WebhookInbox(kept, SECRET, 90)]]
    )

    def open_mailboxes():
        found = next(tries)
        if isinstance(found, Exception):
            raise found
        return found

    async def run():
        receiver = Receiver(open_mailboxes)
        app = Starlette(routes=[receiver.route])
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://receiver") as client:
            early = await client.post(f"/webhook/klenty/{SECRET}", json=BODY)
            async with receiver.running():
                while not receiver._mailboxes:
                    await asyncio.sleep(0.001)
                return early, await client.post(f"/webhook/klenty/{SECRET}", json=BODY)

    early, later = asyncio.run(run())
    assert (early.status_code, later.status_code) == (503, 200)
    assert "secret detail" not in caplog.text


def test_two_mailboxes_are_distinguished_by_their_secrets(kept):
    other = DeliveryStore(kept.database, account_id(kept.database, base_url="https://api.klenty.com", user="bo@b.co"))

    async def run():
        async with serving(
            Receiver(lambda: [WebhookInbox(kept, SECRET, 90), WebhookInbox(other, "another" * 5, 90)])
        ) as client:
            return await client.post(f"/webhook/klenty/{'another' * 5}", json=BODY)

    assert asyncio.run(run()).status_code == 200
    assert (kept.standing().events, other.standing().events) == (0, 1)


def test_old_personal_data_is_removed_when_it_starts(kept):
    async def run():
        async with serving(receiver_of(kept)) as client:
            await client.post(f"/webhook/klenty/{SECRET}", json=BODY)
        async with serving(receiver_of(kept, days=0)):
            for _ in range(2_000):
                if kept.feed()["prospect"].isna().all():
                    return True
                await asyncio.sleep(0.001)
        return False

    assert asyncio.run(run())


def test_a_burst_is_stored_in_few_batches_and_more_than_can_wait_is_turned_away_at_once():
    batches = []

    async def run():
        release = asyncio.Event()
        loop = asyncio.get_running_loop()

        def store(batch):
            asyncio.run_coroutine_threadsafe(release.wait(), loop).result(10)
            batches.append(list(batch))

        inbox = Inbox(store, most_waiting=50, batch=20)
        inbox.start()
        puts = [asyncio.create_task(inbox.put(number)) for number in range(100)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        release.set()
        ended = await asyncio.gather(*puts, return_exceptions=True)
        await inbox.stop()
        return ended

    ended = asyncio.run(run())
    stored = [number for batch in batches for number in batch]
    assert [number for number, end in enumerate(ended) if end is None] == stored
    assert sum(isinstance(end, Overloaded) for end in ended) == 100 - len(stored)
    assert 50 <= len(stored) <= 51
    assert len(batches) <= 4


def test_a_sender_that_goes_away_does_not_take_its_delivery_along():
    stored = []

    async def run():
        release = asyncio.Event()
        loop = asyncio.get_running_loop()

        def store(batch):
            asyncio.run_coroutine_threadsafe(release.wait(), loop).result(10)
            stored.extend(batch)

        inbox = Inbox(store)
        inbox.start()
        put = asyncio.create_task(inbox.put("x"))
        await asyncio.sleep(0)
        put.cancel()
        await asyncio.sleep(0)
        release.set()
        await inbox.stop()  # ends only when all that was taken is stored

    asyncio.run(run())
    assert stored == ["x"]


@pytest.mark.parametrize(
    ("content", "encoding", "code"),
    [
        (gzip.compress(json.dumps(BODY).encode(), mtime=0), "gzip", 200),
        (gzip.compress(json.dumps(BODY).encode(), mtime=0), "X-GZIP", 200),
        (zlib.compress(json.dumps(BODY).encode()), "deflate", 200),
        (json.dumps(BODY).encode(), "gzip", 200),  # announced, and not done
        (gzip.compress(json.dumps(BODY).encode(), mtime=0)[:-12], "gzip", 400),
        (gzip.compress(b" " * 50_000_000, mtime=0), "gzip", 413),
        (gzip.compress(json.dumps(BODY).encode(), mtime=0), "", 400),
        (codecs.BOM_UTF8 + json.dumps(BODY).encode(), "", 200),
        (json.dumps(BODY).encode("utf-16"), "", 200),
        (codecs.BOM_UTF16_BE + json.dumps(BODY).encode("utf-16-be"), "", 200),
        (codecs.BOM_UTF16_LE + b"{", "", 400),
    ],
)
def test_packed_and_marked_bodies(kept, content, encoding, code):
    async def run():
        async with serving(receiver_of(kept)) as client:
            headers = {"Content-Encoding": encoding} if encoding else {}
            return await client.post(f"/webhook/klenty/{SECRET}", content=content, headers=headers)

    assert asyncio.run(run()).status_code == code
    assert kept.standing().events == (1 if code == 200 else 0)
