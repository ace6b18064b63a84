"""The command line: files, exit codes, and what is said when something fails."""

import io
import subprocess
import sys
import zipfile

import pandas as pd
import pytest
from click.testing import CliRunner

from dashboard.cli import main

RANGE = ["--from", "2026-11-01", "--to", "2026-11-20"]


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Run a command in an empty folder without any settings but those given."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("KLENTY_USER", "KLENTY_API_KEY", "KLENTY_BASE_URL", "KLENTY_WORKERS", "KLENTY_SANDBOX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KLENTY_TIMEZONE", "Europe/Berlin")

    def go(*arguments, sandbox=None):
        env = {}
        if sandbox is not None:
            env = {"KLENTY_USER": sandbox.user, "KLENTY_API_KEY": sandbox.api_key, "KLENTY_BASE_URL": sandbox.base_url}
        result = CliRunner().invoke(main, [str(argument) for argument in arguments], env=env)
        assert "sandbox-key" not in result.output
        assert "Traceback" not in result.output
        return result

    return go


def test_a_report_is_written_as_the_page_offers_it(run, small_sandbox, tmp_path):
    result = run(
        "report",
        *RANGE,
        "--all",
        "--out",
        tmp_path / "out",
        "--format",
        "csv",
        "--format",
        "zip",
        sandbox=small_sandbox,
    )
    assert result.exit_code == 0, result.output
    written = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert set(written) == {
        "engagements.csv", "steps.csv", "options.csv", "funnel.csv", "sentiment.csv", "parameters.csv",
        "definitions.csv", "klenty-2026-11-01-2026-11-20.zip",
    }  # fmt: skip
    archive = zipfile.ZipFile(io.BytesIO(written["klenty-2026-11-01-2026-11-20.zip"]))
    assert {name: archive.read(name) for name in archive.namelist()} == {
        n: c for n, c in written.items() if n.endswith("csv")
    }
    frame = pd.read_csv(tmp_path / "out" / "engagements.csv", encoding="utf-8-sig")
    assert sorted(frame["cadence"]) == sorted(small_sandbox.cadence_names)
    assert all(b"sandbox-key" not in content for content in written.values())


def test_one_cadence_by_name(run, small_sandbox, tmp_path):
    name = small_sandbox.cadence_names[1]
    assert run("report", *RANGE, "--cadence", name, "--out", tmp_path / "o", sandbox=small_sandbox).exit_code == 0
    assert pd.read_csv(tmp_path / "o" / "engagements.csv", encoding="utf-8-sig")["cadence"].tolist() == [name]


def test_failures_are_named_and_the_rest_is_written(run, small_sandbox, tmp_path):
    broken = small_sandbox.cadence_names[1]
    small_sandbox.faults.add("refused_json", cadence=broken)
    result = run("report", *RANGE, "--all", "--out", tmp_path / "o", sandbox=small_sandbox)
    assert result.exit_code == 1
    assert f"{broken}: nothing came" in result.stderr
    assert len(pd.read_csv(tmp_path / "o" / "engagements.csv", encoding="utf-8-sig")) == 2
    parameters = pd.read_csv(tmp_path / "o" / "parameters.csv", encoding="utf-8-sig")
    assert parameters.query("parameter == 'engagements_missing'")["cadence"].tolist() == [broken]


@pytest.mark.parametrize(
    "arguments",
    [
        ["report", *RANGE, "--out", "o"],
        ["report", *RANGE, "--all", "--cadence", "x", "--out", "o"],
        ["report", "--from", "2026-11-20", "--to", "2026-11-01", "--all", "--out", "o"],
        ["report", "--from", "yesterday", "--to", "2026-11-01", "--all", "--out", "o"],
        ["report", *RANGE, "--all", "--out", "o"],
        ["report", *RANGE, "--all", "--out", "o", "--sandbox", "--timezone", "Mars/Olympus"],
        ["check"],
        ["sandbox", "--fault", "tired"],
        ["nonsense"],
    ],
)
def test_bad_usage_and_missing_settings_end_with_2(run, arguments):
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.output.strip()


def test_an_unwritable_folder_is_said(run, small_sandbox, tmp_path):
    (tmp_path / "file").write_text("in the way")
    result = run("report", *RANGE, "--all", "--out", tmp_path / "file" / "x", sandbox=small_sandbox)
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


def test_check_on_the_sandbox(run):
    result = run("check", "--sandbox")
    assert result.exit_code == 0, result.output
    assert "The key works: 20 cadences, 19 of them active." in result.output
    assert "mailSentCount" in result.output


@pytest.mark.parametrize(
    ("fault", "said"),
    [("wrong_key", "refuses the API key"), ("html", "not Klenty's API"), ("redirect", "not Klenty's API")],
)
def test_check_says_what_is_wrong_and_what_to_do(run, small_sandbox, fault, said):
    small_sandbox.faults.add(fault)
    result = run("check", sandbox=small_sandbox)
    assert result.exit_code == 1
    assert said in result.stderr
    assert "KLENTY_" in result.stderr


def test_check_tells_an_unknown_user_and_a_dead_address(run, small_sandbox, monkeypatch):
    small_sandbox.user = "who@x.io"
    result = run("check", sandbox=small_sandbox)
    assert "does not know this user" in result.stderr
    assert "who@x.io" not in result.stderr.replace("Account: who@x.io", "")
    monkeypatch.setenv("KLENTY_USER", "a@b.co")
    monkeypatch.setenv("KLENTY_API_KEY", "k")
    monkeypatch.setenv("KLENTY_BASE_URL", "https://no-such-host.invalid")
    monkeypatch.setattr("klenty_api.retries.random.uniform", lambda *_: 0.0)
    result = run("check")
    assert result.exit_code == 1
    assert "cannot be found" in result.stderr


def test_help_does_not_wait_for_the_heavy_imports():
    code = "import sys; from dashboard.cli import main; main(['--help'], standalone_mode=False); "
    code += "print([m for m in ('pandas', 'streamlit', 'requests', 'plotly') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("[]")
