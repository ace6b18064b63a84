"""docs/klenty-openapi.yaml is what its generator writes, and what the client sends and the sandbox answers."""

import copy
import importlib.util
import re
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
import requests
import yaml

from klenty_api import Prospect
from klenty_api.client import Resources
from klenty_api.operations import OPERATIONS
from klenty_api.sandbox import Behaviour, Sandbox
from tests.conftest import TODAY

FILE = Path(__file__).parents[2] / "docs" / "klenty-openapi.yaml"
DOCUMENT = yaml.safe_load(FILE.read_text(encoding="utf-8"))
EMAIL = "ana@example.com"
FULL = Prospect(email=EMAIL, first_name="Ana", tags=["a", "b"], custom_fields={"k": "v"}, list="New")
RANGE = ("2026-10-01", "2026-11-20")
CALLS = (TODAY - timedelta(days=20), TODAY - timedelta(days=10))


@pytest.fixture(scope="module")
def generator():
    spec = importlib.util.spec_from_file_location("openapi", FILE.with_name("openapi.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_document_is_current(generator):
    assert generator.document() == DOCUMENT, "run `python docs/openapi.py`"
    assert generator.text() == FILE.read_text(encoding="utf-8")


def test_every_operation_is_in_it_once_by_its_own_method():
    named = [
        (known["name"], method.upper())
        for item in DOCUMENT["paths"].values()
        for method, operation in item.items()
        if method != "parameters"
        for known in operation["x-operations"]
    ]
    assert sorted(named) == sorted((name, operation.method) for name, operation in OPERATIONS.items())


def schemas(node):
    """Every schema with properties in a part of the document."""
    if isinstance(node, dict):
        if "properties" in node and "type" in node:
            yield node
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            yield from schemas(part)


def test_every_field_has_its_evidence(generator):
    marks = re.compile(rf"(\[[{''.join(generator.MARKS)}]\])+")
    found = [(name, field) for schema in schemas(DOCUMENT) for name, field in schema["properties"].items()]
    assert len(found) > 150
    assert [name for name, field in found if not marks.fullmatch(field.get("x-evidence", ""))] == []
    parameters = [
        parameter
        for item in DOCUMENT["paths"].values()
        for method in ("get", "post")
        for parameter in item.get(method, {}).get("parameters", [])
    ]
    assert all(marks.fullmatch(parameter["x-evidence"]) for parameter in parameters)
    assert "UNOFFICIAL" in DOCUMENT["info"]["description"]


def test_every_field_of_the_client_comes_from_a_field_of_the_document(generator):
    for name, (_about, _known, model, _read) in generator.ANSWERS.items():
        properties = DOCUMENT["components"]["schemas"][name]["properties"]
        becomes = {field.get("x-client-field") for field in properties.values()}
        assert generator.field_names(model) <= becomes, name


def strict():
    """The document, with no field allowed that it does not name: its own rule is that unknown ones may come."""
    document = copy.deepcopy(DOCUMENT)
    for schema in schemas(document):
        schema["additionalProperties"] = False
    return document


def problems(document, schema, value):
    """What is wrong with a value by a schema of the document, none if nothing."""
    whole = {**schema, "components": document["components"]}
    return [error.message for error in jsonschema.Draft202012Validator(whole).iter_errors(value)]


def operation_of(document, call):
    """The operation whose address the call goes to."""
    path = call.path.split("/", 5)[-1]
    for known, item in document["paths"].items():
        pattern = re.sub(r"\\{prospect\\}", "[^/]+", re.escape(known.split("/", 5)[-1]))
        method = call.operation.method.lower()
        if method in item and re.fullmatch(pattern, path):
            return item[method]
    raise AssertionError(f"{call.path} is not in the document")


def content(part):
    return part["content"]["application/json"]["schema"]


class Prepared(Exception):
    """A call that would have been sent."""


def prepared(ask, user, name):
    """The first call that `ask` sends."""

    def send(call):
        raise Prepared(call)

    with pytest.raises(Prepared) as caught:
        ask(Resources(send, user), name)
    return caught.value.args[0]


EVERY_CALL = [
    lambda api, _: api.cadences.list("sam.rivera@sandbox.example"),
    lambda api, _: api.cadences.list(),
    lambda api, _: api.lists.list(),
    lambda api, _: api.prospects.create(FULL),
    lambda api, _: api.prospects.add_to_list("bo@example.com", "Bo", "New"),
    lambda api, _: api.prospects.add_tags("cy@example.com", "Cy", ["x", "y"]),
    lambda api, _: api.prospects.add_custom_fields(EMAIL, "Ana", {"k": None}),
    lambda api, _: api.prospects.bulk_create([FULL, Prospect(email="di@example.com", company_url="www.x.io")]),
    lambda api, _: api.prospects.update(EMAIL, Prospect(outcome="Lost", city="Rome")),
    lambda api, _: api.prospects.remove_tags(EMAIL, ["a"]),
    lambda api, _: api.prospects.get(EMAIL),
    lambda api, _: api.prospects.status(EMAIL),
    lambda api, _: api.prospects.status("nobody@example.com"),
    lambda api, _: next(api.prospects.search(list_name="New")),
    lambda api, _: next(api.prospects.search(created=("2026-11-01", None), limit=7)),
    lambda api, _: next(api.prospects.search(updated=("2026-11-01", "2026-11-02"))),
    lambda api, name: api.cadences.start(EMAIL, name),
    lambda api, name: api.cadences.start(EMAIL, name),  # refused: it is in it already
    lambda api, name: api.cadences.stop(EMAIL, name),
    lambda api, _: api.cadences.resume(EMAIL),
    lambda api, _: api.cadences.stop_all(EMAIL),
    lambda api, _: api.cadences.stop_all(EMAIL),  # refused, in the other shape
    lambda api, _: api.prospects.do_not_contact(EMAIL),
    lambda api, _: api.prospects.revert_do_not_contact(EMAIL),
    lambda api, _: api.prospects.stop_mails(EMAIL),
    lambda api, _: api.prospects.unsubscribe(EMAIL),
    lambda api, _: api.webhooks.create("completeCadence", "https://x.io/hook"),
    lambda api, _: api.webhooks.list(),
    lambda api, _: api.webhooks.update("not known", "prospect", "https://x.io/hook"),
    lambda api, _: api.webhooks.delete("not known"),
    lambda api, _: next(api.calls.list(*CALLS)),
    lambda api, _: api.engagements.email("no such cadence", *RANGE),
]


@pytest.mark.parametrize(
    "behaviour", [Behaviour(), Behaviour(extras=False, unknown_item="missing", refuses=frozenset())]
)
def test_the_client_sends_and_the_sandbox_answers_by_it(behaviour):
    document, told = strict(), set()
    with Sandbox(today=TODAY, behaviour=behaviour) as sandbox:
        reports = [
            lambda api, _, name=name, kind=kind: getattr(api.engagements, kind)(name, *RANGE)
            for name in sandbox.cadence_names
            for kind in ("email", "stepwise")
        ]
        for ask in [*EVERY_CALL, *reports]:
            call = prepared(ask, sandbox.user, sandbox.cadence_names[0])
            known = operation_of(document, call)
            told.add(call.operation.name)
            assert call.operation.name in [item["name"] for item in known["x-operations"]]
            assert set(call.query or {}) <= {item["name"] for item in known.get("parameters", [])}
            if call.body is not None:
                assert problems(document, content(known["requestBody"]), call.body) == [], call.operation.name
            answer = requests.request(
                call.operation.method, sandbox.base_url + call.path, params=call.query, json=call.body,
                headers={"x-API-key": sandbox.api_key}, timeout=30,
            )  # fmt: skip
            expected = known["responses"].get(str(answer.status_code))
            if expected is None:
                reference = known["responses"]["default"]["$ref"].rsplit("/", 1)[1]
                expected = document["components"]["responses"][reference]
            assert problems(document, content(expected), answer.json()) == [], (call.operation.name, answer.text[:300])
    assert told == set(OPERATIONS)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ("EmailEngagement", {"replyCount": -1}),
        ("EmailEngagement", {"replyCount": 1.5}),
        ("Step", {"options": [{"mailCount": "many"}]}),
        ("Done", {"status": False}),
        ("Window", {"startDate": "2026-11-01", "endDate": "2026-11-02"}),
        ("AddWebhook", {"subscription_url": "https://x.io", "event": "prospect"}),
        ("BulkCreate", [{"Email": "a@x.io"}] * 101),
        ("CreateProspect", {"FirstName": "Ana"}),
    ],
)
def test_what_is_wrong_is_refused_by_it(schema, value):
    assert problems(DOCUMENT, {"$ref": f"#/components/schemas/{schema}"}, value)
