"""A table of prospects made ready for Klenty: columns matched to its fields, rows checked, batches of 100.

Pure: nothing here sends or draws. A row with anything wrong is left out and named with its row number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pandas as pd

from dashboard.actions import inputs
from dashboard.actions.prospect_fields import BY_ATTRIBUTE, PROSPECT_FIELDS, SPELLINGS, normalised
from klenty_api import BULK_LIMIT, Prospect

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.actions.spreadsheet import Sheet, SheetRow

CUSTOM: Final = "custom"
"""The match of a column that becomes a custom field of its own name."""

_TEXT_MARK: Final = re.compile(r"^'(?=[+\d=@-])")  # a spreadsheet's sign for "this is text"
REQUIRED: Final = ("email",)
EXAMPLE_EMAIL: Final = "rex@example.com"
"""The address in the template's example row, which is never sent."""


# Columns


def guess_matches(columns: Sequence[str]) -> dict[int, str | None]:
    """For each column the field it most likely is, or None: exact names first, each field at most once."""
    matches: dict[int, str | None] = dict.fromkeys(range(len(columns)))
    taken: set[str] = set()
    exact = {normalised(known.name): known.attribute for known in PROSPECT_FIELDS}
    for known in (exact, SPELLINGS):
        for position, column in enumerate(columns):
            attribute = known.get(normalised(column))
            if attribute and attribute not in taken and matches[position] is None:
                matches[position] = attribute
                taken.add(attribute)
    return matches


def match_problems(matches: Mapping[int, str | None], columns: Sequence[str]) -> list[str]:
    """Return what has to be put right in the matching before rows can be checked."""
    problems: list[str] = []
    used = [match for match in matches.values() if match and match != CUSTOM]
    problems.extend(
        f"No column is matched to {BY_ATTRIBUTE[attribute].label}: Klenty requires it."
        for attribute in REQUIRED
        if attribute not in used
    )
    problems.extend(
        f"Two columns are matched to {BY_ATTRIBUTE[attribute].label}: keep one."
        for attribute in dict.fromkeys(used)
        if used.count(attribute) > 1
    )
    if any(match is not None and not 0 <= position < len(columns) for position, match in matches.items()):
        problems.append("The file has changed: match its columns again.")
    return problems


# Rows


@dataclass(frozen=True, slots=True)
class Defaults:
    """What every row gets that does not say otherwise; tags are added to the row's own."""

    list_name: str = ""
    owner: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with a row, for which it is left out."""

    row: int
    column: str
    text: str


@dataclass(frozen=True, slots=True)
class BulkRow:
    """A checked row: its number in the file and the prospect it becomes."""

    number: int
    prospect: Prospect
    custom: Mapping[str, str] = field(default_factory=dict)

    @property
    def email(self) -> str:
        """The address Klenty will answer with."""
        return self.prospect.email or ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file becomes: the rows to send, in order, and every problem found."""

    rows: tuple[BulkRow, ...]
    problems: tuple[RowProblem, ...]
    remarks: tuple[RowProblem, ...] = ()
    """Cells that are left empty in rows that are sent."""
    read: int = 0
    """How many rows the file has below its header, empty ones included."""

    @property
    def nameless(self) -> int:
        """How many of the rows to send have neither a first nor a full name."""
        return sum(not (row.prospect.first_name or row.prospect.full_name) for row in self.rows)

    @property
    def left_out(self) -> int:
        """How many rows are not sent because something is wrong with them."""
        return len({problem.row for problem in self.problems})

    def left_out_rows(self) -> dict[int, str]:
        """Return the numbers of the rows that are not sent, each with all that is wrong with it."""
        found: dict[int, list[str]] = {}
        for problem in self.problems:
            words = f"{problem.column}: {problem.text}" if problem.column else problem.text
            found.setdefault(problem.row, []).append(words)
        return {row: " ".join(texts) for row, texts in found.items()}

    def without(self, refused: Mapping[int, str]) -> Plan:
        """Return this plan with more rows left out, by number and reason."""
        problems = (*self.problems, *(RowProblem(row, "", text) for row, text in refused.items()))
        kept = tuple(row for row in self.rows if row.number not in refused)
        remarks = tuple(remark for remark in self.remarks if remark.row not in refused)
        return Plan(kept, problems, remarks, self.read)


@dataclass(slots=True)
class _Check:
    """Values and problems of one row while it is being read."""

    row: SheetRow
    fields: dict[str, str] = field(default_factory=dict)
    custom: dict[str, str] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)

    def wrong(self, column: str, text: str) -> None:
        self.problems.append(RowProblem(self.row.number, column, text))

    @property
    def is_wrong(self) -> bool:
        return bool(self.problems)


