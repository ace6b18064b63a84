"""Report files through a real spreadsheet and through pandas: every value as it was, and nothing that runs."""

import io
import shutil
import subprocess
from datetime import date, datetime

import openpyxl
import pandas as pd
import pytest

from dashboard.data.fetch.lifetime import lifetime_cache, load_lifetime
from dashboard.data.fetch.report_cache import ReportCache, list_cadences
from dashboard.data.windows import Window
from dashboard.exports import tables as report
from dashboard.exports.csv import BOM, defuse, to_csv
from klenty_api import KlentyClient

WINDOW = Window(date(2026, 10, 1), date(2026, 11, 15), "Europe/Berlin")
COMMA, QUOTE, UTF_8 = 44, 34, 76
needs_spreadsheet = pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice Calc (soffice)")


@pytest.fixture(scope="module")
def convert(tmp_path_factory):
    """CSV files → their rows as a spreadsheet has them, all in one start of it."""
    folder = tmp_path_factory.mktemp("spreadsheet")

    def go(files):
        for name, content in files.items():
            (folder / name).write_bytes(content)
        command = ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"]
        command += ["--convert-to", "xlsx", f"--infilter=CSV:{COMMA},{QUOTE},{UTF_8},1"]
        command += ["--outdir", str(folder), *(str(folder / name) for name in files)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        return {
            name: list(openpyxl.load_workbook((folder / name).with_suffix(".xlsx")).active.iter_rows())
            for name in files
        }

    return go


@pytest.fixture(scope="module")
def tables(read_only_sandbox):
    sandbox = read_only_sandbox
    with KlentyClient(sandbox.user, sandbox.api_key, base_url=sandbox.base_url, workers=8) as client:
        cadences = list_cadences(client)
        verdicts = report.evaluate_tests(load_lifetime(lifetime_cache(client), cadences, timezone="Europe/Berlin"))
        return report.report_tables(ReportCache(client).load(cadences, WINDOW), verdicts)


@needs_spreadsheet
def test_every_table_of_a_report_is_the_same_in_a_spreadsheet(convert, tables):
    opened = convert(
        {f"{name}.csv": to_csv(table) for name, table in tables.items()} | {"control.csv": BOM + b"a\r\n=1+1\r\n"}
    )
    assert opened["control.csv"][1][0].data_type == "f"  # this spreadsheet does run what is not defused
    for name, table in tables.items():
        header, *rows = opened[f"{name}.csv"]
        assert [cell.value for cell in header] == list(table.columns)
        assert len(rows) == len(table) > 0
        for column, cells in zip(table.columns, zip(*rows, strict=True), strict=True):
            assert not any(cell.data_type == "f" for cell in cells)
            for cell, value in zip(cells, table[column], strict=True):
                assert _equal(cell.value, value), (name, column, cell.value, value)


def _equal(shown, value):
    if pd.isna(value):
        return shown is None
    if isinstance(value, pd.Timestamp):
        return shown == value.isoformat(timespec="milliseconds" if value.microsecond else "seconds")
    if isinstance(shown, datetime):  # a day is a day to a spreadsheet
        return shown.isoformat() == f"{value}T00:00:00"
    if isinstance(value, str):
        return str(shown) == defuse(value)
    return isinstance(shown, int | float) and shown == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("name", ["engagements", "steps", "options", "funnel", "sentiment"])
def test_every_table_of_a_report_is_the_same_in_pandas(tables, name):
    table = tables[name]
    read = pd.read_csv(io.BytesIO(to_csv(table)), encoding="utf-8-sig", dtype="string", keep_default_na=False)
    assert list(read.columns) == list(table.columns)
    assert len(read) == len(table)
    for column in table.columns:
        for text, value in zip(read[column], table[column], strict=True):
            if pd.isna(value):
                assert text == ""
            elif isinstance(value, pd.Timestamp):
                assert pd.Timestamp(text) == value.floor("ms")
            elif isinstance(value, str):
                assert text == defuse(value)
            else:
                assert float(text) == value  # every digit, so that nothing is lost by saving


def test_the_sandbox_has_the_names_that_make_this_worth_while(tables):
    names = " ".join(tables["engagements"]["cadence"])
    assert all(sign in names for sign in ('"', ",", "/", "=")) or "“" in names
    assert any(ord(sign) > 0xFFFF for sign in names)
    assert tables["engagements"]["cadence"].str.startswith("=").any()
