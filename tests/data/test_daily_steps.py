"""Days asked so that a test can be judged by them: planned beforehand, stopped, resumed, and no more than needed."""

import threading
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from dashboard.analysis.ab_tests.experiments import ahead_by_life, evaluate_steps
from dashboard.data import frames
from dashboard.data.database import Database
from dashboard.data.fetch.daily_steps import fetch_daily_steps, plan_daily_steps
from dashboard.data.fetch.lifetime import lifetime_cache, load_lifetime, read_days
from dashboard.data.history import History
from klenty_api import AuthenticationError, Cadence, KlentyClient, Step
from klenty_api.sandbox import Sandbox

TODAY = date(2026, 11, 24)
ZONE = "Europe/Berlin"


def counts(option, subject, *, sent=40, replies=1):
    return {
        "option": option, "subject": subject, "snippet": "N", "templateName": "T", "mailCount": sent,
        "replyCount": replies, "positiveReply": 0,
    }  # fmt: skip


class Klenty:
    """Answers for every day, with another subject of option 2 from `changed` on; counts what it is asked."""

    workers = 3

    def __init__(self, changed=None, *, error=None):
        self.asked, self.changed, self.error = [], changed, error
        self.engagements = SimpleNamespace(stepwise=self.stepwise)
        self._lock = threading.Lock()

    def stepwise(self, name, start, _end):
        if self.error is not None:
            raise self.error
        day = (start + timedelta(hours=12)).date()
        with self._lock:
            self.asked.append((name, day))
        subject = "new" if self.changed and day >= self.changed else "old"
        options = [counts(1, "same"), counts(2, subject, replies=3)]
        return [Step.read({"stepNumber": 1, "stepType": "mail", "mailCount": 80, "replyCount": 4, "options": options})]


@pytest.fixture
def history(tmp_path):
    opened = Database.open(f"sqlite:///{tmp_path / 'h.db'}")
    yield History(opened, base_url="https://x", user="sam@x.io")
    opened.close()


def cadence(days, name="C"):
    created = datetime(2026, 11, 24, 9, tzinfo=UTC) - timedelta(days=days)
    return Cadence(id=name, name=name, owner=None, is_active=True, created=created)


def planned(history, *cadences, tests=None):
    tests = tests or {known.name: {1} for known in cadences}
    return plan_daily_steps(history, cadences, tests, timezone=ZONE, today=TODAY)


def test_a_plan_says_how_many_calls_it_takes_and_asks_nothing(history):
    plan = planned(history, cadence(120), cadence(30, "D"))
    assert (plan.calls, plan.tests, plan.needs_consent) == (150, 2, False)
    assert planned(history, cadence(501)).needs_consent
    assert not planned(history, cadence(500)).needs_consent
    assert planned(history, cadence(9), tests={"Gone": {1}, "C": set()}).calls == 0


def test_the_days_decide_once_they_are_there(history):
    klenty, known, told = Klenty(), cadence(60), []
    done = fetch_daily_steps(klenty, history, planned(history, known), progress=lambda *given: told.append(given))
    assert (done.asked, done.failed, done.stopped, done.refused) == (60, 0, False, None)
    assert told[-1] == (60, 60, "C")
    assert [first for first, _, _ in told] == sorted(first for first, _, _ in told)
    assert planned(history, known).calls == 0
    days = read_days(history, [known], timezone=ZONE, today=TODAY)
    assert days.covered == {"C"}
    life = load_lifetime(NoStore(), [known], timezone=ZONE, today=TODAY, days=days)
    (item,) = evaluate_steps(life.options, days.frame, covered=days.covered)
    assert (item.basis, item.comparison.verdict, item.comparison.option) == ("days", "winner", 2)


class NoStore:
    """Whole lives are not asked where days decide."""

    def load_each(self, pairs, progress=None):
        assert not pairs
        return []


def test_no_day_is_asked_before_the_last_change_of_copy(history):
    klenty, known = Klenty(changed=TODAY - timedelta(days=40)), cadence(300)
    plan = planned(history, known)
    assert plan.calls == 300
    assert fetch_daily_steps(klenty, history, plan).asked == 56  # two portions of 28 days
    assert min(day for _, day in klenty.asked) == TODAY - timedelta(days=56)
    assert planned(history, known).calls == 0  # and a later plan knows it
    days = read_days(history, [known], timezone=ZONE, today=TODAY)
    (item,) = evaluate_steps(frames.options_frame([]), days.frame, covered=days.covered)
    assert (item.basis, item.first) == ("days", TODAY - timedelta(days=40))


def test_it_goes_back_as_far_as_the_oldest_of_several_tests_needs(history):
    klenty = Klenty(changed=TODAY - timedelta(days=40))
    plan = planned(history, cadence(90), tests={"C": {1, 2}})  # of step 2 no change is ever seen
    assert fetch_daily_steps(klenty, history, plan).asked == 90


def test_it_may_be_stopped_and_resumed(history):
    klenty, known, cancel = Klenty(), cadence(100), threading.Event()

    def stop_after(done, _total, _name):
        if done >= 30:
            cancel.set()

    first = fetch_daily_steps(klenty, history, planned(history, known), progress=stop_after, cancel=cancel)
    assert first.stopped
    assert 30 <= first.asked < 100
    rest = planned(history, known)
    assert rest.calls == 100 - first.asked
    assert fetch_daily_steps(klenty, history, rest).asked == rest.calls
    assert len(klenty.asked) == len(set(klenty.asked)) == 100


def test_a_refused_key_ends_it(history):
    error = AuthenticationError("refused", operation="Step-wise Engagements", status=401)
    done = fetch_daily_steps(Klenty(error=error), history, planned(history, cadence(60)))
    assert done.refused is error
    assert (done.asked, done.stopped) == (0, False)


def test_a_lead_in_the_sandbox_is_proven_within_its_days(tmp_path):
    with (
        Sandbox() as sandbox,
        KlentyClient(sandbox.user, sandbox.api_key, base_url=sandbox.base_url) as client,
        closing(Database.open(f"sqlite:///{tmp_path / 'h.db'}")) as opened,
    ):
        history = History(opened, base_url=sandbox.base_url, user=sandbox.user)
        cadences = [known for known in client.cadences.list() if (known.name or "").startswith("Outbound – VP")]
        today = datetime.now(UTC).date()

        def judged():
            days = read_days(history, cadences, timezone="UTC", today=today)
            lives = load_lifetime(lifetime_cache(client), cadences, timezone="UTC", today=today, days=days)
            return evaluate_steps(lives.options, lives.days, covered=lives.covered)

        ahead = ahead_by_life(judged())
        assert ahead
        plan = plan_daily_steps(history, cadences, ahead, timezone="UTC", today=today)
        assert 0 < plan.calls <= 500
        assert fetch_daily_steps(client, history, plan).failed == 0
        assert ahead_by_life(judged()) == {}
        assert any(item.comparison.proven for item in judged())
