"""The command line when things go wrong: one sentence, an exit code, no traceback, and never the key."""

import io
import logging
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from click.testing import CliRunner

from dashboard.cli import common, main
from dashboard.cli.main import COMMANDS
from klenty_api.sandbox import FAULT_KINDS

SECRET = "k-SECRET-4711"
RANGE = ["--from", "2026-11-01", "--to", "2026-11-20"]


@pytest.fixture
def run(monkeypatch, tmp_path, small_sandbox):
    """Run with the sandbox as Klenty, whose key is one that can be searched for."""
    small_sandbox.api_key = SECRET
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KLENTY_USER", small_sandbox.user)
    monkeypatch.setenv("KLENTY_API_KEY", SECRET)
    monkeypatch.setenv("KLENTY_BASE_URL", small_sandbox.base_url)
    monkeypatch.setenv("KLENTY_TIMEZONE", "Europe/Berlin")
    monkeypatch.setattr("klenty_api.retries.random.uniform", lambda *_: 0.0)

    def go(*arguments):
        result = CliRunner().invoke(main, [str(argument) for argument in arguments])
        assert "Traceback" not in result.output
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    return go


@pytest.mark.parametrize("kind", sorted(set(FAULT_KINDS) - {"latency", "slow_body"}))
def test_the_key_is_nowhere_whatever_fails(run, small_sandbox, kind, caplog, tmp_path):
    caplog.set_level(logging.DEBUG)
    options = {"retry_after": 0} if kind == "rate_limited" else {}
    small_sandbox.faults.add(kind, cadence=small_sandbox.cadence_names[0], **options)
    report = run("report", *RANGE, "--all", "--out", "o", "--format", "csv", "--format", "zip")
    assert report.exit_code == 1
    assert small_sandbox.cadence_names[0] in report.stderr
    small_sandbox.faults.add(kind, operation="list_cadences", **options)
    check = run("check")
    assert check.exit_code == 1
    assert len(check.stderr.splitlines()) >= 2  # what happened and what to do; what was said
    said = report.output + check.output + caplog.text
    assert SECRET not in said
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 11
    assert not any(SECRET.encode() in path.read_bytes() for path in files)


def test_names_pass_through_the_command_line_as_they_are(run, small_sandbox, tmp_path, monkeypatch):
    asked = ["=1+1 \"quoted\" 'single'", "🚀 / Agencies & Co, 50 %", "--all"]
    run("report", *RANGE, *(part for name in asked for part in ("--cadence", name)), "--out", tmp_path / "o")
    bodies = [r.body for r in small_sandbox.requests if r.operation == "email_engagements"]
    assert sorted(body["cadenceName"] for body in bodies) == sorted(asked)
    assert {(body["startDate"], body["endDate"]) for body in bodies} == {
        ("2026-10-31T23:00:00Z", "2026-11-20T22:59:59.999Z")
    }


def test_quiet_says_nothing_but_failures(run, small_sandbox):
    assert run("report", *RANGE, "--all", "--out", "o", "--quiet").output == ""
    small_sandbox.faults.add("refused_json", operation="stepwise_engagements", cadence=small_sandbox.cadence_names[2])
    other = ("--from", "2026-10-01", "--to", "2026-10-20")  # the first range is in the history by now
    failed = run("report", *other, "--all", "--out", "o", "--quiet")
    assert failed.stdout == ""
    assert len(failed.stderr.splitlines()) == 1
    assert f"{small_sandbox.cadence_names[2]}: no steps came" in failed.stderr


class _Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_gets_a_line_of_progress_and_a_pipe_none(run, monkeypatch):
    assert "Asking Klenty" not in run("report", *RANGE, "--all", "--out", "o").output
    terminal = _Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with ExitStack() as stack:
        assert common.show_progress(stack, quiet=True) is None
        show = common.show_progress(stack, quiet=False)
        show(1, 3, None)
        assert terminal.getvalue() == "\rAsking Klenty: 1 of 3"
    assert terminal.getvalue().endswith("\r\x1b[K"), "the line is removed at the end"
    monkeypatch.setattr("sys.stderr", None)
    with ExitStack() as stack:
        assert common.show_progress(stack, quiet=False) is None


