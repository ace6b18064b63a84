"""What is imported after the server has started is imported by one thread at a time."""

import ast
from pathlib import Path

import pytest

import dashboard

ROOT = Path(dashboard.__file__).parent


def imports(node: ast.AST, *, held: bool = False):
    """Yield each import of the dashboard's own below `node`, and whether the lock is held there."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ImportFrom) and (child.module or "").startswith("dashboard"):
            yield child.module, held
        holds = isinstance(child, ast.With) and any(
            ast.unparse(item.context_expr) == "IMPORTING" for item in child.items
        )
        yield from imports(child, held=held or holds)


@pytest.mark.parametrize("name", ["server.py", "web/webhook_receiver.py"])
def test_functions_of_the_server_import_under_the_lock(name):
    tree = ast.parse((ROOT / name).read_text("utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    found = [one for function in functions for one in imports(function)]
    assert found
    assert [module for module, held in found if not held] == []


def test_the_script_of_every_page_imports_under_the_lock():
    found = list(imports(ast.parse((ROOT / "app.py").read_text("utf-8"))))
    assert [module for module, held in found if not held] == ["dashboard.web.importing"]
