"""The command as cron and containers start it: in a process of its own, with what such places lack."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from scripted_smtp import ScriptedSmtp

from klenty_api.sandbox import Sandbox

START = "from dashboard.cli import main; main()"
REPORT = ["report", "--from", "2026-11-01", "--to", "2026-11-20", "--all"]
NAME = "🚀 Bürogemeinschaft → 100 %"


@pytest.fixture
def sandbox():
    with Sandbox(cadences=1) as running:
        yield running


def rename(sandbox):
    cadence = sandbox.account.cadences[0]
    cadence.plan = replace(cadence.plan, name=NAME)


@pytest.fixture
def mail():
    server = ScriptedSmtp({})
    yield server
    server.stop()


@pytest.fixture
def run(sandbox, mail, tmp_path):
    """`run(*arguments, …)`: the finished process, in a bare environment but for the settings."""

    def go(*arguments, env=None, drop=(), first="", **options):
        settings = {
            "KLENTY_USER": sandbox.user, "KLENTY_API_KEY": sandbox.api_key, "KLENTY_BASE_URL": sandbox.base_url,
            "KLENTY_SMTP_HOST": "127.0.0.1", "KLENTY_SMTP_PORT": str(mail.settings.port), "HOME": str(tmp_path),
            "KLENTY_SMTP_FROM": "reports@x.io", "KLENTY_SMTP_SECURITY": "none", "KLENTY_TIMEZONE": "Europe/Berlin",
        }  # fmt: skip
        environ = {name: value for name, value in (settings | (env or {})).items() if name not in drop}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", first + START, *arguments],
            env=environ,
            cwd=tmp_path,
            check=False,
            timeout=180,
            **pipes,
        )
        for said in (done.stdout or b"", done.stderr or b""):
            assert b"Traceback" not in said
            assert b"Exception ignored" not in said
        return done

    return go


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "koi8-r"])
def test_names_that_an_encoding_lacks_stop_nothing(run, mail, sandbox, encoding):
    rename(sandbox)
    sandbox.faults.add("refused_json", operation="stepwise_engagements")
    done = run(*REPORT, "--email-to", "boss@x.io", env={"PYTHONIOENCODING": f"{encoding}:strict"})
    assert done.returncode == 1
    assert b"no steps came" in done.stderr
    assert len(mail.accepted) == 1


def test_a_name_is_found_in_whatever_encoding_it_was_typed(run, sandbox):
    rename(sandbox)
    done = run("sync", "--from", "2026-11-01", "--to", "2026-11-01", "--cadence", NAME, env={"LC_ALL": "POSIX"})
    assert done.returncode == 0, done.stderr
    bad = run("sync", "--from", "2026-11-01", "--cadence", b"\xff\xfe", env={"LC_ALL": "C.UTF-8"})
    assert bad.returncode == 2
    assert b"no text in the encoding" in bad.stderr


@pytest.mark.parametrize("number", [1, 2])
def test_closed_output_does_not_keep_the_mail(run, mail, number):
    done = run(*REPORT, "--email-to", "boss@x.io", preexec_fn=lambda: os.close(number), close_fds=True)
    assert done.returncode == 0
    assert len(mail.accepted) == 1


def test_a_full_disk_behind_the_output_does_not_keep_the_mail(run, mail):
    with Path("/dev/full").open("wb") as full:
        done = run(*REPORT, "--email-to", "boss@x.io", stdout=full)
    assert b"The output cannot be written: No space left on device." in done.stderr
    assert done.returncode == 0
    assert len(mail.accepted) == 1
    with Path("/dev/full").open("wb") as full:
        done = run("--help", stdout=full)
    assert b"The output cannot be written" in done.stderr
    assert done.returncode == 1


def test_no_home_and_an_unwritable_one_do_not_keep_the_mail(run, mail, tmp_path):
    done = run(*REPORT, "--email-to", "boss@x.io", drop=["HOME"], env={"KLENTY_DATABASE_URL": "sqlite:////proc/x/h"})
    assert done.returncode == 0, done.stderr
    assert b"Meanwhile the dashboard works without it" in done.stderr
    (tmp_path / "file").write_text("no folder")
    done = run(*REPORT, "--email-to", "boss@x.io", env={"HOME": str(tmp_path / "file")})
    assert done.returncode == 0, done.stderr
    assert b"folder of the history database cannot be made" in done.stderr
    assert len(mail.accepted) == 2


def test_a_user_that_no_file_names_gets_a_sentence_and_the_mail_is_sent(run, mail):
    stranger = "import os; os.getuid = lambda: 54321; "  # the interpreter may lie where no other user may read
    done = run(*REPORT, "--email-to", "boss@x.io", drop=["HOME"], first=stranger)
    assert done.returncode == 0, done.stderr
    assert b"history database" in done.stderr
    assert len(mail.accepted) == 1


def test_an_unwritable_folder_ends_with_2_and_the_mail_is_sent(run, mail, tmp_path):
    (tmp_path / "file").write_text("no folder")
    done = run(*REPORT, "--email-to", "boss@x.io", "--out", str(tmp_path / "file" / "out"))
    assert done.returncode == 2
    assert b"cannot be written" in done.stderr
    assert len(mail.accepted) == 1


@pytest.mark.parametrize(
    "arguments",
    [["--from", "2026-11-31", "--to", "2026-12-01"], ["--from", "2026-11-02", "--to", "2026-11-01"], ["--from", "x"]],
)
def test_days_that_cannot_be_are_said_with_2(run, arguments):
    done = run("report", *arguments, "--all", "--out", "o")
    assert done.returncode == 2
    assert b"Error: " in done.stderr
