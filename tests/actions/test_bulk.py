import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.actions import bulk_import, inputs
from dashboard.actions.bulk_import import CUSTOM, Defaults, guess_matches, make_plan, match_problems
from dashboard.actions.prospect_fields import PROSPECT_FIELDS
from dashboard.actions.spreadsheet import Sheet, SheetRow, read_sheet


def sheet(text: str) -> Sheet:
    return read_sheet("people.csv", text.encode())


def plan(text: str) -> bulk_import.Plan:
    read = sheet(text)
    return make_plan(read, guess_matches(read.columns), Defaults())


def problems(made: bulk_import.Plan) -> list[tuple[int, str]]:
    return [(problem.row, problem.column) for problem in made.problems]


@pytest.mark.parametrize(
    ("columns", "fields"),
    [
        (["Email", "FirstName", "LinkedinURL"], ["email", "first_name", "linkedin_url"]),
        (["E-Mail", "first name", "Last_Name"], ["email", "first_name", "last_name"]),
        (
            ["Work Email", "Given Name", "Company Name", "Job Title"],
            ["email", "first_name", "company", "title"],
        ),
        (["Name", "Full Name"], [None, "full_name"]),
        (["Mail", "Email"], [None, "email"]),
        (["Shoe size", ""], [None, None]),
    ],
)
def test_columns_are_matched_by_name_exact_names_first(columns: list[str], fields: list[str | None]) -> None:
    assert list(guess_matches(columns).values()) == fields


def test_every_documented_field_is_matched_by_its_own_name() -> None:
    names = [known.name for known in PROSPECT_FIELDS]
    assert list(guess_matches(names).values()) == [known.attribute for known in PROSPECT_FIELDS]


def test_the_matching_must_be_complete_and_unambiguous() -> None:
    assert match_problems({0: "email", 1: CUSTOM, 2: CUSTOM, 3: None}, list("abcd")) == []
    assert match_problems({0: None}, ["a"]) == ["No column is matched to Email: Klenty requires it."]
    assert match_problems({0: "email", 1: "email", 2: "first_name"}, list("abc")) == [
        "Two columns are matched to Email: keep one."
    ]
    with pytest.raises(ValueError, match="Email"):
        make_plan(sheet("a\n1"), {0: None}, Defaults())


def test_good_rows_become_prospects_with_defaults_and_custom_fields() -> None:
    read = sheet('Email,FirstName,List,Tags,Owner,Size\na@x.com,Ann,,"x|y",,42\nb@x.com,Bob,hot,,o@x.com,\n')
    matches = guess_matches(read.columns) | {5: CUSTOM}
    made = make_plan(read, matches, Defaults("leads", "me@x.com", ("new", "x")))
    assert made.problems == ()
    first, second = (row.prospect for row in made.rows)
    assert (first.email, first.first_name, first.owner) == ("a@x.com", "Ann", "me@x.com")
    assert (second.owner, made.rows[1].number) == ("o@x.com", 3)
    assert (tuple(first.tags), tuple(second.tags)) == (("x", "y", "new"), ("new", "x"))
    assert [dict(row.custom) for row in made.rows] == [{"Size": "42"}, {}]


def test_wrong_rows_are_left_out_and_named_by_their_row() -> None:
    long = "x" * (inputs.MAX_TEXT + 1)
    made = plan(
        "Email,FirstName,City\n"
        "a@x.com,Ann,Rome\n"  # 2
        "nobody,Bob,Rome\n"  # 3
        "\n"  # 4
        "A@X.com,Ann again,\n"  # 5
        "c@x.com,,Rome\n"  # 6
        f"d@x.com,Dan,{long}\n"  # 7
        ",Eve,Rome\n"  # 8
        "f@x.com,F\x07,Rome\n"  # 9
        "g@x.com,Gil,Rome\n"  # 10
    )
    assert problems(made) == [(3, "Email"), (4, ""), (5, "Email"), (7, "City"), (8, "Email"), (9, "FirstName")]
    assert [row.number for row in made.rows] == [2, 6, 10]
    assert made.nameless == 1
    assert made.left_out == 6
    assert "row 2" in made.problems[2].text


def test_a_duplicate_of_a_row_that_is_left_out_is_sent() -> None:
    made = plan("Email,Owner\na@x.com,nobody\na@x.com,o@x.com\n")
    assert [row.number for row in made.rows] == [3]


def test_batches_hold_every_row_once_and_at_most_a_hundred() -> None:
    made = plan("Email,FirstName\n" + "".join(f"p{n}@x.com,P\n" for n in range(250)))
    cut = bulk_import.batches(made.rows)
    assert [len(batch) for batch in cut] == [100, 100, 50]
    assert [row.email for batch in cut for row in batch] == [f"p{n}@x.com" for n in range(250)]


def test_the_template_is_read_back_and_its_example_is_not_sent() -> None:
    read = read_sheet("template.csv", bulk_import.template())
    assert None not in guess_matches(read.columns).values()
    made = make_plan(read, guess_matches(read.columns), Defaults())
    assert made.rows == ()
    assert "example" in made.problems[0].text
    assert next(csv.reader(io.StringIO(bulk_import.template().decode("utf-8-sig"))))[:2] == ["Email", "FirstName"]


def test_problems_are_a_table_with_row_numbers() -> None:
    frame = bulk_import.problems_frame(plan("Email,FirstName\nnobody,N\n").problems)
    assert frame.to_dict("list") == {
        "row": [2],
        "column": ["Email"],
        "problem": ["This is not an email address."],
    }
    assert bulk_import.problems_frame([]).columns.tolist() == frame.columns.tolist()


@given(st.lists(st.lists(st.text(max_size=8), min_size=3, max_size=3), max_size=8))
def test_each_row_is_either_sent_or_named(cells: list[list[str]]) -> None:
    rows = tuple(SheetRow(number, tuple(cell.strip() for cell in row)) for number, row in enumerate(cells, start=2))
    made = make_plan(Sheet(("Email", "FirstName", "x"), rows, ()), {0: "email", 1: "first_name", 2: CUSTOM}, Defaults())
    named = {problem.row for problem in made.problems}
    assert named | {row.number for row in made.rows} == {row.number for row in rows}
    assert not named & {row.number for row in made.rows}
