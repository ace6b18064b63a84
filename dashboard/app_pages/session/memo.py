"""What follows from the same inputs is made once for all sessions, not once a rerun."""

import threading
import time
from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any, Concatenate, Final, Generic, ParamSpec, TypeVar

import pandas as pd

from dashboard.app_pages.session.connection import connect
from dashboard.data.history import History

P = ParamSpec("P")
T = TypeVar("T")

_MOST: Final = 512
_READ_AGAIN_SECONDS: Final = 60.0  # other processes write to the history too


def made(make: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
    """What `make` returns for these arguments: made the first time only, and then shared. Read-only.

    Frames are the same when they are one object, as those of `loading.tables` and of `made` itself are for the same
    answers; everything else is the same when it is equal, so it must be hashable. `make` is a function of a module
    (one made in the page is another one in each run) that depends on its arguments alone. Sessions that want the same
    at once wait for the one that makes it.
    """
    kept: _Made[T] = _made(make, *map(_key, args), **{name: _key(value) for name, value in named.items()})
    return kept.get(lambda: make(*args, **named))


def cached_history_read(ask: Callable[Concatenate[History, P], T], *args: P.args, **named: P.kwargs) -> T | None:
    """What `ask(history, …)` reads from the history of this session's account; None while it cannot be used.

    Read again when this process has written to it, and after a minute. While it is the same, it is the same object.
    """
    archive = connect().archive
    history = archive.history
    if history is None:
        return None
    kept: _Read[T] = _read(ask, Same(history), *map(_key, args), **{name: _key(value) for name, value in named.items()})
    return kept.get(history.writes, lambda: archive.read(lambda _: ask(history, *args, **named)))


class Same(Generic[T]):
    """An argument that is the same when it is one object, whatever it holds."""

    def __init__(self, thing: T) -> None:
        self.thing = thing

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.thing is self.thing

    def __hash__(self) -> int:
        return id(self.thing)


def _key(value: object) -> Hashable:
    return Same(value) if isinstance(value, pd.DataFrame) else value


class _Made(Generic[T]):
    """A value that is made on first use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: list[T] = []

    def get(self, make: Callable[[], T]) -> T:
        with self._lock:
            if not self._values:
                self._values.append(make())
            return self._values[0]


class _Read(Generic[T]):
    """A value that is read again when `writes` changed or some time has passed; an equal one takes its place."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._value: T | None = None
        self._writes = -1
        self._until = 0.0

    def get(self, writes: int, read: Callable[[], T | None]) -> T | None:
        with self._lock:
            if writes != self._writes or time.monotonic() >= self._until:
                found = read()
                if found is None:
                    return None
                if not _equal(found, self._value):
                    self._value = found
                self._writes, self._until = writes, time.monotonic() + _READ_AGAIN_SECONDS
            return self._value


def _equal(one: object, other: object) -> bool:
    if isinstance(one, pd.DataFrame):
        return isinstance(other, pd.DataFrame) and one.equals(other)
    return one == other


# The key holds the frames it stands for, so that their identities stay theirs as long as the value is kept.
@lru_cache(maxsize=_MOST, typed=True)
def _made(*_args: object, **_named: object) -> _Made[Any]:
    return _Made()


@lru_cache(maxsize=_MOST, typed=True)
def _read(*_args: object, **_named: object) -> _Read[Any]:
    return _Read()
