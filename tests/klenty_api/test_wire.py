"""What happens on the wire: repeats, deadlines, redirects, secrets; counted at a real server."""

import json
import logging
import pickle
import threading
import time
import traceback
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime

import pytest

from klenty_api import (
    AuthenticationError,
    Cancelled,
    ConnectionFailed,
    DeadlineExceeded,
    KlentyClient,
    KlentyError,
    NotFoundError,
    OutcomeUnknownError,
    Policy,
    Prospect,
    RateLimitedError,
    RequestRefusedError,
    ServiceError,
    UnexpectedAnswerError,
    UnknownUserError,
    fan_out,
)

DAY = date(2026, 11, 2)
OK = '{"status": true}'


def report(client):
    return client.engagements.email("Website visitors", DAY, DAY)


def start(client):
    return client.cadences.start("rex+test@klenty.com", "Holiday")


def test_own_user_agent_key_and_json_are_sent(kit):
    with kit.loopback(kit.http(body=OK)) as server, kit.client(server) as client:
        start(client)
        (request,) = server.requests
    assert request.method == "POST"
    assert request.path == "/apis/v1/user/kevin%40klenty.com/startcadence"
    assert request.headers["x-API-key"] == kit.key
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["User-Agent"].startswith("klenty-cadence-dashboard/")
    assert json.loads(request.body) == {"Email": kit.person, "cadenceName": "Holiday"}


def test_what_is_sent_before_leaves_nothing_in_what_is_sent_next(kit):
    """Address and headers are made once an operation: no cookie, person or length of another call may be in them."""
    with kit.loopback(kit.http(body=OK, Set_Cookie="visitor=1; Path=/")) as server, kit.client(server) as client:
        client.cadences.list("a@b.io")
        client.cadences.list()
        for person in ("first@b.io", "second.and.longer@b.io", "third@b.io"):
            client.prospects.unsubscribe(person)
            client.cadences.start(person, "Holiday")
        report(client)
        lists, reads, *rest = server.requests
    assert (lists.path, reads.path) == (f"{reads.path}?username=a%40b.io", "/apis/v1/user/kevin%40klenty.com/cadences")
    assert not any("Cookie" in request.headers for request in server.requests)
    assert [request.headers.get("Content-Type") for request in (lists, reads)] == [None, None]
    assert [request.path.split("/")[6] for request in rest[:6:2]] == [
        "first%40b.io", "second.and.longer%40b.io", "third%40b.io",
    ]  # fmt: skip
    assert [json.loads(request.body)["Email"] for request in rest[1:6:2]] == [
        "first@b.io", "second.and.longer@b.io", "third@b.io",
    ]  # fmt: skip
    assert all(int(request.headers.get("Content-Length", 0)) == len(request.body) for request in server.requests)


def test_a_client_that_was_closed_opens_new_connections(kit):
    with kit.loopback(kit.http(body=OK)) as server:
        with kit.client(server) as client:
            start(client)
        start(client)
        client.close()
    assert len(server.requests) == 2


def test_path_segments_are_encoded(kit):
    with kit.loopback(kit.http(body=OK)) as server:
        client = KlentyClient("A+b@c.io", kit.key, base_url=server.url)
        client.prospects.unsubscribe("o'neil/x+y#1?@z.io")
        assert (
            server.requests[0].path == "/apis/v1/user/A%2Bb%40c.io/prospects/o%27neil%2Fx%2By%231%3F%40z.io/unsubscribe"
        )


@pytest.mark.parametrize("failure", ["cut", "reset", "http_500", "dripping_body", "empty"])
@pytest.mark.parametrize("kind", ["read", "safe_write", "never", "check_first"])
def test_only_what_may_be_repeated_is(kit, failure, kind):
    bad = {
        "cut": kit.cut(),
        "reset": kit.reset,
        "http_500": kit.http(500, "oops"),
        "dripping_body": kit.dripping_body,
        "empty": kit.http(200, ""),
    }[failure]
    calls = {
        "read": report,
        "safe_write": lambda client: client.prospects.unsubscribe("rex@klenty.com"),
        "never": start,
        "check_first": lambda client: client.prospects.create(Prospect(email="rex@klenty.com")),
    }
    repeated = kind in {"read", "safe_write"} and failure != "dripping_body"
    with kit.loopback(bad, kit.http(body=OK)) as server, kit.client(server, deadline=0.6) as client:
        if repeated:
            calls[kind](client)
            assert len(server.requests) == 2
        else:
            expected = DeadlineExceeded if kind == "read" else OutcomeUnknownError
            expected = DeadlineExceeded if (kind, failure) == ("read", "dripping_body") else expected
            if kind == "safe_write":
                expected = OutcomeUnknownError
            with pytest.raises(expected) as caught:
                calls[kind](client)
            assert len(server.requests) == 1
            assert caught.value.outcome_known == (kind == "read")  # reading changes nothing, however it ends
            assert ("Whether it took effect" in str(caught.value)) == (kind != "read")


