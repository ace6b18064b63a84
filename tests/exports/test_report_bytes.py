"""Files of a report: the same bytes from the page and from the command line, complete, and without the key."""

import hashlib
import io
import subprocess
import sys
import zipfile
from datetime import UTC, date, datetime

import pandas as pd
import pytest
from click.testing import CliRunner

from dashboard.cli import main
from dashboard.data.cadence_report import CadenceReport
from dashboard.data.fetch.report_cache import ReportCache
from dashboard.data.windows import Window
from dashboard.exports import tables
from klenty_api import Cadence, EmailEngagement, ServiceError, Step

WINDOW = Window(date(2026, 10, 25), date(2026, 10, 25), "Europe/Berlin")  # 25 hours long
FACTS = {"account": "sam@x.io", "base_url": "https://api.klenty.com"}


def answered(name, engagement, steps):
    return CadenceReport(
        Cadence("c1", name, "sam@x.io", True, None), WINDOW,
        None if engagement is None else EmailEngagement.read(engagement),
        None if steps is None else tuple(Step.read(raw) for raw in steps),
        None if engagement is not None else ServiceError("failed", operation="Email Engagements", status=503),
        None if steps is not None else ServiceError("failed", operation="StepWise Metric Engagement", status=503),
        datetime(2026, 10, 26, 8, 30, tzinfo=UTC), 0.5,
    )  # fmt: skip


REPORTS = [
    answered('=A, "b"\n🚀', {"replyCount": 1, "mailSentCount": 3}, [{"stepNumber": 1, "options": [{"option": 1}]}]),
    answered("half", {"replyCount": 0}, None),
    answered("none", None, None),
]


def read(content):
    return pd.read_csv(io.BytesIO(content), encoding="utf-8-sig", dtype="string", keep_default_na=False)


def test_the_command_line_writes_what_the_page_offers_byte_for_byte(monkeypatch, tmp_path, small_sandbox):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(ReportCache, "load", lambda *_args, **_options: REPORTS)
    env = {"KLENTY_USER": small_sandbox.user, "KLENTY_API_KEY": small_sandbox.api_key}
    env |= {"KLENTY_BASE_URL": small_sandbox.base_url, "KLENTY_TIMEZONE": "Europe/Berlin"}
    arguments = ["report", "--from", "2026-10-25", "--to", "2026-10-25", "--all", "--out", "o"]
    result = CliRunner().invoke(main, [*arguments, "--format", "csv", "--format", "zip", "--quiet"], env=env)
    assert result.exit_code == 1  # two of the three are not whole
    assert result.stdout == ""
    facts = {"account": small_sandbox.user, "base_url": small_sandbox.base_url}
    expected = tables.report_files(REPORTS, **facts)
    expected["klenty-2026-10-25-2026-10-25-3-cadences.zip"] = tables.zipped(tables.report_files(REPORTS, **facts))
    assert {path.name: path.read_bytes() for path in (tmp_path / "o").iterdir()} == expected


def test_bytes_do_not_depend_on_the_process(tmp_path):
    code = (
        "import hashlib, runpy, sys; made = runpy.run_path(sys.argv[1]); "
        "files = made['tables'].report_files(made['REPORTS'], **made['FACTS']); "
        "print(hashlib.sha256(made['tables'].zipped(files)).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code, __file__],
            env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": seed, "TZ": zone, "HOME": str(tmp_path)},
            capture_output=True, text=True, check=True,
        ).stdout.strip()
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }  # fmt: skip
    assert digests == {hashlib.sha256(tables.zipped(tables.report_files(REPORTS, **FACTS))).hexdigest()}


def test_a_zip_opens_anywhere():
    archive = zipfile.ZipFile(io.BytesIO(tables.zipped(tables.report_files(REPORTS, **FACTS))))
    assert archive.testzip() is None
    for entry in archive.infolist():
        assert entry.date_time == (1980, 1, 1, 0, 0, 0)
        assert (entry.external_attr >> 16) & 0o777 == 0o644
        assert "/" not in entry.filename


def test_parameters_name_what_was_asked_and_what_did_not_come():
    rows = read(tables.report_files(REPORTS, **FACTS)["parameters.csv"])
    facts = dict(zip(rows["parameter"][rows["cadence"] == ""], rows["value"][rows["cadence"] == ""], strict=True))
    assert facts == {
        "account": "sam@x.io",
        "base_url": "https://api.klenty.com",
        "rates_per": "prospect contacted",
        "ranked_by": "reply_rate_contacted",
        "first_day": "2026-10-25",
        "last_day": "2026-10-25",
        "timezone": "Europe/Berlin",
        "first_instant": "2026-10-25T00:00:00+02:00",
        "last_instant": "2026-10-25T23:59:59.999+01:00",
    }
    fetched = rows.query("parameter == 'fetched_at'")
    assert fetched["cadence"].tolist() == ['\'=A, "b"\n🚀', "half", "none"]
    assert set(fetched["value"]) == {"2026-10-26T08:30:00+00:00"}
    missing = rows[rows["parameter"].str.endswith("_missing")]
    assert list(zip(missing["parameter"], missing["cadence"], strict=True)) == [
        ("steps_missing", "half"),
        ("engagements_missing", "none"),
        ("steps_missing", "none"),
    ]
    assert missing["value"].str.contains("HTTP 503").all()


def test_nothing_at_all_still_gives_every_file_with_its_columns():
    empty, full = tables.report_files([], **FACTS), tables.report_files(REPORTS, **FACTS)
    assert set(empty) == set(full)
    for name, content in empty.items():
        if name not in {"parameters.csv", "definitions.csv"}:
            assert list(read(content).columns) == list(read(full[name]).columns)
            assert len(read(content)) == 0


@pytest.mark.parametrize("name", ["engagements", "steps", "options"])
def test_every_rate_of_a_file_is_defined(name):
    files = tables.report_files(REPORTS, **FACTS)
    defined = read(files["definitions.csv"]).set_index("metric")
    keys = {
        "cadence", "cadence_id", "owner", "window_start", "window_end", "timezone", "fetched_at", "step", "step_type",
        "option", "template", "subject", "snippet", "emails_sent_source", "contacted_source",
    }  # fmt: skip
    assert set(read(files[f"{name}.csv"]).columns) - keys <= set(defined.index)
