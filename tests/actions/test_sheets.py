import datetime as dt
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from dashboard.actions import spreadsheet
from dashboard.actions.spreadsheet import SheetError, read_sheet


def workbook(rows: list[list[object]], *, more_sheets: int = 0) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for _ in range(more_sheets):
        book.create_sheet()
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "note"),
    [
        ("Email,FirstName\r\nzoë@x.com,Zoë\r\n".encode(), ""),
        ("Email,FirstName\nzoë@x.com,Zoë\n".encode("utf-8-sig"), ""),
        ("Email;FirstName\nzoë@x.com;Zoë".encode("cp1252"), "cp1252"),
        ("Email\tFirstName\nzoë@x.com\tZoë".encode("utf-16"), ""),
        ("sep=|\nEmail|FirstName\nzoë@x.com|Zoë".encode(), ""),
        ('"Email";"FirstName"\n"zoë@x.com";"Zoë"'.encode(), ""),
    ],
)
def test_a_csv_is_read_whatever_wrote_it(content: bytes, note: str) -> None:
    sheet = read_sheet("people.csv", content)
    assert sheet.columns == ("Email", "FirstName")
    assert [row.cells for row in sheet.rows] == [("zoë@x.com", "Zoë")]
    assert note in " ".join(sheet.notes)
    assert bool(sheet.notes) == bool(note)


def test_row_numbers_are_those_of_the_spreadsheet() -> None:
    sheet = read_sheet("x.csv", b'\nEmail,Note\na@x.com,"two\nlines"\n\n,\nb@x.com,\n,,\n')
    assert [(row.number, row.is_empty) for row in sheet.rows] == [
        (3, False),
        (4, True),
        (5, True),
        (6, False),
    ]
    assert read_sheet("x.csv", b"sep=,\nEmail\na@x.com").rows[0].number == 3


def test_cells_with_separators_quotes_and_lines_survive() -> None:
    sheet = read_sheet("x.csv", b'Email,Tags,Title\na@x.com,"a|b|c|d, e","says ""hi"";\nthen"\n')
    assert sheet.columns == ("Email", "Tags", "Title")
    assert sheet.rows[0].cells == ("a@x.com", "a|b|c|d, e", 'says "hi";\nthen')


def test_cells_beyond_the_headings_have_a_column() -> None:
    sheet = read_sheet("x.xlsx", workbook([["Email", "Note"], ["a@x.com", "x", None, "y"], ["b@x.com"]]))
    assert sheet.columns == ("Email", "Note", "Column 3", "Column 4")
    assert [row.cells for row in sheet.rows] == [("a@x.com", "x", "", "y"), ("b@x.com", "", "", "")]


def test_one_column_needs_no_separator() -> None:
    assert [row.cells for row in read_sheet("x.csv", b"Email\na@x.com\nb@x.com").rows] == [
        ("a@x.com",),
        ("b@x.com",),
    ]


def test_columns_get_names_of_their_own() -> None:
    sheet = read_sheet("x.csv", b"Tag,Tag,,Tag (2)\n1,2,3,4\n")
    assert sheet.columns == ("Tag", "Tag (2)", "Column 3", "Tag (2) (2)")
    assert len(set(sheet.columns)) == len(sheet.rows[0].cells) == 4


def test_a_workbook_gives_texts_as_people_see_them() -> None:
    content = workbook(
        [
            ["Email", "Phone", "Since", "Share", "VIP"],
            ["a@x.com", 4915112345678, dt.date(2026, 3, 1), 0.5, True],
            [],
        ],
        more_sheets=1,
    )
    sheet = read_sheet("people.xlsx", content)
    assert sheet.rows[0].cells == ("a@x.com", "4915112345678", "2026-03-01", "0.5", "TRUE")
    assert "Only the sheet" in sheet.notes[0]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("x.csv", b"", "empty"),
        ("x.csv", b"  \n ", "empty"),
        ("x.csv", b"Email,FirstName\n", "no rows below"),
        ("x.csv", b",,\n", "no rows"),
        ("x.csv", b"Email\n\x00\x01\x02", "neither"),
        ("x.csv", b'Email\n"' + b"x" * 200_000, "quotation mark"),
        ("x.xls", b"whatever", "old Excel"),
        ("x.csv", b"\xd0\xcf\x11\xe0....", "old Excel"),
        ("x.xlsx", b"PK\x03\x04garbage", "readable XLSX"),
        ("x.csv", b"Email" + b",x" * 150 + b"\na@x.com\n", "columns"),
    ],
)
def test_what_cannot_be_read_says_why(name: str, content: bytes, words: str) -> None:
    with pytest.raises(SheetError, match=words):
        read_sheet(name, content)


def test_too_many_rows_and_too_many_bytes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = b"Email\n" + b"a@x.com\n" * (spreadsheet.MAX_ROWS + 1)
    with pytest.raises(SheetError, match="10,000 rows"):
        read_sheet("x.csv", rows)
    assert len(read_sheet("x.csv", rows[: -len(b"a@x.com\n")]).rows) == spreadsheet.MAX_ROWS
    monkeypatch.setattr(spreadsheet, "MAX_BYTES", 1_000_000)
    with pytest.raises(SheetError, match="1 MB"):
        read_sheet("x.csv", b"x" * 1_000_001)


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    target = io.BytesIO()
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/x.xml", "w") as member,
    ):
        for _ in range(210):
            member.write(b" " * 1_000_000)
    with pytest.raises(SheetError, match="too large once unpacked"):
        read_sheet("x.xlsx", target.getvalue())


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(SheetError, match="readable XLSX"):
        read_sheet("x.xlsx", target.getvalue())


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_in_words(content: bytes) -> None:
    try:
        sheet = read_sheet("x.csv", content)
    except SheetError:
        return
    assert all(len(row.cells) == len(sheet.columns) for row in sheet.rows)
