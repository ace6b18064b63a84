"""What an operator installs from: the locks, the image, the compose file, the unit. Read as their tools read them."""

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement

from dashboard.settings import settings_table

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCKS = ("requirements.lock", "deploy/build.lock")
COMPOSE = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())


def locked(name: str) -> list[tuple[Requirement, list[str]]]:
    """Each requirement of a lock with its hashes."""
    text = (ROOT / name).read_text().replace("\\\n", " ")
    lines = [line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [
        (Requirement(" ".join(part for part in line if not part.startswith("--hash="))),
         [part for part in line if part.startswith("--hash=")])
        for line in lines
    ]  # fmt: skip


def versions(name: str, python: str) -> dict[str, str]:
    """Which version of each package a Python takes from a lock."""
    environment = default_environment() | {"python_version": python, "python_full_version": f"{python}.0"}
    found: dict[str, str] = {}
    for requirement, _ in locked(name):
        if requirement.marker is None or requirement.marker.evaluate(environment):
            assert requirement.name not in found
            (exact,) = requirement.specifier
            assert exact.operator == "=="
            found[requirement.name] = exact.version
    return found


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_the_lock_is_what_the_project_asks_for(python):
    found = versions("requirements.lock", python)
    for text in PROJECT["dependencies"]:
        asked = Requirement(text)
        assert asked.name in found, f"renew requirements.lock (see CONTRIBUTING.md): {text}"
        assert asked.specifier.contains(found[asked.name]), f"renew requirements.lock (see CONTRIBUTING.md): {text}"
    assert {"authlib", "psycopg-binary"} <= found.keys()  # what the extras stand for


def test_the_build_is_locked_too():
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    found = versions("deploy/build.lock", "3.13")
    for text in build:
        asked = Requirement(text)
        assert asked.specifier.contains(found[asked.name]), f"renew deploy/build.lock: {text}"


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_hashes_for_everything_and_names_no_host(name):
    for requirement, hashes in locked(name):
        assert hashes, requirement
        assert requirement.url is None
        assert all(re.fullmatch("--hash=sha256:[0-9a-f]{64}", found) for found in hashes)
    assert not re.search(r"https?:|file:|--(extra-)?index|--find-links|--trusted", (ROOT / name).read_text())


def test_what_is_tested_is_what_is_locked_where_both_are_installed():
    """Not the same versions (the tests take the newest), but nothing installed that the lock forgot."""
    from importlib.metadata import requires  # noqa: PLC0415

    needed = [Requirement(text) for text in requires("streamlit") or []]
    always = {asked.name.lower() for asked in needed if asked.marker is None or asked.marker.evaluate({"extra": ""})}
    assert {re.sub("[-_.]+", "-", name) for name in always} <= versions("requirements.lock", "3.13").keys()


def instructions() -> list[tuple[str, str]]:
    """The image file's instructions, in order."""
    lines = [line for line in (ROOT / "Containerfile").read_text().splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in joined.splitlines()) if word]


def test_the_image_copies_what_exists_and_what_the_builder_gets():
    sent = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for word, rest in instructions():
        if word == "COPY" and "--from" not in rest:
            for source in shlex.split(rest)[:-1]:
                assert (ROOT / source).exists()
                assert source in sent


def test_the_image_runs_as_nobody_in_particular_and_watches_itself():
    words = dict(instructions())  # the last of each: those of the final stage
    assert words["USER"] == "10001:10001"
    assert "/healthz" in words["HEALTHCHECK"]
    assert words["ENTRYPOINT"] == '["klenty-dashboard"]'
    assert PROJECT["scripts"]["klenty-dashboard"]
    installs = [rest for word, rest in instructions() if word == "RUN"]
    for command in re.findall(r"pip .*?install[^&]*", " && ".join(installs)):
        assert "--require-hashes" in command or "--no-index" in command


def test_compose_locks_its_parts_down():
    services = COMPOSE["services"]
    assert services.keys() == {"database", "dashboard-1", "dashboard-2", "balancer"}
    assert services["dashboard-1"] == services["dashboard-2"]
    for name in ("dashboard-1", "balancer"):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
    for service in services.values():
        assert "no-new-privileges:true" in service["security_opt"]
        assert re.search(r":\d+\.\d+\.?\d*", service["image"])  # a version, not "latest"
    assert [name for name, service in services.items() if "ports" in service] == ["balancer"]
    assert services["database"]["networks"] == ["back"]
    assert COMPOSE["networks"]["back"] == {"internal": True}
    build = services["dashboard-1"]["build"]
    assert (ROOT / "deploy" / build["context"] / build["dockerfile"]).exists()
    assert services["dashboard-1"]["image"].endswith(":" + PROJECT["version"])
    # The image is built from the same Python with and without compose.
    assert build["args"] == {"PYTHON": "${KLENTY_PYTHON_IMAGE:-" + dict(instructions())["ARG"].split("=")[1] + "}"}


def test_compose_holds_no_secret_and_names_files_that_exist_or_are_made():
    text = (ROOT / "deploy/compose.yaml").read_text()
    made = re.findall(r"deploy/([\w.]+)", text)  # by the commands at its head
    for service in COMPOSE["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("./"):
                assert (ROOT / "deploy" / source).exists() or source[2:] in made
    assert "${KLENTY_DATABASE_PASSWORD:?" in COMPOSE["services"]["dashboard-1"]["environment"]["KLENTY_DATABASE_URL"]


def test_readme_and_checks_install_what_the_locks_say():
    """Every install of *Deploy* in docs/operations.md and of the checks: by hashes, or of this project alone."""
    readme = (ROOT / "docs/operations.md").read_text().partition("\n## Deploy\n")[2].partition("\n## ")[0]
    checks = (ROOT / ".ci/run").read_text().partition("# What an installation runs")[2]
    for text in (readme, checks):
        installs = [line for line in text.splitlines() if "-m pip" in line and "pip-audit" not in line]
        assert len(installs) == 2
        assert all(lock in installs[0] for lock in ("--require-hashes", *LOCKS))
        assert "--no-deps --no-build-isolation ." in installs[1]


def test_what_compose_keeps_secret_is_ignored_by_git():
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git repository")
    for name in ("deploy/secrets.toml", "deploy/tls.pem", "deploy/.env", ".streamlit/secrets.toml"):
        assert subprocess.run([git, "check-ignore", "-q", name], cwd=ROOT, check=False).returncode == 0


def test_the_example_of_the_settings_has_every_setting():
    read = set(re.findall(r"`(KLENTY_[A-Z_]+)`", settings_table()))
    assert len(read) > 15
    example = (ROOT / ".streamlit/secrets.toml.example").read_text()
    assert [name for name in sorted(read) if name not in example] == []
    uncommented = re.sub(r"^# (?=[\w.]+ = |\[)", "", example, flags=re.MULTILINE)
    settings = tomllib.loads(uncommented)  # each line, taken as it stands, is valid
    assert {"auth", "roles", "accounts"} <= settings.keys()


@pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux")
def test_the_unit_waits_for_a_graceful_stop_and_is_accepted_by_systemd(tmp_path):
    unit = (ROOT / "deploy/klenty-dashboard.service").read_text()
    assert "TimeoutStopSec=90" in unit
    assert COMPOSE["services"]["dashboard-1"]["stop_grace_period"] == "90s"
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd here")
    copy = tmp_path / "klenty-dashboard.service"
    copy.write_text(unit.replace("ExecStart=/srv/klenty/.venv/bin/klenty-dashboard", f"ExecStart={sys.executable}"))
    checked = subprocess.run([analyze, "verify", str(copy)], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
