"""The command line: files, exit codes, and what is said when something fails."""

import io
import zipfile

import pandas as pd
import pytest
from click.testing import CliRunner

from dashboard.cli import main
from dashboard.data.fetch import sync as sync_module
from klenty_api.sandbox import Behaviour, Sandbox

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
        "definitions.csv", "verdicts.csv", "same_copy.csv", "klenty-2026-11-01-2026-11-20-3-cadences.zip",
    }  # fmt: skip
    archive = zipfile.ZipFile(io.BytesIO(written["klenty-2026-11-01-2026-11-20-3-cadences.zip"]))
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
        ["sync", "--from", "2026-11-20", "--to", "2026-11-01", "--sandbox"],
        ["sync", "--from", "2026-11-01", "--bucket", "month", "--sandbox"],
        ["sync", "--from", "2026-11-01"],
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


def test_sync_fills_the_history_and_asks_nothing_twice(run, small_sandbox, tmp_path, monkeypatch):
    monkeypatch.setenv("KLENTY_DATABASE_URL", f"sqlite:///{tmp_path / 'history.sqlite3'}")
    range_ = ["--from", "2026-10-05", "--to", "2026-10-07"]
    first = run("sync", *range_, sandbox=small_sandbox)
    assert first.exit_code == 0, first.output
    assert "9 windows fetched, 0 were there, 0 failed." in first.output
    count = len(small_sandbox.requests)
    again = run("sync", *range_, "--bucket", "day", sandbox=small_sandbox)
    assert "0 windows fetched, 9 were there, 0 failed." in again.output
    assert len(small_sandbox.requests) == count + 1  # the list of cadences
    weeks = run("sync", "--from", "2026-10-11", "--to", "2026-10-12", "--bucket", "week", sandbox=small_sandbox)
    assert "6 windows fetched" in weeks.output  # the one that ends on the 11th, and the one that begins on the 12th
    bodies = [r.body for r in small_sandbox.requests if r.operation == "email_engagements"]
    assert {body["startDate"][:10] for body in bodies[-6:]} == {"2026-10-04", "2026-10-11"}  # Mondays, in Berlin


def test_sync_asks_again_for_what_has_settled_when_told_to(run, small_sandbox, tmp_path, monkeypatch):
    monkeypatch.setenv("KLENTY_DATABASE_URL", f"sqlite:///{tmp_path / 'history.sqlite3'}")
    range_ = ["sync", "--from", "2026-10-05", "--to", "2026-10-06", "--cadence", small_sandbox.cadence_names[0]]
    assert "2 windows fetched" in run(*range_, sandbox=small_sandbox).output
    assert "2 windows fetched, 0 were there" in run(*range_, "--again", sandbox=small_sandbox).output
    assert "0 windows fetched, 2 were there" in run(*range_, sandbox=small_sandbox).output


def test_a_report_on_all_cadences_names_the_deleted_ones(run, small_sandbox, tmp_path, monkeypatch):
    monkeypatch.setenv("KLENTY_DATABASE_URL", f"sqlite:///{tmp_path / 'history.sqlite3'}")
    report = ["report", *RANGE, "--all", "--out", tmp_path / "out", "--quiet"]
    assert run(*report, sandbox=small_sandbox).output == ""
    gone = small_sandbox.account.cadences.pop().plan.name
    result = run(*report, sandbox=small_sandbox)
    assert result.stderr.startswith(f"{gone}: Klenty listed it last on ")
    assert "its figures are left out" in result.stderr
    assert result.exit_code == 0
    assert run("report", *RANGE, "--cadence", small_sandbox.cadence_names[0], "--out", tmp_path / "out", "--quiet",
               sandbox=small_sandbox).output == ""  # fmt: skip


