"""A CSV or XLSX file as people have it, read into rows of text with the row numbers their spreadsheet shows.

Nothing is guessed about the meaning of a cell: a phone number stays the text it is. Limits keep an upload
from filling the memory of a process that serves other people too.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import itertools
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_BYTES = 10_000_000
MAX_ROWS = 10_000
MAX_COLUMNS = 100
# What a small workbook may unpack to, and how many rows of it are looked at when most of them are blank.
_MAX_UNPACKED = 200_000_000
_MAX_SCANNED = 200_000
_DELIMITERS = ",;\t|"
_MAX_HEADER = 200


class SheetError(ValueError):
    """The file cannot be read; the text says why, in words for the person who chose it."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: its number as a spreadsheet shows it, and one text per column."""

    number: int
    cells: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether every cell is blank."""
        return not any(self.cells)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of texts: the columns of its first filled row, the rows below, and notes on how it was read."""

    columns: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    notes: tuple[str, ...]


def read_sheet(name: str, content: bytes) -> Sheet:
    """Read a CSV (any usual encoding and separator) or the first sheet of an XLSX.

    Raises SheetError for what is too large, empty, of another kind or broken.
    """
    if len(content) > MAX_BYTES:
        raise SheetError(f"The file is larger than {MAX_BYTES // 1_000_000} MB. Split it.")
    if not content.strip():
        raise SheetError("The file is empty.")
    if content.startswith(b"PK\x03\x04"):
        return _read_workbook(content)
    if content.startswith(b"\xd0\xcf\x11\xe0") or name.lower().endswith(".xls"):
        raise SheetError("This is an old Excel file (.xls). Save it as .xlsx or CSV and choose that.")
    return _read_csv(content)


# CSV


def _read_csv(content: bytes) -> Sheet:
    text, encoding = _decode(content)
    if "\0" in text:
        raise SheetError("This is neither a CSV nor an XLSX file.")
    first_line, _, rest = text.lstrip("\r\n").partition("\n")
    announced = first_line.strip().lower()
    delimiter = None
    skipped = 0
    if announced.startswith("sep=") and len(announced) == 5:  # Excel's own way of naming the separator
        delimiter, text, skipped = announced[4], rest, 1
    delimiter = delimiter or _delimiter(text)
    notes = [] if encoding == "UTF-8" else [f"Read as {encoding}: check letters with accents in the preview."]
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        return _sheet(enumerate(rows, start=1 + skipped), notes)
    except csv.Error as error:
        raise SheetError("The file is no well-formed CSV: a quotation mark is missing or a cell is huge.") from error


def _decode(content: bytes) -> tuple[str, str]:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace"), "UTF-16"
    try:
        return content.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError:
        return content.decode("latin-1"), "Latin-1"


def _delimiter(text: str) -> str:
    """The separator that occurs most in the first line, outside quotation marks.

    `csv.Sniffer` is not used: it refuses a file of one column and is led astray by bars and commas inside
    cells.
    """
    counts = dict.fromkeys(_DELIMITERS, 0)
    quoted = False
    for letter in text.lstrip():
        if letter == '"':
            quoted = not quoted
        elif letter == "\n" and not quoted:
            break
        elif not quoted and letter in counts:
            counts[letter] += 1
    return max(_DELIMITERS, key=counts.__getitem__)


# XLSX


def _read_workbook(content: bytes) -> Sheet:
    from openpyxl import load_workbook  # noqa: PLC0415 - costs 0.2 s, and most visits read no workbook

    try:
        _refuse_bomb(content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = ([_cell_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True))
        notes = []
        if len(book.worksheets) > 1:
            notes.append(f"The workbook has {len(book.worksheets)} sheets; only the first was read.")
        return _sheet(enumerate(itertools.islice(rows, _MAX_SCANNED), start=1), notes)
    except SheetError:
        raise
    except (KeyError, ValueError, OSError, IndexError, TypeError, zipfile.BadZipFile, SyntaxError) as error:
        # What openpyxl raises on a damaged or foreign archive is not one kind of error (ParseError is a
        # SyntaxError).
        raise SheetError("This is no readable XLSX file. Open it in a spreadsheet and save it again.") from error


def _refuse_bomb(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(member.file_size for member in archive.infolist()) > _MAX_UNPACKED:
            raise SheetError("The workbook is too large once unpacked. Save the rows as CSV.")


def _cell_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return str(value)


# Both


def _sheet(numbered: Iterable[tuple[int, list[str]]], notes: list[str]) -> Sheet:
    rows = _rows(numbered)
    header = next((row for row in rows if not row.is_empty), None)
    if header is None:
        raise SheetError("The file has no rows.")
    body: list[SheetRow] = []
    for row in rows:
        body.append(row)
        if len(body) > MAX_ROWS and not row.is_empty:
            raise SheetError(f"The file has more than {MAX_ROWS:,} rows. Split it.")
    while body and body[-1].is_empty:
        body.pop()
    if not body:
        raise SheetError("The file has a header but no rows below it.")
    width = max(len(row.cells) for row in [header, *body])
    if width > MAX_COLUMNS:
        raise SheetError(f"The file has more than {MAX_COLUMNS} columns.")
    filled = tuple(SheetRow(row.number, row.cells + ("",) * (width - len(row.cells))) for row in body)
    return Sheet(_columns(header.cells, width), filled, tuple(notes))


def _rows(numbered: Iterable[tuple[int, list[str]]]) -> Iterator[SheetRow]:
    for number, cells in numbered:
        texts = [cell.strip() for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        yield SheetRow(number, tuple(texts))


def _columns(header: tuple[str, ...], width: int) -> tuple[str, ...]:
    """Names of the columns: each once, none empty."""
    names: list[str] = []
    for position in range(width):
        name = header[position] if position < len(header) else ""
        name = " ".join(name.split())[:_MAX_HEADER] or f"Column {position + 1}"
        copy = 2
        unique = name
        while unique in names:
            unique = f"{name} ({copy})"
            copy += 1
        names.append(unique)
    return tuple(names)
