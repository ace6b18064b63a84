"""Break the product in small ways, one at a time, and count how many the tests notice.

usage: python tests/mutation/mutate.py [--count 300] [--seed 1] [--minutes 30] [--only dashboard/analysis]

Each mutant changes one place of one function: a comparison, a boolean, a number, an operator, a condition, a returned
value. It is run in a copy of the repository against the tests nearest to it: the test modules that import its module,
fewest imports first, then the tests of its package. What survives is listed with its line, to be read: either the
changed program is equal to the first one, or a test is missing. Ends with 1 when fewer than `--goal` percent of
the mutants are caught.
"""

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
WHERE = (
    "klenty_api",
    "dashboard/data",
    "dashboard/analysis",
    "dashboard/actions",
    "dashboard/exports",
    "dashboard/web",
)
NOT_THERE = ("sandbox/catalogue.py", "migrations/")
COMPARISONS = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult}
CALLS = {"any": "all", "all": "any", "min": "max", "max": "min", "sum": "len"}
SECONDS = 120.0
PER_MUTANT = 6
"""Test modules that a mutant is held against, at most, before its package's folder."""


@dataclass(frozen=True)
class Mutant:
    """One change: where, what, and the whole source with it."""

    path: str
    line: int
    before: str
    after: str
    source: str


def mutants_of(path: Path) -> list[Mutant]:
    """Return every mutant of one module; annotations, docstrings and constants of modules are left alone."""
    source = path.read_text("utf-8")
    found = []
    for count in range(sum(1 for _ in _places(ast.parse(source)))):
        tree = ast.parse(source)
        node, change = next(place for number, place in enumerate(_places(tree)) if number == count)
        before = ast.unparse(node)
        change()
        after = ast.unparse(node)
        line = getattr(node, "lineno", 0)
        found.append(Mutant(str(path.relative_to(ROOT)), line, before, after, ast.unparse(tree)))
    return found


def _places(tree: ast.AST) -> Iterator[tuple[ast.AST, Callable[[], object]]]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for statement in function.body:
                for node in ast.walk(statement):
                    yield from _changes(node)


def _changes(node: ast.AST) -> Iterator[tuple[ast.AST, Callable[[], object]]]:  # noqa: C901  # one case a kind of node
    match node:
        case ast.Compare(ops=[op]) if type(op) in COMPARISONS:
            yield node, lambda: setattr(node, "ops", [COMPARISONS[type(op)]()])
        case ast.BoolOp():
            other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield node, lambda: setattr(node, "op", other)
        case ast.UnaryOp(op=ast.Not()):
            yield node, lambda: setattr(node, "operand", ast.UnaryOp(ast.Not(), node.operand))
        case ast.BinOp(op=op) if type(op) in OPERATORS and not _is_text(node):
            yield node, lambda: setattr(node, "op", OPERATORS[type(op)]())
        case ast.Constant(value=bool() as value):
            yield node, lambda: setattr(node, "value", not value)
        case ast.Constant(value=int() | float() as value):
            yield node, lambda: setattr(node, "value", value + 1)
        case ast.Constant(value=str() as value) if value.isidentifier() and len(value) > 3:
            yield node, lambda: setattr(node, "value", f"{value}_")
        case ast.If(test=test) | ast.IfExp(test=test):
            yield node, lambda: setattr(node, "test", ast.UnaryOp(ast.Not(), test))
        case ast.Call(func=ast.Name(id=name)) if name in CALLS:
            yield node, lambda: setattr(node.func, "id", CALLS[name])
        case ast.Return(value=value) if value is not None and not isinstance(value, ast.Constant):
            yield node, lambda: setattr(node, "value", ast.Constant(None))
        case _:
            pass


def _is_text(node: ast.BinOp) -> bool:
    return any(
        isinstance(side, ast.JoinedStr | ast.Constant) and not _is_number(side) for side in (node.left, node.right)
    )


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


def nearest_tests(path: str, imports: dict[str, set[str]]) -> list[str]:
    """Return the test modules to hold a mutant of `path` against, nearest first, then the folder of its package."""
    module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    direct = sorted((len(names), test) for test, names in imports.items() if module in names)
    package = path.split("/")[1] if path.startswith("dashboard/") else path.split("/", maxsplit=1)[0]
    folder = next((one for one in (f"tests/{package}", "tests") if (ROOT / one).is_dir()), "tests")
    return [*(test for _, test in direct[:PER_MUTANT]), folder]


def imports_of_tests() -> dict[str, set[str]]:
    """Return the product's modules that each test module imports."""
    found = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        if "browser" in path.parts:
            continue
        names = set()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        found[str(path.relative_to(ROOT))] = names
    return found


def survives(mutant: Mutant, copy: Path, imports: dict[str, set[str]]) -> bool:
    """Return whether no test notices `mutant`, which is written into `copy` and taken out again."""
    target = copy / mutant.path
    original = target.read_bytes()
    try:
        target.write_text(mutant.source, "utf-8")
        return all(_passes(copy, test) for test in nearest_tests(mutant.path, imports))
    finally:
        target.write_bytes(original)


def _passes(copy: Path, test: str) -> bool:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "-n",
        "0",
        "-p",
        "no:randomly",
        "-p",
        "no:cacheprovider",
        test,
    ]
    environment = {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        run = subprocess.run(
            command, cwd=copy, env=os.environ | environment, capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return run.returncode in {0, 5}


def main() -> int:
    """Run the mutants that were drawn; print and return what the module's docstring says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--only", default="")
    parser.add_argument("--goal", type=float, default=92.0)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    modules = [
        path
        for folder in WHERE
        for path in sorted((ROOT / folder).rglob("*.py"))
        if str(path.relative_to(ROOT)).startswith(asked.only) and not any(part in str(path) for part in NOT_THERE)
    ]
    drawn = [mutant for path in modules for mutant in mutants_of(path)]
    random.Random(asked.seed).shuffle(drawn)
    imports, until = imports_of_tests(), time.monotonic() + 60 * asked.minutes
    survivors, done = [], 0
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copies = [_copy(Path(folder) / str(number)) for number in range(asked.workers)]
        with ThreadPoolExecutor(asked.workers) as pool:
            batches = [drawn[number : asked.count : asked.workers] for number in range(asked.workers)]
            for caught, left in pool.map(lambda pair: _run(*pair, imports, until), zip(batches, copies, strict=True)):
                done += caught + len(left)
                survivors += left
    for mutant in sorted(survivors, key=lambda one: (one.path, one.line)):
        print(f"{mutant.path}:{mutant.line}: {mutant.before}  ->  {mutant.after}")
    share = 100 * (done - len(survivors)) / done if done else 0.0
    caught = done - len(survivors)
    print(f"{caught} of {done} mutants caught ({share:.1f} %), seed {asked.seed}, {len(drawn):,} to draw from")
    return 0 if share >= asked.goal else 1


def _copy(place: Path) -> Path:
    kept_out = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", "dist", "build")
    return Path(shutil.copytree(ROOT, place, ignore=kept_out))


def _run(batch: list[Mutant], copy: Path, imports: dict[str, set[str]], until: float) -> tuple[int, list[Mutant]]:
    survivors, caught = [], 0
    for mutant in batch:
        if time.monotonic() > until:
            break
        if survives(mutant, copy, imports):
            survivors.append(mutant)
        else:
            caught += 1
    return caught, survivors


if __name__ == "__main__":
    sys.exit(main())
