"""The deep check: read-only questions to an account that turn what no document says into facts, with evidence.

Nothing is changed in Klenty. At most `MOST_CALLS` calls are made, one after the other.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, Final

from dashboard.data.account_facts import AccountFacts
from klenty_api import AuthenticationError, Cadence, KlentyClient, KlentyError, Step, UnknownUserError
from klenty_api.engagements import Engagements
from klenty_api.reading import count

MOST_CALLS: Final = 90

Moment = date | datetime
Counts = Mapping[str, int]
Tell = Callable[[int, int, str], object]


@dataclass(frozen=True)
class Answered:
    """One question: what was found, whether that settles it, the evidence, and how many calls it took."""

    key: str
    question: str
    answer: str
    settled: bool
    evidence: tuple[str, ...] = ()
    calls: int = 0


@dataclass(frozen=True)
class DeepCheck:
    """All answers, the facts that follow, and how many calls were made. `stopped`: not everything was asked."""

    answers: tuple[Answered, ...]
    facts: AccountFacts
    calls: int
    stopped: bool = False

    def as_json(self) -> dict[str, Any]:
        """For keeping."""
        return {
            "answers": [asdict(answer) for answer in self.answers],
            "facts": self.facts.as_json(),
            "calls": self.calls,
            "stopped": self.stopped,
        }

    @classmethod
    def from_json(cls, kept: Any) -> "DeepCheck | None":  # any JSON
        """What was kept; None for anything else."""
        try:
            answers = tuple(Answered(**item | {"evidence": tuple(item["evidence"])}) for item in kept["answers"])
            return cls(answers, AccountFacts.from_json(kept["facts"]), int(kept["calls"]), bool(kept["stopped"]))
        except (AttributeError, KeyError, TypeError, ValueError):
            return None


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
        """The engagement answer as it came; empty where Klenty found nothing."""

        def ask() -> Mapping[str, Any]:
            return self._reports(user).email(name, start, end).raw

        return self._once(("raw", name, start, end, user), ask)  # type: ignore[no-any-return]

    def counts(self, name: str, start: Moment, end: Moment, user: str | None = None) -> Counts:
        """The counts of the engagement answer, by Klenty's own field names."""
        answer = self.raw(name, start, end, user)
        return {key: number for key, value in answer.items() if (number := count(value)) is not None}

    def steps(self, name: str, start: Moment, end: Moment) -> Sequence[Step]:
        """The steps of the step-wise answer."""

        def ask() -> Sequence[Step]:
            return self._reports(None).stepwise(name, start, end)

        return self._once(("steps", name, start, end), ask)  # type: ignore[no-any-return]

    def cadences(self) -> Sequence[Cadence]:
        """The account's cadences."""
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


def deep_check(
    client: KlentyClient, *, timezone: str, today: date, tell: Tell | None = None, cancel: threading.Event | None = None
) -> DeepCheck:
    """Put every question to the account of `client`; days are those of `timezone`.

    `tell(calls, most, question)` is called before each call. Raises `KlentyError` when the key or the user is refused
    or the list of cadences does not come; any other failure leaves its question unclear.
    """
    from dashboard.data.deep_questions import QUESTIONS, pick  # noqa: PLC0415  # they are built on this module

    asker = Asker(client, tell=tell or (lambda _done, _total, _at: None), cancel=cancel or threading.Event())
    asker.question = "Choosing cadences to ask about"
    facts, answers, stopped = AccountFacts(checked_at=datetime.now(UTC)), list[Answered](), False
    try:
        picked = pick(asker, timezone=timezone, today=today)
    except OutOfCalls:
        return DeepCheck((), facts, asker.calls, stopped=True)
    for question in QUESTIONS:
        before, asker.question = asker.calls, question.text
        try:
            found, learned = question.ask(asker, picked, facts)
            facts = replace(facts, **learned)
        except OutOfCalls:
            stopped = True
            found = Answered(question.key, question.text, "Not asked to the end", settled=False)
        except (AuthenticationError, UnknownUserError):
            raise
        except KlentyError as error:
            found = Answered(question.key, question.text, "No usable answer", settled=False, evidence=(str(error),))
        answers.append(replace(found, key=question.key, question=question.text, calls=asker.calls - before))
    return DeepCheck(tuple(answers), facts, asker.calls, stopped)