@pytest.mark.parametrize("dripping", ["dripping_headers", "dripping_body"])
def test_a_dripping_server_cannot_stretch_the_deadline(kit, dripping):
    with kit.loopback(getattr(kit, dripping)) as server, kit.client(server, deadline=0.5) as client:
        began = time.monotonic()
        with pytest.raises(DeadlineExceeded):
            report(client)
        assert time.monotonic() - began < 2.5  # the drip lasts 10 s


def test_an_answer_that_begins_late_and_hangs_gets_only_what_is_left(kit):
    def late(connection):
        time.sleep(0.7)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
        time.sleep(6)

    with kit.loopback(late) as server, kit.client(server, deadline=1.0, timeout=(1.0, 30.0)) as client:
        began = time.monotonic()
        with pytest.raises(DeadlineExceeded):
            report(client)
        assert time.monotonic() - began < 1.6  # not 0.7 + another whole second


def test_a_hanging_server_is_given_up(kit):
    with (
        kit.loopback(kit.hang) as server,
        kit.client(server, timeout=(1.0, 0.2), policy=Policy(max_attempts=1)) as client,
    ):
        with pytest.raises(ConnectionFailed) as caught:
            report(client)
        assert caught.value.kind == "timeout"


def test_never_sent_is_safe_to_repeat_and_known(kit):
    with kit.loopback(kit.http()) as server:
        port = server.port
    client = KlentyClient(kit.user, kit.key, base_url=f"http://127.0.0.1:{port}", policy=Policy(first_wait=0.01))
    with pytest.raises(ConnectionFailed) as caught:
        start(client)
    assert caught.value.kind == "refused"
    assert caught.value.outcome_known
    assert caught.value.attempts == 4


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_honoured_for_writes_too(kit, form):
    header = "1" if form == "seconds" else format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    with (
        kit.loopback(kit.http(429, "{}", Retry_After=header), kit.http(body=OK)) as server,
        kit.client(server) as client,
    ):
        began = time.monotonic()
        start(client)
        assert len(server.requests) == 2
        assert time.monotonic() - began > 0.9


def test_a_retry_after_beyond_the_deadline_is_told_not_slept(kit):
    with kit.loopback(kit.http(429, "{}", Retry_After="40")) as server, kit.client(server) as client:
        began = time.monotonic()
        with pytest.raises(RateLimitedError) as caught:
            report(client)
        assert caught.value.retry_after == 40
        assert len(server.requests) == 1
        assert time.monotonic() - began < 3


def test_a_refused_bulk_add_is_unknown(kit):
    with kit.loopback(kit.http(429, "{}", Retry_After="0")) as server, kit.client(server) as client:
        with pytest.raises(OutcomeUnknownError):
            client.prospects.bulk_create([Prospect(email="rex@klenty.com")])
        assert len(server.requests) == 1


