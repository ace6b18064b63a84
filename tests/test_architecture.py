"""The walks and places of docs/architecture.md, held against the code."""

import importlib
import re
import sys
from datetime import date
from pathlib import Path

import pytest

from dashboard.data.fetch.report_cache import ReportCache, cadence_from_name
from dashboard.data.windows import Window
from klenty_api import KlentyClient
from klenty_api.transport import Transport

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "architecture.md").read_text("utf-8")
WALKS = [re.findall(r"^\| \d+ \| `([\w.]+)` \|", part, re.MULTILINE) for part in TEXT.split("\nOne c")[1:]]


def found(name):
    """Return what a dotted name stands for."""
    module, rest = name, []
    while True:
        try:
            thing = importlib.import_module(module)
            break
        except ModuleNotFoundError:
            module, _, last = module.rpartition(".")
            rest.insert(0, last)
    for part in rest:
        thing = getattr(thing, part)
    return thing


@pytest.mark.parametrize("walk", WALKS, ids=["count", "name"])
def test_a_walk_has_at_most_ten_stops_and_all_exist(walk):
    assert 5 < len(walk) <= 10
    assert all(callable(found(name)) for name in walk)


@pytest.mark.parametrize("name", re.findall(r"`((?:[\w.]+/)+[\w.]*|[\w]+\.py)`", TEXT))
def test_places_named_in_the_map_exist(name):
    places = (ROOT, ROOT / "dashboard")
    assert any((place / name).exists() or (place / f"{name}.py").exists() for place in places)


def test_between_the_cache_and_the_socket_are_the_functions_of_the_walks(read_only_sandbox, monkeypatch):
    seen, send = set(), Transport.send

    def watched(self, *args):
        frame = sys._getframe()
        while frame := frame.f_back:
            module = frame.f_globals.get("__name__", "")
            name = frame.f_code.co_qualname
            if module.startswith(("dashboard.", "klenty_api.")) and not re.search(r"\._|<|^_", name):
                seen.add(f"{module}.{name}")
        return send(self, *args)

    monkeypatch.setattr(Transport, "send", watched)
    sandbox = read_only_sandbox
    with KlentyClient(sandbox.user, sandbox.api_key, base_url=sandbox.base_url) as client:
        day = date(2026, 11, 2)
        ReportCache(client).load_each([(cadence_from_name("Holiday"), Window(day, day, "UTC"))])
    count, name = WALKS
    assert {stop for stop in seen if "stepwise" not in stop} == set(count[1:5]) == set(name[5:9])
