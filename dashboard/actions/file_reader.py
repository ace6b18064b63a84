"""Read an uploaded file in a process of its own, with limits of time and memory.

A file of some kilobytes can ask for gigabytes or hours. The process is stopped when nobody waits for it any more.
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Final

from dashboard.actions.spreadsheet import MAX_BYTES, Sheet, SheetError, SheetRow, read_sheet

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS: Final = 5.0
MEMORY: Final = 200_000_000
_AT_ONCE: Final = threading.BoundedSemaphore(2)
_EVERY: Final = 0.1
_TOO_MUCH: Final = "The file takes more time or memory than a list of prospects needs. Save its rows as CSV."


def read_file(
    name: str,
    content: bytes,
    *,
    encoding: str = "",
    header_row: int = 0,
    seconds: float = SECONDS,
    on_wait: Callable[[], object] = lambda: None,
) -> Sheet:
    """Return the table in a file, as `spreadsheet.read_sheet` does, read within `seconds` and 200 MB.

    Args:
        name: the file's name.
        content: its bytes.
        encoding: of a text file; found out when empty.
        header_row: the number of the row with the headings; found out when 0.
        seconds: how long it may take.
        on_wait: called while it is read. What it raises stops the reading.

    Raises:
        SheetError: the file cannot be read, or not within the limits.
    """
    if len(content) > MAX_BYTES:
        raise SheetError(f"The file is larger than {MAX_BYTES // 1_000_000} MB. Split it.")
    while not _AT_ONCE.acquire(timeout=_EVERY):
        on_wait()
    try:
        answer = _run([name, encoding, str(header_row)], content, seconds, on_wait)
    finally:
        _AT_ONCE.release()
    if "problem" in answer:
        raise SheetError(answer["problem"])
    rows = tuple(
        SheetRow(number, tuple(cells), problem, {int(position): text for position, text in remarks.items()})
        for number, cells, problem, remarks in answer.pop("rows")
    )
    columns, notes = tuple(answer.pop("columns")), tuple(answer.pop("notes"))
    return Sheet(columns, rows, notes, **answer)


def _run(arguments: list[str], content: bytes, seconds: float, on_wait: Callable[[], object]) -> dict[str, Any]:
    command = [sys.executable, "-m", "dashboard.actions.file_reader", *arguments]
    env = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "SYSTEMROOT", "HOME") if name in os.environ}
    env |= {"OPENBLAS_NUM_THREADS": "1", "PYTHONUTF8": "1"}
    end = time.monotonic() + seconds
    waiting: bytes | None = content
    process = subprocess.Popen(  # noqa: S603 - this module, and a file name that is data there
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env
    )
    with process:
        try:
            while True:
                on_wait()
                try:
                    out, _ = process.communicate(waiting, timeout=_EVERY)
                    break
                except subprocess.TimeoutExpired:
                    waiting = None  # it is being sent
                    if time.monotonic() > end:
                        raise SheetError(_TOO_MUCH) from None
        finally:
            if process.poll() is None:
                process.kill()
    if process.returncode or not out:
        raise SheetError(_TOO_MUCH)
    answer: dict[str, Any] = json.loads(out)
    return answer


def _limit() -> None:
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (int(SECONDS) + 1, int(SECONDS) + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)


def main() -> None:
    """Read the file on standard input, with the limits, and print its table as JSON."""
    name, encoding, header_row = sys.argv[1:4]
    content = sys.stdin.buffer.read()
    _limit()
    try:
        sheet = read_sheet(name, content, encoding=encoding, header_row=int(header_row))
    except SheetError as problem:
        answer: dict[str, object] = {"problem": str(problem)}
    except MemoryError:
        answer = {"problem": _TOO_MUCH}
    else:
        answer = {field.name: getattr(sheet, field.name) for field in dataclasses.fields(sheet)}
        answer["rows"] = [(row.number, row.cells, row.problem, row.remarks) for row in sheet.rows]
    sys.stdout.buffer.write(json.dumps(answer).encode())


if __name__ == "__main__":
    main()
