"""The library as an engineer meets it in a notebook: examples, reprs, the environment, events, silence."""

import doctest
import importlib
import json
import pkgutil
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path

import pytest
import requests

import klenty_api
from klenty_api import (
    EnvironmentVariableError,
    KlentyClient,
    KlentyError,
    NotAnsweringError,
    OutcomeUnknownError,
    Policy,
    Prospect,
    Throttle,
    ValidationError,
    fan_out,
)
from klenty_api.circuit import Circuit

ROOT = Path(klenty_api.__file__).parents[1]
MODULES = [
    info.name
    for info in pkgutil.walk_packages(klenty_api.__path__, "klenty_api.")
    if not info.name.startswith("klenty_api.sandbox")
]


def report(client):
    return client.engagements.email("Inbound demo requests", "2026-10-01", "2026-10-31")


@pytest.mark.parametrize("source", [*MODULES, "docs/klenty-api.md"])
def test_examples_run(small_sandbox, make_client, source):
    names = vars(klenty_api) | {"sandbox": small_sandbox, "client": make_client(small_sandbox), "date": date}
    flags = doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL
    if source in MODULES:
        found = doctest.testmod(importlib.import_module(source), extraglobs=names, optionflags=flags)
        assert found.failed == 0
    else:
        found = doctest.testfile(str(ROOT / source), module_relative=False, globs=names, optionflags=flags)
        assert found.failed == 0 < found.attempted


def test_it_needs_nothing_but_requests_and_orjson():
    script = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
allowed = {{"klenty_api", "requests", "orjson", "urllib3", "certifi", "idna", "charset_normalizer", "chardet"}}
allowed |= {{"mypyc", "81d243bd2c585b0f4821__mypyc"}}  # of charset_normalizer's wheel


class Nothing:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top in allowed or top in sys.stdlib_module_names or top.endswith("__mypyc"):
            return None
        raise ModuleNotFoundError(f"blocked: {{name}}", name=name)


sys.meta_path.insert(0, Nothing())
import klenty_api
client = klenty_api.KlentyClient("a@b.co", "key")
print(sorted({{name.partition(".")[0] for name in sys.modules}} & {{"pandas", "numpy", "streamlit", "dashboard"}}))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


def test_reprs_are_short_and_say_whose(small_sandbox, make_client):
    client = make_client(small_sandbox)
    steps = client.engagements.stepwise("Inbound demo requests", "2026-10-01", "2026-10-31")
    for shown in (repr(report(client)), repr(steps[0]), repr(client.cadences.list()[0])):
        assert "raw" not in shown
        assert len(shown) < 1200
    for group in (client.cadences, client.engagements, client.prospects, client.lists, client.webhooks, client.calls):
        assert client.user in repr(group)
    assert client.user in repr(client)
    assert small_sandbox.api_key not in repr(vars(client.cadences))


def test_answers_become_plain_dictionaries(small_sandbox, make_client):
    client = make_client(small_sandbox)
    for answer in (
        report(client),
        *client.engagements.stepwise("Inbound demo requests", "2026-10-01", "2026-10-31"),
        *client.cadences.list(),
        client.prospects.status(small_sandbox.account.cadences[0].events[0].prospect),
        client.prospects.create(Prospect(email="new@example.com", custom_fields={"k": "v"})),
        client.prospects.get("new@example.com"),
        client.prospects.bulk_create([Prospect(email="other@example.com")]),
    ):
        plain = json.loads(json.dumps(answer.to_dict()))
        assert plain
        assert "raw" not in plain
    assert client.prospects.get("new@example.com").custom_fields == {"k": "v"}


