"""Words are the last thing: no rule of analysis or charts is made by cutting up a text that people read."""

import ast
from pathlib import Path

import pytest

from dashboard.analysis.metrics import METRICS, help_of
from dashboard.data.account_check.facts import AccountFacts

DASHBOARD = Path(__file__).parents[2] / "dashboard"
CUTTING = {"split", "rsplit", "partition", "rpartition", "replace", "removeprefix", "removesuffix"}
MODULES = {"np", "re"}


def cuts(code):
    """Return the calls that cut a text at words: at a constant with letters, or at another text."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in CUTTING
            and node.args
        ):
            of_module = isinstance(node.func.value, ast.Name) and node.func.value.id in MODULES
            at = node.args[0]
            at_signs = isinstance(at, ast.Constant) and not any(letter.isalpha() for letter in str(at.value))
            if not of_module and not at_signs:
                found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize("room", ["analysis", "charts"])
def test_no_rule_cuts_up_a_text(room):
    found = {path.name: calls for path in (DASHBOARD / room).rglob("*.py") if (calls := cuts(path.read_text("utf-8")))}
    assert found == {}


@pytest.mark.parametrize("code", ["a.split(' of ')", "note.removeprefix(START)", "help.replace(caveat, '')"])
def test_cutting_is_found(code):
    assert cuts(code)


@pytest.mark.parametrize("code", ["f'{n:,}'.replace('-', '−')", "columns.split(' + ')", "np.split(a, b)", "t.split()"])
def test_signs_and_arrays_are_no_words(code):
    assert not cuts(code)


def test_what_an_account_disproves_is_replaced_and_the_rest_stays():
    assert help_of(METRICS["in_cadence_now"], AccountFacts(in_cadence_is_now=False)).startswith("In this account")
    assert help_of(METRICS["in_cadence_now"], AccountFacts(dated_by="email")) == METRICS["in_cadence_now"].help
