"""The deep check: read-only questions to an account that turn what no document says into facts, with evidence.

Nothing is changed in Klenty. At most `MOST_CALLS` calls are made, one after the other.
"""

import threading
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from dashboard.data.account_check.facts import AccountFacts
from dashboard.data.account_check.probe import Answered, Asker, OutOfCalls, Tell
from dashboard.data.account_check.questions import QUESTIONS, pick
from klenty_api import AuthenticationError, KlentyClient, KlentyError, UnknownUserError


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
        """Return what was kept; None for anything else."""
        try:
            answers = tuple(Answered(**item | {"evidence": tuple(item["evidence"])}) for item in kept["answers"])
            return cls(answers, AccountFacts.from_json(kept["facts"]), int(kept["calls"]), bool(kept["stopped"]))
        except (AttributeError, KeyError, TypeError, ValueError):
            return None


def deep_check(
    client: KlentyClient, *, timezone: str, today: date, tell: Tell | None = None, cancel: threading.Event | None = None
) -> DeepCheck:
    """Put every question to the account of `client`; days are those of `timezone`.

    `tell(calls, most, question)` is called before each call. Raises `KlentyError` when the key or the user is refused
    or the list of cadences does not come; any other failure leaves its question unclear.

    Args:
        client: of the account.
        timezone: IANA name of the zone in which days end.
        today: in the zone.
        tell: called before each call with calls, most and question.
        cancel: when set, what is not begun is not asked.
    """
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
            found = Answered(question.key, question.text, "Not asked to the end", status="unclear")
        except (AuthenticationError, UnknownUserError):
            raise
        except KlentyError as error:
            found = Answered(question.key, question.text, "No usable answer", status="unclear", evidence=(str(error),))
        answers.append(replace(found, key=question.key, question=question.text, calls=asker.calls - before))
    return DeepCheck(tuple(answers), facts, asker.calls, stopped)
