"""Prospects moving through cadences: one seeded simulation, from whose events every count follows.

Nothing here knows HTTP or Klenty's field names. Times are UTC. An event is told by its kind:

    added      a prospect entered the cadence                     left       they left it, however
    sent       a mail went out (step, option)                     bounce     it bounced
    open click reply   of a mail (step, option of that mail)      positive negative   a reply was marked so
    unsubscribe completed   prospects                             step_done  a prospect completed a step
    task call call_done linkedin   work of a step that is no mail
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta


@dataclass(frozen=True)
class Option:
    """One variant of a mail: its true rates and its copy. `from_day` and `until_day` count from the cadence's start."""

    reply: float
    subject: str
    snippet: str
    template: str | None = None
    positive: float = 0.4
    weight: float = 1.0
    from_day: int = 0
    until_day: int | None = None


@dataclass(frozen=True)
class Step:
    """One step: `kind` is mail, call, task or linkedin; `wait` are days after the step before."""

    kind: str
    wait: int
    options: tuple[Option, ...] = ()


@dataclass(frozen=True)
class Plan:
    """A cadence and how it does. `added` are prospects per weekday; days count back from today."""

    name: str
    owner: str
    steps: tuple[Step, ...]
    added: float
    began: int
    ended: int = 0
    active: bool = True
    bounce: float = 0.015
    unsubscribe: float = 0.002
    opened: float = 0.45
    opens_each: float = 1.6
    clicked: float = 0.03
    marked: float = 0.85
    quirks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to one prospect."""

    at: datetime
    kind: str
    prospect: str
    step: int = 0
    option: int = 0


@dataclass(slots=True)
class Person:
    """A simulated prospect and the place in its cadence at the end of the simulation."""

    email: str
    first_name: str
    last_name: str
    company: str
    owner: str
    created: datetime
    status: str = "In Cadence"


@dataclass
class CadenceHistory:
    """Everything that happened in one cadence."""

    plan: Plan
    events: list[Event] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)


_FIRST = (
    "Ana", "Ben", "Chiara", "Dmitri", "Élodie", "Farid", "Grace", "Hiro", "Ines", "Jonas", "Kavya", "Liam", "Mei",
    "Nadia", "Omar", "Priya", "Quentin", "Rosa", "Søren", "Tomás", "Uma", "Viktor", "Wanda", "Xenia", "Yusuf", "Zoë",
)  # fmt: skip
_LAST = (
    "Abbott", "Baker", "Castillo", "Dubois", "Eriksen", "Fischer", "García", "Haddad", "Ito", "Jansen", "Kim", "Larsen",
    "Moreau", "Novak", "O'Neil", "Petrov", "Quinn", "Rossi", "Schmidt", "Tanaka", "Usman", "Vogel", "Walsh", "Young",
)  # fmt: skip
_COMPANY = (
    "Acme", "Borealis", "Cobalt", "Drift", "Ember", "Foxglove", "Granite", "Harbor", "Indigo", "Juniper", "Keystone",
    "Lumen", "Meridian", "Nimbus", "Orchard", "Pinnacle", "Quartz", "Ridge", "Summit", "Tidewater", "Umber", "Vertex",
)  # fmt: skip


def simulate(plan: Plan, seed: int, today: date) -> CadenceHistory:
    """Return the history of one cadence up to the end of `today`; the same arguments give the same events.

    Args:
        plan: of the cadence.
        seed: of its events.
        today: its last day.
    """
    rng = random.Random(f"{seed}/{plan.name}/{plan.owner}/{plan.began}")
    history = CadenceHistory(plan)
    end = datetime.combine(today, time(23, 59, 59), UTC)
    for day in _weekdays(today - timedelta(days=plan.began), today - timedelta(days=plan.ended)):
        for _ in range(_poisson(rng, plan.added)):
            _one(history, rng, _office_hours(rng, day), end)
    history.events.sort(key=lambda event: event.at)
    return history


def _one(history: CadenceHistory, rng: random.Random, at: datetime, end: datetime) -> None:
    """Simulate one prospect's way through the cadence."""
    plan = history.plan
    number = len(history.people)
    first, last, company = rng.choice(_FIRST), rng.choice(_LAST), rng.choice(_COMPANY)
    plain = f"{first}.{last}".encode("ascii", "ignore").decode().replace("'", "").lower()
    email = f"{plain}.{number}.{abs(_small_hash(plan))}@{company.lower()}.example"
    person = Person(email, first, last, company, plan.owner, at)
    history.people.append(person)
    walk = _Walk(history, rng, person, end)
    walk.note(at, "added")
    for index, step in enumerate(plan.steps, start=1):
        at = _next_office_hours(rng, at, step.wait)
        if at > end:
            return
        if (step.kind == "mail" and walk.mail(at, index, step)) or (step.kind != "mail" and walk.work(at, index, step)):
            return
    walk.leave(at + timedelta(days=1), "completed", "Completed without reply")


