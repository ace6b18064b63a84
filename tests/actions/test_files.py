"""Files as other programs write them: nobody is sent who is not in the file, and nobody vanishes unnamed."""

import io
import random
import re
import zipfile

import openpyxl
import pytest

from dashboard.actions import spreadsheet
from dashboard.actions.bulk_import import Defaults, Plan, guess_matches, make_plan
from dashboard.actions.file_reader import SECONDS, read_file
from dashboard.actions.spreadsheet import Sheet, SheetError, read_sheet

HEADER = "Email,FirstName,Company\n"


def plan_of(sheet: Sheet) -> Plan:
    plan = make_plan(sheet, guess_matches(sheet.columns), Defaults())
    assert plan.read == len(plan.rows) + plan.left_out
    return plan


def plan(text: str | bytes) -> Plan:
    return plan_of(read_sheet("people.csv", text.encode() if isinstance(text, str) else text))


def emails(one: Plan) -> list[str]:
    return [row.email for row in one.rows]


def workbook(rows: list[list[object]], change: dict[str, tuple[str, str]] | None = None) -> bytes:
    """A workbook with `rows`; `change` replaces (pattern, text) in one of its files."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    if not change:
        return content.getvalue()
    target = io.BytesIO()
    with zipfile.ZipFile(content) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name)
            for file, (pattern, put) in change.items():
                if name.endswith(file):
                    text = re.sub(pattern.encode(), put.encode(), text, count=1)
            new.writestr(name, text)
    return target.getvalue()


PEOPLE: list[list[object]] = [["Email", "FirstName"], ["ann@example.org", "Ann"], ["bob@example.org", "Bob"]]


@pytest.mark.parametrize("dimension", ['<dimension ref="A1"/>', '<dimension ref="A1:A2"/>', ""])
def test_a_wrong_dimension_hides_nobody(dimension: str) -> None:
    content = workbook(PEOPLE, {"sheet1.xml": (r"<dimension[^>]*/>", dimension)})
    assert emails(plan_of(read_sheet("x.xlsx", content))) == ["ann@example.org", "bob@example.org"]


@pytest.mark.parametrize(
    "rows",
    [
        'ann@example.org,Ann,"Acme\nbob@example.org,Bob,Beta\n',
        'ann@example.org,Ann,"The "Big" Co"\n',
        'ann@example.org,Ann,"Acme\nbob@example.org,Bob,Beta\ncat@example.org,Cat,"Gamma"\n',
    ],
)
def test_a_missing_quotation_mark_is_refused_with_its_row(rows: str) -> None:
    with pytest.raises(SheetError, match="Row 3: a quotation mark is missing"):
        plan(HEADER + "first@example.org,First,One\n" + rows)


def test_a_mark_that_swallows_a_person_is_named() -> None:
    one = plan(HEADER + 'ann@example.org,Ann,"Acme\nbob@example.org,Bob,Beta"\ncat@example.org,Cat,5" screens\n')
    assert emails(one) == ["cat@example.org"]
    assert "quotation mark" in one.problems[0].text
    assert emails(plan(HEADER + 'ann@example.org,Ann,"1 Road\nFloor 2"\n')) == ["ann@example.org"]


def test_a_row_longer_than_the_header_is_left_out_and_named() -> None:
    one = plan(HEADER + "ann@example.org,Acme, Inc.,Ann\nbob@example.org,Bob\ncat@example.org,Cat,C,,\n")
    assert emails(one) == ["bob@example.org", "cat@example.org"]
    assert (one.problems[0].row, one.left_out) == (2, 1)


def test_error_values_and_spoilt_numbers_are_left_empty_and_named() -> None:
    one = plan("Email,FirstName,Phone\nann@example.org,#N/A,4.91E+11\n#REF!,Bob,1\n")
    assert [(row.email, row.prospect.first_name, row.prospect.phone) for row in one.rows] == [
        ("ann@example.org", None, None)
    ]
    assert [(remark.row, remark.column) for remark in one.remarks] == [(2, "FirstName"), (2, "Phone")]
    assert "#REF!" in one.problems[0].text


def test_invisible_characters_make_no_second_person() -> None:
    one = plan("\u200bEmail,First\u00a0Name\nann@example.org,\u200bAnn\u200b\n\u200ban\u200bn@example.org,A\n")
    assert [(row.email, row.prospect.first_name) for row in one.rows] == [("ann@example.org", "Ann")]
    assert "same address" in one.problems[0].text


def test_hidden_sheets_are_not_read_and_hidden_rows_are_told_of() -> None:
    book = openpyxl.Workbook()
    book.active.append(["Email"])
    book.active.append(["hidden@example.org"])
    book.active.sheet_state = "hidden"
    shown = book.create_sheet("Shown")
    for row in PEOPLE:
        shown.append(row)
    shown.row_dimensions[3].hidden = True
    book.active = 1
    content = io.BytesIO()
    book.save(content)
    sheet = read_sheet("x.xlsx", content.getvalue())
    assert emails(plan_of(sheet)) == ["ann@example.org", "bob@example.org"]
    assert any("1 hidden row of the spreadsheet will be imported as well: 3" in note for note in sheet.notes)
    assert any("Shown" in note for note in sheet.notes)


def test_escapes_and_formulas_without_a_value() -> None:
    content = workbook([["Email", "FirstName"], ["ann@example.org_x000D_", "=A1"]])
    sheet = read_sheet("x.xlsx", content)
    one = plan_of(sheet)
    assert emails(one) == ["ann@example.org"]
    assert "formula without a value" in one.remarks[0].text.lower()


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("Trade fair 2026\n\nEmail;FirstName\nann@example.org;Ann\n", 3),
        ('"Export","12 May, 2026",,\nEmail;FirstName\nann@example.org;Ann\n', 2),
        ("Email\rann@example.org\r", 1),
        ("sep=;\nEmail;Tags\nann@example.org;a,b,c,d\n", 2),
    ],
)
def test_the_headings_are_found(text: str, row: int) -> None:
    sheet = read_sheet("x.csv", text.encode())
    assert (emails(plan_of(sheet)), sheet.header_row) == (["ann@example.org"], row)


def test_the_header_row_and_the_encoding_can_be_chosen() -> None:
    content = "Who;Name\nfoo;bar\nolga@example.org;Łukasz\n".encode("cp1250")
    sheet = read_sheet("x.csv", content, encoding="cp1250", header_row=2)
    assert (sheet.columns, sheet.rows[0].cells) == (("foo", "bar"), ("olga@example.org", "Łukasz"))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16"])
def test_utf_16_is_read_with_and_without_a_mark(encoding: str) -> None:
    assert emails(plan("Email;FirstName\nzoe@example.org;Zoë\n".encode(encoding))) == ["zoe@example.org"]


def test_a_cut_end_costs_its_own_cell_only() -> None:
    content = ("Email,FirstName\n" + "a@example.org,Zoë\n" + "b@example.org,Zoë").encode()[:-1]
    one = plan(content)
    assert [(row.email, row.prospect.first_name) for row in one.rows] == [
        ("a@example.org", "Zoë"),
        ("b@example.org", None),
    ]
    assert one.remarks[0].row == 3


def test_a_password_is_told_of() -> None:
    content = b"\xd0\xcf\x11\xe0" + b"\0" * 100 + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(SheetError, match="has a password"):
        read_sheet("x.xlsx", content)


BOMBS = {
    "a cell in the last column": {"sheet1.xml": (r'r="B2"', 'r="XFD2"')},
    "a cell in the last row and column": {"sheet1.xml": (r'<row r="3"', '<row r="1048576"')},
    "13 million cells": {"sheet1.xml": (r"</sheetData>", f"<row>{'<c/>' * 13_000_000}</row></sheetData>")},
    "rows without end": {"sheet1.xml": (r"</sheetData>", f"{'<row/>' * 3_000_000}</sheetData>")},
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_small_file_that_asks_for_much_is_read_or_refused(bomb: str) -> None:
    content = workbook(PEOPLE, BOMBS[bomb])
    try:
        sheet = read_file("bomb.xlsx", content, seconds=SECONDS)
    except SheetError:
        return
    assert "bob@example.org" in emails(plan_of(sheet))


def test_ten_megabytes_of_line_ends_are_refused() -> None:
    with pytest.raises(SheetError):
        read_file("x.csv", b"Email" + b"\n" * (spreadsheet.MAX_BYTES - 10) + b"a@b.co")


def test_reading_stops_when_nobody_waits() -> None:
    class Left(Exception):
        pass

    def leave() -> None:
        raise Left

    with pytest.raises(Left):
        read_file("x.csv", (HEADER + "ann@example.org,Ann,A\n").encode(), on_wait=leave)


def damaged(seed: int) -> bytes:
    """A workbook with bytes changed, cut, doubled: inside its files, or the archive itself."""
    chance = random.Random(seed)
    content = bytearray(workbook(PEOPLE))
    if seed % 2:
        target = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
            victim = chance.choice(old.namelist())
            for name in old.namelist():
                part = bytearray(old.read(name))
                if name == victim:
                    for _ in range(chance.randint(1, 8)):
                        at = chance.randrange(len(part))
                        part[at : at + chance.randint(0, 6)] = chance.randbytes(chance.randint(0, 6))
                new.writestr(name, bytes(part))
        return target.getvalue()
    for _ in range(chance.randint(1, 20)):
        at = chance.randrange(4, len(content))
        content[at : at + chance.randint(0, 30)] = chance.randbytes(chance.randint(0, 30))
    return bytes(content)


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_workbook_is_read_or_refused_in_a_sentence(seed: int) -> None:
    try:
        sheet = read_sheet("damaged.xlsx", damaged(seed))
    except SheetError:
        return
    assert sheet.rows
