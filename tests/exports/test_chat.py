"""Messages to chats, over real HTTP: what each chat takes, refusals, waits, and that the address is in no text."""

import json

import pytest

from dashboard.exports import chat
from dashboard.exports.chat import ChatError, Message, payload, post

MESSAGE = Message(
    "Weekly: 2–29 Nov 2026",
    "Replies steady; <one> decision is due & waits.",
    [("Emails sent", "6,004", "normal"), ("Replies", "426, reply rate 7.1 %", "up 1.2 pt")],
    [("A & B <x>: bounces *6.2 %*", "https://d.example/cadence?focus=A"), ("no address", "")],
    "https://d.example/?range=Last+28+days",
)


@pytest.mark.parametrize(
    ("channel", "answer"), [("slack", (200, {}, "ok")), ("teams", (202, {}, "")), ("google", (200, {}, "{}"))]
)
def test_each_chat_takes_its_message(serve, channel, answer):
    server = serve(answer)
    post(server.url, payload(channel, MESSAGE))
    (body,) = server.bodies
    text = json.dumps(body, ensure_ascii=False)
    for part in ("Weekly: 2–29 Nov 2026", "426, reply rate 7.1 %", "up 1.2 pt", "https://d.example/cadence?focus=A"):
        assert part in text
    assert body == json.loads(json.dumps(payload(channel, MESSAGE)))


def test_names_bring_no_markup_of_their_own():
    slack = json.dumps(payload("slack", MESSAGE))
    assert "A &amp; B &lt;x&gt;" in slack
    teams = json.dumps(payload("teams", MESSAGE))
    assert "bounces \\\\*6.2 %\\\\*" in teams
    google = payload("google", MESSAGE)["text"]
    assert "<x>" not in google
    hostile = Message("t", "s", decisions=[("<!channel> <@U1> [x](https://evil.example)", "")])
    assert "<!channel>" not in json.dumps(payload("slack", hostile))
    assert "<!channel>" not in payload("google", hostile)["text"]
    assert "](https://evil" not in json.dumps(payload("teams", hostile)).replace("\\\\]\\\\(", "")


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_may_pass_is_tried_again_after_the_wait_that_is_asked(serve, status):
    waits = []
    server = serve((status, {"Retry-After": "7"}, "slow down"), (200, {}, "ok"))
    post(server.url, payload("slack", MESSAGE), wait=waits.append)
    assert waits == [7.0]
    assert len(server.bodies) == 2


def test_a_chat_that_refuses_thrice_is_not_asked_a_fourth_time(serve):
    waits = []
    server = serve((503, {"Retry-After": "60"}, ""))
    with pytest.raises(ChatError, match="tried 3 times") as caught:
        post(server.url, payload("slack", MESSAGE), wait=waits.append)
    assert len(server.bodies) == 3
    assert waits == [60.0, 60.0]
    assert caught.value.outcome_known
    assert caught.value.again_after == 0


def test_a_chat_that_asks_for_more_than_a_minute_is_left_alone_for_so_long(serve):
    server = serve((429, {"Retry-After": "900"}, ""))
    with pytest.raises(ChatError) as caught:
        post(server.url, payload("slack", MESSAGE), wait=lambda _: None)
    assert (len(server.bodies), caught.value.again_after) == (1, 900)


@pytest.mark.parametrize(
    "answer", [(400, {}, "invalid_payload"), (404, {}, "no_service"), (302, {"Location": "/x"}, "")]
)
def test_a_refusal_is_said_with_the_chats_words_and_not_repeated(serve, answer):
    server = serve(answer)
    with pytest.raises(ChatError) as caught:
        post(server.url, payload("slack", MESSAGE), wait=lambda _: None)
    assert str(answer[0]) in str(caught.value)
    assert answer[2] in str(caught.value)
    assert "secret" not in str(caught.value)
    assert len(server.bodies) == 1


def test_a_chat_that_repeats_its_address_is_not_quoted(serve):
    server = serve((404, {}, "no hook at /services/very-secret"))
    with pytest.raises(ChatError, match=r"^The chat refused the message: 404$"):
        post(server.url, payload("slack", MESSAGE))


@pytest.mark.parametrize("answer", ["hang", "cut"])
def test_without_an_answer_nobody_knows_and_nothing_is_sent_twice(serve, answer, monkeypatch):
    monkeypatch.setattr(chat, "_PATIENCE", (1.0, 0.3))
    server = serve(answer)
    with pytest.raises(ChatError, match="not known") as caught:
        post(server.url, payload("teams", MESSAGE), wait=lambda _: None)
    assert not caught.value.outcome_known
    assert len(server.bodies) == 1
    assert "secret" not in str(caught.value)


def test_a_server_that_is_not_there_is_known_not_to_have_it(serve):
    server = serve((200, {}, ""))
    url = server.url
    server.shutdown()
    server.server_close()
    with pytest.raises(ChatError, match="could not be reached") as caught:
        post(url, payload("slack", MESSAGE), wait=lambda _: None)
    assert caught.value.outcome_known
