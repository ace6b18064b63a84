"""CSV and XLSX files as people have them, read into rows of text with the row numbers their spreadsheet shows.

Nothing is guessed about the meaning of a cell: a phone number stays the text it is. A row that cannot be trusted is
kept with its `problem`, a cell that cannot be read is emptied with a remark: nobody vanishes without being named.
`file_reader` runs this in a process with limits.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import itertools
import re
import warnings
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from dashboard.actions.markdown import count
from dashboard.actions.prospect_fields import is_heading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MAX_BYTES: Final = 10_000_000
MAX_ROWS: Final = 10_000
MAX_COLUMNS: Final = 100
ENCODINGS: Final = (
    "utf-8", "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "mac_roman", "cp932", "gb18030", "big5", "cp949",
    "utf-16-le", "utf-16-be",
)  # fmt: skip
_MAX_SCANNED: Final = 200_000
_MAX_LETTERS: Final = 20_000_000
_MAX_UNPACKED: Final = 200_000_000
_MAX_HEADER: Final = 200
_HEADER_WITHIN: Final = 20
_SEPARATORS: Final = ",;\t|"
_ERROR_VALUE: Final = re.compile(
    r"#(N/A|REF!|NAME\?|VALUE!|DIV/0!|NULL!|NUM!|SPILL!|CALC!|FIELD!|GETTING_DATA|NV|BEZUG!|WERT!|ZAHL!|¡REF!|VALOR!)"
)
_SPOILT_NUMBER: Final = re.compile(r"-?\d(?:[.,]\d+)?E\+\d+", re.IGNORECASE)
_ESCAPE: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_NO_VALUE: Final = "\0formula"


class SheetError(ValueError):
    """The file cannot be read; the text says why, in words for the person who chose it."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: its number as a spreadsheet shows it, one text per column, and what is wrong with it.

    A row with a `problem` must not be sent. `remarks` says, by column, why a cell was emptied.
    """

    number: int
    cells: tuple[str, ...]
    problem: str = ""
    remarks: dict[int, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether every cell is blank."""
        return not (any(self.cells) or self.problem or self.remarks)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of texts: the columns, the rows below them, notes on how it was read, and what the visitor can change."""

    columns: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    notes: tuple[str, ...] = ()
    header_row: int = 1
    encoding: str = ""
    """Of a text file; empty for a workbook."""


def read_sheet(name: str, content: bytes, *, encoding: str = "", header_row: int = 0) -> Sheet:
    """Read a CSV (any usual encoding and separator) or the visible sheet of an XLSX.

    Args:
        name: the file's name.
        content: its bytes.
        encoding: one of `ENCODINGS` for a text file; found out when empty.
        header_row: the number of the row with the headings; found out when 0.

    Raises:
        SheetError: the file is too large, empty, of another kind, protected or broken.
    """
    if len(content) > MAX_BYTES:
        raise SheetError(f"The file is larger than {MAX_BYTES // 1_000_000} MB. Split it.")
    if not content.strip(b"\0\t\r\n \xef\xbb\xbf\xff\xfe"):
        raise SheetError("The file is empty.")
    if content.startswith(b"PK\x03\x04"):
        return _read_workbook(content, header_row)
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise SheetError("The workbook has a password. Remove it in the spreadsheet and save the file.")
    if content.startswith(b"\xd0\xcf\x11\xe0") or name.lower().endswith(".xls"):
        raise SheetError("This is an old Excel file (.xls). Save it as .xlsx or CSV and choose that.")
    return _read_csv(content, encoding, header_row)


# CSV


def _read_csv(content: bytes, chosen: str, header_row: int) -> Sheet:
    encoding, guessed = (chosen, True) if chosen else _encoding(content)
    text = content.decode(encoding, errors="replace").lstrip("\ufeff")
    text = re.sub(r"\r+\n|\r", "\n", text)
    if text.count("\0") * 20 > len(text):
        raise SheetError("This is neither a CSV nor an XLSX file.")
    first_line, _, rest = text.lstrip("\n").partition("\n")
    announced = re.fullmatch(r'"?sep=(.)"?', first_line.strip(), re.IGNORECASE)
    skipped = 1 if announced else 0
    text = rest if announced else text
    separator, start = _layout(text, announced[1] if announced else _SEPARATORS, header_row)
    notes = []
    if start and not header_row:
        notes.append(f"The headings are in row {start + skipped + 1}; the rows above it are not read.")
    if guessed:
        notes.append(f"The encoding is a guess ({encoding}): check letters with accents, and choose another if wrong.")
    lines = text.split("\n")
    records = _records("\n".join(lines[start:]), separator, skipped + start)
    return _sheet(records, notes, skipped + start + 1, encoding=encoding, separator=separator)


def _encoding(content: bytes) -> tuple[str, bool]:
    """Return the encoding of a text, and whether it is a guess."""
    from charset_normalizer import from_bytes  # costs 50 ms, and most files are UTF-8

    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", False
    even, odd = content[:4000:2].count(0), content[1:4000:2].count(0)
    if max(even, odd) > len(content[:4000]) // 6:
        return ("utf-16-be" if even > odd else "utf-16-le"), False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(content) - 3:  # the end was cut off
            return "utf-8", False
        readable = content.decode("utf-8", errors="replace")
        good = sum(1 for letter in readable if ord(letter) > 127 and letter != "\ufffd")
        if readable.count("\ufffd") * 10 <= good:
            return "utf-8", False
    else:
        return "utf-8", False
    best = from_bytes(content[:200_000], cp_isolation=[one for one in ENCODINGS if not one.startswith("utf")]).best()
    western = content[:200_000].decode("cp1252", errors="replace")
    return ("cp1252" if best is None or str(best) == western else best.encoding), True


def _layout(text: str, separators: str, header_row: int) -> tuple[str, int]:
    """Return the separator, and how many lines stand above the headings.

    It is the line and the separator with the most known headings; without any, the first filled line and the separator
    that it holds most often. What stands above the headings need not be a table.
    """
    lines = list(enumerate(text[:50_000].split("\n")[:_HEADER_WITHIN]))
    if header_row:
        lines = lines[header_row - 1 : header_row] or lines
    best, most = (separators[0], 0), (-1, 0, 0)
    for separator in separators:
        for number, line in lines:
            cells = next(csv.reader([line], delimiter=separator), []) if line.strip() else []
            found = (sum(map(is_heading, cells)), -number, len(cells))
            if cells and found > most:
                best, most = (separator, number), found
    return best


def _records(text: str, separator: str, above: int) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with its number. Raises SheetError where a quotation mark is missing."""
    csv.field_size_limit(1_000_000)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = above
    try:
        for number, cells in enumerate(reader, start=above + 1):
            yield number, cells
    except csv.Error as error:
        raise SheetError(
            f"Row {number + 1}: a quotation mark is missing, or stands inside another. Correct the file: from there on "
            "it is not known which cell is whose."
        ) from error


