"""Tables as one workbook: a sheet each, numbers as numbers, and texts that stay texts whatever they begin with."""

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from dashboard.data.account_check.facts import NOTHING_SETTLED, AccountFacts
from dashboard.exports.column_format import Shape, heading, shape

_FORMATS: Final[dict[Shape, str]] = {
    "count": "#,##0",
    "percent": "0.0%",
    "decimal": "#,##0.00",
    "time": "yyyy-mm-dd hh:mm:ss.000",
    "text": "@",
}
_NARROWEST: Final = 9
_WIDEST: Final = 48
_LONGEST_CELL: Final = 32_767  # a spreadsheet's own limit
_LONG_AGO: Final = datetime(2000, 1, 1)  # noqa: DTZ001  # the same tables give the same bytes
_OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def to_workbook(
    tables: Mapping[str, pd.DataFrame],
    *,
    title: str,
    about: Sequence[tuple[str, str]],
    facts: AccountFacts = NOTHING_SETTLED,
) -> bytes:
    """Return `tables` as XLSX, a sheet each under its name, behind a first sheet with `title` and the lines of `about`.

    Headings are the registry's labels, as `facts` have shown them; times are in their own zone, which the heading
    names; an empty cell means not reported, or nothing to divide by. Every number is the number of the table, whatever
    digits its format shows.

    Args:
        tables: by name of their sheet.
        title: of the first sheet.
        about: its lines: what, and which.
        facts: what the account check settled.
    """
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, _OPTIONS) as book:
        book.set_properties({"title": title, "created": _LONG_AGO})
        looks = _looks(book)
        _front(book.add_worksheet("About"), title, about, looks)
        for name, table in tables.items():
            _sheet(book.add_worksheet(name.replace("_", " ").capitalize()), table, looks, facts)
    return buffer.getvalue()


def _looks(book: xlsxwriter.Workbook) -> dict[str, Format]:
    looks: dict[str, Format] = {
        name: book.add_format({"num_format": code, "valign": "top"}) for name, code in _FORMATS.items()
    }
    looks["day"] = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"})
    looks["text"].set_text_wrap()
    looks["head"] = book.add_format(
        {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#E8EFF1"}
    )
    looks["title"] = book.add_format({"bold": True, "font_size": 16})
    looks["label"] = book.add_format({"bold": True, "valign": "top"})
    return looks


def _front(sheet: Worksheet, title: str, about: Sequence[tuple[str, str]], looks: Mapping[str, Format]) -> None:
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 110)
    _text(sheet, 0, 0, title, looks["title"])
    for row, (label, value) in enumerate(about, start=2):
        _text(sheet, row, 0, label, looks["label"])
        _text(sheet, row, 1, value, looks["text"])


def _sheet(sheet: Worksheet, table: pd.DataFrame, looks: Mapping[str, Format], facts: AccountFacts) -> None:
    for place, column in enumerate(table.columns):
        values = table[column]
        how = shape(column, values)
        head = _heading(column, values, facts)
        _text(sheet, 0, place, head, looks["head"])
        for row, value in enumerate(values, start=1):
            if not pd.isna(value):
                _write(sheet, row, place, value, how, looks)
        sheet.set_column(place, place, _width(head, values, how))
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(table), 1), max(len(table.columns) - 1, 0))
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _heading(column: str, values: pd.Series, facts: AccountFacts) -> str:
    zone = values.dtype.tz if isinstance(values.dtype, pd.DatetimeTZDtype) else None
    return f"{heading(column, facts)} ({zone})" if zone is not None else heading(column, facts)


def _write(sheet: Worksheet, row: int, column: int, value: Any, how: Shape, looks: Mapping[str, Format]) -> None:
    look = looks[how]
    match how:
        case "text" if isinstance(value, date):
            sheet.write_datetime(row, column, value, looks["day"])
        case "text":
            _text(sheet, row, column, str(value), look)
        case "time":
            sheet.write_datetime(row, column, value.to_pydatetime().replace(tzinfo=None), look)
        case "count":
            sheet.write_number(row, column, int(value), look)
        case _:
            sheet.write_number(row, column, float(value), look)


def _text(sheet: Worksheet, row: int, column: int, text: str, look: Format) -> None:
    """Write a text as a text: never a formula, a link or a number, however it looks."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    sheet.write_string(row, column, whole if len(whole) <= _LONGEST_CELL else f"{whole[: _LONGEST_CELL - 1]}…", look)


def _width(head: str, values: pd.Series, how: Shape) -> int:
    if how == "time":
        return 24
    longest = max((len(str(value)) for value in values if not pd.isna(value)), default=0) if how == "text" else 0
    words = max(map(len, head.split()), default=0)
    return min(_WIDEST, max(_NARROWEST, longest, words + 3))
