"""Asking an account for its deep check: counted, bounded, and nothing twice."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Literal

from klenty_api import Cadence, KlentyClient, KlentyError, Step
from klenty_api.decode import as_count
from klenty_api.endpoints.engagements import Engagements

MOST_CALLS: Final = 150

Status = Literal["settled", "not seen", "unclear"]
Moment = date | datetime
Counts = Mapping[str, int]
Tell = Callable[[int, int, str], object]


@dataclass(frozen=True)
class Answered:
    """One question: what was found, how sure it is, the evidence, and how many calls it took.

    *settled* is what was shown; *not seen* that none contradicted it in what the evidence names; *unclear* the rest.
    """

    key: str
    question: str
    answer: str
    status: Status
    evidence: tuple[str, ...] = ()
    calls: int = 0

    @property
    def settled(self) -> bool:
        """Whether the answer was shown."""
        return self.status == "settled"


class OutOfCalls(Exception):
    """No more calls: all that were allowed are made, or a person stopped the check."""


@dataclass
class Asker:
    """Asks, counts its calls, and asks nothing twice. Raises `OutOfCalls` and `KlentyError`."""

    client: KlentyClient
    most: int = MOST_CALLS
    tell: Tell = lambda _done, _total, _at: None
    cancel: threading.Event = field(default_factory=threading.Event)
    calls: int = 0
    question: str = ""
    _known: dict[tuple[object, ...], Any] = field(default_factory=dict)

    def raw(self, name: str, start: Moment, end: Moment, user: str | None = None) -> Mapping[str, Any]:
        """Return the engagement answer as it arrived; empty where Klenty found nothing.

        Args:
            name: of the cadence.
            start: first moment.
            end: last moment.
            user: another than the one of the client.
        """

        def ask() -> Mapping[str, Any]:
            return self._reports(user).email(name, start, end).raw

        return self._once(("raw", name, start, end, user), ask)  # type: ignore[no-any-return]

    def counts(self, name: str, start: Moment, end: Moment, user: str | None = None) -> Counts:
        """Return the counts of the engagement answer, by Klenty's own field names.

        Args:
            name: of the cadence.
            start: first moment.
            end: last moment.
            user: another than the one of the client.
        """
        answer = self.raw(name, start, end, user)
        return {key: number for key, value in answer.items() if (number := as_count(value)) is not None}

    def steps(self, name: str, start: Moment, end: Moment) -> Sequence[Step]:
        """Return the steps of the step-wise answer.

        Args:
            name: of the cadence.
            start: first moment.
            end: last moment.
        """

        def ask() -> Sequence[Step]:
            return self._reports(None).stepwise(name, start, end)

        return self._once(("steps", name, start, end), ask)  # type: ignore[no-any-return]

    def cadences(self) -> Sequence[Cadence]:
        """Return the account's cadences."""
        return self._once(("cadences",), self.client.cadences.list)  # type: ignore[no-any-return]

    def _reports(self, user: str | None) -> Engagements:
        return self.client.engagements if user is None else Engagements(self.client.send, user)

    def _once(self, key: tuple[object, ...], ask: Callable[[], Any]) -> Any:
        if key not in self._known:
            if self.cancel.is_set() or self.calls >= self.most:
                raise OutOfCalls
            self.calls += 1
            self.tell(self.calls, self.most, self.question)
            try:
                self._known[key] = ask()
            except KlentyError as error:
                self._known[key] = error
        if isinstance(self._known[key], KlentyError):
            raise self._known[key]
        return self._known[key]
