"""Answers by hand, read by the library's own readers, as the store would hold them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from dashboard.data.cadence_report import CadenceKey, CadenceReport
from dashboard.data.history import History
from dashboard.data.windows import Window
from klenty_api import Cadence, EmailEngagement, Step

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
ZONE = "Europe/Berlin"


def cadence(name="Website visitors", **more):
    return Cadence(
        **{"id": f"id of {name}", "name": name, "owner": "sam@x.io", "is_active": True, "created": None} | more
    )


def day(text, days=1):
    first = date.fromisoformat(text)
    return Window(first, first + timedelta(days=days - 1), ZONE)


def option(number, *, subject="Quick question", mails=20, replies=3, **more):
    return {
        "option": number, "templateName": f"T{number}", "subject": subject, "snippet": "Hi {{FirstName}}",
        "mailCount": mails, "openCount": 31, "linkCount": 2, "replyCount": replies, "positiveReply": 1,
        "negetiveReply": 0,
    } | more  # fmt: skip


def step(number, options, **more):
    return {"stepNumber": number, "stepType": "mail", "mailCount": 40, "replyCount": 6, "options": options} | more


def report(window, of=None, *, at=NOW, steps=None, failed=(), **engagement):
    """What Klenty answered for a window; `failed` names the reports that did not come."""
    from klenty_api import ServiceError  # noqa: PLC0415

    raw = {"prospectsAdded": 9, "inCadenceCount": 5, "openCount": 70, "replyCount": 6, "positiveCount": 2,
           "negativeCount": 1, "bounceCount": 0} | engagement  # fmt: skip
    error = ServiceError("it failed")
    answers = steps if steps is not None else [step(1, [option(1), option(2, subject="Hello")]), step(2, [])]
    return CadenceReport(
        of or cadence(),
        window,
        None if "engagement" in failed else EmailEngagement.read(raw),
        None if "steps" in failed else tuple(Step.read(raw) for raw in answers),
        error if "engagement" in failed else None,
        error if "steps" in failed else None,
        at,
        0.25,
    )


def latest(history, cadences, windows, **options):
    """The answers that are good enough, by cadence and window, with the cadences as they are given here."""
    by_key = {CadenceKey.of(each): each for each in cadences}
    found = history.find(list(product(by_key, windows)), **options)
    return {key: replace(report, cadence=by_key[key[0]]) for key, report in found.items()}


@pytest.fixture
def history(database):
    return History(database, base_url="https://api.klenty.com", user="sam@x.io")
