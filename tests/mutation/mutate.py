"""Break the product in small ways, one at a time, and count how many the tests notice.

usage: python tests/mutation/mutate.py [--count 300] [--seed 1] [--minutes 30] [--only dashboard/analysis]

Each mutant changes one place of one function: a comparison, a boolean, a number, an operator, a condition, a returned
value. First every test of the drawn packages runs once, in a copy of the repository, and it is noted which functions
it calls. A mutant then runs against the tests that call its function, those first that call the fewest others, until
one fails or `--patience` seconds of tests are used up; where no test calls it, against the folder of its package. What
survives is listed with its line, to be read: either the changed program is equal to the first one, or a test is
missing. Ends with 1 when fewer than `--goal` percent of the mutants are caught.
"""

import argparse
import ast
import contextlib
import importlib
import itertools
import json
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TypeVar

import pytest

ROOT = Path(__file__).parents[2]
Thing = TypeVar("Thing")
Result = TypeVar("Result")
Record = dict[str, tuple[float, list[tuple[str, int]]]]
"""Of each test its seconds and the functions that it calls: path and first line."""
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
"""Seconds after which a run counts as one that does not end."""
SLOWEST = 10.0
"""Seconds that a test may take to be held against mutants."""
LIBRARIES = (
    "alembic", "hypothesis", "jinja2", "numpy", "openpyxl", "orjson", "pandas", "plotly.graph_objects", "psycopg",
    "pyarrow", "requests", "responses", "scipy.stats", "sqlalchemy", "statsmodels.stats.api",
    "streamlit.testing.v1", "xlsxwriter",
)  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change: where, in which function, what, and the whole source with it."""

    path: str
    line: int
    function: int
    before: str
    after: str
    source: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.before}  ->  {self.after}"


def places_of(path: Path) -> list[tuple[Path, int]]:
    """Return the places of one module that can be changed; annotations, docstrings and its own constants cannot."""
    return [(path, number) for number, _ in enumerate(_places(ast.parse(path.read_text("utf-8"))))]


def mutant_at(path: Path, number: int) -> Mutant:
    """Return the mutant of one of the module's places."""
    tree = ast.parse(path.read_text("utf-8"))
    function, node, change = next(itertools.islice(_places(tree), number, None))
    before, line = ast.unparse(node), getattr(node, "lineno", 0)
    change()
    return Mutant(str(path.relative_to(ROOT)), line, function, before, ast.unparse(node), ast.unparse(tree))


def _places(tree: ast.AST) -> Iterator[tuple[int, ast.AST, Callable[[], object]]]:
    """Yield the first line of a function, decorators included, a node that is its own, and a change of that node."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([function.lineno, *(one.lineno for one in function.decorator_list)])
            for node in _own_nodes(function.body):
                for change in _changes(node):
                    yield first, *change


def _own_nodes(statements: list[ast.stmt]) -> Iterator[ast.AST]:
    left: list[ast.AST] = [*statements]
    while left:
        node = left.pop()
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
            left.extend(ast.iter_child_nodes(node))


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


def folder_of(path: str) -> str:
    """Return the folder of tests that belongs to a module's package."""
    if "/sandbox/" in path:
        return "tests/sandbox"
    return f"tests/{path.split('/')[1 if path.startswith('dashboard/') else 0]}"


class Recorder:
    """A plugin of pytest that notes of each test: seconds, whether it passed, and the functions it called."""

    def __init__(self, copy: Path, notes: Path) -> None:
        self._inside = tuple(f"{copy / folder}/" for folder in WHERE)
        self._start = len(str(copy)) + 1
        self._notes = notes
        self._called: set[tuple[str, int]] = set()
        self._passed = True
        self._found: Record = {}

    def _on_call(self, frame: FrameType, event: str, argument: object) -> None:
        code = frame.f_code
        if code.co_filename.startswith(self._inside):
            self._called.add((code.co_filename, code.co_firstlineno))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._called, self._passed, began = set(), True, time.monotonic()
        threading.settrace(self._on_call)
        sys.settrace(self._on_call)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            if self._passed:
                called = [(name[self._start :], line) for name, line in self._called]
                self._found[item.nodeid] = time.monotonic() - began, called

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.outcome != "passed":
            self._passed = False
        if report.failed:
            print(f"fails without any mutant: {report.nodeid}")

    def pytest_sessionfinish(self) -> None:
        self._notes.write_text(json.dumps(self._found), "utf-8")


