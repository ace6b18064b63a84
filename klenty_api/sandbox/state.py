"""The account: cadences with their events, prospects, lists, webhooks; what is written changes what is counted."""

import copy
import itertools
import threading
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal

from klenty_api.sandbox.behaviour import Behaviour
from klenty_api.sandbox.catalogue import LISTS, USERS
from klenty_api.sandbox.simulation import Event, Plan, simulate

ACTIVE = "In Cadence"
RESUMABLE = frozenset({"Manually stopped", "Auto-reply stopped", "Calendly replied", "Replied"})  # [K]
# What becomes of a mail, and so can be counted on the mail's date.
_OF_A_MAIL = frozenset({"open", "click", "reply", "positive", "negative", "bounce", "unsubscribe"})
Key = tuple[str, int | None, int | None]


@dataclass
class Cadence:
    """One cadence: its plan and its events, indexed by kind, step and option so that any window counts quickly."""

    id: str
    plan: Plan
    created: datetime
    events: list[Event]
    behaviour: Behaviour = field(default_factory=Behaviour)
    _times: dict[Key, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    _people: dict[Key, list[tuple[datetime, str]]] = field(default_factory=lambda: defaultdict(list))
    _sent: dict[tuple[str, int], datetime] = field(default_factory=dict)
    _shared: bool = False  # with the other sandboxes of the same world

    def shared(self, behaviour: Behaviour) -> "Cadence":
        """Return a cadence that shares the events until one of both is changed."""
        other = copy.copy(self)
        other.behaviour, other._shared = behaviour, True  # noqa: SLF001  # its own class
        return other

    def __post_init__(self) -> None:
        for event in self.events:
            self._index(event)
        if self.behaviour.dated_by == "send":  # then the order of events is not the order of their dates
            for times in self._times.values():
                times.sort()
            for people in self._people.values():
                people.sort()

    def add(self, event: Event) -> None:
        """Let something happen."""
        if self._shared:
            self.events, self._sent, self._shared = list(self.events), dict(self._sent), False
            self._times = defaultdict(list, {key: list(known) for key, known in self._times.items()})
            self._people = defaultdict(list, {key: list(known) for key, known in self._people.items()})
        insort(self.events, event, key=lambda known: known.at)
        self._index(event, in_order=False)

    def count(
        self, kind: str, start: datetime, end: datetime, step: int | None = None, option: int | None = None
    ) -> int:
        """Return how many events of a kind, or different prospects with one, lie in the window, both ends included.

        Args:
            kind: of event.
            start: first moment.
            end: last one, included.
            step: of one step only.
            option: of one option only.
        """
        if kind in self.behaviour.people:
            return self.people(kind, start, end, step, option)
        times = self._times.get((kind, step, option), [])
        return max(0, bisect_right(times, end) - bisect_left(times, start))

    def people(
        self, kind: str, start: datetime, end: datetime, step: int | None = None, option: int | None = None
    ) -> int:
        """Return how many different prospects had an event of a kind in the window.

        Args:
            kind: of event.
            start: first moment.
            end: last one, included.
            step: of one step only.
            option: of one option only.
        """
        known = self._people.get((kind, step, option), [])
        low, high = bisect_left(known, (start, "")), bisect_right(known, (end, "\U0010ffff"))
        return len({prospect for _, prospect in known[low:high]})

    def inside(self, now: datetime) -> int:
        """Return how many prospects are in the cadence at this moment."""
        long_ago = datetime.min.replace(tzinfo=UTC)
        came = self.count("added", long_ago, now) + self.count("returned", long_ago, now)
        return came - self.count("left", long_ago, now)

    def _index(self, event: Event, *, in_order: bool = True) -> None:
        place = list.append if in_order else insort
        if event.kind == "sent":
            self._sent[event.prospect, event.step] = event.at
        at = event.at
        if self.behaviour.dated_by == "send" and event.kind in _OF_A_MAIL:
            at = self._sent.get((event.prospect, event.step), at)
        for key in {(event.kind, None, None), (event.kind, event.step, None), (event.kind, event.step, event.option)}:
            place(self._times[key], at)
            if event.kind == "sent" or event.kind in self.behaviour.people:
                place(self._people[key], (at, event.prospect))


@dataclass
class Prospect:
    """A prospect: the fields under Klenty's names, and status."""

    id: str
    fields: dict[str, Any]
    owner: str
    created: datetime
    updated: datetime
    tags: list[str] = field(default_factory=list)
    list: str = LISTS[0]
    status: str = "Not Contacted"
    cadences: dict[str, str] = field(default_factory=dict)  # name → status in it
    mails_stopped: bool = False

    @property
    def email(self) -> str:
        """The address."""
        return str(self.fields["Email"])

    @property
    def was_contacted(self) -> bool:
        """Whether a cadence was ever started."""
        return bool(self.cadences)


class SandboxAccount:
    """Everything the sandbox knows. All methods are for callers that hold `lock`.

    The world of one seed and day is simulated once a process; accounts share it and copy what they change.
    """

    def __init__(self, plans: Iterable[Plan], seed: int, today: date, behaviour: Behaviour | None = None) -> None:
        self.behaviour = behaviour or Behaviour()
        self.lock = threading.RLock()
        self.users = USERS
        self._today = today
        self._started = datetime.now(UTC)
        world = _world(tuple(plans), seed, today, self.behaviour.dated_by, self.behaviour.people)
        self._numbers = itertools.count(world.next_number)
        self.cadences = [cadence.shared(self.behaviour) for cadence in world.cadences]
        self.prospects = dict(world.prospects)
        self._changeable: set[str] = set()
        self.lists = dict(world.lists)
        self.webhooks: dict[str, dict[str, str]] = {}

    def new_id(self) -> str:
        """Return a fresh id, as long as Klenty's."""
        return _id(next(self._numbers))

    def now(self) -> datetime:
        """Return the present: real time, moved to the sandbox's day."""
        real = datetime.now(UTC)
        return real + (self._today - self._started.date()) * 1

    def find_cadence(self, name: str) -> Cadence | None:
        """Return the cadence of this exact name; of two, the one that was made first."""
        return next((cadence for cadence in self.cadences if cadence.plan.name == name), None)

    def find_prospect(self, email_or_id: str) -> Prospect | None:
        """Return the prospect with this address (without case) or id, free to be changed."""
        known = self.prospects.get(email_or_id.lower())
        known = known or next((p for p in self.prospects.values() if p.id == email_or_id), None)
        if known is not None and known.id not in self._changeable:
            known = replace(known, fields=dict(known.fields), tags=list(known.tags), cadences=dict(known.cadences))
            self.prospects[known.email.lower()] = known
            self._changeable.add(known.id)
        return known

    def create(self, fields: dict[str, Any], user: str) -> tuple[Prospect, bool]:
        """Return a new prospect, or the existing one, whose list and tags stay as they are; and whether they are
        new."""
        known = self.find_prospect(str(fields["Email"]))
        if known is not None:
            self.change(known, {key: value for key, value in fields.items() if key not in {"List", "Tags", "Owner"}})
            return known, False
        now = self.now()
        owner = str(fields.get("Owner") or user)
        plain = {key: value for key, value in fields.items() if key not in {"List", "Tags", "Owner", "CustomFields"}}
        prospect = Prospect(self.new_id(), plain, owner, now, now)
        self._changeable.add(prospect.id)
        self.prospects[prospect.email.lower()] = prospect
        self._set_list(prospect, fields.get("List"))
        prospect.tags = _tags(fields.get("Tags"))
        self._set_custom(prospect, fields.get("CustomFields"))
        return prospect, True

    def change(self, prospect: Prospect, fields: dict[str, Any]) -> None:
        """Write fields to an existing prospect."""
        old = prospect.email.lower()
        self._set_list(prospect, fields.get("List"))
        prospect.tags = list(dict.fromkeys([*prospect.tags, *_tags(fields.get("Tags"))]))
        self._set_custom(prospect, fields.get("CustomFields"))
        prospect.fields |= {k: v for k, v in fields.items() if k not in {"List", "Tags", "CustomFields", "Owner"}}
        prospect.updated = self.now()
        if prospect.email.lower() != old:
            self.prospects[prospect.email.lower()] = self.prospects.pop(old)

    def start(self, prospect: Prospect, cadence: Cadence) -> None:
        """Put a prospect into a cadence; a first step that is a mail goes out now."""
        now = self.now()
        cadence.add(Event(now, "added", prospect.email))
        if cadence.plan.steps[0].kind == "mail":
            cadence.add(Event(now, "sent", prospect.email, 1, 1))
            cadence.add(Event(now, "step_done", prospect.email, 1))
        prospect.cadences[cadence.plan.name] = ACTIVE
        prospect.status = "Contacted"
        prospect.mails_stopped = False

    def leave(self, prospect: Prospect, status: str, name: str | None = None) -> int:
        """Take a prospect out of one cadence or of all they are in; returns of how many.

        Args:
            prospect: who leaves.
            status: that they have then.
            name: of one cadence; None for all.
        """
        inside = [known for known, state in prospect.cadences.items() if state == ACTIVE and name in {None, known}]
        for known in inside:
            prospect.cadences[known] = status
            cadence = self.find_cadence(known)
            if cadence is not None:
                if status == "Unsubscribed":
                    cadence.add(Event(self.now(), "unsubscribe", prospect.email))
                cadence.add(Event(self.now(), "left", prospect.email))
        return len(inside)

    def resume(self, prospect: Prospect) -> int:
        """Put a prospect back into the cadences they were stopped in; returns into how many."""
        stopped = [name for name, state in prospect.cadences.items() if state in RESUMABLE]
        for name in stopped:
            prospect.cadences[name] = ACTIVE
            cadence = self.find_cadence(name)
            if cadence is not None:
                # Not added again: only the present state changes.
                cadence.add(Event(self.now(), "returned", prospect.email))
        return len(stopped)

    def _set_list(self, prospect: Prospect, name: object) -> None:
        if name:
            self.lists.setdefault(str(name), self.new_id())
            prospect.list = str(name)

    def _set_custom(self, prospect: Prospect, values: Any) -> None:
        if values:
            custom = {item["key"]: item["value"] for item in prospect.fields.get("CustomFields", [])}
            custom |= {item["key"]: item["value"] for item in values}
            prospect.fields["CustomFields"] = [{"key": key, "value": value} for key, value in custom.items()]


@dataclass(frozen=True)
class _World:
    """What a simulation left behind. Never changed."""

    cadences: list[Cadence]
    prospects: dict[str, Prospect]
    lists: dict[str, str]
    next_number: int


@lru_cache(maxsize=4)
def _world(
    plans: tuple[Plan, ...], seed: int, today: date, dated_by: Literal["event", "send"], people: frozenset[str]
) -> _World:
    numbers = itertools.count(0x5E9DA4FF)
    behaviour = Behaviour(dated_by=dated_by, people=people)
    lists = {name: _id(next(numbers)) for name in LISTS}
    cadences: list[Cadence] = []
    prospects: dict[str, Prospect] = {}
    for plan in plans:
        history = simulate(plan, seed, today)
        began = datetime.combine(today - timedelta(days=plan.began + 2), datetime.min.time(), UTC) + timedelta(hours=9)
        cadences.append(Cadence(_id(next(numbers)), plan, began, history.events, behaviour))
        for person in history.people:
            fields = {
                "Email": person.email, "FirstName": person.first_name, "LastName": person.last_name,
                "FullName": f"{person.first_name} {person.last_name}", "Company": person.company,
            }  # fmt: skip
            prospects[person.email.lower()] = Prospect(
                _id(next(numbers)), fields, person.owner, person.created, person.created, status="Contacted",
                list=LISTS[len(prospects) % len(LISTS)], cadences={plan.name: person.status},
            )  # fmt: skip
    return _World(cadences, prospects, lists, next(numbers))


def _id(number: int) -> str:
    return f"{number:08x}b8860012669444"[:24].ljust(24, "0")


def _tags(value: object) -> list[str]:
    return [tag.strip() for tag in str(value or "").split("|") if tag.strip()]