def test_files_of_the_last_run_are_replaced_and_others_left_alone(run, tmp_path):
    folder = tmp_path / "deep" / "er"
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_text("mine")
    (folder / "engagements.csv").write_text("old")
    assert run("report", *RANGE, "--all", "--out", folder).exit_code == 0
    assert (folder / "notes.txt").read_text() == "mine"
    assert (folder / "engagements.csv").read_bytes().startswith(b"\xef\xbb\xbfcadence,")
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]


def test_a_range_of_one_day_in_a_named_zone_is_that_days_instants(run, small_sandbox):
    day = ["--from", "2026-10-25", "--to", "2026-10-25", "--timezone", "America/New_York"]
    assert run("report", *day, "--all", "--out", "o").exit_code == 0
    body = next(r.body for r in small_sandbox.requests if r.operation == "stepwise_engagements")
    assert (body["startDate"], body["endDate"]) == ("2026-10-25T04:00:00Z", "2026-10-26T03:59:59.999Z")


@pytest.mark.parametrize(
    ("settings", "exit_code", "said"),
    [
        ({"KLENTY_BASE_URL": "http://api.klenty.com"}, 2, "https"),
        ({"KLENTY_WORKERS": "65"}, 2, "KLENTY_WORKERS"),
        ({"KLENTY_API_KEY": ""}, 2, "KLENTY_API_KEY"),
        ({"KLENTY_API_KEY": "k-SECRET-other"}, 1, "refuses the API key"),
        ({"KLENTY_BASE_URL": "http://127.0.0.1:9"}, 1, "cannot be reached"),
    ],
)
@pytest.mark.parametrize("command", [["check"], ["report", *RANGE, "--all", "--out", "o"]])
def test_settings_that_cannot_work_have_sentences_of_their_own(run, monkeypatch, command, settings, exit_code, said):
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    result = run(*command)
    assert result.exit_code == exit_code
    assert said in result.stderr
    assert "SECRET" not in result.output
    assert not Path("o").exists()


def test_check_only_reads_and_writes_nothing_but_its_notes(run, small_sandbox, tmp_path):
    assert run("check").exit_code == 0
    assert {r.operation for r in small_sandbox.requests} == {
        "list_cadences",
        "email_engagements",
        "stepwise_engagements",
    }
    files = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert files <= {"history.sqlite3", "history.sqlite3-wal", "history.sqlite3-shm"}


def test_help_imports_no_command_and_says_of_each_what_its_own_help_says():
    code = "import sys; from dashboard.cli import main; main(['--help'], standalone_mode=False); "
    code += "print([m for m in ('pandas', 'numpy', 'streamlit', 'requests', 'plotly') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("[]")
    assert done.stderr == ""
    for name, said in COMMANDS.items():
        assert main.get_command(None, name).help.startswith(said)
        assert name in done.stdout
    assert main.get_command(None, "nonsense") is None


def test_the_bare_command_hands_over_to_the_server(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    started = []
    monkeypatch.setattr("os.execv", lambda _program, command: started.append(command))
    monkeypatch.setenv("KLENTY_SANDBOX", "")
    monkeypatch.setenv("KLENTY_LOG", "json")
    assert CliRunner().invoke(main, ["--port", "8888", "--sandbox"]).exit_code == 0
    assert os.environ["KLENTY_SANDBOX"] == "1"
    ((*_, script, port_option, port, address_option, address, _hide, _it),) = started
    assert Path(script).name == "server.py"
    assert Path(script).exists()
    assert (port_option, port, address_option, address) == ("--server.port", "8888", "--server.address", "127.0.0.1")
