"""What happens on the wire: repeats, deadlines, redirects, secrets; counted at a real server."""

import gzip
import json
import logging
import pickle
import socket
import threading
import time
import traceback
import tracemalloc
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime

import pytest

from klenty_api import (
    AuthenticationError,
    Cancelled,
    ConnectionFailed,
    DeadlineExceeded,
    EnvironmentVariableError,
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
    UnknownItemError,
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
        assert time.monotonic() - began < 9  # the drip lasts 10 s


def test_an_answer_that_begins_late_and_hangs_gets_only_what_is_left(kit):
    def late(connection):
        time.sleep(2.5)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
        time.sleep(6)

    with kit.loopback(late) as server, kit.client(server, deadline=3.0, timeout=(1.0, 30.0)) as client:
        began = time.monotonic()
        with pytest.raises(DeadlineExceeded):
            report(client)
        assert time.monotonic() - began < 5.4  # not 2.5 and another three seconds


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
    header = "1" if form == "seconds" else format_datetime(datetime.now(UTC) + timedelta(seconds=3), usegmt=True)
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
        assert time.monotonic() - began < 30


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
    error = RateLimitedError("too many", operation="X", status=429, attempts=2, retry_after=3.0)
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


@pytest.fixture
def proxy_env(monkeypatch):
    """Set environment variables; none of a proxy or of certificates is set otherwise."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch.setenv


def test_the_environment_gives_a_proxy_and_no_other_credentials(kit, proxy_env, tmp_path):
    """A password that a `.netrc` holds for the host is nobody's to send; a proxy is how the company goes out."""
    (tmp_path / "netrc").write_text("default login someone password secret\n")
    proxy_env("NETRC", str(tmp_path / "netrc"))
    with kit.loopback(kit.http(502, "")) as proxy:
        proxy_env("https_proxy", proxy.url)
        client = KlentyClient(kit.user, kit.key, base_url="https://klenty.example", policy=Policy(max_attempts=1))
        with pytest.raises(ConnectionFailed):
            start(client)
        (request,) = proxy.requests
        assert (request.method, request.path) == ("CONNECT", "klenty.example:443")
        assert not {"Authorization", "Proxy-Authorization", "x-API-key"} & set(request.headers)


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("value", ["http://127.0.0.1:9", "socks5://127.0.0.1:9", "http://"])
def test_loopback_never_goes_through_a_proxy(kit, proxy_env, name, value):
    proxy_env(name, value)
    with kit.loopback(kit.http(body=OK)) as server, kit.client(server) as client:
        start(client)
        assert len(server.requests) == 1


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY", "ALL_PROXY"])
@pytest.mark.parametrize(
    "value", ["socks5://proxy.example:1080", "socks5h://p.example", "http://", "ftp://p.io", "http://["]
)
def test_a_proxy_that_cannot_be_used_is_named(kit, proxy_env, name, value):
    proxy_env(name, value)
    client = KlentyClient(kit.user, kit.key, base_url="https://klenty.example")
    with pytest.raises(EnvironmentVariableError, match=name) as caught:
        start(client)
    assert caught.value.outcome == "not_sent"


@pytest.mark.parametrize("content", [None, "no certificate", ""])
@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_certificates_that_are_none_are_named(kit, proxy_env, tmp_path, name, content):
    bundle = tmp_path / "ca.pem"
    if content is not None:
        bundle.write_text(content)
    proxy_env(name, str(bundle))
    with pytest.raises(EnvironmentVariableError, match=name):
        start(KlentyClient(kit.user, kit.key, base_url="https://klenty.example"))


def test_an_empty_proxy_is_no_proxy(kit, proxy_env):
    proxy_env("https_proxy", "")
    client = KlentyClient(kit.user, kit.key, base_url="https://127.0.0.2:9", policy=Policy(max_attempts=1))
    with pytest.raises(ConnectionFailed, match="nothing accepts the connection"):
        start(client)


# What an earlier attempt may have done

GONE = '{"status": false, "errors": [{"code": "K2003", "errorMessage": "webhook not found"}]}'
REASON = '{"status": false, "message": "no such prospect"}'


def unsubscribe(client):
    return client.prospects.unsubscribe("rex@klenty.com")


SAFE = [
    unsubscribe,
    lambda client: client.prospects.do_not_contact("rex@klenty.com"),
    lambda client: client.prospects.remove_tags("rex@klenty.com", ["a"]),
    lambda client: client.prospects.update("rex@klenty.com", Prospect(title="x")),
    lambda client: client.webhooks.update("5e9f", "reply", "https://x.io"),
]
NOES = {
    "gone": (404, REASON), "no": (200, '{"status": false}'), "key": (401, '{"reason": "invalidAPIKey"}'),
    "user": (403, '{"message": "Invalid user"}'), "limit": (429, "{}"), "page": (404, "<html>"), "found": (200, GONE),
}  # fmt: skip


@pytest.mark.parametrize("no", NOES)
@pytest.mark.parametrize("lost", ["reset", "cut", "http_500"])
@pytest.mark.parametrize("write", SAFE)
def test_a_no_after_a_lost_answer_does_not_mean_that_it_was_not_done(kit, write, lost, no):
    first = {"reset": kit.reset, "cut": kit.cut(), "http_500": kit.http(500, "oops")}[lost]
    status, body = NOES[no]
    with (
        kit.loopback(first, kit.http(status, body, Retry_After="0")) as server,
        kit.client(server, policy=Policy(first_wait=0.001, max_refusals=1)) as client,
    ):
        with pytest.raises(OutcomeUnknownError) as caught:
            write(client)
        assert caught.value.outcome == "unknown"
        assert caught.value.attempts >= 2
        assert "Whether it took effect is not known" in str(caught.value)


def test_a_refused_connection_after_a_lost_answer_is_unknown_too(kit):
    with kit.loopback(kit.reset) as server:
        client = kit.client(server, policy=Policy(first_wait=0.3, max_attempts=2))
        ended = []

        def write():
            try:
                ended.append(unsubscribe(client))
            except KlentyError as error:
                ended.append(error)

        thread = threading.Thread(target=write)
        thread.start()
        while not server.requests:
            time.sleep(0.001)
    thread.join(10)
    assert isinstance(ended[0], OutcomeUnknownError)


def test_a_run_that_is_stopped_after_a_lost_answer_leaves_it_unknown(kit):
    cancel = threading.Event()
    with kit.loopback(kit.reset) as server, kit.client(server, policy=Policy(first_wait=30), deadline=90) as client:
        outcomes = fan_out(
            lambda _: unsubscribe(client), [1], workers=1, cancel=cancel,
            progress=lambda *_: cancel.set() if server.requests else None,
        )  # fmt: skip
    assert isinstance(outcomes[0].error, OutcomeUnknownError)


@pytest.mark.parametrize("gone", [(404, REASON), (200, GONE)])
def test_a_webhook_that_is_gone_after_a_lost_answer_was_deleted(kit, gone):
    with kit.loopback(kit.reset, kit.http(*gone)) as server, kit.client(server) as client:
        assert client.webhooks.delete("5e9e").operation == "delete_webhook"
    with kit.loopback(kit.http(*gone)) as server, kit.client(server) as client, pytest.raises(UnknownItemError):
        client.webhooks.delete("5e9e")  # nothing was sent before: it never was there


# A 404 with a reason, and one without


@pytest.mark.parametrize("body", [REASON, '{"errors": [{"code": "K4004", "errorMessage": "cadence not found"}]}'])
def test_a_404_with_klentys_reason_is_a_refusal(kit, body):
    with kit.loopback(kit.http(404, body)) as server, kit.client(server) as client:
        with pytest.raises(UnknownItemError, match="renamed or deleted"):
            report(client)
        with pytest.raises(UnknownItemError):
            start(client)
        assert client.prospects.get("rex@klenty.com") is None
        assert client.prospects.status("rex@klenty.com").prospect_status is None
        assert list(client.prospects.search()) == []
        assert isinstance(UnknownItemError("x"), RequestRefusedError)


@pytest.mark.parametrize("body", ["", "<html>not here</html>", "not found", "{}", "[]"])
def test_a_404_without_one_is_a_wrong_address(kit, body):
    with kit.loopback(kit.http(404, body)) as server, kit.client(server) as client:
        for ask in (report, start, lambda client: client.prospects.get("rex@klenty.com")):
            with pytest.raises(NotFoundError):
                ask(client)


# Size


@pytest.mark.parametrize("declared", [True, False])
def test_a_small_answer_that_unpacks_to_much_is_refused_while_it_unpacks(kit, declared):
    packed = gzip.compress(b'{"replyCount": "' + b"0" * 300_000_000 + b'"}', 9)
    assert len(packed) < 400_000

    def reply(connection):
        length = f"Content-Length: {len(packed)}\r\n" if declared else "Connection: close\r\n"
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n{length}\r\n".encode() + packed)
        if not declared:
            connection.shutdown(socket.SHUT_WR)

    with kit.loopback(reply) as server, kit.client(server) as client:
        tracemalloc.start()
        try:
            with pytest.raises(UnexpectedAnswerError, match="too large"):
                report(client)
            assert tracemalloc.get_traced_memory()[1] < 40_000_000
        finally:
            tracemalloc.stop()
        assert len(server.requests) == 1


def test_an_answer_of_nearly_four_megabytes_is_read(kit):
    body = json.dumps({"replyCount": 3, "more": "x" * 4_100_000})
    with kit.loopback(kit.http(body=body)) as server, kit.client(server) as client:
        assert report(client).replies == 3