def test_no_redirect_is_followed(kit):
    with (
        kit.loopback(kit.http(body=OK)) as elsewhere,
        kit.loopback(kit.http(302, "", Location=elsewhere.url)) as server,
        kit.client(server) as client,
    ):
        with pytest.raises(UnexpectedAnswerError):
            report(client)
        assert elsewhere.requests == []
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "body", "error", "code"),
    [
        (401, '{"reason": "invalidAPIKey"}', AuthenticationError, "invalidAPIKey"),
        (401, "<html>no</html>", AuthenticationError, None),
        (403, '{"message": "Invalid user: kevin@klenty.com"}', UnknownUserError, None),
        (403, '{"message": "not for you"}', RequestRefusedError, None),  # of this call only: others may be allowed
        (404, "<html>not here</html>", NotFoundError, None),
        (200, "<!doctype html><title>Blocked</title>", UnexpectedAnswerError, None),
        (522, "<html>cdn</html>", ServiceError, None),
        (
            200,
            '{"status": false, "errors": [{"code": "K2002", "errorMessage": "bad range"}]}',
            RequestRefusedError,
            "K2002",
        ),
        (
            200,
            '{"status": 400, "errors": [{"errorCode": "X1", "errorMessage": "no", "type": "t"}]}',
            RequestRefusedError,
            "X1",
        ),
        (200, '{"status": false}', RequestRefusedError, None),
    ],
)
def test_every_refusal_has_its_error(kit, status, body, error, code):
    with kit.loopback(kit.http(status, body)) as server, kit.client(server, policy=Policy(max_attempts=1)) as client:
        with pytest.raises(error) as caught:
            report(client)
        assert type(caught.value) is error
        assert caught.value.code == code
        assert caught.value.operation == "Email Engagements"


@pytest.mark.parametrize("body", ['{"status": "false"}', '{"status": 0}', '{"status": false, "errors": []}'])
def test_a_no_is_heard_in_any_spelling(kit, body):
    with kit.loopback(kit.http(body=body)) as server, kit.client(server) as client:
        with pytest.raises(RequestRefusedError):
            start(client)
        assert len(server.requests) == 1


@pytest.mark.parametrize("body", ["{}", '{"status": null}', "[]", "true", '{"message": "ok"}'])
@pytest.mark.parametrize("write", [start, lambda client: client.webhooks.create("reply", "https://x.io")])
def test_a_write_is_done_only_when_klenty_says_so(kit, body, write):
    with kit.loopback(kit.http(body=body)) as server, kit.client(server) as client:
        with pytest.raises(OutcomeUnknownError):
            write(client)
        assert len(server.requests) == 1


@pytest.mark.parametrize("body", ['{"status": true}', '{"status": "true"}', '{"status": 1}', '{"status": 200}'])
def test_a_yes_is_heard_in_any_spelling(kit, body):
    with kit.loopback(kit.http(body=body)) as server, kit.client(server) as client:
        assert start(client).raw == json.loads(body)


def test_nothing_found_is_an_empty_result(kit):
    nothing = '{"status": false, "errors": [{"code": "K2003", "errorMessage": "nothing"}]}'
    with kit.loopback(kit.http(body=nothing)) as server, kit.client(server) as client:
        assert report(client).replies is None
        assert client.engagements.stepwise("x", DAY, DAY) == []
        assert client.prospects.get("a@b.co") is None
        with pytest.raises(RequestRefusedError) as caught:
            start(client)  # a write to someone who is not there was not done
        assert caught.value.code == "K2003"


@pytest.mark.parametrize("failure", ["html", "reset", "refused", "401", "500"])
def test_neither_key_nor_person_leaks(kit, failure, caplog):
    caplog.set_level(logging.DEBUG)
    said = json.dumps({"status": False, "errors": [{"code": "K1", "errorMessage": f"no {kit.person} <b>{'x' * 900}"}]})
    reply = {
        "html": kit.http(200, f"<html>{kit.person}"),
        "reset": kit.reset,
        "refused": kit.http(200, said),
        "401": kit.http(401, said),
        "500": kit.http(500, said),
    }[failure]
    with kit.loopback(reply) as server, kit.client(server) as client:
        with pytest.raises(KlentyError) as caught:
            client.prospects.add_tags(kit.person, "Rex", ["a"])
        error = caught.value
        call = client.prepare(lambda api: api.prospects.unsubscribe(kit.person))
        shown = "".join(traceback.format_exception(error)) + repr(error) + str(error) + caplog.text
        shown += repr(client) + str(client) + repr(call) + repr(pickle.loads(pickle.dumps(error)))
        shown += repr(vars(error)) + repr(client._transport) + repr(client._transport._ready)
    assert kit.key not in shown
    assert kit.person not in shown.replace(traceback.format_exc(), "")
    assert "rex%2Btest" not in shown
    assert "<b>" not in shown
    assert len(str(error)) < 500
    with pytest.raises(TypeError):
        pickle.dumps(client)


