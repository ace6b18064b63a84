"""Plain English: words that hide a meaning, and typographic quotes in code, are found and refused."""

import ast
import io
import re
import subprocess
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BANNED = re.compile(
    r"\b(whoever|anew|lest|spelt|misspelt|in vain|told apart|tell apart|(?:stands?|stood|standing) (?:in|beside)"
    r"|came|he|his|him|himself)\b",
    re.IGNORECASE,
)
CURLY = re.compile("[“”‘’]")
"""Quotes for texts on the screen; docstrings and comments have straight ones."""
EXEMPT = {"tests/test_language.py"}


def tracked(*suffixes: str) -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    return [name for name in listed if name.endswith(suffixes) and name not in EXEMPT and (ROOT / name).exists()]


def prose_of_code(text: str) -> str:
    """Docstrings, comments and names; texts for people on the screen are looked at by their own tests."""
    tree = ast.parse(text)
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    parts = [ast.get_docstring(node) or "" for node in ast.walk(tree) if isinstance(node, kinds)]
    parts += [
        node.name.replace("_", " ") for node in ast.walk(tree) if isinstance(node, kinds) and hasattr(node, "name")
    ]
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return "\n".join([*parts, *(token.string for token in tokens if token.type == tokenize.COMMENT)])


def found_in(name: str) -> list[str]:
    text = (ROOT / name).read_text("utf-8")
    is_code = name.endswith(".py")
    prose = prose_of_code(text) if is_code else text
    return sorted(
        {match[0].lower() for rule in (BANNED, *([CURLY] if is_code else [])) for match in rule.finditer(prose)}
    )


@pytest.fixture(scope="module")
def names():
    found = tracked(".py", ".md", ".yml", ".yaml", ".toml", ".service", ".conf", ".cfg", ".example")
    if not found:
        pytest.skip("this is no checkout of the repository")
    return found


def test_banned_words_are_not_used(names):
    wrong = {name: words for name in names if (words := found_in(name))}
    assert wrong == {}


@pytest.mark.parametrize("word", ["whoever", "anew", "came", "told apart", "stood beside", "his", "spelt"])
def test_the_search_finds_words_in_docstrings_comments_and_names(word):
    name = word.replace(" ", "_")
    for code in (f'"""It was {word}."""\n', f"x = 1  # {word}\n", f"def {name}_it():\n    pass\n"):
        assert BANNED.search(prose_of_code(code))
    assert not BANNED.search(prose_of_code('"""The cameo of a shell, a lestoil, this."""\n'))