class FirstFailure:
    """A plugin of pytest that writes down which test failed."""

    def __init__(self, notes: Path) -> None:
        self._notes = notes

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._notes.write_text(report.nodeid, "utf-8")


class Bench:
    """A copy of the repository in which mutants are tried, one at a time.

    Each run is a fork of this process, which has imported the libraries but nothing of the product. So a mutant costs
    no start of Python, and nothing of one run is left for the next.
    """

    def __init__(self, copy: Path) -> None:
        self._copy = copy
        self._notes = copy.with_name(f"{copy.name}.json")
        self._alone: dict[str, bool] = {}

    def record(self, module: str) -> Record:
        """Return the seconds and the called functions of each test of a module that passes."""
        self._notes.unlink(missing_ok=True)
        recorder = Recorder(self._copy, self._notes)
        self._run([module], LONGEST, plugin=recorder, options=(), writes_bytecode=True)
        return json.loads(self._notes.read_text("utf-8")) if self._notes.exists() else {}

    def survives(self, mutant: Mutant, tests: list[str], seconds: float) -> bool:
        """Return whether none of `tests`, which take `seconds`, notices `mutant`; it is taken out again."""
        tests = [test for test in tests if self._alone.get(test, True)]
        target = self._copy / mutant.path
        original, times = target.read_bytes(), target.stat()
        target.write_bytes(mutant.source.encode())
        self._notes.unlink(missing_ok=True)
        try:
            if self._run(tests, max(60.0, 6 * seconds)):
                return True
        finally:
            target.write_bytes(original)
            os.utime(target, ns=(times.st_atime_ns, times.st_mtime_ns))  # and so its compiled form is valid again
        failed = self._notes.read_text("utf-8") if self._notes.exists() else ""
        if failed and not self._passes_alone(failed):
            print(f"fails alone, without any mutant: {failed}", file=sys.stderr)
            return self.survives(mutant, [test for test in tests if test != failed], seconds)
        return False

    def _passes_alone(self, test: str) -> bool:
        if test not in self._alone:
            self._alone[test] = self._run([test], LONGEST)
        return self._alone[test]

    def _run(
        self,
        tests: list[str],
        limit: float,
        *,
        plugin: object = None,
        options: tuple[str, ...] = ("-x",),
        writes_bytecode: bool = False,
    ) -> bool:
        child = os.fork()
        if not child:
            os.setsid()
            sys.dont_write_bytecode = not writes_bytecode
            _run_pytest_and_exit(self._copy, [*options, *tests], plugin or FirstFailure(self._notes))
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