def test_a_report_takes_what_the_history_has(run, small_sandbox, tmp_path, monkeypatch):
    monkeypatch.setenv("KLENTY_DATABASE_URL", f"sqlite:///{tmp_path / 'history.sqlite3'}")
    assert run("report", *RANGE, "--all", "--out", tmp_path / "one", sandbox=small_sandbox).exit_code == 0
    count = len(small_sandbox.requests)
    assert run("report", *RANGE, "--all", "--out", tmp_path / "two", sandbox=small_sandbox).exit_code == 0
    again = [r.operation for r in list(small_sandbox.requests)[count:] if "engagements" in r.operation]
    assert again == []  # the verdicts' whole lives are kept as well
    for name in ("engagements.csv", "steps.csv", "options.csv", "parameters.csv"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_an_interrupted_sync_says_what_is_kept(run, small_sandbox, tmp_path, monkeypatch):
    monkeypatch.setenv("KLENTY_DATABASE_URL", f"sqlite:///{tmp_path / 'history.sqlite3'}")
    ask, asked = sync_module.ask, []

    def interrupted(client, cadence, window):
        asked.append(window)
        if len(asked) == 8:
            raise KeyboardInterrupt
        return ask(client, cadence, window)

    monkeypatch.setattr(sync_module, "ask", interrupted)
    range_ = ("sync", "--from", "2026-10-05", "--to", "2026-10-14")
    first = run(*range_, sandbox=small_sandbox)
    assert first.exit_code == 1
    assert "What was fetched is kept" in first.stderr
    assert "Traceback" not in first.stderr
    assert run(*range_, sandbox=small_sandbox).exit_code == 0


def test_sync_names_what_failed_and_what_does_not_exist(run, small_sandbox, tmp_path, monkeypatch):
    monkeypatch.setenv("KLENTY_DATABASE_URL", f"sqlite:///{tmp_path / 'history.sqlite3'}")
    broken = small_sandbox.cadence_names[1]
    small_sandbox.faults.add("refused_json", cadence=broken)
    result = run("sync", "--from", "2026-10-05", "--to", "2026-10-06", "--cadence", "Nope", "--cadence", broken,
                 sandbox=small_sandbox)  # fmt: skip
    assert result.exit_code == 1
    assert f"{broken}: 2 windows failed, from 5 Oct 2026" in result.stderr
    assert "Nope: the account lists no cadence of this name" in result.stderr
    small_sandbox.faults.clear()
    small_sandbox.faults.add("wrong_key", operation="email_engagements")
    result = run("sync", "--from", "2026-10-05", "--to", "2026-10-06", "--quiet", sandbox=small_sandbox)
    assert result.exit_code == 1
    assert "refuses the API key" in result.stderr


@pytest.mark.parametrize(
    ("url", "said"), [("postgresql://sam:s3cret@127.0.0.1:1/x", "does not answer"), ("sqlite:////proc/x/y", "folder")]
)
def test_without_a_database_sync_ends_with_2_and_a_report_is_written_all_the_same(
    run, small_sandbox, tmp_path, monkeypatch, url, said
):
    monkeypatch.setenv("KLENTY_DATABASE_URL", url)
    result = run("sync", "--from", "2026-10-05", "--to", "2026-10-06", sandbox=small_sandbox)
    assert result.exit_code == 2
    assert said in result.stderr
    result = run("report", *RANGE, "--all", "--out", tmp_path / "out", sandbox=small_sandbox)
    assert result.exit_code == 0
    assert said in result.stderr
    assert "s3cret" not in result.output
    assert (tmp_path / "out" / "engagements.csv").exists()


def test_a_deep_check_prints_its_evidence_and_later_reports_know_what_it_settled(run, tmp_path):
    definitions = tmp_path / "out" / "definitions.csv"
    report = ["report", *RANGE, "--all", "--out", tmp_path / "out", "--quiet"]
    with Sandbox(cadences=2, behaviour=Behaviour(people=frozenset({"open"}))) as sandbox:
        assert run(*report, sandbox=sandbox).exit_code == 0
        before = pd.read_csv(definitions).set_index("metric")
        result = run("check", "--deep", sandbox=sandbox)
        assert result.exit_code == 0, result.output
        assert "Which counts of adjacent windows add up?" in result.output
        assert "28 days against its four weeks: " in result.output
        assert result.output.count("(not seen) ") == 2  # of users and of opens only a difference would settle anything
        assert "8 of 10 settled" in result.output or "7 of 10 settled" in result.output
        assert run(*report, sandbox=sandbox).exit_code == 0
        after = pd.read_csv(definitions).set_index("metric")
    assert (before.loc["opens", "adds_up"], after.loc["opens", "adds_up"]) == ("yes", "no")


def test_a_deep_check_without_a_database_says_that_nothing_is_remembered(run, monkeypatch, small_sandbox, tmp_path):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("KLENTY_DATABASE_URL", f"sqlite:///{tmp_path}/file/history.sqlite3")
    result = run("check", "--deep", sandbox=small_sandbox)
    assert result.exit_code == 0, result.output
    assert "The answers are not remembered." in result.output


def test_a_named_account_is_asked_with_its_own_key(run, small_sandbox, tmp_path):
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text(
        'KLENTY_USER = "main@corp.com"\nKLENTY_API_KEY = "wrong"\nKLENTY_BASE_URL = "http://127.0.0.1:9"\n'
        f'[accounts.emea]\nuser = "{small_sandbox.user}"\napi_key = "{small_sandbox.api_key}"\n'
        f'base_url = "{small_sandbox.base_url}"\n'
    )
    result = run("check", "--account", "emea")
    assert result.exit_code == 0, result.output
    assert f"emea ({small_sandbox.user})" in result.output
    unknown = run("check", "--account", "apac")
    assert unknown.exit_code == 2
    assert "named accounts: emea" in unknown.output
