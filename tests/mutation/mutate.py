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
import contextlib
import importlib
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

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
LONGEST = 900.0
"""Seconds after which a run counts as one that does not end, where its usual time is not known yet."""
LIBRARIES = (
    "alembic", "hypothesis", "jinja2", "numpy", "openpyxl", "orjson", "pandas", "plotly.graph_objects", "psycopg",
    "pyarrow", "requests", "responses", "scipy.stats", "sqlalchemy", "statsmodels.stats.api",
    "streamlit.testing.v1", "xlsxwriter",
)  # fmt: skip
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

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.before}  ->  {self.after}"


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


def nearest_tests(path: str, imports: dict[str, set[str]]) -> list[tuple[str, ...]]:
    """Return what to run for a mutant of `path`, nearest tests first: arguments of one run of pytest each."""
    module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    direct = sorted((len(names), test) for test, names in imports.items() if module in names)
    first = [test for _, test in direct[:PER_MUTANT]]
    package = path.split("/")[1] if path.startswith("dashboard/") else path.split("/", maxsplit=1)[0]
    if "/sandbox/" in path:
        package = "sandbox"
    folder = f"tests/{package}"
    parts = path.split("/")
    inner = f"tests/{package}/{parts[2]}" if len(parts) > 3 else ""
    folders = [inner, folder] if inner and (ROOT / inner).is_dir() else [folder]
    runs = [(test,) for test in first]
    for done, one in enumerate(folders):
        skipped = [*first, *folders[:done]]
        runs.append((one, *(f"--ignore={test}" for test in skipped if test.startswith(f"{one}/"))))
    return runs


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


class Bench:
    """A copy of the repository in which mutants are tried, one at a time.

    Each test module runs in a fork of this process, which has imported the libraries but nothing of the product. So a
    mutant costs no start of Python, and nothing of one run is left for the next.
    """

    def __init__(self, copy: Path, imports: dict[str, set[str]]) -> None:
        self._copy = copy
        self._imports = imports
        self._usual: dict[tuple[str, ...], float | None] = {}
        # Everything is compiled once, tests with their rewritten assertions too.
        self._run(("--collect-only", "tests"), limit=600, writes_bytecode=True)

    def survives(self, mutant: Mutant) -> bool:
        """Return whether no test notices `mutant`, which is written into the copy and taken out again."""
        target = self._copy / mutant.path
        original, times = target.read_bytes(), target.stat()

        def write(source: bytes) -> None:
            target.write_bytes(source)
            if source == original:  # and so its compiled form is valid again
                os.utime(target, ns=(times.st_atime_ns, times.st_mtime_ns))

        try:
            for tests in nearest_tests(mutant.path, self._imports):
                write(mutant.source.encode())
                limit = LONGEST if self._usual.get(tests) is None else max(30.0, 4 * (self._usual[tests] or 0.0))
                began = time.monotonic()
                if self._run(tests, limit):
                    self._usual.setdefault(tests, time.monotonic() - began)
                    continue
                write(original)
                if self._passes_unchanged(tests):
                    return False
            return True
        finally:
            write(original)

    def _passes_unchanged(self, tests: tuple[str, ...]) -> bool:
        """Return whether `tests` pass without any mutant: what fails anyway, or never ends, has caught nothing."""
        if tests not in self._usual:
            began = time.monotonic()
            self._usual[tests] = time.monotonic() - began if self._run(tests, LONGEST) else None
            if self._usual[tests] is None:
                print(f"fails or is too slow without any mutant: {' '.join(tests)}", file=sys.stderr)
        return self._usual[tests] is not None

    def _run(self, tests: tuple[str, ...], limit: float, *, writes_bytecode: bool = False) -> bool:
        child = os.fork()
        if not child:
            os.setsid()
            _run_pytest_and_exit(self._copy, tests, writes_bytecode=writes_bytecode)
        until = time.monotonic() + limit
        while time.monotonic() < until:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                # Servers that a failed test left behind end with it.
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child, signal.SIGKILL)
                return os.waitstatus_to_exitcode(status) in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}
            time.sleep(0.02)
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return False


def _run_pytest_and_exit(copy: Path, tests: tuple[str, ...], *, writes_bytecode: bool) -> None:
    code = 1
    try:
        silent = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silent, stream)
        os.chdir(copy)
        # A fork of its own server, or a command of a test, has to find the copy, too.
        os.environ["PYTHONPATH"] = str(copy)
        sys.path.insert(0, str(copy))
        importlib.invalidate_caches()
        sys.dont_write_bytecode = not writes_bytecode
        # Plugins of pytest are among the libraries, so their own assertions are not rewritten: of no importance here.
        quiet = ["-q", "-x", "-n", "0", "-p", "no:randomly", "-p", "no:cacheprovider"]
        code = int(pytest.main([*quiet, "-W", "ignore::pytest.PytestAssertRewriteWarning", *tests]))
    finally:
        os._exit(code)


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
    drawn, available = drawn[: asked.count], len(drawn)
    survivors, done = [], 0
    for library in LIBRARIES:
        importlib.import_module(library)
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        for survived, mutant in _try_all(drawn, asked.workers, Path(folder), time.monotonic() + 60 * asked.minutes):
            done += 1
            if survived:
                survivors.append(mutant)
                print(f"{len(survivors)} of {done} survive: {mutant}", flush=True)
    print()
    for mutant in sorted(survivors, key=lambda one: (one.path, one.line)):
        print(mutant)
    caught = done - len(survivors)
    share = 100 * caught / done if done else 0.0
    print(f"{caught} of {done} mutants caught ({share:.1f} %), seed {asked.seed}, {available:,} to draw from")
    return 0 if share >= asked.goal else 1


def _try_all(drawn: list[Mutant], workers: int, folder: Path, until: float) -> Iterator[tuple[bool, Mutant]]:
    """Yield whether each mutant survives, from `workers` processes, until all are tried or time is up."""
    context = multiprocessing.get_context("fork")
    results = context.SimpleQueue()

    def work(number: int) -> None:
        bench = Bench(_copy(folder / str(number)), imports_of_tests())
        for index in range(number, len(drawn), workers):
            if time.monotonic() > until:
                break
            results.put((index, bench.survives(drawn[index])))
        results.put(None)

    processes = [context.Process(target=work, args=(number,)) for number in range(workers)]
    for process in processes:
        process.start()
    ended = 0
    while ended < workers:
        result = results.get()
        if result is None:
            ended += 1
        else:
            yield result[1], drawn[result[0]]
    for process in processes:
        process.join()


def _copy(place: Path) -> Path:
    kept_out = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", "dist", "build")
    return Path(shutil.copytree(ROOT, place, ignore=kept_out))


if __name__ == "__main__":
    sys.exit(main())