def test_errors_survive_pickling_with_all_they_say():
    error = RateLimitedError("too many", operation="X", status=429, attempts=2)
    error.retry_after = 3.0
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is RateLimitedError
    assert (str(copy), copy.retry_after, copy.attempts) == (str(error), 3.0, 2)


def test_one_client_serves_many_threads_and_keeps_its_connections(kit):
    body = json.dumps({"replyCount": 7})
    with kit.loopback(kit.http(body=body)) as server, kit.client(server, workers=16) as client:
        outcomes = fan_out(lambda _: report(client).replies, range(200), workers=16)
        assert [outcome.value for outcome in outcomes] == [7] * 200
        assert len(server.requests) == 200
        assert server.connections <= 16


def test_fan_out_keeps_order_and_gives_an_error_per_item():
    def work(item):
        time.sleep(0.002 * (5 - item))
        if item == 3:
            raise ServiceError("no")
        return item * 10

    outcomes = fan_out(work, range(5), workers=5)
    assert [outcome.value for outcome in outcomes] == [0, 10, 20, None, 40]
    assert [outcome.ok for outcome in outcomes] == [True, True, True, False, True]


def test_fan_out_stops_early_on_a_bad_key():
    tried = []

    def work(item):
        tried.append(item)
        raise AuthenticationError("no")

    outcomes = fan_out(work, range(100), workers=2)
    assert len(tried) <= 4
    assert isinstance(outcomes[0].error, AuthenticationError)
    assert isinstance(outcomes[-1].error, Cancelled)


def test_fan_out_can_be_cancelled():
    cancel = threading.Event()
    outcomes = fan_out(
        lambda item: time.sleep(0.01) or item, range(100), workers=2, cancel=cancel,
        progress=lambda done, _: cancel.set() if done >= 3 else None,
    )  # fmt: skip
    assert outcomes[0].ok
    assert isinstance(outcomes[-1].error, Cancelled)


def test_progress_is_told_while_it_waits_and_at_every_end():
    release, told = threading.Event(), []

    def progress(done, total):
        told.append((done, total))
        if len(told) == 2:
            release.set()  # told twice before anything ended

    outcomes = fan_out(lambda _: release.wait(10), range(3), workers=3, progress=progress)
    assert [outcome.value for outcome in outcomes] == [True] * 3
    assert told[:2] == [(0, 3), (0, 3)]
    assert told == sorted(told)
    assert told[-1] == (3, 3)


def test_an_exception_in_progress_stops_the_rest_at_once():
    class ScriptStopped(BaseException):
        pass

    tried = []

    def progress(done, total):
        assert threading.current_thread() is caller
        if done:
            raise ScriptStopped

    caller = threading.current_thread()
    with pytest.raises(ScriptStopped):
        fan_out(lambda item: tried.append(item) or time.sleep(0.02), range(50), workers=2, progress=progress)
    time.sleep(0.1)
    assert len(tried) <= 6


def test_fan_out_shares_one_budget_of_repeats(kit):
    with (
        kit.loopback(kit.http(500, "{}")) as server,
        kit.client(server, policy=Policy(max_attempts=8, first_wait=0.001)) as client,
    ):
        fan_out(lambda _: report(client), range(10), workers=4)
        assert len(server.requests) <= 10 + 10  # every call once, and ten repeats between them


def test_an_answer_without_end_is_given_up(kit, monkeypatch):
    monkeypatch.setattr("klenty_api.transport.LARGEST_ANSWER", 100_000)
    endless = kit.http(body=json.dumps({"replyCount": 1, "more": "x" * 3_000_000}))
    with kit.loopback(endless) as server, kit.client(server) as client:
        with pytest.raises(UnexpectedAnswerError, match="too large"):
            report(client)
        assert len(server.requests) == 1


def test_the_environment_gives_a_proxy_and_no_other_credentials(kit, monkeypatch, tmp_path):
    """A password that a `.netrc` holds for the host is nobody's to send; a proxy is how the company goes out."""
    (tmp_path / "netrc").write_text("default login someone password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with kit.loopback(kit.http(body=OK)) as proxy, kit.loopback(kit.http(body=OK)) as server:
        monkeypatch.setenv("http_proxy", proxy.url)
        with kit.client(server) as client:
            start(client)
        (request,) = proxy.requests
        assert server.requests == []
        assert request.path.startswith(f"{server.url}/apis/v1/user/")
        assert "Authorization" not in request.headers