def make_plan(sheet: Sheet, matches: Mapping[int, str | None], defaults: Defaults) -> Plan:
    """Check every row of `sheet` under `matches` and build the prospects that can be sent.

    Raises ValueError when the matching itself has problems (see `match_problems`).

    Args:
        sheet: what the file holds.
        matches: field by number of the column, None to leave it out.
        defaults: for fields that no column has.
    """
    if problems := match_problems(matches, sheet.columns):
        raise ValueError(problems[0])
    rows: list[BulkRow] = []
    found: list[RowProblem] = []
    remarks: list[RowProblem] = []
    first_seen: dict[str, int] = {}
    for row in sheet.rows:
        check = _check_row(row, sheet.columns, matches, defaults)
        email = check.fields.get("email", "").casefold()
        if email and not check.is_wrong:
            if email in first_seen:
                check.wrong("Email", f"The same address as in row {first_seen[email]}.")
            else:
                first_seen[email] = row.number
        found.extend(check.problems)
        if not check.is_wrong:
            rows.append(BulkRow(row.number, _prospect(check, defaults), check.custom))
            remarks.extend(
                RowProblem(row.number, sheet.columns[position], f"Left empty. {text}")
                for position, text in row.remarks.items()
                if matches.get(position)
            )
    return Plan(tuple(rows), tuple(found), tuple(remarks), len(sheet.rows))


def _check_row(row: SheetRow, columns: Sequence[str], matches: Mapping[int, str | None], defaults: Defaults) -> _Check:
    check = _Check(row)
    if row.problem or row.is_empty:
        check.wrong("", row.problem or "The row is empty.")
        return check
    for position, match in matches.items():
        value = inputs.clean_text(row.cells[position])
        if match in REQUIRED and position in row.remarks:
            check.wrong(columns[position], row.remarks[position])
        if match and value:
            _take(check, columns[position], match, value)
    if check.fields.get("email") == EXAMPLE_EMAIL:
        check.wrong("Email", "This is the template's example row.")
    for attribute in REQUIRED:
        if not check.fields.get(attribute) and not any(problem.column for problem in check.problems):
            check.wrong(BY_ATTRIBUTE[attribute].label, "Missing; Klenty requires it.")
    for attribute, value in (("list", defaults.list_name), ("owner", defaults.owner)):
        if value:
            check.fields.setdefault(attribute, value)
    return check


def _take(check: _Check, column: str, match: str, value: str) -> None:
    is_address = match in {"email", "owner", "company_email"}
    value = inputs.clean_email(value) if is_address else _TEXT_MARK.sub("", value)
    if any(ord(letter) < 32 and letter not in "\t\n\r" for letter in value):
        check.wrong(column, "The cell has control characters.")
    elif match == CUSTOM:
        if len(value) > inputs.MAX_LONG_TEXT:
            check.wrong(column, f"Longer than {inputs.MAX_LONG_TEXT:,} characters.")
        check.custom[column] = value
    elif len(value) > inputs.MAX_TEXT:
        check.wrong(column, f"Longer than {inputs.MAX_TEXT} characters.")
    elif match in {"email", "owner"} and (problem := inputs.email_problem(value)):
        check.wrong(column, problem)
    else:
        check.fields[match] = value


def _prospect(check: _Check, defaults: Defaults) -> Prospect:
    values = dict(check.fields)
    tags = tuple(dict.fromkeys((*inputs.split_tags(values.pop("tags", "")), *defaults.tags)))
    return Prospect(**values, tags=tags, custom_fields=check.custom)


def batches(rows: Sequence[BulkRow], size: int = BULK_LIMIT) -> list[Sequence[BulkRow]]:
    """Return `rows` in their order, cut into calls that Klenty accepts."""
    return [rows[start : start + size] for start in range(0, len(rows), size)]


# Tables


def problems_frame(problems: Sequence[RowProblem]) -> pd.DataFrame:
    """Return one row per problem: row, column, problem."""
    return pd.DataFrame(
        {
            "row": pd.array([problem.row for problem in problems], dtype="Int64"),
            "column": pd.array([problem.column for problem in problems], dtype="string"),
            "problem": pd.array([problem.text for problem in problems], dtype="string"),
        }
    )


def template() -> bytes:
    """Return an empty table to fill in: Klenty's field names, one example row, UTF-8 with BOM for spreadsheets."""
    example = {
        "Email": EXAMPLE_EMAIL,
        "FirstName": "Rex",
        "LastName": "Jose",
        "Company": "Example Ltd",
        "Title": "Head of Sales",
        "Tags": "paid|event",
        "City": "Berlin",
        "Country": "Germany",
    }
    names = [known.name for known in PROSPECT_FIELDS]
    lines = [",".join(names), ",".join(example.get(name, "") for name in names), ""]
    return "\r\n".join(lines).encode("utf-8-sig")