def test_a_client_can_be_made_from_the_environment(monkeypatch):
    for name in ("KLENTY_USER", "KLENTY_API_KEY", "KLENTY_BASE_URL", "KLENTY_WORKERS", "KLENTY_CALLS_PER_SECOND"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(EnvironmentVariableError, match="KLENTY_USER"):
        KlentyClient.from_env()
    monkeypatch.setenv("KLENTY_USER", " a@b.co ")
    with pytest.raises(EnvironmentVariableError, match="KLENTY_API_KEY"):
        KlentyClient.from_env()
    monkeypatch.setenv("KLENTY_API_KEY", "k")
    monkeypatch.setenv("KLENTY_WORKERS", "many")
    with pytest.raises(EnvironmentVariableError, match="KLENTY_WORKERS"):
        KlentyClient.from_env()
    monkeypatch.setenv("KLENTY_WORKERS", "3")
    client = KlentyClient.from_env(base_url="https://klenty.example")
    assert (client.user, client.workers, client.base_url) == ("a@b.co", 3, "https://klenty.example")


def test_options_change_one_client_and_not_the_other(kit):
    with kit.loopback(kit.dripping_body) as server, kit.client(server, deadline=30.0) as client:
        quick = client.with_options(deadline=0.2)
        assert quick.throttle is client.throttle
        began = time.monotonic()
        with pytest.raises(KlentyError):
            quick.lists.list()
        assert time.monotonic() - began < 9  # the drip lasts 10 s
        assert client._timeouts.call == 30.0


def test_every_attempt_is_an_event_without_personal_data(kit):
    events = []
    with (
        kit.loopback(kit.http(500, "{}"), kit.http(body='{"status": true}')) as server,
        kit.client(server, on_event=events.append) as client,
    ):
        client.prospects.unsubscribe(kit.person)
    assert [(event.operation, event.attempt, event.result, event.status) for event in events] == [
        ("unsubscribe", 1, "ServiceError", 500),
        ("unsubscribe", 2, "done", None),
    ]
    assert kit.person not in repr(events)
    assert kit.key not in repr(events)


def test_a_session_and_a_proxy_of_ones_own_are_used(kit):
    session = requests.Session()
    session.headers["X-Mine"] = "1"
    session.trust_env = False
    with kit.loopback(kit.http(body='{"status": true}')) as server, kit.client(server, session=session) as client:
        client.prospects.unsubscribe(kit.person)
        assert server.requests[0].headers["X-Mine"] == "1"
    with kit.loopback(kit.http(502, "")) as proxy:
        client = KlentyClient(kit.user, kit.key, proxy=proxy.url, policy=Policy(max_attempts=1))
        with pytest.raises(KlentyError):
            client.lists.list()
        assert proxy.requests[0].path == "api.klenty.com:443"


def test_facts_of_an_error_do_not_change():
    error = KlentyError("no", status=500)
    other = error.with_facts(attempts=3)
    assert (error.attempts, other.attempts, other.status, type(other)) == (0, 3, 500, KlentyError)


@pytest.mark.parametrize("key", [None, 7, ""])
def test_what_is_no_key_is_said(key):
    with pytest.raises(ValidationError):
        KlentyClient("a@b.co", key)


# Silence


@pytest.fixture
def impatient(monkeypatch):
    """The circuit in tenths of a second."""
    for name, seconds in (("PATIENCE", 0.15), ("GIVE_UP_AFTER", 0.6), ("COOL_OFF", 0.4)):
        monkeypatch.setattr(f"klenty_api.circuit.{name}", seconds)


def hang(connection):
    time.sleep(20)


def test_calls_conclude_from_each_other_that_klenty_does_not_answer(kit, impatient):
    seen = []
    with (
        kit.loopback(hang) as server,
        kit.client(server, workers=8, timeout=(1.0, 1.0), deadline=20.0) as client,
    ):
        began = time.monotonic()
        outcomes = fan_out(
            lambda _: report(client), range(500), workers=8, progress=lambda *_: seen.append(client.silent_for)
        )
        assert time.monotonic() - began < 50  # not 500 / 8 calls of a second and more each
        assert any(isinstance(outcome.error, NotAnsweringError) for outcome in outcomes)
        assert any(seen)
        assert len(server.requests) < 40
        with pytest.raises(NotAnsweringError, match="has not answered for"):
            client.lists.list()
        with pytest.raises(NotAnsweringError) as caught:
            client.cadences.start(kit.person, "Holiday")
        assert caught.value.outcome == "not_sent"


def test_an_answer_ends_the_silence(kit, impatient):
    hanging = threading.Event()

    def reply(connection):
        if hanging.is_set():
            time.sleep(20)
        kit.http(body="[]")(connection)

    hanging.set()
    with kit.loopback(reply) as server, kit.client(server, workers=4, timeout=(1.0, 0.3)) as client:
        fan_out(lambda _: client.lists.list(), range(20), workers=4)
        assert client.silent_for > 0
        hanging.clear()
        time.sleep(0.5)
        assert client.lists.list() == []
        assert client.silent_for is None


def test_a_slow_klenty_is_waited_for(kit, impatient, monkeypatch):
    monkeypatch.setattr("klenty_api.circuit.GIVE_UP_AFTER", 10.0)  # a busy machine is slower still

    def slow(connection):
        time.sleep(0.5)
        kit.http(body="[]")(connection)

    with kit.loopback(slow) as server, kit.client(server, workers=4, timeout=(1.0, 3.0), deadline=20.0) as client:
        assert all(outcome.ok for outcome in fan_out(lambda _: client.lists.list(), range(12), workers=4))
        assert client.throttle.circuit.patience(1) > 0.5


def test_a_write_gets_all_its_time(kit, impatient):
    def slow(connection):
        time.sleep(0.5)
        kit.http(body='{"status": true}')(connection)

    with kit.loopback(slow) as server, kit.client(server, timeout=(1.0, 3.0)) as client:
        client.cadences.start(kit.person, "Holiday")
        assert len(server.requests) == 1


def test_a_lost_write_stays_unknown_when_nothing_answers_any_more(kit, impatient):
    with (
        kit.loopback(hang) as server,
        kit.client(server, workers=2, timeout=(1.0, 0.4), deadline=10.0) as client,
        pytest.raises(OutcomeUnknownError),
    ):
        client.prospects.unsubscribe(kit.person)


def test_the_circuit_step_by_step():
    circuit = Circuit()
    assert circuit.patience(1) == 8
    assert circuit.patience(2) == 16
    circuit.record(0.0, 8.0, answered=False)
    assert circuit.silent_for(8.0) is None  # one says nothing
    circuit.record(0.1, 8.1, answered=False)
    assert circuit.silent_for(8.1) == pytest.approx(8.1)
    assert circuit.closed(8.1, probing=False) is None
    circuit.record(8.2, 38.2, answered=False)  # the long try
    assert circuit.closed(38.2, probing=False) == pytest.approx(38.2)
    assert circuit.closed(48.3, probing=False) is None
    assert circuit.closed(48.3, probing=True) is not None
    circuit.record(48.3, 49.0, answered=True)
    assert (circuit.silent_for(49.0), circuit.closed(49.0, probing=True)) == (None, None)


def test_one_throttle_tells_all_clients_of_an_account(kit, impatient):
    throttle = Throttle(workers=4)
    with kit.loopback(hang) as server:
        first, second = (kit.client(server, throttle=throttle, timeout=(1.0, 0.3)) for _ in range(2))
        fan_out(lambda _: first.lists.list(), range(8), workers=4)
        assert second.silent_for is not None
