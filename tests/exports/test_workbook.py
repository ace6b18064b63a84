"""The workbook: the numbers of the tables as numbers, every text as a text, in openpyxl and in a real spreadsheet."""

import io
import shutil
import subprocess
from datetime import date, datetime

import openpyxl
import pandas as pd
import pytest

from dashboard.exports import tables as report
from dashboard.exports.column_format import heading
from dashboard.exports.formats import files, workbook
from dashboard.exports.review import review_tables
from dashboard.exports.workbook import to_workbook


@pytest.fixture(scope="module")
def content(gathered, made_at):
    return workbook(gathered, made_at=made_at)


@pytest.fixture(scope="module")
def book(content):
    return openpyxl.load_workbook(io.BytesIO(content))


def sheet_name(name):
    return name.replace("_", " ").capitalize()


def test_a_sheet_for_every_table_with_the_same_values(book, gathered):
    tables = review_tables(gathered)
    assert book.sheetnames == ["About", *map(sheet_name, tables)]
    for name, table in tables.items():
        _same(book[sheet_name(name)], table)


def _same(sheet, table):
    header, *rows = sheet.iter_rows()
    assert len(rows) == len(table)
    assert [cell.value.split(" (Europe/Berlin)")[0] for cell in header] == [heading(c) for c in table.columns]
    for column, cells in zip(table.columns, zip(*rows, strict=True), strict=False):
        for cell, value in zip(cells, table[column], strict=True):
            assert _equal(cell.value, value), (sheet.title, column, cell.value, value)


def _equal(shown, value):
    if pd.isna(value):
        return shown is None
    if isinstance(value, pd.Timestamp):
        return abs(shown - value.to_pydatetime().replace(tzinfo=None)).total_seconds() < 0.01
    if isinstance(value, date):
        return shown == datetime.combine(value, datetime.min.time())
    if isinstance(value, str):
        return shown == value
    return isinstance(shown, int | float) and shown == pytest.approx(value, rel=1e-12)


def test_the_tables_are_those_of_the_csv_files(gathered):
    asked = gathered.asked
    csv = report.report_tables(gathered.reports, gathered.verdicts, per=asked.per)
    tables = review_tables(gathered)
    for name, table in csv.items():
        pd.testing.assert_frame_equal(tables[name], table)


def test_nothing_is_a_formula_or_a_link_and_numbers_have_formats(book):
    formats = {}
    for sheet in book:
        assert not sheet._hyperlinks
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", (sheet.title, cell.coordinate)
                if cell.row > 1:
                    formats.setdefault((sheet.title, sheet.cell(1, cell.column).value), cell.number_format)
    assert formats["Engagements", "Emails sent"] == "#,##0"
    assert formats["Engagements", "Bounce rate"] == "0.0%"
    assert formats["Engagements", "From (Europe/Berlin)"].startswith("yyyy-mm-dd")
    assert book["Engagements"].freeze_panes == "B2"


def test_the_first_sheet_says_what_was_asked_and_what_is_missing(book):
    rows = [(row[0].value, row[1].value) for row in book["About"].iter_rows(min_row=3)]
    said = dict(rows)
    assert said["Account"] == "sam@x.io"
    assert said["Range"] == "27 Oct – 23 Nov 2026 (28 days, Europe/Berlin)"
    assert any(label == "Missing" and text.startswith("=failed: nothing came.") for label, text in rows)


def test_the_same_tables_give_the_same_bytes(content, gathered, made_at):
    again = files(gathered, ["xlsx"], made_at=made_at)
    assert again == {"klenty-2026-10-27-2026-11-23-7-cadences.xlsx": content}


def test_texts_that_no_sheet_can_hold_are_cut_and_repaired():
    odd = ["y" * 40_000, "\x00\x07 bell", "half \ud800 sign"]
    table = pd.DataFrame({"cadence": pd.Series(odd, dtype="object")})
    book = openpyxl.load_workbook(io.BytesIO(to_workbook({"odd": table}, title="t", about=[])))
    texts = [cell.value for cell in book["Odd"]["A"][1:]]
    assert texts[0] == "y" * 32_766 + "…"
    assert "bell" in texts[1]
    assert texts[2] == "half ? sign"


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice Calc (soffice)")
def test_a_real_spreadsheet_reads_the_same_numbers(content, gathered, tmp_path):
    (tmp_path / "in.xlsx").write_bytes(content)
    base = ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to"]
    for kind, source, folder in (("ods", "in.xlsx", tmp_path), ("xlsx", "in.ods", tmp_path / "back")):
        command = [*base, kind, "--outdir", str(folder), str(tmp_path / source)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    book = openpyxl.load_workbook(tmp_path / "back" / "in.xlsx")
    for name, table in review_tables(gathered).items():
        sheet = book[sheet_name(name)]
        numbers = [column for column in table.columns if pd.api.types.is_numeric_dtype(table[column])]
        for column in numbers:
            place = list(table.columns).index(column) + 1
            for row, value in enumerate(table[column], start=2):
                assert _equal(sheet.cell(row, place).value, value), (name, column, row)
        assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)