# XLSX


def _read_workbook(content: bytes, header_row: int) -> Sheet:
    from openpyxl import load_workbook  # costs 0.2 s, and most visits read no workbook

    warnings.simplefilter("ignore")
    try:
        _refuse_bomb(content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = _visible_sheet(book)
        hidden: list[int] = []
        notes = []
        others = [f"“{one.title}”" for one in book.worksheets if one is not sheet]
        if others:
            notes.append(f"Only the sheet “{sheet.title}” is read, not {', '.join(others[:5])}.")
        made = _sheet(_worksheet_rows(sheet, hidden), notes, header_row)
        sent = [number for number in hidden if any(row.number == number and not row.is_empty for row in made.rows)]
    except SheetError:
        raise
    except (MemoryError, RecursionError):
        raise SheetError("The workbook is too large once unpacked. Save the rows as CSV.") from None
    except Exception as error:  # what openpyxl raises on a damaged archive is not one kind of error
        raise SheetError("This is no readable XLSX file. Open it in a spreadsheet and save it again.") from error
    if not sent:
        return made
    shown = ", ".join(map(str, sent[:10])) + (" …" if len(sent) > 10 else "")
    note = f"{count(len(sent), 'hidden row')} of the spreadsheet will be imported as well: {shown}."
    return Sheet(made.columns, made.rows, (*made.notes, note), made.header_row)


def _refuse_bomb(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(member.file_size for member in archive.infolist()) > _MAX_UNPACKED:
            raise SheetError("The workbook is too large once unpacked. Save the rows as CSV.")


def _visible_sheet(book: Any) -> Any:
    """Return the sheet that the spreadsheet shows first."""
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if not visible:
        raise SheetError("Every sheet of the workbook is hidden. Show the one to import, and save the file.")
    return book.active if book.active in visible else visible[0]


def _worksheet_rows(sheet: Any, hidden: list[int]) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that the sheet has, whatever its `<dimension>` says; note the numbers of hidden ones."""
    from openpyxl.worksheet._reader import WorkSheetParser

    class Parser(WorkSheetParser):  # type: ignore[misc]
        def parse_cell(self, element: Any) -> Any:
            cell = super().parse_cell(element)
            if cell["value"] is None and any(child.tag.endswith("}f") for child in element):
                cell["value"] = _NO_VALUE
            return cell

    book = sheet.parent
    with sheet._get_source() as source:
        parser = Parser(
            source,
            sheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        for number, cells in parser.parse():
            if parser.row_dimensions.get(str(number), {}).get("hidden") in {"1", "true"}:
                hidden.append(number)
            filled = {cell["column"]: _cell_text(cell["value"]) for cell in cells if cell["value"] is not None}
            last = max(filled, default=0)
            if last > 2 * MAX_COLUMNS:
                raise SheetError(f"The file has more than {MAX_COLUMNS} columns.")
            yield number, [filled.get(column, "") for column in range(1, last + 1)]


def _cell_text(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), str(value)).replace("\r\n", "\n")


# Both


def _sheet(
    numbered: Iterable[tuple[int, list[str]]],
    notes: list[str],
    header_row: int,
    *,
    encoding: str = "",
    separator: str = "",
) -> Sheet:
    rows = _within_limits(numbered)
    start = list(itertools.islice(rows, _HEADER_WITHIN))
    filled = [row for row in start if any(row[1])]
    if not filled:
        raise SheetError("The file has no rows." if len(start) < _HEADER_WITHIN else "The first rows are all empty.")
    header = next((row for row in filled if row[0] == header_row), None) or _header(filled)
    notes = list(notes)
    if header is not filled[0] and not header_row:
        notes.append(f"The headings are in row {header[0]}; the rows above it are not read.")
    columns = _columns(header[1], 0 if separator else max((len(cells) for _, cells in start), default=0))
    body = [
        _row(number, cells, columns, header[1], separator)
        for number, cells in itertools.chain((row for row in start if row[0] > header[0]), rows)
    ]
    while body and body[-1].is_empty:
        body.pop()
    if not body:
        raise SheetError("The file has a header but no rows below it.")
    if sum(not row.is_empty for row in body) > MAX_ROWS:
        raise SheetError(f"The file has more than {MAX_ROWS:,} rows. Split it.")
    width = max(len(row.cells) for row in body)
    if max(width, len(columns)) > MAX_COLUMNS:
        raise SheetError(f"The file has more than {MAX_COLUMNS} columns.")
    columns = _columns(header[1], max(width, len(columns)))
    padded = [
        SheetRow(row.number, row.cells + ("",) * (len(columns) - len(row.cells)), row.problem, row.remarks)
        for row in body
    ]
    return Sheet(columns, tuple(padded), tuple(notes), header[0], encoding)


def _within_limits(numbered: Iterable[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows without empty cells at their end; refuse what is too long to be looked at."""
    filled = letters = 0
    for scanned, (number, cells) in enumerate(numbered):
        texts = [cell.strip(" \t\n\r") for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        filled += bool(texts)
        letters += sum(map(len, texts))
        if filled > MAX_ROWS + _HEADER_WITHIN:
            raise SheetError(f"The file has more than {MAX_ROWS:,} rows. Split it.")
        if scanned > _MAX_SCANNED or letters > _MAX_LETTERS:
            raise SheetError(
                "The file is too large: most of it is empty, or its cells are huge. Save the rows in a new file."
            )
        yield number, texts


def _header(filled: Sequence[tuple[int, list[str]]]) -> tuple[int, list[str]]:
    """Return the row with the most known headings, else the first."""
    return max(filled, key=lambda row: (sum(map(is_heading, row[1])), -row[0]))


def _row(number: int, cells: list[str], columns: Sequence[str], header: Sequence[str], separator: str) -> SheetRow:
    remarks: dict[int, str] = {}
    problem = ""
    if separator and len(cells) > len(columns):
        problem = (
            f"The row has {len(cells)} cells and the header {len(columns)}: a cell with “{separator}” in it needs "
            "quotation marks."
        )
    elif cells and [cell.strip("\ufeff") for cell in cells] == [cell.strip("\ufeff") for cell in header if cell]:
        problem = "The row repeats the header."
    elif separator and any("\n" in cell and "@" in cell and separator in cell for cell in cells):
        problem = "A cell holds several lines with an address: a quotation mark is missing."
    for position, cell in enumerate(cells):
        if remark := _remark(cell, is_text=bool(separator)):
            remarks[position] = remark
    kept = tuple("" if position in remarks else cell for position, cell in enumerate(cells[: MAX_COLUMNS + 1]))
    return SheetRow(number, kept[: len(columns)] if separator else kept, problem, remarks)


def _remark(cell: str, *, is_text: bool) -> str:
    """Return why a cell has to be left empty, or an empty text."""
    if cell == _NO_VALUE:
        return "A formula without a value: open the file in a spreadsheet and save it again."
    if _ERROR_VALUE.fullmatch(cell.upper()):
        return f"An error value of the spreadsheet ({cell})."
    if is_text and _SPOILT_NUMBER.fullmatch(cell):
        return f"A number that a spreadsheet has shortened ({cell}); its digits are lost."
    if "\ufffd" in cell:
        return "Letters that cannot be read in this encoding."
    return ""


def _columns(header: Sequence[str], width: int) -> tuple[str, ...]:
    """Return the names of the columns: each once, none empty."""
    names: list[str] = []
    for position in range(max(width, len(header))):
        name = header[position] if position < len(header) else ""
        name = " ".join(name.replace("\ufeff", "").replace("\u200b", "").split())[:_MAX_HEADER]
        name = name or f"Column {position + 1}"
        copy, unique = 2, name
        while unique in names:
            unique, copy = f"{name} ({copy})", copy + 1
        names.append(unique)
    return tuple(names)