def _run_pytest_and_exit(copy: Path, arguments: list[str], plugin: object) -> None:
    code = 1
    try:
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        output = os.open(copy.with_name(f"{copy.name}.txt"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for stream in (1, 2):
            os.dup2(output, stream)
        os.chdir(copy)
        # A fork of its own server, or a command of a test, has to find the copy, too.
        os.environ["PYTHONPATH"] = str(copy)
        sys.path.insert(0, str(copy))
        importlib.invalidate_caches()
        # Plugins of pytest are among the libraries, so their own assertions are not rewritten: of no importance here.
        quiet = ["-q", "-n", "0", "-p", "no:randomly", "-p", "no:cacheprovider"]
        warning = ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
        code = int(pytest.main([*quiet, *warning, *arguments], plugins=[plugin]))
    finally:
        os._exit(code)


class Nearest:
    """Which tests a mutant is held against."""

    def __init__(self, recorded: Record, patience: float) -> None:
        self._patience = patience
        self._seconds = {test: seconds for test, (seconds, _) in recorded.items()}
        self._callers: dict[tuple[str, int], list[str]] = {}
        for test, (seconds, called) in sorted(recorded.items(), key=lambda one: len(one[1][1])):
            if seconds < SLOWEST:
                for path, line in called:
                    self._callers.setdefault((path, line), []).append(test)

    def tests(self, mutant: Mutant) -> tuple[list[str], float]:
        """Return what to run for `mutant`, nearest tests first, and the seconds that it usually takes."""
        chosen, seconds = [], 0.0
        for test in self._callers.get((mutant.path, mutant.function), []):
            if seconds + self._seconds[test] > self._patience and chosen:
                break
            chosen.append(test)
            seconds += self._seconds[test]
        return (chosen, seconds) if chosen else ([folder_of(mutant.path)], LONGEST / 6)


def main() -> int:
    """Run the mutants that were drawn; print and return what the module's docstring says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--only", nargs="*", default=list(WHERE))
    parser.add_argument("--goal", type=float, default=92.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--patience", type=float, default=40.0)
    asked = parser.parse_args()
    modules = [
        path
        for folder in WHERE
        for path in sorted((ROOT / folder).rglob("*.py"))
        if str(path.relative_to(ROOT)).startswith(tuple(asked.only))
        and not any(part in str(path) for part in NOT_THERE)
    ]
    places = [place for path in modules for place in places_of(path)]
    random.Random(asked.seed).shuffle(places)
    drawn = [mutant_at(*place) for place in places[: asked.count]]
    survivors, done = [], 0
    for library in LIBRARIES:
        importlib.import_module(library)
    until = time.monotonic() + 60 * asked.minutes
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        Path(folder).chmod(0o755)
        benches = [Bench(_copy(Path(folder) / str(number))) for number in range(asked.workers)]
        nearest = Nearest(_record(benches, {folder_of(one.path) for one in drawn}), asked.patience)
        for survived, mutant in _try_all(drawn, benches, nearest, until):
            done += 1
            if survived:
                survivors.append(mutant)
                print(f"{len(survivors)} of {done} survive: {mutant}", flush=True)
    print()
    for mutant in sorted(survivors, key=lambda one: (one.path, one.line)):
        print(mutant)
    caught = done - len(survivors)
    share = 100 * caught / done if done else 0.0
    print(f"{caught} of {done} mutants caught ({share:.1f} %), seed {asked.seed}, {len(places):,} to draw from")
    return 0 if share >= asked.goal else 1


def _record(benches: list[Bench], folders: set[str]) -> Record:
    """Return what each test of `folders` calls, the modules of tests divided among `benches`."""
    modules = [str(path.relative_to(ROOT)) for folder in sorted(folders) for path in (ROOT / folder).rglob("test_*.py")]
    recorded = {}
    for found in _in_processes(benches, modules, lambda bench, module: bench.record(module)):
        recorded |= found
    print(f"{len(recorded):,} tests of {', '.join(sorted(folders))} pass and are held against the mutants", flush=True)
    return recorded


def _try_all(
    drawn: list[Mutant], benches: list[Bench], nearest: Nearest, until: float
) -> Iterator[tuple[bool, Mutant]]:
    """Yield whether each mutant survives, until all are tried or time is up."""

    def survives(bench: Bench, mutant: Mutant) -> tuple[bool, Mutant] | None:
        return (bench.survives(mutant, *nearest.tests(mutant)), mutant) if time.monotonic() < until else None

    return filter(None, _in_processes(benches, drawn, survives))


def _in_processes(
    benches: list[Bench], things: Sequence[Thing], do: Callable[[Bench, Thing], Result]
) -> Iterator[Result]:
    """Yield what `do` returns for each of `things`, as it becomes known: every bench in a process of its own."""
    context = multiprocessing.get_context("fork")
    results, next_one = context.SimpleQueue(), context.Value("i", 0)

    def work(bench: Bench) -> None:
        try:
            while True:
                with next_one.get_lock():
                    number, next_one.value = next_one.value, next_one.value + 1
                if number >= len(things):
                    break
                results.put((do(bench, things[number]),))
        finally:
            results.put(None)

    processes = [context.Process(target=work, args=(bench,)) for bench in benches]
    for process in processes:
        process.start()
    ended = 0
    while ended < len(benches):
        result = results.get()
        if result is None:
            ended += 1
        else:
            yield result[0]
    for process in processes:
        process.join()


def _copy(place: Path) -> Path:
    kept_out = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", "dist", "build")
    return Path(shutil.copytree(ROOT, place, ignore=kept_out))


if __name__ == "__main__":
    sys.exit(main())
