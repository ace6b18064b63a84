"""What an installation consists of is written down, is what the lock says, and travels in the wheel."""

import importlib.util
import json
import re
import time
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from packaging.version import Version

ROOT = Path(__file__).parents[2]


def command(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / ".ci" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_bill_of_materials_and_the_list_of_licences_name_every_release_of_the_lock():
    locked = command("licences").locked((ROOT / "requirements.lock").read_text("utf-8"))
    bom = json.loads((ROOT / "deploy" / "sbom.cdx.json").read_text("utf-8"))
    assert [(one["name"], one["version"]) for one in bom["components"]] == locked
    table = re.findall(
        r"^\| (\S+) \| (\S+) \| (.+) \|$", (ROOT / "docs" / "licences.md").read_text("utf-8"), re.MULTILINE
    )
    assert [(name, version) for name, version, _licence in table[2:]] == locked
    assert [one["licenses"][0]["license"]["name"] for one in bom["components"]] == [row[2] for row in table[2:]]
    assert not [row for row in table if row[2] == "not stated"]


def test_the_wheel_and_the_image_have_the_bill_of_materials():
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["sbom-files"] == ["deploy/sbom.cdx.json"]
    assert "deploy/sbom.cdx.json" in (ROOT / "Containerfile").read_text("utf-8")
    assert "!deploy/sbom.cdx.json" in (ROOT / ".dockerignore").read_text("utf-8").splitlines()


def test_every_requirement_has_a_lower_bound_that_the_lock_keeps():
    bounds = dict(line.split("==") for line in command("lowest").lowest())
    locked = dict(command("licences").locked((ROOT / "requirements.lock").read_text("utf-8")))
    shared = bounds.keys() & locked.keys()
    assert len(shared) > 15
    assert all(Version(bounds[name]) <= Version(locked[name]) for name in shared)


@pytest.mark.parametrize("now", [datetime(2026, month, 15, 12, tzinfo=UTC) for month in (1, 4, 7, 12)])
def test_the_changing_zone_goes_back_in_the_coming_night(now, monkeypatch):
    monkeypatch.setenv("TZ", command("changing_zone").changing_zone(now))
    time.tzset()
    try:
        today, tomorrow = (time.localtime(one.timestamp()).tm_isdst for one in (now, now + timedelta(hours=20)))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert (today, tomorrow) == (1, 0)
