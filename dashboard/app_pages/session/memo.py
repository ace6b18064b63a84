"""Cache calculations across reruns and sessions."""

import threading
import time
from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from typing import Any, Concatenate, Final, Generic, ParamSpec, TypeVar

import pandas as pd

from dashboard.app_pages.session.connection import connect
from dashboard.data.history import History

P = ParamSpec("P")
T = TypeVar("T")

_MOST: Final = 512
_READ_AGAIN_SECONDS: Final = 60.0  # other processes write to the history too


def cached(function: Callable[P, T]) -> Callable[P, T]:
    """Return `function` with its results cached and shared between sessions. Do not mutate them.

    A frame is the same argument only while it is the same object, as those of cached functions are for the same
    arguments; everything else is the same when it is equal, so it must be hashable. `function` is one of a module (one
    made in a page is another in each run) and depends on its arguments alone.
    """

    @wraps(function)
    def call(*args: P.args, **named: P.kwargs) -> T:
        found: T = _call(function, *map(_key, args), **{name: _key(value) for name, value in named.items()})
        return found

    return call


def cached_history_read(ask: Callable[Concatenate[History, P], T], *args: P.args, **named: P.kwargs) -> T | None:
    """Return what `ask(history, …)` reads from the history of this session's account; None while it cannot be used.

    Read again when this process has written to it, and after a minute. While it is the same, it is the same object.
    """
    archive = connect().archive
    history = archive.history
    if history is None:
        return None
    kept: _Read[T] = _read(
        ask, ByIdentity(history), *map(_key, args), **{name: _key(value) for name, value in named.items()}
    )
    return kept.get(history.writes, lambda: archive.read(lambda _: ask(history, *args, **named)))


class ByIdentity(Generic[T]):
    """An argument that is the same while it is one object, whatever it holds."""

    def __init__(self, value: T) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ByIdentity) and other.value is self.value

    def __hash__(self) -> int:
        return id(self.value)


class _Frame(ByIdentity[pd.DataFrame]):
    """A frame in a key of the cache. The key holds it, so that its identity stays its own while the result is kept."""


def _key(value: object) -> Hashable:
    return _Frame(value) if isinstance(value, pd.DataFrame) else value


def _argument(key: object) -> object:
    return key.value if isinstance(key, _Frame) else key


@lru_cache(maxsize=_MOST, typed=True)
def _call(function: Callable[..., Any], *keys: object, **named: object) -> Any:
    return function(*map(_argument, keys), **{name: _argument(key) for name, key in named.items()})


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


@lru_cache(maxsize=_MOST, typed=True)
def _read(*_args: object, **_named: object) -> _Read[Any]:
    return _Read()