@dataclass
class _Walk:
    history: CadenceHistory
    rng: random.Random
    person: Person
    end: datetime

    def note(self, at: datetime, kind: str, step: int = 0, option: int = 0) -> None:
        if at <= self.end:
            self.history.events.append(Event(at, kind, self.person.email, step, option))

    def leave(self, at: datetime, kind: str | None, status: str, step: int = 0, option: int = 0) -> None:
        if at > self.end:
            return
        if kind:
            self.note(at, kind, step, option)
        self.note(at, "left")
        self.person.status = status

    def work(self, at: datetime, index: int, step: Step) -> bool:
        """Return a call, a task or a LinkedIn step; most get done, a few end in a manual stop."""
        kind = step.kind
        self.note(at, kind, index)
        if self.rng.random() < 0.8:
            done = at + timedelta(hours=self.rng.uniform(0.2, 30))
            self.note(done, "step_done", index)
            if kind == "call":
                self.note(done, "call_done", index)
        if self.rng.random() < 0.01:
            self.leave(at + timedelta(hours=2), None, "Manually stopped")
            return True
        return False

    def mail(self, at: datetime, index: int, step: Step) -> bool:
        """Return one mail and what comes of it; True when the prospect left."""
        plan, rng = self.history.plan, self.rng
        option = self._choose(step, at)
        if option is None:
            return False
        self.note(at, "sent", index, option)
        self.note(at, "step_done", index)
        if index == 1 and rng.random() < plan.bounce:
            self.leave(at + timedelta(minutes=rng.uniform(1, 90)), "bounce", "Bounced", index, option)
            return True
        copy = step.options[option - 1]
        replies = rng.random() < copy.reply
        self._opens(at, index, option, replies=replies)
        if replies:
            self._reply(at, index, option, copy)
            return True
        chance = rng.random()
        if chance < plan.unsubscribe:
            self.leave(at + timedelta(hours=rng.expovariate(1 / 20)), "unsubscribe", "Unsubscribed", index, option)
            return True
        if chance > 0.994:
            status = rng.choice(("Auto-reply stopped", "Replied stopped", "Manually stopped"))
            self.leave(at + timedelta(hours=rng.uniform(0.1, 48)), None, status)
            return True
        return False

    def _choose(self, step: Step, at: datetime) -> int | None:
        plan = self.history.plan
        day = (at.date() - (self.end.date() - timedelta(days=plan.began))).days
        running = [
            (number, option.weight)
            for number, option in enumerate(step.options, start=1)
            if option.from_day <= day and (option.until_day is None or day < option.until_day) and option.weight > 0
        ]
        if not running:
            return None
        numbers, weights = zip(*running, strict=True)
        return int(self.rng.choices(numbers, weights)[0])

    def _opens(self, at: datetime, index: int, option: int, *, replies: bool) -> None:
        plan, rng = self.history.plan, self.rng
        if "no_tracking" in plan.quirks:
            return
        if replies or rng.random() < plan.opened:
            opened = at + timedelta(hours=rng.expovariate(1 / 10))
            for _ in range(1 + _poisson(rng, plan.opens_each - 1)):
                self.note(opened, "open", index, option)
                opened += timedelta(hours=rng.expovariate(1 / 30))
            if rng.random() < plan.clicked / max(plan.opened, 0.01):
                self.note(opened, "click", index, option)

    def _reply(self, at: datetime, index: int, option: int, copy: Option) -> None:
        plan, rng = self.history.plan, self.rng
        hours = rng.lognormvariate(3.0, 1.1)  # most within two days, some after weeks
        when = at + timedelta(hours=hours)
        self.leave(when, "reply", "Replied", index, option)
        if rng.random() < plan.marked:
            mood = "positive" if rng.random() < copy.positive else "negative"
            # Marked when the rep reads it: at the reply's time for the counts, as Klenty dates it.
            self.note(when, mood, index, option)
        if rng.random() < 0.06:
            self.note(when + timedelta(hours=rng.uniform(1, 60)), "reply", index, option)


def _weekdays(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        if day.weekday() < 5:
            yield day
        day += timedelta(days=1)


def _office_hours(rng: random.Random, day: date) -> datetime:
    return datetime.combine(day, time(8), UTC) + timedelta(seconds=rng.randrange(9 * 3600))


def _next_office_hours(rng: random.Random, after: datetime, wait: int) -> datetime:
    if wait == 0:
        return after + timedelta(minutes=rng.uniform(1, 40))
    day = after.date() + timedelta(days=wait)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return _office_hours(rng, day)


def _poisson(rng: random.Random, mean: float) -> int:
    """Return a Poisson number by counting exponential gaps; the means here are small."""
    count, total = 0, rng.expovariate(1.0)
    while total < mean:
        count += 1
        total += rng.expovariate(1.0)
    return count


def _small_hash(plan: Plan) -> int:
    return sum((index + 1) * ord(sign) for index, sign in enumerate(plan.name + plan.owner)) % 9973
