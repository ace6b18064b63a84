"""Docstrings of the product: they begin with what a function does, and say what more than two parameters are."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = [path for room in ("dashboard", "klenty_api") for path in sorted((ROOT / room).rglob("*.py"))]
NOUNS = {"the", "a", "an", "whether", "what", "how", "why", "which", "who", "whose", "one", "every"}
GIVEN = {"self", "cls"}


def functions(code):
    """Yield functions and methods with whether they are public; what is inside a function is its own business."""
    found = [(node, True) for node in ast.parse(code).body]
    for node, is_public in found:
        public = is_public and not getattr(node, "name", "").startswith("_")
        if isinstance(node, ast.ClassDef):
            found += [(inner, public) for inner in node.body]
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, public


def faults(code):
    found = []
    for node, public in functions(code):
        decorators = " ".join(map(ast.unparse, node.decorator_list))
        text = ast.get_docstring(node) or ""
        if "property" in decorators or "click." in decorators or "overload" in decorators:  # help of the command line
            continue
        first = text.split()[0].lower() if text else ""
        names = [each.arg for each in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        if first in NOUNS:
            found.append(f"{node.name}: begins with “{first}”")
        if public and len(set(names) - GIVEN) > 2 and text and "Args:" not in text:
            found.append(f"{node.name}: does not say what its parameters are")
    return found


def test_docstrings_begin_with_a_verb_and_say_what_many_parameters_are():
    wrong = {path.relative_to(ROOT).as_posix(): found for path in FILES if (found := faults(path.read_text("utf-8")))}
    assert wrong == {}


@pytest.mark.parametrize(
    "code",
    [
        'def go(a, b, c):\n    """Go."""',
        'def _of():\n    """The name."""',
        'class A:\n    def f(self, a, b, c):\n        """Do."""',
    ],
)
def test_faults_are_found(code):
    assert faults(code)
