"""Output that may be closed, full, or in an encoding that lacks a sign: never a reason to end a command."""

import errno
import io
import os
import sys
from typing import Final

import click

_OUTPUT_ERRORS: Final = {errno.ENOSPC, errno.EIO, errno.EPIPE, errno.EBADF, errno.EDQUOT, errno.EFBIG}


def guard_streams() -> None:
    """Let both outputs write any text, and keep the numbers of closed ones from the next file that is opened."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:  # else a database could be opened as number 2, and a library's warning go into it
            os.open(os.devnull, os.O_RDWR)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def say(text: str, *, err: bool = False, newline: bool = True) -> None:
    """Write `text` for people. When that fails, say so once on the other output and go on without that one.

    Args:
        text: without its line break.
        err: whether to the standard error.
        newline: whether the line ends.
    """
    try:
        click.echo(text, err=err, nl=newline)
    except OSError as error:
        problem = output_problem(error) or ""
        if not err and problem:
            say(problem, err=True)


def output_problem(error: OSError) -> str | None:
    """Return why output cannot be written, and write to it no more; None when `error` is of another kind."""
    if error.filename is not None or error.errno not in _OUTPUT_ERRORS:
        return None
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            _discard(stream)
            setattr(sys, name, None)
    return f"The output cannot be written: {os.strerror(error.errno or 0)}."


def _discard(stream: io.TextIOBase) -> None:
    """Give the stream's file to nothing, so that what it still holds makes no error when the process ends."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
    os.close(null)
